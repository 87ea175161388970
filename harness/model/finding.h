/* What a look at the sending domain, its servers and its messages has found (harness/posture), as plain data. Like
 * other facts a finding only says what is: whether that is a failure is judged by the rules that are in force
 * (judge/rule.h).
 */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum finding_state {
	FINDING_GOOD, /* it is as rules want it */
	FINDING_BAD,  /* it is not */
	FINDING_OPEN, /* it could not be tested: nothing is known */
};

/* What a finding comes to under rules. Ordered from best to worst. */
enum finding_result { FINDING_PASS, FINDING_WARN, FINDING_NOT_TESTED, FINDING_FAIL, FINDING_RESULT_COUNT };

/* Texts are escaped, one line each, and never NULL but for the last two. */
struct finding {
	char *id;      /* of doc/findings.md: "mx.starttls" */
	char *subject; /* what it is about: a host, a domain, `s1 of example.org`, an address */
	enum finding_state state;
	char *evidence; /* in words: what was seen; of FINDING_OPEN why nothing was */
	char *mend; /* what to do, with the exact record to publish where one is missing, or so that it can be tested;
		     * "" where there is nothing */
	int64_t at_ms; /* wall clock */
	/* For a later look to compare, never read out of the evidence: of a thing that its owner numbers (the policy of
	 * MTA-STS by the id of its record) the number, and the SHA-256 in lower-case hex of what was first seen under
	 * it. NULL where there is nothing. */
	char *seen_version, *seen_sha256;
};

/* Findings in the order in which they are shown. */
struct findings {
	struct finding *v;
	size_t count;
	size_t cap;
};

const char *finding_state_name(enum finding_state v);   /* "good", "bad", "open" */
const char *finding_result_name(enum finding_result v); /* "pass", "warn", "not-tested", "fail" */
bool finding_state_from(struct span word, enum finding_state *ret);

/* Every id that a check reports, as doc/findings.md has them. */
extern const char *const finding_ids[];
extern const size_t finding_id_count;

/* Adds a copy; texts are escaped and cut at FINDING_TEXT_MAX octets. Errors: memory. */
enum { FINDING_TEXT_MAX = 4000 };
int findings_add(struct findings *findings, const struct finding *finding, struct error *err);

/* Orders by id as doc/findings.md has them (the first word of an id is its group), then by subject. */
void findings_sort(struct findings *findings);

void findings_fini(struct findings *findings); /* leaves it zeroed */

#endif
