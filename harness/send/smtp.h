/* Hands messages to the service's own SMTP server: several connections at once, one message per seed, paced per
 * provider, tried again where the server says "later", never handed over twice by accident.
 *
 * Sending is not idempotent, so the moment matters at which the server may take responsibility (RFC 5321 section
 * 4.2.5): the end-of-data line. events.handing_over is called after the last content octet has left and before the
 * first octet of that line; only when it returns 0 does the line follow. Until then it may take its time (1): the other
 * connections go on, so that what waits together can be committed together.
 *
 * Threads: a struct smtp belongs to one thread at a time; every function here blocks or returns in that thread, and all
 * callbacks run in it, from within smtp_run or smtp_check. From outside only smtp_wake may be called, and the
 * descriptor `cancel_fd` be made readable. Any number of struct smtp may live in one process. */
#ifndef SEND_SMTP_H
#define SEND_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/send/smtp_job.h"
#include "harness/send/smtp_params.h"

struct smtp;

/* Errors: ERROR_CONFIG for a url, helo or user that cannot be used; ERROR_ENVIRONMENT. */
int smtp_new(const struct smtp_params *params, const struct smtp_events *events, struct smtp **ret, struct error *err);
/* Drops what is still open; no callback is called. */
void smtp_free(struct smtp *smtp);

/* Tries the server before anything is sent: connect, EHLO, STARTTLS, AUTH, QUIT, once, within `deadline` and
 * connect_ms. Errors: ERROR_NETWORK (unreachable), ERROR_TIMEOUT, ERROR_TLS (certificate, no STARTTLS), ERROR_AUTH,
 * ERROR_REFUSED (greeted with 4xx or 5xx), ERROR_PROTOCOL, ERROR_INTERRUPTED, or what password() said. */
int smtp_check(struct smtp *smtp, struct deadline deadline, struct error *err);

/* Queues a job for smtp_run. Errors: ERROR_CONFIG for addresses that could break the dialogue (control
 * characters, spaces, angle brackets, above 254 octets; an empty mail_from is the null sender), ERROR_LIMIT,
 * ERROR_ENVIRONMENT. */
int smtp_submit(struct smtp *smtp, const struct smtp_job *job, struct error *err);

/* Makes a smtp_run that waits ask for more jobs. Any thread. */
void smtp_wake(struct smtp *smtp);

/* Sends until every job has its final result. Temporary failures are tried again while `deadline` allows; when it
 * passes, what is not handed over ends with its last result, what is gets grace_ms for its reply.
 *
 * Returns 0 when all jobs are settled (each in its own way). -1 with *err when the run ended before that: ERROR_AUTH,
 * ERROR_TLS, ERROR_REFUSED (the server wants nothing to do with us at all), ERROR_NETWORK or ERROR_TIMEOUT (unreachable
 * for unreachable_ms), ERROR_INTERRUPTED (cancel_fd), or what a callback said; then every job left has got a final
 * NOT_SENT (or IN_DOUBT). The queue is empty afterwards in any case. */
int smtp_run(struct smtp *smtp, struct deadline deadline, struct error *err);

#endif
