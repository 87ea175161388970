/* What is known of one probe: what is judged. */
#ifndef JUDGE_EVIDENCE_H
#define JUDGE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/arrival.h"
#include "harness/model/facts.h"
#include "harness/model/trace.h"
#include "harness/model/words.h"

/* How the sending went (facts.h: the last reply or failure of the probe's send events). */
struct sending_evidence {
	enum send_state state;
	enum send_stage stage;  /* in which the last attempt ended */
	int code;               /* its SMTP reply code, 0 where there was none */
	const char *enhanced;   /* its RFC 3463 status, or NULL */
	const char *text;       /* reply text, or the error in words; NULL where nothing was said */
	const char *tls;        /* TLS version of that connection, NULL where unknown or plain */
	int attempts;           /* that were begun */
	bool temporary_seen;    /* a 4xx came in any of them */
	int64_t handed_over_ms; /* of the last SEND_HANDING_OVER; 0 where there is none */
	int64_t accepted_ms;    /* of the 2xx after the end of data; 0 where there is none */
};

/* A notification with the probe's tag that says `failed`, or `delayed`. */
struct bounce_evidence {
	bool seen;
	int64_t at_ms;
	const char *status; /* `5.1.1`; NULL where not said, as below */
	const char *diagnostic;
	const char *remote_mta;
	const char *recipient;
	bool other; /* it is about another recipient than the seed, as where a seed forwards */
};

/* The newest message that came back and is no notification of what became of the probe. */
struct returned_evidence {
	bool seen;
	enum returned_kind kind;
	const char *sender; /* NULL where not said, as below */
	const char *subject;
};

/* What the provider reports of one method. */
struct theirs_evidence {
	enum auth_result result;
	const char *word;   /* the result as the provider wrote it; NULL where it reports nothing */
	const char *domain; /* that the result is for; NULL where not said, as below */
	const char *reason; /* `reason=` */
	const char *comment;
	const char *trouble;     /* why it cannot be told what the provider reports, although it reports this method;
				    NULL where it can. Only read where nothing is reported */
	const char *sealed_by;   /* domain of the provider's under which its ARC set has been verified; or NULL */
	enum auth_result sealed; /* what the results in that set say */
	bool from_seal;          /* the result is theirs, since nothing else says one */
};

/* What our own evaluation says of one method. */
struct ours_evidence {
	enum auth_result
	    result;         /* AUTH_NOT_REPORTED where nothing was evaluated, AUTH_UNKNOWN where that left it open */
	const char *reason; /* the first cause, in words; NULL where nothing was evaluated */
};

/* All that is known of a probe. Strings and places are borrowed (from struct probe, struct trace, struct seed_event)
 * and must outlive the evidence; they may hold any octets. Times are wall-clock milliseconds. */
struct probe_evidence {
	const char *seed;
	const char *provider;
	const char *message;

	bool seed_ready;          /* its last event is SEED_READY or SEED_SWEPT */
	const char *seed_problem; /* of its last event, where that is SEED_FAILED; else NULL */
	const char *seed_mend;    /* what to do about it; NULL where nothing is known */
	bool swept;               /* every folder was read after the wait (the last of its events says so) */
	bool no_spam_folder;      /* of the folders that the mailbox shows none is one for spam */
	bool over;                /* the run has finished: what is not known now will not be known */

	struct sending_evidence sending;

	int64_t first_seen_ms;  /* of the first observation, or as the mailbox dates it where that was clearly earlier;
				   0: never found */
	struct arrival arrival; /* of the same message; zeroed where it was never found */
	bool unread; /* the server shows the message, but has not handed it over: nothing of its header is known */
	const struct trace_place *places; /* as struct trace: the last one counts; at least one where it was found */
	size_t place_count;
	bool gone; /* it is in no place where it was seen any more */

	struct bounce_evidence failed;
	struct bounce_evidence delayed;
	struct returned_evidence returned;
	const char
	    *bounces_problem; /* why the bounce mailbox could not be read; NULL where it could, or there is none */

	const char *hop_trouble; /* why the hop into the provider is not known; NULL where it is */
	struct theirs_evidence theirs[AUTH_METHOD_COUNT];
	struct ours_evidence ours[AUTH_METHOD_COUNT];
	/* Of the same message as it arrived at another seed, for one that did not arrive. */
	struct ours_evidence elsewhere[AUTH_METHOD_COUNT];
	const char *elsewhere_seed; /* that seed; NULL where there is none */
	enum hop_tls tls;           /* of the hop into the provider */
	const char *tls_cipher;
};

#endif
