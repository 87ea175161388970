/* Findings as text and as JSON. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "harness/base/utf8.h"
#include "harness/report/check.h"
#include "tests/unit/json_paths.h"
#include "tests/unit/report_sample.h"

enum { OUT_MAX = 1024 * 1024 };

static struct check_report report_of(const struct sample *s)
{
	return (struct check_report){ .domain = "example.org",
				      .at_ms = INT64_C(1795426200000),
				      .zone = "new.zone",
				      .judgement = &s->posture,
				      .questions = 120,
				      .connections = 14,
				      .took_ms = 800 };
}

static void write_text(bool colour, struct buf *out)
{
	struct sample s;
	struct error err = ERROR_INIT;
	sample_init(&s);
	const struct check_report report = report_of(&s);
	assert_int_equal(report_check_text(&report, colour, out, &err), 0);
	sample_fini(&s);
}

static void text_is_grouped_and_says_what_to_mend(void **state)
{
	static const char expected[] =
	    "example.org, 2026-11-23T09:30:00.000Z, with the records of new.zone\n\n"
	    "mx\n"
	    "  warn        mx.ipv6       mx.example.org     no AAAA record\n"
	    "  fail        mx.starttls   mx.example.org     no STARTTLS in EHLO\n"
	    "spf\n"
	    "  not-tested  spf.strings   example.org        TXT: timed out after 5 s\n"
	    "dkim\n"
	    "  pass        dkim.present  s1 of example.org  \\x1b[2J\\x0d\\x0a\"\\xff\\xc3(\\u{202e}<&,;\n"
	    "dmarc\n"
	    "  warn        dmarc.policy  example.org        p=none\n"
	    "\nNot pass, and what to do:\n\n"
	    "fail        mx.starttls  mx.example.org\n"
	    "    Seen: no STARTTLS in EHLO\n"
	    "    Mend: turn STARTTLS on\n"
	    "    Rules: own.tls\n"
	    "not-tested  spf.strings  example.org\n"
	    "    Seen: TXT: timed out after 5 s\n"
	    "    Note: the waiver of spf.strings ended on 2026-01-31\n"
	    "    Rules: own.tls\n"
	    "warn        mx.ipv6  mx.example.org\n"
	    "    Seen: no AAAA record\n"
	    "    Mend: publish mx.example.org. 3600 IN AAAA ADDRESS\n"
	    "    Note: mx.ipv6 is waived until 2027-06-30: the line comes in spring\n"
	    "warn        dmarc.policy  example.org\n"
	    "    Seen: p=none\n"
	    "    Mend: publish _dmarc.example.org. 3600 IN TXT \"v=DMARC1; p=reject\"\n"
	    "    Note: own.soon holds from 2027-01-01\n"
	    "    Rules: own.soon\n"
	    "\nRules that are not met, or not tested:\n\n"
	    "own.tls  fail from 2024-02-01: Mail is handed over with TLS.\n"
	    "    https://example.org/rules\n"
	    "own.soon  fail from 2027-01-01: The policy is reject.\n"
	    "    https://example.org/rules\n"
	    "\nWaivers\n"
	    "  mx.ipv6 until 2027-06-30 because the line comes in spring: used\n"
	    "  dmarc.sp until 2027-06-30 because of nothing: idle\n"
	    "  spf.strings until 2026-01-31 because we move: expired\n"
	    "\n5 findings: 1 pass, 2 warn, 1 not-tested, 1 fail\n"
	    "120 questions to the DNS, 14 connections, 800 ms\n";
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	write_text(false, &out);
	assert_string_equal(buf_str(&out), expected);
}

static void colour_is_given_only_on_demand(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	write_text(true, &out);
	assert_non_null(strstr(buf_str(&out), "\x1b[1;31mfail\x1b[0m"));
	assert_non_null(strstr(buf_str(&out), "\x1b[35mnot-tested\x1b[0m"));
}

static json_t *read_json(struct buf *out)
{
	struct sample s;
	struct error err = ERROR_INIT;
	sample_init(&s);
	const struct check_report report = report_of(&s);
	assert_int_equal(report_check_json(&report, out, &err), 0);
	sample_fini(&s);
	assert_true(utf8_valid(buf_span(out)));
	json_t *root = json_loads(buf_str(out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static void json_holds_the_result_of_every_finding(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	json_t *root = read_json(&out);
	json_t *findings = json_object_get(root, "findings"), *fail = json_array_get(findings, 1);
	assert_int_equal(json_array_size(findings), 5);
	assert_string_equal(json_string_value(json_object_get(fail, "id")), "mx.starttls");
	assert_string_equal(json_string_value(json_object_get(fail, "subject")), "mx.example.org");
	assert_string_equal(json_string_value(json_object_get(fail, "result")), "fail");
	assert_string_equal(json_string_value(json_array_get(json_object_get(fail, "rules"), 0)), "own.tls");
	assert_string_equal(json_string_value(json_object_get(fail, "mend")), "turn STARTTLS on");
	assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "counts"), "not-tested")), 1);
	json_decref(root);
}

static void members_are_documented_and_nothing_else(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	json_t *root = read_json(&out);
	json_paths_assert_documented(root, NULL, "doc/check.md", CHECK_SCHEMA);
	json_decref(root);
}

static void a_report_that_does_not_fit_is_an_error(void **state)
{
	struct sample s;
	sample_init(&s);
	const struct check_report report = report_of(&s);
	for (int json = 0; json <= 1; json++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(200);
		struct error err = ERROR_INIT;
		int result = json ? report_check_json(&report, &out, &err)
				  : report_check_text(&report, false, &out, &err);
		assert_int_equal(result, -1);
		assert_int_equal(err.kind, ERROR_LIMIT);
	}
	sample_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_grouped_and_says_what_to_mend),
		cmocka_unit_test(colour_is_given_only_on_demand),
		cmocka_unit_test(json_holds_the_result_of_every_finding),
		cmocka_unit_test(members_are_documented_and_nothing_else),
		cmocka_unit_test(a_report_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
