/* MTA-STS: records, policies, and which hosts a policy is for. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/buf.h"
#include "harness/posture/records/mta_sts.h"

static const struct {
	const char *label, *text, *id, *why; /* id: NULL where the record is bad */
} records[] = {
	{ "plain", "v=STSv1; id=20160831085700Z;", "20160831085700Z", NULL },
	{ "tight", "v=STSv1;id=a", "a", NULL },
	{ "white space", "v=STSv1 \t; \tid=a \t", "a", NULL },
	{ "extensions", "v=STSv1; x-y.z_1=!; id=a; id=b", "a", NULL },
	{ "32 characters", "v=STSv1; id=01234567890123456789012345678901", "01234567890123456789012345678901", NULL },
	{ "33 characters", "v=STSv1; id=012345678901234567890123456789012", NULL, "1 to 32" },
	{ "other octets", "v=STSv1; id=2026-11-26", NULL, "1 to 32" },
	{ "space in front", " v=STSv1; id=a", NULL, "begin with v=STSv1" },
	{ "other version", "v=STSv2; id=a", NULL, "begin with v=STSv1" },
	{ "version in other case", "v=stsv1; id=a", NULL, "begin with v=STSv1" },
	{ "nothing", "", NULL, "begin with v=STSv1" },
	{ "no id", "v=STSv1; x=y", NULL, "no id" },
	{ "no field", "v=STSv1; id=a; x", NULL, "no name=value" },
	{ "empty field", "v=STSv1;; id=a", NULL, "no name=value" },
	{ "space in a value", "v=STSv1; id=a; x=y z", NULL, "octets" },
	{ "control character", "v=STSv1; id=a; x=\x01", NULL, "octets" },
};

static void record_gives_an_id_or_says_why_not(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct span id = { 0 };
		const char *why = NULL;
		bool good = mta_sts_record_parse(span_of(records[i].text), &id, &why);
		ROW_ASSERT(records[i].label, good == (records[i].id != NULL));
		ROW_ASSERT(records[i].label, good ? span_is(id, records[i].id) : strstr(why, records[i].why) != NULL);
	}
}

#define HEAD "version: STSv1\n"

static const struct {
	const char *label, *text, *why; /* why: NULL where the policy is good */
	unsigned line;
	enum mta_sts_mode mode;
	uint64_t max_age_s;
	size_t mx;
} policies[] = {
	{ "RFC 8461 section 3.2",
	  HEAD "mode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n",
	  NULL, 0, MTA_STS_ENFORCE, 604800, 3 },
	{ "CRLF", "version: STSv1\r\nmode: testing\r\nmx: a.b\r\nmax_age: 1\r\n", NULL, 0, MTA_STS_TESTING, 1, 1 },
	{ "no last line end", HEAD "mode: none\nmax_age: 0", NULL, 0, MTA_STS_NONE, 0, 0 },
	{ "any order", "max_age: 5\nmode: none\nversion: STSv1\n", NULL, 0, MTA_STS_NONE, 5, 0 },
	{ "the first of two counts", HEAD "mode: none\nmode: enforce\nmax_age: 1\nmax_age: 2\n", NULL, 0, MTA_STS_NONE,
	  1, 0 },
	{ "more than a year", HEAD "mode: none\nmax_age: 9999999999\n", NULL, 0, MTA_STS_NONE, 9999999999, 0 },
	{ "extension in UTF-8", HEAD "mode: none\nmax_age: 1\nnote: caf\xc3\xa9 au lait\n", NULL, 0, MTA_STS_NONE, 1,
	  0 },
	{ "eleven digits", HEAD "mode: none\nmax_age: 00000000001\n", "max_age", 3 },
	{ "negative", HEAD "mode: none\nmax_age: -1\n", "max_age", 3 },
	{ "other version", "version: STSv2\n", "version", 1 },
	{ "unknown mode", HEAD "mode: Enforce\n", "mode", 2 },
	{ "address as mx", HEAD "mode: enforce\nmx: 192.0.2.1.\n", "mx is neither", 3 },
	{ "wildcard within", HEAD "mode: enforce\nmx: a.*.b\n", "mx is neither", 3 },
	{ "wildcard alone", HEAD "mode: enforce\nmx: *\n", "mx is neither", 3 },
	{ "empty line", HEAD "\nmode: none\nmax_age: 1\n", "empty", 2 },
	{ "empty line at the end", HEAD "mode: none\nmax_age: 1\n\n", "empty", 4 },
	{ "a web page", "<!DOCTYPE html>\n<html>\n", "no name: value", 1 },
	{ "carriage return within", HEAD "mode: none\rmax_age: 1\n", "carriage return", 2 },
	{ "bad name", HEAD "_x: y\n", "a name", 2 },
	{ "tab in an extension", HEAD "x: y\tz\n", "a value", 2 },
	{ "octets that are not UTF-8", HEAD "x: \xff\n", "a value", 2 },
	{ "nothing", "", "version is missing", 0 },
	{ "no mode", HEAD "max_age: 1\n", "mode is missing", 0 },
	{ "no max_age", HEAD "mode: none\n", "max_age is missing", 0 },
	{ "no mx", HEAD "mode: testing\nmax_age: 1\n", "mx is missing", 0 },
};

static void policy_is_read_or_says_where_not(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		struct mta_sts_policy policy;
		bool good = mta_sts_policy_parse(span_of(policies[i].text), &policy);
		ROW_ASSERT(policies[i].label, good == !policies[i].why);
		ROW_ASSERT(policies[i].label, good == !policy.why);
		if (good) {
			ROW_ASSERT(policies[i].label, policy.mode == policies[i].mode);
			ROW_ASSERT(policies[i].label, policy.max_age_s == policies[i].max_age_s);
			ROW_ASSERT(policies[i].label, policy.mx_count == policies[i].mx);
		} else {
			ROW_ASSERT(policies[i].label, policy.line == policies[i].line);
			ROW_ASSERT(policies[i].label, strstr(policy.why, policies[i].why));
		}
	}
}

static void policy_of_too_many_hosts_is_refused(void **state)
{
	struct buf text = BUF_INIT(MTA_STS_POLICY_MAX);
	struct mta_sts_policy policy;
	buf_add_str(&text, HEAD "mode: enforce\nmax_age: 1\n");
	for (int i = 0; i < MTA_STS_MX_MAX; i++)
		buf_add_str(&text, "mx: a.b\n");
	assert_true(mta_sts_policy_parse(buf_span(&text), &policy));
	buf_add_str(&text, "mx: a.b\n");
	assert_false(mta_sts_policy_parse(buf_span(&text), &policy));
	buf_fini(&text);
}

static void pattern_is_for_a_host_or_one_label_below(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool matches;
	} rows[] = {
		{ "mail.example.com", "mail.example.com", true },
		{ "Mail.Example.com", "mail.example.COM", true },
		{ "mail.example.com", "mail2.example.com", false },
		{ "mail.example.com", "example.com", false },
		{ "*.example.com", "mail.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "mail.example.net", false },
		{ "*.com", "com", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mta_sts_policy policy = { .mx = { span_of(rows[i].pattern) }, .mx_count = 1 };
		ROW_ASSERT(rows[i].host, mta_sts_policy_matches(&policy, rows[i].host) == rows[i].matches);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_gives_an_id_or_says_why_not),
		cmocka_unit_test(policy_is_read_or_says_where_not),
		cmocka_unit_test(policy_of_too_many_hosts_is_refused),
		cmocka_unit_test(pattern_is_for_a_host_or_one_label_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
