/* OpenSSL as a client. The only file that decides whom to believe; it must never let a certificate or a name pass
 * unverified, but to one who only inspects it. */
#include "harness/net/tls_client.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/net/tls_certificate.h"

enum {
	CONTEXTS_MAX = 64,
	/* Keys of 2,048 bits (RSA) or 224 (curves) at least, no signature by SHA-1: by OpenSSL's levels, whatever the
	 * system's own configuration says. */
	SECURITY_LEVEL = 2,
};

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
	if (SSL_CTX_get_security_level(context) < SECURITY_LEVEL)
		SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verdict);
	/* Parked sessions are many and idle: no buffers between records, no session cache. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	ERR_clear_error();
	if (!ca_file[0] && SSL_CTX_set_default_verify_paths(context) == 1)
		return context;
	if (ca_file[0] && SSL_CTX_load_verify_file(context, ca_file) == 1)
		return context;
	if (ca_file[0] && access(ca_file, R_OK) < 0)
		error_errno(err, ERROR_CONFIG, RETRY_NEVER, errno, "ca_file %s cannot be read", ca_file);
	else
		error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "ca_file %s: %s: it must hold certificates in PEM form",
			  ca_file, tls_client_reason());
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
	if (!tls_certificate_want_host(SSL_get0_param(ssl), host))
		return false;
	/* As SSL_set_tlsext_host_name, whose own cast drops a const. */
	return tls_certificate_is_address(host) ||
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
	tls_certificate_refuse(store, of->host, &of->refusal);
	return of->inspects;
}

int tls_client_refuse(const struct tls_handshake *of, struct error *err)
{
	if (of->refusal.kind != ERROR_NONE && !of->inspects) {
		*err = of->refusal;
		return -1;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER)
		return error_set(err, ERROR_TLS, RETRY_LATER, TLS_PLAINTEXT,
				 "%s does not answer in TLS here (%s): wrong port, or wrong kind of security", of->host,
				 tls_client_reason());
	return error_set(err, ERROR_TLS, RETRY_LATER, TLS_HANDSHAKE, "no TLS with %s: %s", of->host,
			 tls_client_reason());
}

int tls_client_verify(struct span pem, const char *host, const char *ca_file, struct error *err)
{
	SSL_CTX *context = find_context(ca_file ? ca_file : "", err);
	return context ? tls_certificate_verify(context, pem, host, err) : -1;
}

void tls_client_facts(const SSL *ssl, struct tls_facts *ret)
{
	*ret = (struct tls_facts){ 0 };
	span_copy(span_of(SSL_get_version(ssl)), ret->version, sizeof(ret->version));
	span_copy(span_of(SSL_get_cipher_name(ssl)), ret->cipher, sizeof(ret->cipher));
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	if (!certificate)
		return;
	tls_certificate_name(X509_get_subject_name(certificate), ret->subject, sizeof(ret->subject));
	tls_certificate_name(X509_get_issuer_name(certificate), ret->issuer, sizeof(ret->issuer));
	ret->not_after_ms = tls_certificate_time_ms(X509_get0_notAfter(certificate));
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
	tls_certificate_add_names(&names, sk_X509_value(chain, 0));
	span_copy(buf_span(&names), ret->names, sizeof(ret->names));
	return 0;
}

void tls_inspection_fini(struct tls_inspection *inspection)
{
	for (size_t i = 0; i < inspection->chain_count; i++)
		OPENSSL_free(inspection->chain[i].der);
	*inspection = (struct tls_inspection){ 0 };
}
