/* A socket with deadlines, and OpenSSL over it where it is asked for. Must never wait beyond its deadline, also for a
 * server that always has one more octet. */
#include "harness/net/tls_stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/net/tls_client.h"

struct tls_stream {
	SSL *ssl; /* NULL while plain */
	int fd, cancel_fd;
	bool broken; /* TLS failed: OpenSSL wants no further call, not even the closing one */
	struct deadline deadline;
	uint64_t received;
	struct tls_facts facts;
};

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
	/* Says goodbye if the socket takes it at once; nobody waits for the answer. */
	if (s->ssl && !s->broken && SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	ERR_clear_error();
	close(s->fd);
	free(s);
}

void tls_stream_set_deadline(struct tls_stream *s, struct deadline deadline)
{
	s->deadline = deadline;
}

static int too_late(struct error *err)
{
	return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "the server did not answer in time");
}

static int closed(struct error *err)
{
	return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "the server closed the connection");
}

/* Waits until the socket is ready for `events`. */
static int wait_for(struct tls_stream *s, short events, struct error *err)
{
	struct pollfd fds[2] = { { .fd = s->fd, .events = events }, { .fd = s->cancel_fd, .events = POLLIN } };
	for (;;) {
		if (deadline_passed(s->deadline))
			return too_late(err);
		int n = poll(fds, 2, deadline_poll_ms(s->deadline));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "poll");
		if (n > 0 && fds[1].revents)
			return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted");
		if (n > 0)
			return 0;
	}
}

static int network(struct error *err, int errnum, const char *doing)
{
	return error_errno(err, ERROR_NETWORK, RETRY_LATER, errnum, "the connection broke while %s", doing);
}

/* Prepares another try of an SSL function that returned `result`: 0 to go on, -1 with *err. `of` is NULL once the
 * handshake is over. */
static int after_ssl(struct tls_stream *s, int result, const struct tls_handshake *of, struct error *err)
{
	int saved = errno, code = SSL_get_error(s->ssl, result);
	switch (code) {
	case SSL_ERROR_WANT_READ:
		return wait_for(s, POLLIN, err);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(s, POLLOUT, err);
	case SSL_ERROR_ZERO_RETURN:
		return closed(err);
	case SSL_ERROR_SYSCALL:
		s->broken = true;
		return saved ? network(err, saved, of ? "TLS began" : "talking TLS") : closed(err);
	default:
		s->broken = true;
		if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return closed(err);
		if (of)
			return tls_client_refuse(of, err);
		return error_set(err, ERROR_TLS, RETRY_LATER, TLS_HANDSHAKE, "TLS broke: %s", tls_client_reason());
	}
}

static void before_ssl(void)
{
	ERR_clear_error();
	errno = 0;
}

static ssize_t read_tls(struct tls_stream *s, void *octets, size_t len, struct error *err)
{
	for (;;) {
		size_t n = 0;
		before_ssl();
		int result = SSL_read_ex(s->ssl, octets, len, &n);
		if (result == 1)
			return (ssize_t)n;
		if (after_ssl(s, result, NULL, err) < 0)
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
			return closed(err);
		if (errno != EAGAIN && errno != EINTR)
			return network(err, errno, "reading");
		if (wait_for(s, POLLIN, err) < 0)
			return -1;
	}
}

ssize_t tls_stream_read(struct tls_stream *s, void *octets, size_t len, struct error *err)
{
	if (deadline_passed(s->deadline))
		return too_late(err);
	ssize_t n = s->ssl ? read_tls(s, octets, len, err) : read_plain(s, octets, len, err);
	if (n > 0)
		s->received += (uint64_t)n;
	return n;
}

/* How many octets were written, or -1. */
static ssize_t write_some(struct tls_stream *s, const void *octets, size_t len, struct error *err)
{
	for (;;) {
		size_t n = 0;
		before_ssl();
		if (s->ssl) {
			int result = SSL_write_ex(s->ssl, octets, len, &n);
			if (result == 1)
				return (ssize_t)n;
			if (after_ssl(s, result, NULL, err) < 0)
				return -1;
			continue;
		}
		ssize_t sent = send(s->fd, octets, len, MSG_NOSIGNAL);
		if (sent >= 0)
			return sent;
		if (errno != EAGAIN && errno != EINTR)
			return network(err, errno, "writing");
		if (wait_for(s, POLLOUT, err) < 0)
			return -1;
	}
}

int tls_stream_write(struct tls_stream *s, const void *octets, size_t len, struct error *err)
{
	const char *p = octets;
	while (len > 0) {
		if (deadline_passed(s->deadline))
			return too_late(err);
		ssize_t n = write_some(s, p, len, err);
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int shake_hands(struct tls_stream *s, struct tls_handshake *of, const char *ca_file, struct error *err)
{
	s->ssl = tls_client_new(s->fd, of, ca_file, err);
	if (!s->ssl)
		return -1;
	for (;;) {
		before_ssl();
		int result = SSL_connect(s->ssl);
		if (result == 1)
			break;
		if (after_ssl(s, result, of, err) < 0) {
			s->broken = true;
			return error_prefix(err, "TLS");
		}
	}
	SSL_set_app_data(s->ssl, NULL);
	tls_client_facts(s->ssl, &s->facts);
	return 0;
}

int tls_stream_start(struct tls_stream *s, const char *host, const char *ca_file, struct error *err)
{
	struct tls_handshake of = { .host = host };
	return shake_hands(s, &of, ca_file, err);
}

int tls_stream_inspect(struct tls_stream *s, const char *host, const char *ca_file, struct tls_inspection *ret,
		       struct error *err)
{
	struct tls_handshake of = { .host = host, .inspects = true };
	struct tls_inspection seen = { 0 };
	if (shake_hands(s, &of, ca_file, err) < 0)
		return -1;
	seen.facts = s->facts;
	seen.refusal = of.refusal;
	if (tls_client_inspect(s->ssl, &seen, err) < 0) {
		tls_inspection_fini(&seen);
		return -1;
	}
	*ret = seen;
	return 0;
}

size_t tls_stream_pending(const struct tls_stream *s)
{
	return s->ssl ? (size_t)SSL_pending(s->ssl) : 0;
}

bool tls_stream_readable(const struct tls_stream *s)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	return (s->ssl && SSL_has_pending(s->ssl)) || poll(&fd, 1, 0) > 0;
}

int tls_stream_fd(const struct tls_stream *s)
{
	return s->fd;
}

uint64_t tls_stream_received(const struct tls_stream *s)
{
	return s->received;
}

const struct tls_facts *tls_stream_facts(const struct tls_stream *s)
{
	return s->facts.version[0] ? &s->facts : NULL;
}
