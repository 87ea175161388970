/* Changes of the DNS, and who sees them, as text and as JSON. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "harness/report/dns.h"
#include "tests/unit/json_paths.h"

enum { OUT_MAX = 100000 };

#define TEXT(literal) (char *)(uintptr_t)(literal)

static const int64_t then_ms = INT64_C(1795426200000);

static struct run_summary older = {
	.id = 3, .label = TEXT("before"), .created_ms = INT64_C(1795426200000), .finished = true, .probes = 0
};

static struct dns_change change_rows[] = {
	{ TEXT("example.org"), DNS_TXT, "SPF",
	  TEXT("include:_spf.old.example removed: 203.0.113.0/24 is no longer allowed"), false },
	{ TEXT("example.org"), DNS_TXT, "SPF", TEXT("TTL changed: 300 s became 60 s"), false },
	{ TEXT("example.org"), DNS_MX, "mail servers", TEXT("not known: the newer look had no answer"), true },
};

static const struct dns_changes changes = { change_rows, ARRAY_LEN(change_rows), ARRAY_LEN(change_rows) };

static struct visibility_row server_rows[] = {
	{ TEXT("ns1.example.org 192.0.2.1"), true, VISIBILITY_NEW, 0, TEXT("") },
	{ TEXT("192.0.2.9"), false, VISIBILITY_OLD, 62, TEXT("example.org TXT: v=spf1 -all") },
	{ TEXT("192.0.2.10"), false, VISIBILITY_UNKNOWN, 0, TEXT("example.org TXT: timed out") },
	{ TEXT("ns1.example.org 2001:db8::1"), true, VISIBILITY_SKIPPED, 0, TEXT("") },
};

static struct visibility sample_visibility(void)
{
	return (struct visibility){ .rows = server_rows,
				    .count = ARRAY_LEN(server_rows),
				    .questions = 12,
				    .at_ms = then_ms,
				    .rerun_ms = then_ms + 62000,
				    .policy_changed = true };
}

static void changes_stand_under_their_records(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	const struct dns_diff_report report = { "example.org", &older, NULL, then_ms, &changes };
	assert_int_equal(report_dns_diff_text(&report, &out, &err), 0);
	assert_string_equal(buf_str(&out), "example.org\n"
					   "  from Run 3 \"before\", 2026-11-23T09:30:00.000Z, finished\n"
					   "  to   the DNS of 2026-11-23T09:30:00.000Z\n\n"
					   "SPF: example.org TXT\n"
					   "  include:_spf.old.example removed: 203.0.113.0/24 is no longer allowed\n"
					   "  TTL changed: 300 s became 60 s\n\n"
					   "mail servers: example.org MX\n"
					   "  not known: the newer look had no answer\n\n"
					   "2 changes, 1 not known\n");
}

static void servers_are_listed_with_what_they_have(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	const struct visibility v = sample_visibility();
	assert_int_equal(report_visibility_text(&v, &out, &err), 0);
	assert_string_equal(
	    buf_str(&out),
	    "  authoritative  ns1.example.org 192.0.2.1    new\n"
	    "  resolver       192.0.2.9                    old, for 1 min 2 s more  example.org TXT: v=spf1 "
	    "-all\n"
	    "  resolver       192.0.2.10                   no answer  example.org TXT: timed out\n"
	    "  authoritative  ns1.example.org 2001:db8::1  cannot be asked from here\n");
}

static void the_sentence_says_when_to_run_again(void **state)
{
	static const struct {
		const char *label;
		bool visible, policy_changed;
		int64_t in_ms; /* -1: not known */
		int64_t kept_ms, age_s;
		const char *expected;
	} rows[] = {
		{ "now", true, false, 0, 0, 0, "A rerun means something now." },
		{ "later", true, false, 62000, 62000, 0,
		  "A rerun means something from 2026-11-23T09:31:02.000Z, in 1 min 2 s: until then a cache may have "
		  "the "
		  "old answer." },
		{ "authority", false, false, -1, 0, 0,
		  "Not yet: not every authoritative server gives the new answer." },
		{ "authority with a cache", false, false, -1, 62000, 0,
		  "Not yet: not every authoritative server gives the new answer, and caches may keep the old one until "
		  "2026-11-23T09:31:02.000Z at least." },
		{ "resolver", false, false, 0, 0, 0, "Not yet: not every resolver gives the new answer." },
		{ "policy", true, true, 0, 0, 0,
		  "A rerun means something now. The MTA-STS policy changed: who has the old one may keep to it for its "
		  "max_age." },
		{ "policy whose age is known", true, true, 0, 0, 604800,
		  "A rerun means something now. The MTA-STS policy changed: who has the old one may keep to it for its "
		  "max_age, which is 604800 s in the policy that is served now." },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
		const struct visibility v = { .at_ms = then_ms,
					      .visible = rows[i].visible,
					      .kept_until_ms = rows[i].kept_ms ? then_ms + rows[i].kept_ms : 0,
					      .policy_changed = rows[i].policy_changed,
					      .policy_age_s = rows[i].age_s,
					      .rerun_ms = rows[i].in_ms < 0 ? 0 : then_ms + rows[i].in_ms };
		report_visibility_sentence(&v, &out);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].expected);
	}
}

static void members_are_documented_and_nothing_else(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(OUT_MAX);
	const struct dns_diff_report report = { "example.org", &older, NULL, then_ms, &changes };
	const struct visibility v = sample_visibility();
	assert_int_equal(report_dns_diff_json(&report, &out, &err), 0);
	json_t *root = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_paths_assert_documented(root, NULL, "doc/dns-diff.md", DNS_DIFF_SCHEMA);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "from"), "run")), 3);
	assert_true(json_is_null(json_object_get(json_object_get(root, "to"), "run")));
	json_decref(root);
	buf_clear(&out);
	assert_int_equal(report_visibility_json(&v, &out, &err), 0);
	root = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_paths_assert_documented(root, NULL, "doc/dns-wait.md", DNS_WAIT_SCHEMA);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_stand_under_their_records),
		cmocka_unit_test(servers_are_listed_with_what_they_have),
		cmocka_unit_test(the_sentence_says_when_to_run_again),
		cmocka_unit_test(members_are_documented_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
