/* The evaluation of a single message as text and as JSON. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "harness/base/utf8.h"
#include "harness/report/evaluation.h"
#include "harness/report/verify.h"
#include "tests/unit/json_paths.h"
#include "tests/unit/report_sample.h"

enum { OUT_MAX = 1024 * 1024 };

static void write_report(int which, bool json, struct buf *out)
{
	struct sample s;
	struct error err = ERROR_INIT;
	sample_init(&s);
	const struct verify_report report = { .file = which == SAMPLE_HOSTILE ? SAMPLE_HOSTILE_TEXT : "message.eml",
					      .at_ms = 1795426200000,
					      .evaluation = &s.matrix.rows[which].evaluation,
					      .trace = &s.matrix.rows[which].trace };
	assert_int_equal((json ? report_verify_json : report_verify_text)(&report, out, &err), 0);
	sample_fini(&s);
}

static void members_are_documented_and_nothing_else(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	write_report(SAMPLE_DELIVERED, true, &out);
	json_t *root = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_paths_assert_documented(root, NULL, "doc/verify.md", VERIFY_SCHEMA);
	json_decref(root);
}

static void spf_that_was_not_evaluated_is_null(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	const struct spf_evaluation none = { .result = AUTH_UNKNOWN };
	assert_int_equal(report_spf_json(&none, &out, &err), 0);
	assert_string_equal(buf_str(&out), "null\n");
}

static void hostile_octets_do_not_come_through(void **state)
{
	for (int json = 0; json <= 1; json++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
		write_report(SAMPLE_HOSTILE, json, &out);
		assert_true(utf8_valid(buf_span(&out)));
		for (size_t i = 0; i < out.len; i++)
			assert_true(out.p[i] == '\n' || (unsigned char)out.p[i] >= 0x20);
	}
}

static void the_trail_is_a_tree_with_its_lookups_counted(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	write_report(SAMPLE_DELIVERED, false, &out);
	static const char *const lines[] = {
		"  SPF pass for mailfrom of example.gov.uk from 192.0.2.1: matches ip4:192.0.2.0/24 (RFC 7208 section "
		"5.6)\n",
		"     1  include:_spf.example.net: matches  [TXT _spf.example.net: 1 record, TTL 300]\n",
		"          ip4:192.0.2.0/24: matches 192.0.2.0/24\n",
		"    1 of 10 DNS lookups, 0 of 2 void lookups\n",
		"  DKIM pass for example.gov.uk, selector s1, rsa-sha256 with a key of 2048 bits: the signature "
		"verifies\n",
		"  DMARC by RFC 9989: pass",
		"  DMARC by RFC 7489: pass",
		"  ARC none",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (!strstr(buf_str(&out), lines[i]))
			fail_msg("there is no line\n%sin\n%s", lines[i], buf_str(&out));
}

static void a_client_without_helo_is_said_to_have_none(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1 << 20);
	char empty[] = "", from[] = "a@example.org", domain[] = "example.org";
	struct spf_evaluation e = { .evaluated = true, .helo = empty, .mail_from = from, .domain = domain };
	evaluation_add_spf(&out, &e);
	assert_non_null(strstr(buf_str(&out), "\n    HELO not known, MAIL FROM a@example.org, as given\n"));
	e.helo = NULL;
	buf_clear(&out);
	evaluation_add_spf(&out, &e);
	assert_non_null(strstr(buf_str(&out), "\n    HELO not known, MAIL FROM a@example.org, as given\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_documented_and_nothing_else),
		cmocka_unit_test(spf_that_was_not_evaluated_is_null),
		cmocka_unit_test(hostile_octets_do_not_come_through),
		cmocka_unit_test(the_trail_is_a_tree_with_its_lookups_counted),
		cmocka_unit_test(a_client_without_helo_is_said_to_have_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
