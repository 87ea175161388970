/* Findings under rules and waivers. Pure: no clock, no store. */
#include "harness/judge/posture.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"

enum { NOTE_MAX = 64 * 1024, DATE_LEN = 10 };

struct judging {
	const struct rules *rules;
	const struct waivers *waivers;
	int64_t at_ms;
	enum waiver_state *waiver_states;
};

static const char *date_of(int64_t ms, char out[TIME_TEXT_MAX])
{
	time_rfc3339(ms, out);
	out[DATE_LEN] = '\0';
	return out;
}

/* Whether a waiver of that id holds; what it says, or that it holds no longer, is noted. */
static bool is_waived(struct judging *j, const char *id, struct buf *note)
{
	char date[TIME_TEXT_MAX];
	bool waived = false;
	for (size_t i = 0; i < j->waivers->count; i++) {
		const struct waiver *w = &j->waivers->v[i];
		if (strcmp(w->id, id) != 0)
			continue;
		bool holds = j->at_ms < w->until_ms;
		date_of(w->until_ms - 1, date);
		j->waiver_states[i] = holds ? WAIVER_USED : WAIVER_EXPIRED;
		buf_add_str(note, note->len ? "; " : "");
		if (holds)
			buf_addf(note, "%s is waived until %s: %s", id, date, w->because);
		else
			buf_addf(note, "the waiver of %s ended on %s", id, date);
		waived = waived || holds;
	}
	return waived;
}

static int find_rules(const struct judging *j, struct finding_judgement *v, struct error *err)
{
	v->rules = calloc(j->rules->count + 1, sizeof(*v->rules));
	if (!v->rules)
		return error_memory(err);
	for (size_t i = 0; i < j->rules->count; i++)
		if (rule_demands(&j->rules->v[i], v->finding->id))
			v->rules[v->rule_count++] = &j->rules->v[i];
	return 0;
}

/* Of what is not good. */
static enum finding_result judge_breach(struct judging *j, const struct finding_judgement *v, struct buf *note)
{
	bool open = v->finding->state == FINDING_OPEN, fails = false;
	bool waived = is_waived(j, v->finding->id, note);
	size_t rules_waived = 0;
	for (size_t i = 0; i < v->rule_count && !waived; i++) {
		const struct rule *rule = v->rules[i];
		char date[TIME_TEXT_MAX];
		if (is_waived(j, rule->id, note))
			rules_waived++;
		else if (rule->since_ms > j->at_ms)
			buf_addf(note, "%s%s holds from %s", note->len ? "; " : "", rule->id,
				 date_of(rule->since_ms, date));
		else
			fails = fails || rule->fails;
	}
	if (waived || (rules_waived > 0 && rules_waived == v->rule_count))
		return FINDING_WARN;
	return open ? FINDING_NOT_TESTED : fails ? FINDING_FAIL : FINDING_WARN;
}

static int judge_finding(struct judging *j, const struct finding *finding, struct finding_judgement *v,
			 struct error *err)
{
	_cleanup_(buf_fini) struct buf note = BUF_INIT(NOTE_MAX);
	v->finding = finding;
	if (find_rules(j, v, err) < 0)
		return -1;
	v->result = finding->state == FINDING_GOOD ? FINDING_PASS : judge_breach(j, v, &note);
	/* A note that is too long is cut. */
	if (buf_check_memory(&note, err) < 0)
		return -1;
	v->note = span_dup(buf_span(&note));
	return v->note ? 0 : error_memory(err);
}

int judge_posture(const struct findings *findings, const struct rules *rules, const struct waivers *waivers,
		  int64_t at_ms, struct posture_judgement *ret, struct error *err)
{
	struct posture_judgement judgement = { .rules = rules,
					       .waivers = waivers,
					       .v = calloc(findings->count + 1, sizeof(*judgement.v)),
					       .waiver_states = calloc(waivers->count + 1,
								       sizeof(*judgement.waiver_states)) };
	struct judging j = { rules, waivers, at_ms, judgement.waiver_states };
	int result = judgement.v && judgement.waiver_states ? 0 : error_memory(err);
	for (size_t i = 0; i < findings->count && result == 0; i++) {
		struct finding_judgement *v = &judgement.v[judgement.count++];
		result = judge_finding(&j, &findings->v[i], v, err);
		judgement.results[v->result]++;
	}
	if (result < 0)
		posture_judgement_fini(&judgement);
	else
		*ret = judgement;
	return result;
}

void posture_judgement_fini(struct posture_judgement *judgement)
{
	for (size_t i = 0; i < judgement->count; i++) {
		free(judgement->v[i].rules);
		free(judgement->v[i].note);
	}
	free(judgement->v);
	free(judgement->waiver_states);
	*judgement = (struct posture_judgement){ 0 };
}

void posture_judgement_soften(struct posture_judgement *judgement)
{
	for (size_t i = 0; i < judgement->count; i++)
		if (judgement->v[i].result == FINDING_FAIL)
			judgement->v[i].result = FINDING_WARN;
	judgement->results[FINDING_WARN] += judgement->results[FINDING_FAIL];
	judgement->results[FINDING_FAIL] = 0;
}

const char *waiver_state_name(enum waiver_state v)
{
	static const char *const names[] = { "idle", "used", "expired" };
	return names[v];
}

int posture_exit_status(const struct posture_judgement *judgement)
{
	if (judgement->results[FINDING_FAIL] > 0)
		return 1;
	for (size_t i = 0; i < judgement->count; i++)
		if (judgement->v[i].result == FINDING_NOT_TESTED && judgement->v[i].rule_count > 0)
			return 2;
	return judgement->results[FINDING_NOT_TESTED] == judgement->count ? 2 : 0;
}
