/* Findings under rules and waivers on a day. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/judge/posture.h"
#include "harness/model/facts.h"

/* Three rules: one that fails, one that warns, one that holds only from 2026-05-01. */
static const char pack[] =
    "[rule own.tls]\ntext = T\nsince = 2024-02-01\nseverity = fail\nsource = S\nfindings = mx.starttls, spf.*\n"
    "[rule own.strict]\ntext = T\nsince = 2024-02-01\nseverity = fail\nsource = S\nfindings = mx.starttls\n"
    "[rule own.soft]\ntext = T\nsince = 2024-02-01\nseverity = warn\nsource = S\nfindings = ptr.confirmed\n"
    "[rule own.later]\ntext = T\nsince = 2026-05-01\nseverity = fail\nsource = S\nfindings = dmarc.record\n";

static const struct row {
	const char *label, *id;
	enum finding_state state;
	const char *waivers[2];
	const char *at;
	enum finding_result result;
	size_t rules;
	const char *note;
	enum waiver_state waiver;
} rows[] = {
	{ "a good finding passes", "mx.starttls", FINDING_GOOD, { 0 }, "2026-01-01", FINDING_PASS, 2, "", 0 },
	{ "a good finding that nobody demands passes",
	  "bimi.record",
	  FINDING_GOOD,
	  { 0 },
	  "2026-01-01",
	  FINDING_PASS,
	  0,
	  "",
	  0 },
	{ "a bad one fails", "mx.starttls", FINDING_BAD, { 0 }, "2026-01-01", FINDING_FAIL, 2, "", 0 },
	{ "by a pattern as well", "spf.record", FINDING_BAD, { 0 }, "2026-01-01", FINDING_FAIL, 1, "", 0 },
	{ "a rule that warns", "ptr.confirmed", FINDING_BAD, { 0 }, "2026-01-01", FINDING_WARN, 1, "", 0 },
	{ "a bad one that nobody demands warns",
	  "bimi.record",
	  FINDING_BAD,
	  { 0 },
	  "2026-01-01",
	  FINDING_WARN,
	  0,
	  "",
	  0 },
	{ "an open one is not tested", "mx.starttls", FINDING_OPEN, { 0 }, "2026-01-01", FINDING_NOT_TESTED, 2, "", 0 },
	{ "before its day a rule warns",
	  "dmarc.record",
	  FINDING_BAD,
	  { 0 },
	  "2026-04-30",
	  FINDING_WARN,
	  1,
	  "own.later holds from 2026-05-01",
	  0 },
	{ "from its day on it fails", "dmarc.record", FINDING_BAD, { 0 }, "2026-05-01", FINDING_FAIL, 1, "", 0 },
	{ "a waived finding warns",
	  "mx.starttls",
	  FINDING_BAD,
	  { "mx.starttls until 2026-12-31 because we move" },
	  "2026-12-31T23:59:59Z",
	  FINDING_WARN,
	  2,
	  "mx.starttls is waived until 2026-12-31: we move",
	  WAIVER_USED },
	{ "the waiver ends by itself",
	  "mx.starttls",
	  FINDING_BAD,
	  { "mx.starttls until 2026-12-31 because we move" },
	  "2027-01-01",
	  FINDING_FAIL,
	  2,
	  "the waiver of mx.starttls ended on 2026-12-31",
	  WAIVER_EXPIRED },
	{ "a waived rule leaves the others",
	  "mx.starttls",
	  FINDING_BAD,
	  { "own.tls until 2026-12-31 because a" },
	  "2026-01-01",
	  FINDING_FAIL,
	  2,
	  "own.tls is waived until 2026-12-31: a",
	  WAIVER_USED },
	{ "all rules waived",
	  "mx.starttls",
	  FINDING_BAD,
	  { "own.tls until 2026-12-31 because a", "own.strict until 2026-06-30 because b" },
	  "2026-01-01",
	  FINDING_WARN,
	  2,
	  "own.tls is waived until 2026-12-31: a; own.strict is waived until 2026-06-30: b",
	  WAIVER_USED },
	{ "what is waived need not be tested",
	  "mx.starttls",
	  FINDING_OPEN,
	  { "mx.starttls until 2026-12-31 because c" },
	  "2026-01-01",
	  FINDING_WARN,
	  2,
	  "mx.starttls is waived until 2026-12-31: c",
	  WAIVER_USED },
	{ "a good finding needs no waiver",
	  "mx.starttls",
	  FINDING_GOOD,
	  { "mx.starttls until 2026-12-31 because d" },
	  "2026-01-01",
	  FINDING_PASS,
	  2,
	  "",
	  WAIVER_IDLE },
	{ "a waiver of something else",
	  "mx.starttls",
	  FINDING_BAD,
	  { "mx.start until 2026-12-31 because e" },
	  "2026-01-01",
	  FINDING_FAIL,
	  2,
	  "",
	  WAIVER_IDLE },
};

static void load(struct rules *rules)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	assert_int_equal(ini_read_span("own.ini", span_of(pack), &ini, &err), 0);
	if (rules_add(rules, ini, &err) < 0)
		fail_msg("%s", err.text);
	ini_free(ini);
}

static void add(struct findings *findings, const char *id, enum finding_state state)
{
	struct error err = ERROR_INIT;
	const struct finding f = {
		fact_lend(id), fact_lend("example.org"), state, fact_lend("seen"), fact_lend(""), 1
	};
	assert_int_equal(findings_add(findings, &f, &err), 0);
}

static void findings_are_judged_by_rules_waivers_and_the_day(void **state)
{
	_cleanup_(rules_fini) struct rules rules = { 0 };
	load(&rules);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct error err = ERROR_INIT;
		_cleanup_(findings_fini) struct findings findings = { 0 };
		_cleanup_(waivers_fini) struct waivers waivers = { 0 };
		_cleanup_(posture_judgement_fini) struct posture_judgement judgement = { 0 };
		int64_t at = 0;
		add(&findings, row->id, row->state);
		for (size_t w = 0; w < ARRAY_LEN(row->waivers) && row->waivers[w]; w++)
			ROW_ASSERT(row->label, waivers_add(&waivers, span_of(row->waivers[w]), &err) == 0);
		ROW_ASSERT(row->label, time_parse(span_of(row->at), &at));
		ROW_ASSERT(row->label, judge_posture(&findings, &rules, &waivers, at, &judgement, &err) == 0);
		ROW_ASSERT(row->label, judgement.count == 1);
		ROW_ASSERT_STRING(row->label, finding_result_name(judgement.v[0].result),
				  finding_result_name(row->result));
		ROW_ASSERT(row->label, judgement.v[0].rule_count == row->rules);
		ROW_ASSERT_STRING(row->label, judgement.v[0].note, row->note);
		ROW_ASSERT(row->label, judgement.results[row->result] == 1);
		for (size_t w = 0; w < waivers.count; w++)
			ROW_ASSERT(row->label, judgement.waiver_states[w] == row->waiver);
	}
}

static void the_exit_status_is_that_of_the_worst(void **state)
{
	static const struct {
		const char *label;
		enum finding_state tls, bimi;
		int status;
	} cases[] = {
		{ "all good", FINDING_GOOD, FINDING_GOOD, 0 },
		{ "a warning", FINDING_GOOD, FINDING_BAD, 0 },
		{ "not tested", FINDING_OPEN, FINDING_GOOD, 2 },
		{ "not tested, but nobody demands it", FINDING_GOOD, FINDING_OPEN, 0 },
		{ "nothing was tested", FINDING_OPEN, FINDING_OPEN, 2 },
		{ "a failure", FINDING_BAD, FINDING_OPEN, 1 },
	};
	_cleanup_(rules_fini) struct rules rules = { 0 };
	const struct waivers waivers = { 0 };
	struct error err = ERROR_INIT;
	load(&rules);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		_cleanup_(posture_judgement_fini) struct posture_judgement judgement = { 0 };
		add(&findings, "mx.starttls", cases[i].tls);
		add(&findings, "bimi.record", cases[i].bimi);
		assert_int_equal(judge_posture(&findings, &rules, &waivers, INT64_C(1800000000000), &judgement, &err),
				 0);
		ROW_ASSERT(cases[i].label, posture_exit_status(&judgement) == cases[i].status);
	}
	_cleanup_(posture_judgement_fini) struct posture_judgement nothing = { 0 };
	assert_int_equal(judge_posture(&(struct findings){ 0 }, &rules, &waivers, 0, &nothing, &err), 0);
	assert_int_equal(posture_exit_status(&nothing), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_judged_by_rules_waivers_and_the_day),
		cmocka_unit_test(the_exit_status_is_that_of_the_worst),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
