/* An octet stream over a connected socket, in plaintext or TLS (OpenSSL), every wait of which ends by a deadline.
 *
 * A stream belongs to one thread at a time; it may be handed over from one to another. */
#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/net/dial.h"
#include "harness/net/tls_trust.h"

struct tls_stream;

/* What is known of the other side; empty strings where it is not TLS. Escaped text. */
struct tls_facts {
	char peer[DIAL_PEER_MAX]; /* address and port */
	char version[16];         /* `TLSv1.3` */
	char cipher[64];          /* `TLS_AES_256_GCM_SHA384` */
	char subject[256];        /* of the server's certificate, RFC 2253 form */
	char issuer[256];
	int64_t not_after_ms; /* end of its validity, wall clock; 0 where not known */
};

/* A plaintext stream over fd, a connected non-blocking socket that it takes over (also when it fails). `peer` is
 * copied. cancel_fd as in wait.h. Its deadline has passed until one is set. Errors: memory. */
int tls_stream_new(int fd, const char *peer, int cancel_fd, struct tls_stream **ret, struct error *err);

/* Closes the socket and frees. Tells a TLS peer, where that is possible without waiting. NULL is allowed. */
void tls_stream_free(struct tls_stream *stream);

/* Every later call ends by then. */
void tls_stream_set_deadline(struct tls_stream *stream, struct deadline deadline);

/* Turns plaintext into TLS in place, as client: the certificate chain and `host` are verified. Nothing may have been
 * read ahead (tls_stream_pending is 0). Errors: ERROR_TLS (code: enum tls_cause; the text says what is wrong with which
 * certificate), ERROR_NETWORK, ERROR_TIMEOUT, ERROR_INTERRUPTED, memory. After an error the stream is good for freeing
 * only. */
int tls_stream_start_tls(struct tls_stream *stream, const struct tls_trust *trust, const char *host, struct error *err);

/* Reads 1 to `size` octets and returns how many. Errors: -1, end of stream among them (ERROR_NETWORK, code 0);
 * ERROR_TIMEOUT, ERROR_INTERRUPTED, ERROR_TLS. */
ssize_t tls_stream_read(struct tls_stream *stream, void *out, size_t size, struct error *err);

/* Writes all octets. Errors as for reading. Never raises SIGPIPE. */
int tls_stream_write(struct tls_stream *stream, struct span octets, struct error *err);

/* Octets that can be read without the socket becoming readable. */
size_t tls_stream_pending(const struct tls_stream *stream);

/* Whether the socket can be read from now (octets, or its end), without waiting. */
bool tls_stream_readable(const struct tls_stream *stream);

int tls_stream_fd(const struct tls_stream *stream);
bool tls_stream_is_tls(const struct tls_stream *stream);
const struct tls_facts *tls_stream_facts(const struct tls_stream *stream); /* borrowed */

#endif
