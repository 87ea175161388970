/* The judge of findings: what each of them comes to under rules and waivers on a day. A pure function, so that a stored
 * run can be judged again under other rules. */
#ifndef JUDGE_POSTURE_H
#define JUDGE_POSTURE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/judge/rule.h"
#include "harness/judge/waiver.h"
#include "harness/model/finding.h"

struct finding_judgement {
	const struct finding *finding; /* borrowed, as all rules below */
	enum finding_result result;
	const struct rule **rules; /* that demand it, those that do not hold yet among them */
	size_t rule_count;
	char *note; /* why it is milder than its state, or no longer: in words, "" where there is nothing to say */
};

/* What became of a waiver. */
enum waiver_state { WAIVER_IDLE /* nothing needed it */, WAIVER_USED, WAIVER_EXPIRED /* something needed it */ };

struct posture_judgement {
	struct finding_judgement *v; /* in the order of the findings */
	size_t count;
	size_t results[FINDING_RESULT_COUNT];
	const struct rules *rules;
	const struct waivers *waivers;
	enum waiver_state *waiver_states; /* by position in the waivers */
};

/* Judges. A good finding passes. A bad one fails where a rule of severity `fail` that holds at at_ms demands it, and is
 * a warning otherwise: a rule that does not hold yet warns. An open one is not tested. A waiver of the finding, or of
 * every rule that matters, makes of both a warning until its day has passed. The judgement borrows from all three.
 * Errors: memory. Free with posture_judgement_fini. Any thread. */
int judge_posture(const struct findings *findings, const struct rules *rules, const struct waivers *waivers,
		  int64_t at_ms, struct posture_judgement *ret, struct error *err);
void posture_judgement_fini(struct posture_judgement *judgement);

/* Makes of every failure a warning: for a run whose findings are only shown. */
void posture_judgement_soften(struct posture_judgement *judgement);

const char *waiver_state_name(enum waiver_state v); /* "idle", "used", "expired" */

/* Exit status of `check`: 1 when one fails; else 2 when one that a rule demands was not tested, or nothing was at all;
 * else 0. */
int posture_exit_status(const struct posture_judgement *judgement);

#endif
