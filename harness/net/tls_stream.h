/* A stream of octets to one server, plain or under TLS, with a deadline on every wait. Certificates and names are
 * always verified (RFC 5280, RFC 9525), TLS 1.2 at least; only tls_stream_inspect goes on where they do not hold. One
 * thread at a time. */
#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/net/tls_facts.h"

struct tls_stream;

/* Takes over a connected, non-blocking socket; it is closed with the stream, and on failure. cancel_fd ends every wait
 * when readable; -1: none. */
int tls_stream_new(struct tls_stream **ret, int fd, int cancel_fd, struct error *err);

/* Closes without a word. NULL is allowed. */
void tls_stream_free(struct tls_stream *stream);

/* Until when the reads and writes that follow may take. */
void tls_stream_set_deadline(struct tls_stream *stream, struct deadline deadline);

/* Handshake as a client of `host` (name or address), which the certificate must be for. ca_file: trusted certificates
 * in PEM instead of the system's; NULL: the system's. Nothing that was read as plaintext may be left over. Errors:
 * ERROR_TLS with its enum tls_cause, the text says what is wrong with the certificate (expired and when, which names it
 * has, unknown issuer); ERROR_TIMEOUT, ERROR_NETWORK, ERROR_CONFIG (ca_file). After one the stream is only good to be
 * freed. */
int tls_stream_start(struct tls_stream *stream, const char *host, const char *ca_file, struct error *err);

/* The same handshake with a server that is looked at, not trusted: *ret receives, for the caller to free, what it
 * shows. TLS 1.0 and 1.1 are taken too. Nothing secret may be sent after it. Errors: ERROR_TLS with TLS_HANDSHAKE, and
 * as above; *ret is left alone then. */
int tls_stream_inspect(struct tls_stream *stream, const char *host, const char *ca_file, struct tls_inspection *ret,
		       struct error *err);

/* At least one octet, at most len. The end of the stream is an error: whoever reads here expects something. Errors:
 * ERROR_NETWORK, ERROR_TIMEOUT, ERROR_INTERRUPTED. -1 or the number of octets. */
ssize_t tls_stream_read(struct tls_stream *stream, void *octets, size_t len, struct error *err);

/* All of it. */
int tls_stream_write(struct tls_stream *stream, const void *octets, size_t len, struct error *err);

/* Octets that can be read without the socket. */
size_t tls_stream_pending(const struct tls_stream *stream);

/* Whether the socket has something to read now. */
bool tls_stream_readable(const struct tls_stream *stream);

/* The socket; owned by the stream. */
int tls_stream_fd(const struct tls_stream *stream);

/* Octets received so far, behind TLS. */
uint64_t tls_stream_received(const struct tls_stream *stream);

/* What is known of the other side once a handshake has succeeded; NULL while the stream is plain. Borrowed. */
const struct tls_facts *tls_stream_facts(const struct tls_stream *stream);

#endif
