/* A message for the SMTP server, what becomes of it, and who is told. */
#ifndef SEND_SMTP_JOB_H
#define SEND_SMTP_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/facts.h"

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

struct smtp; /* smtp.h */

struct smtp_events {
	void *context;
	/* Asks for further jobs, to be handed over by smtp_submit; called in every round of smtp_run, so at least once
	 * after each smtp_wake. 1: there may be more later, so smtp_run waits for them; 0: these were the last, and it
	 * is not called again; -1 with *err: ends the run. NULL: there are no others than those that are queued. */
	int (*more)(void *context, struct smtp *smtp, struct error *err);
	/* Commits that the job is being handed over. 0: it is committed, go on. 1: it is on its way; asked again, with
	 * the same arguments, after smtp_wake, while other connections go on. -1 with *err: the connection is cut, so
	 * that the server cannot accept, the attempt is NOT_SENT, and the run ends with that error. */
	int (*handing_over)(void *context, const struct smtp_job *job, int attempt, int64_t at_ms, struct error *err);
	/* Every attempt's end, and the end of jobs that never had one. Must not call into this smtp. */
	void (*result)(void *context, const struct smtp_job *job, const struct smtp_result *result);
};

#endif
