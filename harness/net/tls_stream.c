/* OpenSSL over a non-blocking socket. The only file that verifies a server's certificate; it must never skip it. */
#include "harness/net/tls_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"

enum { CONTEXTS_MAX = 64, NAMES_TEXT_MAX = 200 };

struct tls_stream {
	SSL *ssl; /* NULL while plain */
	int fd, cancel_fd;
	struct deadline deadline;
	uint64_t received;
};

/* One SSL_CTX per CA file for the whole process: the trust store alone takes megabytes. Never freed: its entries are
 * shared with every stream until the end. */
static struct {
	pthread_mutex_t lock;
	struct {
		char *ca_file;
		SSL_CTX *context;
	} entries[CONTEXTS_MAX];
	size_t count;
} contexts = { .lock = PTHREAD_MUTEX_INITIALIZER };

int tls_stream_new(struct tls_stream **ret, int fd, int cancel_fd, struct error *err)
{
	struct tls_stream *s = calloc(1, sizeof(*s));
	if (!s) {
		close(fd);
		return error_memory(err);
	}
	*s = (struct tls_stream){ .fd = fd, .cancel_fd = cancel_fd };
	*ret = s;
	return 0;
}

void tls_stream_free(struct tls_stream *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	close(s->fd);
	free(s);
}

void tls_stream_set_deadline(struct tls_stream *s, struct deadline deadline)
{
	s->deadline = deadline;
}

/* Waits until the socket is ready for `events`. */
static int wait_for(struct tls_stream *s, short events, struct error *err)
{
	struct pollfd fds[2] = { { .fd = s->fd, .events = events }, { .fd = s->cancel_fd, .events = POLLIN } };
	for (;;) {
		int n = poll(fds, 2, deadline_poll_ms(s->deadline));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "poll");
		if (fds[1].revents)
			return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted");
		if (n == 0)
			return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "the server did not answer in time");
		return 0;
	}
}

static const char *reason_text(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;
	return text ? text : "the connection was closed";
}

/* Prepares another try after SSL_get_error said `code`: 0 to go on, -1 with *err. */
static int after_ssl(struct tls_stream *s, int code, const char *doing, struct error *err)
{
	switch (code) {
	case SSL_ERROR_WANT_READ:
		return wait_for(s, POLLIN, err);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(s, POLLOUT, err);
	case SSL_ERROR_ZERO_RETURN:
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "the server closed the connection");
	case SSL_ERROR_SYSCALL:
		if (errno)
			return error_errno(err, ERROR_NETWORK, RETRY_LATER, errno, "%s", doing);
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "the server closed the connection");
	default:
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "%s: %s", doing, reason_text());
	}
}

static ssize_t read_tls(struct tls_stream *s, void *octets, size_t len, struct error *err)
{
	for (;;) {
		size_t n = 0;
		ERR_clear_error();
		errno = 0;
		if (SSL_read_ex(s->ssl, octets, len, &n) == 1)
			return (ssize_t)n;
		if (after_ssl(s, SSL_get_error(s->ssl, 0), "reading", err) < 0)
			return -1;
	}
}

static ssize_t read_plain(struct tls_stream *s, void *octets, size_t len, struct error *err)
{
	for (;;) {
		ssize_t n = recv(s->fd, octets, len, 0);
		if (n > 0)
			return n;
		if (n == 0)
			return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "the server closed the connection");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return error_errno(err, ERROR_NETWORK, RETRY_LATER, errno, "reading");
		if (wait_for(s, POLLIN, err) < 0)
			return -1;
	}
}

ssize_t tls_stream_read(struct tls_stream *s, void *octets, size_t len, struct error *err)
{
	/* A server that always has an octet ready must not outlive the deadline either. */
	if (deadline_passed(s->deadline))
		return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "the server did not finish its answer in time");
	ssize_t n = s->ssl ? read_tls(s, octets, len, err) : read_plain(s, octets, len, err);
	if (n > 0)
		s->received += (uint64_t)n;
	return n;
}

static int write_tls(struct tls_stream *s, const char *octets, size_t len, struct error *err)
{
	while (len > 0) {
		size_t n = 0;
		ERR_clear_error();
		errno = 0;
		if (SSL_write_ex(s->ssl, octets, len, &n) == 1) {
			octets += n;
			len -= n;
		} else if (after_ssl(s, SSL_get_error(s->ssl, 0), "writing", err) < 0) {
			return -1;
		}
	}
	return 0;
}

int tls_stream_write(struct tls_stream *s, const void *octets, size_t len, struct error *err)
{
	const char *p = octets;
	if (s->ssl)
		return write_tls(s, p, len, err);
	while (len > 0) {
		ssize_t n = send(s->fd, p, len, MSG_NOSIGNAL);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return error_errno(err, ERROR_NETWORK, RETRY_LATER, errno, "writing");
		} else if (wait_for(s, POLLOUT, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static SSL_CTX *make_context(const char *ca_file, struct error *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context) {
		error_memory(err);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	/* Parked sessions are many and idle: no buffers between records, no session cache. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_verify_paths(context);
	if (!ca_file || SSL_CTX_load_verify_file(context, ca_file) == 1)
		return context;
	error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "ca_file %s: %s: it must hold certificates in PEM form", ca_file,
		  reason_text());
	SSL_CTX_free(context);
	return NULL;
}

static bool same_file(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static SSL_CTX *find_context(const char *ca_file, struct error *err)
{
	SSL_CTX *context = NULL;
	pthread_mutex_lock(&contexts.lock);
	for (size_t i = 0; i < contexts.count && !context; i++)
		if (same_file(contexts.entries[i].ca_file, ca_file))
			context = contexts.entries[i].context;
	if (!context && contexts.count == CONTEXTS_MAX) {
		error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "more than %d different CA files", CONTEXTS_MAX);
	} else if (!context && (context = make_context(ca_file, err)) != NULL) {
		contexts.entries[contexts.count].ca_file = ca_file ? strdup(ca_file) : NULL;
		contexts.entries[contexts.count++].context = context;
	}
	pthread_mutex_unlock(&contexts.lock);
	return context;
}

static void add_names(X509 *certificate, struct buf *names)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; list && i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
		if (name->type == GEN_DNS)
			buf_addf(names, "%s%.*s", names->len ? ", " : "", ASN1_STRING_length(name->d.dNSName),
				 (const char *)ASN1_STRING_get0_data(name->d.dNSName));
	}
	GENERAL_NAMES_free(list);
	if (!names->len)
		buf_add_str(names, "no name");
}

static void add_time(const ASN1_TIME *time, struct buf *text)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(time, &tm) == 1)
		buf_addf(text, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* Puts the verdict on the certificate into words. */
static int bad_certificate(const SSL *ssl, const char *host, long verdict, struct error *err)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	struct buf detail = BUF_INIT(NAMES_TEXT_MAX);
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		if (certificate)
			add_time(X509_get0_notAfter(certificate), &detail);
		error_set(err, ERROR_TLS, RETRY_NEVER, (int)verdict, "the certificate of %s expired on %s", host,
			  buf_str(&detail));
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		if (certificate)
			add_names(certificate, &detail);
		error_set(err, ERROR_TLS, RETRY_NEVER, (int)verdict, "the certificate is not for %s: it is for %s",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		error_set(err, ERROR_TLS, RETRY_NEVER, (int)verdict,
			  "the certificate of %s is signed by an authority that is not trusted here (%s)", host,
			  X509_verify_cert_error_string(verdict));
		break;
	default:
		error_set(err, ERROR_TLS, RETRY_NEVER, (int)verdict, "the certificate of %s is refused: %s", host,
			  X509_verify_cert_error_string(verdict));
	}
	X509_free(certificate);
	buf_fini(&detail);
	return -1;
}

static bool is_address(const char *host)
{
	unsigned char octets[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, octets) == 1 || inet_pton(AF_INET6, host, octets) == 1;
}

static int set_host(SSL *ssl, const char *host)
{
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int handshake(struct tls_stream *s, const char *host, struct error *err)
{
	for (;;) {
		ERR_clear_error();
		errno = 0;
		int result = SSL_connect(s->ssl);
		if (result == 1)
			return 0;
		int code = SSL_get_error(s->ssl, result);
		long verdict = SSL_get_verify_result(s->ssl);
		if (code == SSL_ERROR_SSL && verdict != X509_V_OK)
			return bad_certificate(s->ssl, host, verdict, err);
		if (code == SSL_ERROR_SSL)
			return error_set(err, ERROR_TLS, RETRY_LATER, 0, "TLS with %s failed: %s", host, reason_text());
		if (after_ssl(s, code, "TLS handshake", err) < 0)
			return error_prefix(err, "TLS with %s", host);
	}
}

int tls_stream_start(struct tls_stream *s, const char *host, const char *ca_file, struct error *err)
{
	SSL_CTX *context = find_context(ca_file, err);
	if (!context)
		return -1;
	SSL *ssl = SSL_new(context);
	if (!ssl || SSL_set_fd(ssl, s->fd) != 1 || set_host(ssl, host) != 1) {
		SSL_free(ssl);
		return error_memory(err);
	}
	s->ssl = ssl;
	return handshake(s, host, err);
}

size_t tls_stream_pending(const struct tls_stream *s)
{
	return s->ssl ? (size_t)SSL_pending(s->ssl) : 0;
}

bool tls_stream_readable(const struct tls_stream *s)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	return tls_stream_pending(s) > 0 || poll(&fd, 1, 0) > 0;
}

int tls_stream_fd(const struct tls_stream *s)
{
	return s->fd;
}

uint64_t tls_stream_received(const struct tls_stream *s)
{
	return s->received;
}

const char *tls_stream_version(const struct tls_stream *s)
{
	return s->ssl ? SSL_get_version(s->ssl) : NULL;
}

const char *tls_stream_cipher(const struct tls_stream *s)
{
	return s->ssl ? SSL_get_cipher_name(s->ssl) : NULL;
}
