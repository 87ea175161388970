/* Hands messages to the service's own SMTP server: several connections at once, one message per seed, paced per
 * provider, tried again where the server says "later", never handed over twice by accident.
 *
 * Sending is not idempotent, so the moment matters at which the server may take responsibility (RFC 5321 section
 * 4.2.5): the end-of-data line. events.handing_over is called after the last content octet has left and before the
 * first octet of that line; only when it returns 0 does the line follow.
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
#include "harness/model/facts.h"
#include "harness/send/send_settings.h"

/* All strings are copied. Zero takes the default that is named. */
struct smtp_params {
	const char *url;  /* smtp://HOST[:PORT] (default port 25) or smtps://HOST[:PORT] (465); IPv6 as [::1] */
	const char *helo; /* our name in EHLO; NULL: the name of this machine */
	enum smtp_starttls starttls;
	const char *user; /* NULL: no authentication */

	/* Adds the password to `secret`, which is wiped after use; called once per connection that is opened. libcurl
	 * keeps a copy as long as that connection lives, and frees it unwiped. 0, or -1 with *err: ends the run. */
	int (*password)(void *context, struct buf *secret, struct error *err);
	void *password_context;

	const char *ca_file;    /* PEM; NULL: the system's */
	int connections;        /* most at once; default 4 */
	int64_t pace_ms;        /* least time between two MAIL commands for one provider; 0: none */
	int64_t connect_ms;     /* name, TCP, TLS, EHLO and AUTH together; default 30 s */
	int64_t command_ms;     /* until the reply to a command, end of data left out; default 60 s */
	int64_t data_ms;        /* until the reply to the end of data (RFC 5321 section 4.5.3.2.6); default 10 min */
	int64_t message_ms;     /* one attempt without that last wait; default 5 min */
	int64_t retry_ms;       /* first wait after a temporary failure, then three times the last; default 5 s */
	int64_t retry_max_ms;   /* most that wait grows to; default 2 min */
	int64_t unreachable_ms; /* without any connection for that long: the server is unreachable; default 30 s */
	int64_t grace_ms;       /* after cancel or deadline: wait for replies to messages handed over; default 10 s */
	int cancel_fd;          /* stops in order when readable (never read from); -1: none. 0 is descriptor 0 */
};

/* One message for one seed. */
struct smtp_job {
	int64_t id;           /* the caller's, handed back */
	const char *provider; /* pacing key; copied, as the two below */
	const char *mail_from;
	const char *rcpt;
	struct span message; /* as compose() gives it; borrowed until the job's final result */
	bool smtputf8;       /* the header holds UTF-8 (composed.smtputf8); non-ASCII addresses set it too */
	int attempts;        /* already made by an earlier process: attempt numbers go on from there */
};

enum smtp_class {
	SMTP_ACCEPTED,  /* 2xx to the end of data */
	SMTP_TEMPORARY, /* 4xx: the server's word is "later" */
	SMTP_PERMANENT, /* 5xx */
	SMTP_NOT_SENT,  /* ended before the handing over and without a 4xx or 5xx to this message: safe to try again.
			   Final at once where an address needs SMTPUTF8 and the server has none */
	SMTP_IN_DOUBT,  /* handed over, no reply: the server may have it; never to be sent again */
};

/* How an attempt ended. Pointers are borrowed for the time of the callback. */
struct smtp_result {
	enum smtp_class class;
	bool final;            /* no further attempt follows; each job gets exactly one final result */
	bool repeated;         /* nothing new but `final`: the attempt was reported before and stays the last one */
	int attempt;           /* from 1 (plus job.attempts); 0 for a job that was never begun */
	enum send_stage stage; /* reached when it ended; END_OF_DATA from the handing over on */
	int reply_code;        /* of the deciding reply, 0 where there was none */
	const char *enhanced;  /* RFC 3463 `5.7.1` as the reply says, NULL where it does not */
	const char *text; /* all lines of that reply without codes, joined by " ", escaped; NULL where there was none */
	const char *tls_version; /* "TLSv1.3"; NULL where plain or unknown */
	const char *tls_cipher;  /* as the TLS library names it; NULL likewise */
	const char *peer;        /* "192.0.2.1:587", "[2001:db8::1]:587"; NULL where not connected */
	int64_t started_ms;      /* wall clock: MAIL */
	int64_t handed_over_ms;  /* handing_over returned; 0 where it never was called */
	int64_t ended_ms;        /* the reply, or the failure */
	int64_t retry_ms;        /* wall clock of the next attempt; 0 when final */
	struct error error;      /* kind NONE when accepted; else the whole in words */
};

struct smtp;

struct smtp_events {
	void *context;
	/* Asks for further jobs, to be handed over by smtp_submit; called in every round of smtp_run, so at least once
	 * after each smtp_wake. 1: there may be more later, so smtp_run waits for them; 0: these were the last, and it
	 * is not called again; -1 with *err: ends the run. NULL: there are no others than those that are queued. */
	int (*more)(void *context, struct smtp *smtp, struct error *err);
	/* Commits that the job is being handed over. 0: go on. -1 with *err: the connection is cut, so that the server
	 * cannot accept, the attempt is NOT_SENT, and the run ends with that error. */
	int (*handing_over)(void *context, const struct smtp_job *job, int attempt, int64_t at_ms, struct error *err);
	/* Every attempt's end, and the end of jobs that never had one. Must not call into this smtp. */
	void (*result)(void *context, const struct smtp_job *job, const struct smtp_result *result);
	/* One line of the dialogue, escaped: `C: MAIL FROM:<a@b>`, `S: 250 ok`, `*: TLS1.3 ...`. Credentials are
	 * hidden, of a message only its size is said. NULL: not wanted. */
	void (*transcript)(void *context, int connection, const char *line);
};

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
