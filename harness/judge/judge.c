/* Judging one probe. Pure: evidence and expectation in, outcome and cells out. Must never make a pass of what is not
 * known. */
#include "harness/judge/judge.h"

#include <stdlib.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/judge/reason.h"
#include "harness/judge/seed_fault.h"

enum { JUDGE_TEXT_MAX = 512 * 1024 };

static bool is_found(const struct probe_evidence *e)
{
	return e->first_seen_ms != 0;
}

static enum arrival_time judge_time(const struct probe_evidence *e, const struct expectation *x)
{
	return arrival_within(&e->arrival, e->sending.accepted_ms, expectation_within_ms(x));
}

/* Outcome of a message that was not found, did not bounce and was not rejected, when the run is over. */
static enum outcome outcome_at_end(const struct probe_evidence *e)
{
	if (seed_fault_find(e))
		return OUTCOME_NOT_TESTED;
	switch (e->sending.state) {
	case SENDING_TEMPORARY:
		return OUTCOME_DEFERRED;
	case SENDING_IN_DOUBT:
		return e->delayed.seen ? OUTCOME_DEFERRED : OUTCOME_UNKNOWN;
	case SENDING_ACCEPTED:
		if (!e->seed_ready)
			return OUTCOME_NOT_TESTED;
		if (e->delayed.seen)
			return OUTCOME_DEFERRED;
		if (!e->swept)
			return OUTCOME_NOT_TESTED;
		/* The likeliest place was not seen, or what was not seen to come back may have come back. */
		return e->no_spam_folder || e->bounces_problem ? OUTCOME_UNKNOWN : OUTCOME_MISSING;
	default:
		return OUTCOME_NOT_TESTED;
	}
}

static bool is_unsent(enum send_state state)
{
	return state == SENDING_NOT_COMPOSED || state == SENDING_COMPOSED || state == SENDING_FAILED;
}

/* A notice about another recipient says nothing of a message that is here, or may still come. */
static bool judge_failure_counts(const struct probe_evidence *e)
{
	return e->failed.seen && (!e->failed.other || (e->over && !is_found(e)));
}

static enum outcome outcome_of(const struct probe_evidence *e, const struct expectation *x)
{
	if (judge_failure_counts(e))
		return seed_fault_find(e) ? OUTCOME_NOT_TESTED : OUTCOME_BOUNCED;
	if (e->sending.state == SENDING_REJECTED)
		return seed_fault_find(e) ? OUTCOME_NOT_TESTED : OUTCOME_REJECTED;
	if (is_found(e))
		return judge_time(e, x) == ARRIVAL_LATE ? OUTCOME_DELAYED : OUTCOME_DELIVERED;
	/* Nothing is sent to a seed that cannot be read, so that there is nothing to wait for. */
	if (is_unsent(e->sending.state) && !e->seed_ready && e->seed_problem)
		return OUTCOME_NOT_TESTED;
	return e->over ? outcome_at_end(e) : OUTCOME_PENDING;
}

/* Whether it was in time is not known of a message that is here and was accepted: unknown, unless both would be judged
 * alike. */
static bool judge_time_is_open(const struct reason *r)
{
	return is_found(r->evidence) && r->latency_ms >= 0 && judge_time(r->evidence, r->expectation) == ARRIVAL_OPEN;
}

static enum verdict judge_outcome(const struct reason *r)
{
	enum verdict verdict = expectation_judge_outcome(r->expectation, r->outcome);
	if (r->outcome != OUTCOME_DELIVERED || !judge_time_is_open(r))
		return verdict;
	return expectation_judge_outcome(r->expectation, OUTCOME_DELAYED) == verdict ? verdict : VERDICT_UNKNOWN;
}

/* A message may come late as long as `delayed` is accepted as its outcome: both cells then say the same. Where the
 * reply to the handing over is lost, the time since the handing over is the most that the latency can be. */
static enum verdict judge_within(const struct reason *r)
{
	const struct probe_evidence *e = r->evidence;
	int64_t within = expectation_within_ms(r->expectation), handed_over = e->sending.handed_over_ms;
	if (expectation_any(r->expectation, EXPECT_WITHIN))
		return VERDICT_PASS;
	if (r->latency_ms < 0)
		return handed_over && e->arrival.latest_ms - handed_over <= within ? VERDICT_PASS : VERDICT_UNKNOWN;
	if (judge_time(e, r->expectation) == ARRIVAL_IN_TIME)
		return VERDICT_PASS;
	enum verdict late = expectation_judge_outcome(r->expectation, OUTCOME_DELAYED);
	return judge_time_is_open(r) && late != VERDICT_PASS ? VERDICT_UNKNOWN : late;
}

static enum verdict judge_placement(const struct reason *r)
{
	const struct probe_evidence *e = r->evidence;
	if (expectation_any(r->expectation, EXPECT_PLACEMENT))
		return VERDICT_PASS;
	if (e->gone || e->place_count == 0)
		return VERDICT_UNKNOWN;
	const struct trace_place *last = &e->places[e->place_count - 1];
	return expectation_judge_placement(r->expectation, last->kind, last->name);
}

enum agreement judge_agreement(enum auth_method method, enum auth_result theirs, enum auth_result ours)
{
	static const unsigned unverified = 1u << AUTH_FAIL | 1u << AUTH_PERMERROR | 1u << AUTH_POLICY |
					   1u << AUTH_NEUTRAL;
	if (theirs == AUTH_NOT_REPORTED)
		return AGREEMENT_NOT_REPORTED;
	if (ours == AUTH_NOT_REPORTED || ours == AUTH_UNKNOWN || ours == AUTH_TEMPERROR || theirs == AUTH_TEMPERROR)
		return AGREEMENT_UNKNOWN;
	if (theirs == ours || (method == METHOD_DKIM && (unverified >> theirs & 1) && (unverified >> ours & 1)))
		return AGREEMENT_AGREE;
	return AGREEMENT_DISAGREE;
}

/* By what the provider reports; where it says nothing, and that is not what was expected, by our own evaluation. That
 * does not stand in for a word that is not understood, nor for what cannot be told. */
static enum verdict judge_auth(const struct reason *r, enum auth_method method)
{
	enum auth_result theirs = r->evidence->theirs[method].result, ours = r->evidence->ours[method].result;
	if (r->evidence->unread && !expectation_any(r->expectation, (enum expect_key)(EXPECT_SPF + (int)method)))
		return VERDICT_UNKNOWN;
	enum verdict verdict = expectation_judge_auth(r->expectation, method, theirs);
	if (theirs == AUTH_NOT_REPORTED && (r->evidence->theirs[method].word || r->evidence->theirs[method].trouble))
		return expectation_any(r->expectation, (enum expect_key)(EXPECT_SPF + (int)method)) ? VERDICT_PASS
												    : VERDICT_UNKNOWN;
	if (theirs != AUTH_NOT_REPORTED || verdict != VERDICT_UNKNOWN || ours == AUTH_NOT_REPORTED ||
	    ours == AUTH_UNKNOWN)
		return verdict;
	return expectation_judge_auth(r->expectation, method, ours);
}

static enum verdict judge_key(const struct reason *r, enum expect_key key)
{
	switch (key) {
	case EXPECT_OUTCOME:
		return judge_outcome(r);
	case EXPECT_PLACEMENT:
		return judge_placement(r);
	case EXPECT_TLS:
		return expectation_judge_tls(r->expectation, r->evidence->tls);
	case EXPECT_WITHIN:
		return judge_within(r);
	default:
		return judge_auth(r, (enum auth_method)(key - EXPECT_SPF));
	}
}

static void judge_add_reason(struct buf *b, const struct reason *r, enum expect_key key)
{
	switch (key) {
	case EXPECT_OUTCOME:
		reason_outcome(b, r);
		break;
	case EXPECT_PLACEMENT:
		reason_placement(b, r);
		break;
	case EXPECT_TLS:
		reason_tls(b, r);
		break;
	case EXPECT_WITHIN:
		reason_within(b, r);
		break;
	default:
		reason_auth(b, r, (enum auth_method)(key - EXPECT_SPF));
		break;
	}
}

static void add_actual(struct buf *b, const struct reason *r, enum expect_key key)
{
	const struct probe_evidence *e = r->evidence;
	char words[TIME_TEXT_MAX];
	switch (key) {
	case EXPECT_OUTCOME:
		buf_add_str(b, outcome_name(r->outcome));
		break;
	case EXPECT_PLACEMENT:
		if (e->place_count)
			trace_place_add(b, &e->places[e->place_count - 1]);
		break;
	case EXPECT_TLS:
		buf_add_str(b, hop_tls_name(e->tls));
		break;
	case EXPECT_WITHIN:
		if (r->latency_ms >= 0)
			buf_addf(b, "%s%s", e->arrival.by_mailbox_clock || judge_time_is_open(r) ? "at most " : "",
				 duration_words(r->latency_ms, words));
		break;
	default:
		buf_add_str(b, auth_result_name(e->theirs[key - EXPECT_SPF].result));
		break;
	}
}

/* Hands the text of the buffer over to *ret. */
static int judge_take(struct buf *b, char **ret, struct error *err)
{
	if (buf_check(b, "a judgement", err) < 0)
		return -1;
	*ret = buf_take(b);
	return *ret ? 0 : error_memory(err);
}

static int add_cell(struct probe_judgement *j, struct reason *r, enum expect_key key, struct error *err)
{
	_cleanup_(buf_fini) struct buf b = BUF_INIT(JUDGE_TEXT_MAX);
	struct cell *cell = &j->cells[j->cell_count++];
	cell->key = key;
	cell->verdict = r->verdict = judge_key(r, key);
	if (cell->verdict > j->verdict)
		j->verdict = cell->verdict;
	text_add_escaped(&b, span_of(expectation_text(r->expectation, key)));
	if (judge_take(&b, &cell->expected, err) < 0)
		return -1;
	add_actual(&b, r, key);
	if (judge_take(&b, &cell->actual, err) < 0)
		return -1;
	judge_add_reason(&b, r, key);
	return judge_take(&b, &cell->reason, err);
}

/* Of every cell that is not pass, worst first; of the outcome where all pass. */
static int set_reason(struct probe_judgement *j, struct error *err)
{
	_cleanup_(buf_fini) struct buf b = BUF_INIT(EXPECT_KEY_COUNT * JUDGE_TEXT_MAX);
	for (int verdict = VERDICT_FAIL; verdict > VERDICT_PASS; verdict--)
		for (size_t i = 0; i < j->cell_count; i++)
			if ((int)j->cells[i].verdict == verdict)
				buf_addf(&b, "%s%s", b.len ? " " : "", j->cells[i].reason);
	if (j->verdict == VERDICT_PASS)
		buf_add_str(&b, j->cells[0].reason);
	return judge_take(&b, &j->reason, err);
}

static int set_placement(struct probe_judgement *j, const struct probe_evidence *e, struct error *err)
{
	_cleanup_(buf_fini) struct buf b = BUF_INIT(JUDGE_TEXT_MAX);
	if (is_found(e) && e->place_count) {
		const struct trace_place *last = &e->places[e->place_count - 1];
		j->placement = last->kind;
		trace_place_add(&b, last);
	}
	return judge_take(&b, &j->placement_text, err);
}

int judge_probe(const struct probe_evidence *evidence, const struct expectation *expectation,
		struct probe_judgement *ret, struct error *err)
{
	_cleanup_(judgement_fini) struct probe_judgement j = { .verdict = VERDICT_PASS };
	j.latency_ms = arrival_most_ms(&evidence->arrival, evidence->sending.accepted_ms);
	j.latency_least_ms = arrival_least_ms(&evidence->arrival, evidence->sending.accepted_ms);
	j.outcome = outcome_of(evidence, expectation);
	struct reason r = {
		.evidence = evidence,
		.expectation = expectation,
		.outcome = j.outcome,
		.latency_ms = j.latency_ms,
	};
	if (set_placement(&j, evidence, err) < 0 || add_cell(&j, &r, EXPECT_OUTCOME, err) < 0)
		return -1;
	for (int m = 0; is_found(evidence) && m < AUTH_METHOD_COUNT; m++)
		j.agreement[m] = judge_agreement((enum auth_method)m, evidence->theirs[m].result,
						 evidence->ours[m].result);
	for (int key = EXPECT_PLACEMENT; is_found(evidence) && key < EXPECT_KEY_COUNT; key++)
		if (add_cell(&j, &r, (enum expect_key)key, err) < 0)
			return -1;
	if (set_reason(&j, err) < 0)
		return -1;
	*ret = j;
	j = (struct probe_judgement){ 0 };
	return 0;
}

void judgement_fini(struct probe_judgement *judgement)
{
	if (!judgement)
		return;
	for (size_t i = 0; i < judgement->cell_count; i++) {
		free(judgement->cells[i].expected);
		free(judgement->cells[i].actual);
		free(judgement->cells[i].reason);
	}
	free(judgement->placement_text);
	free(judgement->reason);
	*judgement = (struct probe_judgement){ 0 };
}

const struct cell *judgement_cell(const struct probe_judgement *judgement, enum expect_key key)
{
	for (size_t i = 0; i < judgement->cell_count; i++)
		if (judgement->cells[i].key == key)
			return &judgement->cells[i];
	return NULL;
}
