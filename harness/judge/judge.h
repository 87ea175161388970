/* The judge: what became of one probe, and what of it is as expected. A pure function of evidence and expectation: no
 * clock, no store, no configuration. */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/judge/evidence.h"
#include "harness/judge/expect.h"
#include "harness/model/words.h"

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
	int64_t latency_ms; /* from the final 250 to the arrival at the latest: the first observation, or as the mailbox
			       dates it; -1 where either is missing */
	int64_t latency_least_ms;                    /* the same at the earliest */
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
