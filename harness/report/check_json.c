/* Findings as JSON. */
#include "harness/report/check_json.h"

#include "harness/report/check.h"

static json_t *finding(struct writer *w, const struct finding_judgement *v)
{
	json_t *o = json_object(), *rules = json_array();
	writer_put(w, o, "id", writer_text(v->finding->id));
	writer_put(w, o, "subject", writer_text(v->finding->subject));
	writer_put(w, o, "result", json_string(finding_result_name(v->result)));
	writer_put(w, o, "state", json_string(finding_state_name(v->finding->state)));
	for (size_t i = 0; i < v->rule_count; i++)
		writer_put(w, rules, NULL, writer_text(v->rules[i]->id));
	writer_put(w, o, "rules", rules);
	writer_put(w, o, "evidence", writer_text(v->finding->evidence));
	writer_put(w, o, "mend", writer_word(v->finding->mend));
	writer_put(w, o, "note", writer_word(v->note));
	writer_put(w, o, "at", writer_time(v->finding->at_ms));
	return o;
}

static json_t *rule(struct writer *w, const struct rule *r)
{
	json_t *o = json_object();
	writer_put(w, o, "id", writer_text(r->id));
	writer_put(w, o, "text", writer_text(r->text));
	writer_put(w, o, "since", writer_time(r->since_ms));
	writer_put(w, o, "severity", json_string(r->fails ? "fail" : "warn"));
	writer_put(w, o, "source", writer_text(r->source));
	return o;
}

static json_t *waiver(struct writer *w, const struct waiver *v, enum waiver_state state)
{
	json_t *o = json_object();
	writer_put(w, o, "id", writer_text(v->id));
	writer_put(w, o, "until", writer_time(v->until_ms));
	writer_put(w, o, "because", writer_text(v->because));
	writer_put(w, o, "state", json_string(waiver_state_name(state)));
	return o;
}

void check_put_findings(struct writer *w, json_t *to, const struct posture_judgement *judgement)
{
	json_t *findings = json_array(), *rules = json_array(), *waivers = json_array(), *counts = json_object();
	for (size_t i = 0; i < judgement->count; i++)
		writer_put(w, findings, NULL, finding(w, &judgement->v[i]));
	for (size_t i = 0; i < judgement->rules->count; i++)
		writer_put(w, rules, NULL, rule(w, &judgement->rules->v[i]));
	for (size_t i = 0; i < judgement->waivers->count; i++)
		writer_put(w, waivers, NULL, waiver(w, &judgement->waivers->v[i], judgement->waiver_states[i]));
	for (int result = 0; result < FINDING_RESULT_COUNT; result++)
		writer_put(w, counts, finding_result_name((enum finding_result)result),
			   json_integer((json_int_t)judgement->results[result]));
	writer_put(w, to, "counts", counts);
	writer_put(w, to, "findings", findings);
	writer_put(w, to, "rules", rules);
	writer_put(w, to, "waivers", waivers);
}

int report_check_json(const struct check_report *report, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = json_object(), *cost = json_object();
	writer_put(&w, root, "schema", json_integer(CHECK_SCHEMA));
	writer_put(&w, root, "domain", writer_text(report->domain));
	writer_put(&w, root, "at", writer_time(report->at_ms));
	writer_put(&w, root, "zone", writer_text(report->zone));
	writer_put(&w, root, "exit_status", json_integer(posture_exit_status(report->judgement)));
	writer_put(&w, cost, "questions", json_integer((json_int_t)report->questions));
	writer_put(&w, cost, "connections", json_integer((json_int_t)report->connections));
	writer_put(&w, cost, "took_ms", json_integer(report->took_ms));
	writer_put(&w, root, "cost", cost);
	check_put_findings(&w, root, report->judgement);
	return writer_end(&w, root, "the findings", out, err);
}
