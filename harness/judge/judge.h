/* The judge: what became of one probe, and what of it is as expected. A pure function of evidence and expectation: no
 * clock, no store, no configuration. */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/judge/expect.h"
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
};

/* What the provider reports of one method. */
struct theirs_evidence {
	enum auth_result result;
	const char *word;   /* the result as the provider wrote it; NULL where it reports nothing */
	const char *domain; /* that the result is for; NULL where not said, as below */
	const char *reason; /* `reason=` */
	const char *comment;
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
	bool over;                /* the run has finished: what is not known now will not be known */

	struct sending_evidence sending;

	int64_t first_seen_ms;            /* of the first observation; 0: never found */
	const struct trace_place *places; /* in order of time, the last one counts; at least one where it was found */
	size_t place_count;
	bool gone; /* it is no longer where it was seen last */

	struct bounce_evidence failed;
	struct bounce_evidence delayed;
	const char
	    *bounces_problem; /* why the bounce mailbox could not be read; NULL where it could, or there is none */

	bool
	    no_own_hop; /* no Received field is known to be the provider's own: nothing that it stamps can be trusted */
	struct theirs_evidence theirs[AUTH_METHOD_COUNT];
	struct ours_evidence ours[AUTH_METHOD_COUNT];
	enum hop_tls tls; /* of the hop into the provider */
	const char *tls_cipher;
};

/* One demand and what became of it. All texts are for showing: valid UTF-8, control characters escaped. */
struct cell {
	enum expect_key key;
	enum verdict verdict;
	char *expected; /* canonical text of the expectation */
	char *actual;   /* `delivered`, `other:Archiv`, `softfail`, `TLSv1.2`, `340 ms`; "" where there is none */
	char *reason;   /* one or more whole sentences, cause and evidence */
};

struct probe_judgement {
	enum outcome outcome;
	enum placement_kind placement; /* NONE where it was never found */
	char *placement_text;          /* `inbox`, `spam`, `category:promotions`, `other:Archiv`; "" for NONE */
	int64_t latency_ms;            /* from the final 250 to the first observation; -1 where either is missing */
	struct cell cells[EXPECT_KEY_COUNT];         /* those that apply, in the order of the enumeration */
	size_t cell_count;                           /* at least 1: the outcome */
	enum agreement agreement[AUTH_METHOD_COUNT]; /* of theirs and ours; UNKNOWN where it was never found */
	enum verdict verdict;                        /* the worst of the cells */
	char *reason; /* of every cell that is not pass, worst first; of the outcome where all pass */
};

/* Judges. Errors: memory. Free with judgement_fini. Any thread. */
int judge_probe(const struct probe_evidence *evidence, const struct expectation *expectation,
		struct probe_judgement *ret, struct error *err);
void judgement_fini(struct probe_judgement *judgement);

/* Whether both say the same: equal words; of DKIM, any two words for "does not verify" (fail, permerror, policy,
 * neutral), since verifiers choose among them freely. A temporary error on either side says nothing. */
enum agreement judge_agreement(enum auth_method method, enum auth_result theirs, enum auth_result ours);

/* The cell of that key, or NULL where it does not apply. Borrowed. */
const struct cell *judgement_cell(const struct probe_judgement *judgement, enum expect_key key);

#endif
