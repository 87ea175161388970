/* Scripted servers for tests. */
#include "tests/unit/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

struct test_ca {
	EVP_PKEY *key;
	X509 *certificate;
	char file[64];
};

static void must(bool well, const char *what)
{
	if (well)
		return;
	fprintf(stderr, "test peer: %s: %s\n", what, strerror(errno));
	abort();
}

static void add_extension(X509 *to, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, to, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	must(extension && X509_add_ext(to, extension, -1) == 1, value);
	X509_EXTENSION_free(extension);
}

static X509 *make_certificate(const char *subject, EVP_PKEY *key, long from_s, long to_s)
{
	static atomic_long serial = 1;
	X509 *certificate = X509_new();
	must(certificate != NULL, "X509_new");
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), atomic_fetch_add(&serial, 1));
	X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
				   (const unsigned char *)subject, -1, -1, 0);
	X509_set_pubkey(certificate, key);
	return certificate;
}

struct test_ca *test_ca_new(void)
{
	struct test_ca *ca = calloc(1, sizeof(*ca));
	must(ca != NULL, "memory");
	ca->key = EVP_EC_gen("P-256");
	ca->certificate = make_certificate("Test authority", ca->key, -7 * 86400L, 7 * 86400L);
	X509_set_issuer_name(ca->certificate, X509_get_subject_name(ca->certificate));
	add_extension(ca->certificate, ca->certificate, NID_basic_constraints, "critical,CA:TRUE");
	must(X509_sign(ca->certificate, ca->key, EVP_sha256()) > 0, "X509_sign");
	snprintf(ca->file, sizeof(ca->file), "/tmp/postproof-ca-XXXXXX");
	int fd = mkstemp(ca->file);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	must(out && PEM_write_X509(out, ca->certificate) == 1 && fclose(out) == 0, ca->file);
	return ca;
}

void test_ca_free(struct test_ca *ca)
{
	unlink(ca->file);
	X509_free(ca->certificate);
	EVP_PKEY_free(ca->key);
	free(ca);
}

const char *test_ca_file(const struct test_ca *ca)
{
	return ca->file;
}

static EVP_PKEY *make_key(int rsa_bits)
{
	EVP_PKEY *key = rsa_bits ? EVP_RSA_gen((unsigned)rsa_bits) : EVP_EC_gen("P-256");
	must(key != NULL, "key");
	return key;
}

/* An authority below ours, with its key. */
static X509 *make_intermediate(struct test_ca *ca, enum test_chain chain, EVP_PKEY **ret_key)
{
	EVP_PKEY *key = make_key(chain == TEST_CHAIN_WEAK ? 1024 : 0);
	X509 *certificate = make_certificate("Test intermediate", key, -7 * 86400L, 7 * 86400L);
	X509_set_issuer_name(certificate, X509_get_subject_name(ca->certificate));
	add_extension(certificate, ca->certificate, NID_basic_constraints,
		      chain == TEST_CHAIN_NO_CA ? "critical,CA:FALSE" : "critical,CA:TRUE");
	must(X509_sign(certificate, ca->key, EVP_sha256()) > 0, "X509_sign");
	*ret_key = key;
	return certificate;
}

static void sign_leaf(X509 *leaf, X509 *issuer, EVP_PKEY *key, const struct test_cert *cert)
{
	X509_set_issuer_name(leaf, X509_get_subject_name(issuer));
	if (cert->names)
		add_extension(leaf, issuer, NID_subject_alt_name, cert->names);
	if (cert->usage)
		add_extension(leaf, issuer, NID_ext_key_usage, cert->usage);
	must(X509_sign(leaf, key, cert->sha1 ? EVP_sha1() : EVP_sha256()) > 0, "X509_sign");
}

SSL_CTX *test_ca_context(struct test_ca *ca, const struct test_cert *cert, int max_version)
{
	bool dated = cert->from_s || cert->to_s;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = make_key(cert->rsa_bits), *above_key = NULL;
	X509 *above = cert->chain ? make_intermediate(ca, cert->chain, &above_key) : NULL;
	X509 *leaf = make_certificate(cert->common_name ? cert->common_name : "Test server", key,
				      dated ? cert->from_s : -3600, dated ? cert->to_s : 3600);
	sign_leaf(leaf,
		  cert->self_signed ? leaf
		  : above           ? above
				    : ca->certificate,
		  cert->self_signed ? key
		  : above           ? above_key
				    : ca->key,
		  cert);
	must(context != NULL, "SSL_CTX");
	SSL_CTX_set_security_level(context, 0); /* what is wrong with a certificate is for the client to see */
	must(SSL_CTX_use_certificate(context, leaf) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1, "SSL_CTX");
	if (above && cert->chain != TEST_CHAIN_MISSING)
		must(SSL_CTX_add1_chain_cert(context, above) == 1, "chain");
	if (max_version) {
		SSL_CTX_set_min_proto_version(context, 0);
		SSL_CTX_set_max_proto_version(context, max_version);
	}
	X509_free(above);
	EVP_PKEY_free(above_key);
	X509_free(leaf);
	EVP_PKEY_free(key);
	return context;
}

static bool await(const struct test_peer *peer, short events)
{
	struct pollfd fd = { .fd = peer->fd, .events = events };
	return poll(&fd, 1, PATIENCE_MS) > 0;
}

/* Whether an SSL function that returned `result` may be tried again. */
static bool ssl_again(struct test_peer *peer, int result)
{
	int code = SSL_get_error(peer->ssl, result);
	return (code == SSL_ERROR_WANT_READ && await(peer, POLLIN)) ||
	       (code == SSL_ERROR_WANT_WRITE && await(peer, POLLOUT));
}

bool peer_start_tls(struct test_peer *peer, SSL_CTX *context)
{
	peer->ssl = SSL_new(context);
	must(peer->ssl && SSL_set_fd(peer->ssl, peer->fd) == 1, "SSL_new");
	for (;;) {
		ERR_clear_error();
		int result = SSL_accept(peer->ssl);
		if (result == 1)
			return true;
		if (!ssl_again(peer, result))
			return false;
	}
}

/* Octets that came, 0 to try again, -1. */
static ssize_t receive(struct test_peer *peer, void *out, size_t size)
{
	size_t n = 0;
	ERR_clear_error();
	if (peer->ssl) {
		int result = SSL_read_ex(peer->ssl, out, size, &n);
		return result == 1 ? (ssize_t)n : ssl_again(peer, result) ? 0 : -1;
	}
	ssize_t got = recv(peer->fd, out, size, 0);
	return got > 0 ? got : got < 0 && errno == EAGAIN && await(peer, POLLIN) ? 0 : -1;
}

bool peer_send_octets(struct test_peer *peer, const void *octets, size_t len)
{
	const char *p = octets;
	while (len > 0) {
		size_t n = 0;
		ERR_clear_error();
		if (peer->ssl) {
			int result = SSL_write_ex(peer->ssl, p, len, &n);
			if (result != 1 && !ssl_again(peer, result))
				return false;
		} else {
			ssize_t sent = send(peer->fd, p, len, MSG_NOSIGNAL);
			if (sent < 0 && !(errno == EAGAIN && await(peer, POLLOUT)))
				return false;
			n = sent > 0 ? (size_t)sent : 0;
		}
		p += n;
		len -= n;
	}
	return true;
}

bool peer_send(struct test_peer *peer, const char *text)
{
	return peer_send_octets(peer, text, strlen(text));
}

bool peer_sendf(struct test_peer *peer, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	must(n >= 0, "vasprintf");
	bool sent = peer_send_octets(peer, text, (size_t)n);
	free(text);
	return sent;
}

bool peer_read_line(struct test_peer *peer, char *out, size_t size)
{
	size_t len = 0;
	for (;;) {
		char c;
		ssize_t n = receive(peer, &c, 1);
		if (n < 0)
			return false;
		if (n == 0 || c == '\r')
			continue;
		if (c == '\n')
			break;
		if (len + 1 < size)
			out[len++] = c;
	}
	out[len] = '\0';
	return true;
}

void peer_wait_for_end(struct test_peer *peer)
{
	char ignored[512];
	while (receive(peer, ignored, sizeof(ignored)) >= 0)
		continue;
}

struct test_server {
	int listener;
	uint16_t port;
	test_script *script;
	void *user;
	pthread_t thread;
	pthread_mutex_t lock;
	int open; /* descriptor of the connection that is being served, or -1 */
	bool ending;
	unsigned connections;
};

static void *serve(void *argument)
{
	struct test_server *s = argument;
	sigset_t pipe;
	/* OpenSSL's writes raise it on this side; the code under test must not need that. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	for (;;) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		pthread_mutex_lock(&s->lock);
		bool ending = s->ending || fd < 0;
		s->open = ending ? -1 : fd;
		s->connections += !ending;
		pthread_mutex_unlock(&s->lock);
		if (ending) {
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		struct test_peer peer = { .fd = fd, .user = s->user };
		const int on = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		s->script(&peer);
		pthread_mutex_lock(&s->lock);
		s->open = -1;
		pthread_mutex_unlock(&s->lock);
		SSL_free(peer.ssl);
		close(fd);
	}
}

static int bind_loopback(bool ipv6, uint16_t *ret_port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, ipv6 ? (void *)&in6 : (void *)&in, ipv6 ? sizeof(in6) : sizeof(in)) < 0) {
		close(fd);
		return -1;
	}
	must(getsockname(fd, (struct sockaddr *)&bound, &len) == 0, "getsockname");
	*ret_port = ntohs(ipv6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port);
	return fd;
}

struct test_server *test_server_new(bool ipv6, test_script *script, void *user)
{
	struct test_server *s = calloc(1, sizeof(*s));
	must(s != NULL, "memory");
	*s = (struct test_server){ .script = script, .user = user, .open = -1 };
	s->listener = bind_loopback(ipv6, &s->port);
	if (s->listener < 0) {
		free(s);
		return NULL;
	}
	must(listen(s->listener, 64) == 0, "listen");
	pthread_mutex_init(&s->lock, NULL);
	must(pthread_create(&s->thread, NULL, serve, s) == 0, "pthread_create");
	return s;
}

uint16_t test_server_port(const struct test_server *s)
{
	return s->port;
}

unsigned test_server_connections(struct test_server *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void test_server_free(struct test_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	if (s->open >= 0)
		shutdown(s->open, SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

uint16_t test_closed_port(void)
{
	uint16_t port = 0;
	int fd = bind_loopback(false, &port);
	must(fd >= 0, "bind");
	close(fd);
	return port;
}
