/* OpenSSL as a client. The only file that decides whom to believe; it must never let a certificate or a name pass
 * unverified, but to one who only inspects it. */
#include "harness/net/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/base/file.h"
#include "harness/base/text.h"

enum { CONTEXTS_MAX = 64, DETAIL_MAX = 300 };

/* One SSL_CTX per CA file for the whole process, since a trust store alone takes megabytes. Never freed: every stream
 * until the end may share it. */
static struct {
	pthread_mutex_t lock;
	BIO_METHOD *socket;
	struct {
		char *ca_file; /* "" for the system's authorities alone */
		SSL_CTX *context;
	} entries[CONTEXTS_MAX];
	size_t count;
} contexts = { .lock = PTHREAD_MUTEX_INITIALIZER };

const char *tls_client_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;
	return text ? text : "no reason given";
}

/* OpenSSL's own socket BIO uses write(2), which raises SIGPIPE when the server has gone. */
static int socket_write(BIO *bio, const char *octets, int len)
{
	ssize_t n = send((int)(intptr_t)BIO_get_data(bio), octets, (size_t)len, MSG_NOSIGNAL);
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)n;
}

static int socket_read(BIO *bio, char *out, int size)
{
	ssize_t n = recv((int)(intptr_t)BIO_get_data(bio), out, (size_t)size, 0);
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	if (n == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return (int)n;
}

static long socket_control(BIO *bio, int command, long number, void *pointer)
{
	if (command == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *make_socket_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
	if (!method)
		return NULL;
	BIO_meth_set_write(method, socket_write);
	BIO_meth_set_read(method, socket_read);
	BIO_meth_set_ctrl(method, socket_control);
	return method;
}

static int on_verdict(int good, X509_STORE_CTX *store);

static SSL_CTX *make_context(const char *ca_file, struct error *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context) {
		error_memory(err);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verdict);
	/* Parked sessions are many and idle: no buffers between records, no session cache. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	ERR_clear_error();
	if (!ca_file[0] && SSL_CTX_set_default_verify_paths(context) == 1)
		return context;
	if (ca_file[0] && file_check(ca_file, err) < 0) {
		error_prefix(err, "ca_file");
		SSL_CTX_free(context);
		return NULL;
	}
	if (ca_file[0] && SSL_CTX_load_verify_file(context, ca_file) == 1)
		return context;
	error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "ca_file %s: %s: it must hold certificates in PEM form", ca_file,
		  tls_client_reason());
	SSL_CTX_free(context);
	return NULL;
}

/* The lock is held. */
static SSL_CTX *add_context(const char *ca_file, struct error *err)
{
	if (contexts.count == CONTEXTS_MAX) {
		error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "more than %d different CA files", CONTEXTS_MAX);
		return NULL;
	}
	if (!contexts.socket && !(contexts.socket = make_socket_method())) {
		error_memory(err);
		return NULL;
	}
	SSL_CTX *context = make_context(ca_file, err);
	char *key = context ? strdup(ca_file) : NULL;
	if (!key) {
		if (context)
			error_memory(err);
		SSL_CTX_free(context);
		return NULL;
	}
	contexts.entries[contexts.count].ca_file = key;
	contexts.entries[contexts.count++].context = context;
	return context;
}

static SSL_CTX *find_context(const char *ca_file, struct error *err)
{
	SSL_CTX *context = NULL;
	pthread_mutex_lock(&contexts.lock);
	for (size_t i = 0; i < contexts.count && !context; i++)
		if (strcmp(contexts.entries[i].ca_file, ca_file) == 0)
			context = contexts.entries[i].context;
	if (!context)
		context = add_context(ca_file, err);
	pthread_mutex_unlock(&contexts.lock);
	return context;
}

static bool is_address(const char *host)
{
	unsigned char octets[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, octets) == 1 || inet_pton(AF_INET6, host, octets) == 1;
}

/* A server that is inspected is judged later, so that nothing is too old or too weak to be seen. What its certificate
 * must come up to stays as it is. */
static bool take_anything(SSL *ssl)
{
	X509_VERIFY_PARAM_set_auth_level(SSL_get0_param(ssl), SSL_get_security_level(ssl));
	SSL_set_security_level(ssl, 0);
	return SSL_set_min_proto_version(ssl, TLS1_VERSION) == 1;
}

static bool set_host(SSL *ssl, const char *host)
{
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* As SSL_set_tlsext_host_name, whose own cast drops a const. */
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)host) == 1;
}

SSL *tls_client_new(int fd, struct tls_handshake *of, const char *ca_file, struct error *err)
{
	SSL_CTX *context = find_context(ca_file ? ca_file : "", err);
	if (!context)
		return NULL;
	SSL *ssl = SSL_new(context);
	BIO *bio = BIO_new(contexts.socket);
	if (!ssl || !bio || !set_host(ssl, of->host) || (of->inspects && !take_anything(ssl))) {
		SSL_free(ssl);
		BIO_free(bio);
		error_memory(err);
		return NULL;
	}
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_app_data(ssl, of);
	return ssl;
}

static void tls_client_add_name(struct buf *names, struct span name)
{
	if (names->len)
		buf_add_str(names, ", ");
	text_add_escaped(names, name);
}

static void add_general_name(struct buf *names, const GENERAL_NAME *name)
{
	char text[INET6_ADDRSTRLEN];
	if (name->type == GEN_DNS)
		tls_client_add_name(names, span_make((const char *)ASN1_STRING_get0_data(name->d.dNSName),
						     (size_t)ASN1_STRING_length(name->d.dNSName)));
	if (name->type != GEN_IPADD)
		return;
	int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
	if ((family == AF_INET || ASN1_STRING_length(name->d.iPAddress) == 16) &&
	    inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof(text)))
		tls_client_add_name(names, span_of(text));
}

/* The names that a certificate is for; those that do not fit any more are left out. */
static void add_names(struct buf *names, X509 *certificate)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; list && i < sk_GENERAL_NAME_num(list) && !names->failed; i++)
		add_general_name(names, sk_GENERAL_NAME_value(list, i));
	GENERAL_NAMES_free(list);
	if (!names->len)
		buf_add_str(names, "no host at all");
}

static int64_t time_of(const ASN1_TIME *time)
{
	struct tm tm;
	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static void add_day(struct buf *out, const ASN1_TIME *time)
{
	char text[TIME_TEXT_MAX];
	text_add_escaped(out, span_sub(span_of(time_rfc3339(time_of(time), text)), 0, 10));
}

static int refuse_certificate(X509 *certificate, const char *host, long verdict, struct error *err)
{
	struct buf detail = BUF_INIT(DETAIL_MAX);
	const char *words = X509_verify_cert_error_string(verdict);
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		add_day(&detail, X509_get0_notAfter(certificate));
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_EXPIRED,
			  X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0
			      ? "the certificate of %s expired on %s"
			      : "an authority above the certificate of %s (valid until %s) has expired",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		add_day(&detail, X509_get0_notBefore(certificate));
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_NOT_YET, "the certificate of %s is not valid before %s",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		add_names(&detail, certificate);
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_WRONG_NAME, "the certificate is not for %s: it is for %s",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_UNKNOWN_CA,
			  "the certificate of %s is signed by an authority that is not trusted here (%s)", host, words);
		break;
	default:
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_CERTIFICATE, "the certificate of %s is refused: %s", host,
			  words);
	}
	buf_fini(&detail);
	return -1;
}

/* The certificate of the server is out of date, not one above it. */
static bool has_expired_itself(X509_STORE_CTX *store)
{
	return X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_HAS_EXPIRED &&
	       X509_STORE_CTX_get_error_depth(store) == 0;
}

/* OpenSSL forgets a certificate that it refuses, so the words are found while it still has it. */
static int on_verdict(int good, X509_STORE_CTX *store)
{
	if (good)
		return 1;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_handshake *of = SSL_get_app_data(ssl);
	if (of->inspects && (of->refusal.kind != ERROR_NONE || has_expired_itself(store)))
		return 1;
	refuse_certificate(X509_STORE_CTX_get0_cert(store), of->host, X509_STORE_CTX_get_error(store), &of->refusal);
	return of->inspects;
}

int tls_client_refuse(const struct tls_handshake *of, struct error *err)
{
	if (of->refusal.kind != ERROR_NONE && !of->inspects) {
		*err = of->refusal;
		return -1;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER)
		return error_set(err, ERROR_TLS, RETRY_LATER, TLS_HANDSHAKE,
				 "%s does not answer in TLS here (%s): wrong port, or wrong kind of security", of->host,
				 tls_client_reason());
	return error_set(err, ERROR_TLS, RETRY_LATER, TLS_HANDSHAKE, "no TLS with %s: %s", of->host,
			 tls_client_reason());
}

static void name_text(const X509_NAME *name, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	out[0] = '\0';
	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &text);
		escape_text(out, size, span_make(text, len > 0 ? (size_t)len : 0));
	}
	BIO_free(bio);
}

void tls_client_facts(const SSL *ssl, struct tls_facts *ret)
{
	*ret = (struct tls_facts){ 0 };
	span_copy(span_of(SSL_get_version(ssl)), ret->version, sizeof(ret->version));
	span_copy(span_of(SSL_get_cipher_name(ssl)), ret->cipher, sizeof(ret->cipher));
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	if (!certificate)
		return;
	name_text(X509_get_subject_name(certificate), ret->subject, sizeof(ret->subject));
	name_text(X509_get_issuer_name(certificate), ret->issuer, sizeof(ret->issuer));
	ret->not_after_ms = time_of(X509_get0_notAfter(certificate));
	X509_free(certificate);
}

static int copy_certificate(X509 *certificate, struct tls_certificate *ret, struct error *err)
{
	int len = i2d_X509(certificate, &ret->der);
	if (len < 0)
		return error_memory(err);
	ret->len = (size_t)len;
	return 0;
}

int tls_client_inspect(const SSL *ssl, struct tls_inspection *ret, struct error *err)
{
	/* Of a client: as sent, the server's own first. */
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	int count = chain ? sk_X509_num(chain) : 0;
	ret->chain_count = 0;
	ret->names[0] = '\0';
	for (int i = 0; i < count && i < TLS_CHAIN_MAX; i++) {
		if (copy_certificate(sk_X509_value(chain, i), &ret->chain[i], err) < 0)
			return -1;
		ret->chain_count++;
	}
	if (count == 0)
		return 0;
	_cleanup_(buf_fini) struct buf names = BUF_INIT(sizeof(ret->names) - 1);
	add_names(&names, sk_X509_value(chain, 0));
	span_copy(buf_span(&names), ret->names, sizeof(ret->names));
	return 0;
}

void tls_inspection_fini(struct tls_inspection *inspection)
{
	for (size_t i = 0; i < inspection->chain_count; i++)
		OPENSSL_free(inspection->chain[i].der);
	*inspection = (struct tls_inspection){ 0 };
}
