/* The octets between libetpan and a server: read and written under a deadline, measured by the guard, read along by the
 * sieve, and written down without secrets. libetpan gets to see FETCH and LIST responses in their plain form
 * (imap_plain.h), the greeting and the ends of commands, nothing else. Private to providers/imap_*.
 *
 * libetpan reports no more than "stream error", so the first error is kept here. One thread at a time. */
#ifndef PROVIDERS_IMAP_STREAM_H
#define PROVIDERS_IMAP_STREAM_H

#include <stdbool.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/net/tls_stream.h"
#include "providers/imap_guard.h"
#include "providers/imap_params.h"
#include "providers/imap_sieve.h"

struct _mailstream; /* libetpan's mailstream */
struct imap_stream;

/* Takes over `tls`, also when it fails. Nothing may be read before imap_stream_begin. Errors: memory. */
int imap_stream_new(struct tls_stream *tls, imap_transcript_fn *transcript, void *user, struct imap_stream **ret,
		    struct error *err);

/* Closes the connection. libetpan must be through with the stream. NULL is allowed. */
void imap_stream_free(struct imap_stream *stream);

/* What libetpan reads and writes through: to be handed to mailimap_connect, after which mailimap_free frees it. To be
 * called once. NULL when out of memory. */
struct _mailstream *imap_stream_mail(struct imap_stream *stream);

/* A command is about to be sent: until when it must have been answered, and what the answer may be. `hidden`: NULL, or
 * what stands in the transcript for all that is sent until the next call; borrowed until then. */
void imap_stream_begin(struct imap_stream *stream, struct deadline deadline, const struct imap_limits *limits,
		       const char *hidden);

/* Besides, these octets (copied) are hidden wherever the server repeats them, as sasl_hide. After imap_stream_begin,
 * before they are sent. */
void imap_stream_hide(struct imap_stream *stream, struct span secret);

/* For commands that are written without libetpan: reads until the server asks for more (1) or ends the command of this
 * tag (0); what is said meanwhile is dropped, as far as the sieve does not keep it. -1: imap_stream_error. */
int imap_stream_hear(struct imap_stream *stream, uint32_t tag);

/* What the server said beside data since imap_stream_begin. Borrowed. */
const struct imap_sieve *imap_stream_said(const struct imap_stream *stream);

/* Capabilities may differ after a sign-in. */
void imap_stream_forget_capabilities(struct imap_stream *stream);

/* TLS in place of plaintext (as tls_stream_start); capabilities are forgotten. Errors besides those: ERROR_PROTOCOL
 * with IMAP_CAUSE_INJECTION when octets of the server are waiting already, which somebody between it and us may have
 * put there. */
int imap_stream_start_tls(struct imap_stream *stream, const char *host, const char *ca_file, struct error *err);

/* Whether octets of the server have left the socket already, so that poll would not tell of them. */
bool imap_stream_pending(const struct imap_stream *stream);

/* The first error, kind NONE while there is none: from then on every read and write fails. */
const struct error *imap_stream_error(const struct imap_stream *stream);

/* Ends the stream for a reason that was found above it; an earlier error stands. */
void imap_stream_fail(struct imap_stream *stream, const struct error *why);

const struct tls_stream *imap_stream_tls(const struct imap_stream *stream); /* borrowed */

#endif
