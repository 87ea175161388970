/* Findings as text. They are escaped already, as all texts of rules and waivers are. */
#include "harness/report/check.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/report/style.h"

enum { SUBJECT_WIDTH_MAX = 40, DATE_LEN = 10 };

static enum verdict verdict_of(enum finding_result result)
{
	static const enum verdict verdicts[FINDING_RESULT_COUNT] = {
		[FINDING_PASS] = VERDICT_PASS,
		[FINDING_WARN] = VERDICT_WARN,
		[FINDING_NOT_TESTED] = VERDICT_UNKNOWN,
		[FINDING_FAIL] = VERDICT_FAIL,
	};
	return verdicts[result];
}

static struct span check_group_of(const struct finding *finding)
{
	struct span rest = span_of(finding->id), group = { NULL, 0 };
	span_next(&rest, '.', &group);
	return group;
}

static void pad(struct buf *out, size_t taken, size_t width)
{
	buf_addf(out, "%*s", (int)(taken < width ? width - taken : 0) + 2, "");
}

static void add_result(struct buf *out, enum finding_result result, bool colour)
{
	const char *name = finding_result_name(result);
	style_add_verdict(out, colour, verdict_of(result), name);
	pad(out, strlen(name), strlen(finding_result_name(FINDING_NOT_TESTED)));
}

/* Columns that ids and subjects take; a subject that is far too long does not move the others. */
static void measure(const struct posture_judgement *judgement, size_t *ret_id, size_t *ret_subject)
{
	*ret_id = *ret_subject = 0;
	for (size_t i = 0; i < judgement->count; i++) {
		size_t id = strlen(judgement->v[i].finding->id);
		size_t subject = utf8_columns(span_of(judgement->v[i].finding->subject));
		*ret_id = id > *ret_id ? id : *ret_id;
		*ret_subject = subject > *ret_subject && subject <= SUBJECT_WIDTH_MAX ? subject : *ret_subject;
	}
}

static void add_lines(struct buf *out, const struct posture_judgement *judgement, bool colour)
{
	size_t id_width, subject_width;
	struct span group = { NULL, 0 };
	measure(judgement, &id_width, &subject_width);
	for (size_t i = 0; i < judgement->count; i++) {
		const struct finding *f = judgement->v[i].finding;
		if (!span_eq(group, check_group_of(f))) {
			group = check_group_of(f);
			buf_addf(out, "%.*s\n", SPAN_ARG(group));
		}
		buf_add_str(out, "  ");
		add_result(out, judgement->v[i].result, colour);
		buf_add_str(out, f->id);
		pad(out, strlen(f->id), id_width);
		buf_add_str(out, f->subject);
		pad(out, utf8_columns(span_of(f->subject)), subject_width);
		buf_addf(out, "%s\n", f->evidence);
	}
}

/* `spf         20 pass, 1 warn` */
static void add_groups(struct buf *out, const struct posture_judgement *judgement, bool colour)
{
	for (size_t i = 0, next; i < judgement->count; i = next) {
		size_t counts[FINDING_RESULT_COUNT] = { 0 };
		struct span group = check_group_of(judgement->v[i].finding);
		for (next = i; next < judgement->count && span_eq(group, check_group_of(judgement->v[next].finding));
		     next++)
			counts[judgement->v[next].result]++;
		buf_addf(out, "  %-10.*s", SPAN_ARG(group));
		const char *gap = " ";
		for (int result = 0; result < FINDING_RESULT_COUNT; result++) {
			if (counts[result] == 0)
				continue;
			buf_addf(out, "%s%zu ", gap, counts[result]);
			style_add_verdict(out, colour, verdict_of((enum finding_result)result),
					  finding_result_name((enum finding_result)result));
			gap = ", ";
		}
		buf_add_char(out, '\n');
	}
}

static void add_mend(struct buf *out, const struct finding_judgement *v, bool colour)
{
	const struct finding *f = v->finding;
	add_result(out, v->result, colour);
	buf_addf(out, "%s  %s\n", f->id, f->subject);
	style_add(out, "    Seen: ", f->evidence, "\n");
	style_add(out, "    Mend: ", f->mend, "\n");
	style_add(out, "    Note: ", v->note, "\n");
	for (size_t i = 0; i < v->rule_count; i++)
		buf_addf(out, "%s%s", i ? ", " : "    Rules: ", v->rules[i]->id);
	if (v->rule_count > 0)
		buf_add_char(out, '\n');
}

/* Worst first. */
static void add_mends(struct buf *out, const struct posture_judgement *judgement, bool colour)
{
	if (judgement->results[FINDING_PASS] < judgement->count)
		buf_add_str(out, "\nNot pass, and what to do:\n\n");
	for (int result = FINDING_RESULT_COUNT - 1; result > FINDING_PASS; result--)
		for (size_t i = 0; i < judgement->count; i++)
			if ((int)judgement->v[i].result == result)
				add_mend(out, &judgement->v[i], colour);
}

/* Whether something that does not pass is demanded by the rule. */
static bool is_broken(const struct posture_judgement *judgement, const struct rule *rule)
{
	for (size_t i = 0; i < judgement->count; i++)
		for (size_t r = 0; r < judgement->v[i].rule_count && judgement->v[i].result != FINDING_PASS; r++)
			if (judgement->v[i].rules[r] == rule)
				return true;
	return false;
}

/* Once each, however many findings they demand. */
static void add_rules(struct buf *out, const struct posture_judgement *judgement)
{
	const char *heading = "\nRules that are not met, or not tested:\n\n";
	for (size_t i = 0; i < judgement->rules->count; i++) {
		const struct rule *rule = &judgement->rules->v[i];
		char date[TIME_TEXT_MAX];
		if (!is_broken(judgement, rule))
			continue;
		buf_addf(out, "%s%s  %s from %.*s: %s\n    %s\n", heading, rule->id, rule->fails ? "fail" : "warn",
			 DATE_LEN, time_rfc3339(rule->since_ms, date), rule->text, rule->source);
		heading = "";
	}
}

static void add_waivers(struct buf *out, const struct posture_judgement *judgement)
{
	const struct waivers *waivers = judgement->waivers;
	if (waivers->count > 0)
		buf_add_str(out, "\nWaivers\n");
	for (size_t i = 0; i < waivers->count; i++) {
		char date[TIME_TEXT_MAX];
		buf_addf(out, "  %s until %.*s because %s: %s\n", waivers->v[i].id, DATE_LEN,
			 time_rfc3339(waivers->v[i].until_ms - 1, date), waivers->v[i].because,
			 waiver_state_name(judgement->waiver_states[i]));
	}
}

static void add_counts(struct buf *out, const struct posture_judgement *judgement)
{
	buf_addf(out, "\n%zu finding%s:", judgement->count, judgement->count == 1 ? "" : "s");
	for (int result = 0; result < FINDING_RESULT_COUNT; result++)
		buf_addf(out, "%s %zu %s", result ? "," : "", judgement->results[result],
			 finding_result_name((enum finding_result)result));
	buf_add_char(out, '\n');
}

void check_add_summary(struct buf *out, const struct posture_judgement *judgement, bool colour)
{
	add_groups(out, judgement, colour);
	add_mends(out, judgement, colour);
	add_rules(out, judgement);
	add_waivers(out, judgement);
	add_counts(out, judgement);
}

int report_check_text(const struct check_report *report, bool colour, struct buf *out, struct error *err)
{
	char time[TIME_TEXT_MAX], took[TIME_TEXT_MAX];
	text_add_escaped(out, span_of(report->domain));
	buf_addf(out, ", %s", time_rfc3339(report->at_ms, time));
	style_add(out, ", with the records of ", report->zone, "");
	buf_add_str(out, "\n\n");
	add_lines(out, report->judgement, colour);
	add_mends(out, report->judgement, colour);
	add_rules(out, report->judgement);
	add_waivers(out, report->judgement);
	add_counts(out, report->judgement);
	buf_addf(out, "%zu questions to the DNS, %zu connections, %s\n", report->questions, report->connections,
		 duration_words(report->took_ms, took));
	return buf_check(out, "the findings", err);
}
