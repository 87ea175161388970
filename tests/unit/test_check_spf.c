/* SPF of the sending domain: one fault at a time in a zone where all is right. */
#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/posture/spf/checks.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "spf", check_spf } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

static const char zone[] = "example.org. SOA ns. root. 1 2 3 4 50\n"
			   "example.org. TXT \"v=spf1 ip4:192.0.2.0/28 include:a.example ~all\"\n"
			   "example.org. TXT \"something else\"\n"
			   "example.org. MX 10 mx.example.org.\n"
			   "mx.example.org. A 192.0.2.9\n"
			   "a.example. TXT \"v=spf1 a:host.example include:b.example -all\"\n"
			   "b.example. TXT \"v=spf1 mx:\" \"example.org ip6:2001:db8::/32 -all\"\n"
			   "host.example. A 192.0.2.77\n"
			   "softly.example. TXT \"v=spf1 ip4:192.0.2.99 ?all\"\n"
			   "anyone.example. TXT \"v=spf1 +all\"\n"
			   "loop.example. TXT \"v=spf1 include:c.example -all\"\n"
			   "c.example. TXT \"v=spf1 include:loop.example -all\"\n"
			   "seven.example. TXT \"v=spf1 mx:example.org mx:example.org mx:example.org mx:example.org "
			   "mx:example.org mx:example.org mx:example.org -all\"\n";

static const struct posture_sender senders[] = { { .ip = { .octets = { 192, 0, 2, 1 } }, .helo = "mx.example.org" },
						 { .ip = { .octets = { 192, 0, 2, 77 } } } };

static const struct posture_params params = { .domain = "example.org",
					      .senders = senders,
					      .sender_count = ARRAY_LEN(senders) };

#define RECORD "example.org. TXT \"v=spf1"
#define ELEVEN_MX                                                                                                      \
	"many.example. MX 1 a.example.\nmany.example. MX 2 a.example.\nmany.example. MX 3 a.example.\n"                \
	"many.example. MX 4 a.example.\nmany.example. MX 5 a.example.\nmany.example. MX 6 a.example.\n"                \
	"many.example. MX 7 a.example.\nmany.example. MX 8 a.example.\nmany.example. MX 9 a.example.\n"                \
	"many.example. MX 10 a.example.\nmany.example. MX 11 a.example.\n"
#define LONG                                                                                                           \
	"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"                   \
	"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

static const struct posture_fault faults[] = {
	{ "no record", RECORD, NULL, NULL,
	  "spf.record bad, spf.all gone, spf.all-plus gone, spf.covers gone, spf.covers gone, spf.includes gone, "
	  "spf.lookups gone, spf.ptr gone, spf.size gone, spf.size-512 gone, spf.strings gone, spf.syntax gone, "
	  "spf.void-lookups gone",
	  "no SPF record", "publish: example.org. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.77 ~all\"" },
	{ "two records", NULL, "example.org. TXT \"v=spf1 ip4:192.0.2.5 ip4:192.0.2.0/28 -all\"", NULL,
	  "spf.record bad, spf.covers gone, spf.covers gone", "2 SPF records: v=spf1",
	  "TXT \"v=spf1 ip4:192.0.2.0/28 include:a.example ip4:192.0.2.5 -all\"" },
	{ "fault of syntax", RECORD, RECORD " ip4:192.0.2.300 include:a.example ipv4:192.0.2.0/28 ~all\"", NULL,
	  "spf.syntax bad, spf.covers gone, spf.covers gone", "octet 11, `ip4:192.0.2.300`: no IPv4 address",
	  "TXT \"v=spf1 include:a.example ~all\"" },
	{ "an octet that ends texts in C", RECORD, RECORD " ip4:192.0.2.0/24 ~all\\000 ip4:x\"", NULL,
	  "spf.all bad, spf.syntax bad, spf.covers gone, spf.covers gone", "has no `all`",
	  "TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "fault of syntax in an include", "a.example.",
	  "a.example. TXT \"v=spf1 ip4:192.0.2.77 include:b.example ip4:x -all\"", NULL,
	  "spf.syntax bad, spf.covers gone", "a.example, octet 44, `ip4:x`: no IPv4 address",
	  "a.example. 3600 IN TXT \"v=spf1 ip4:192.0.2.77 include:b.example -all\"" },
	{ "eleven lookups, although an evaluation stops at the first term", RECORD,
	  RECORD " ip4:192.0.2.0/24 include:a.example include:seven.example ~all\"", NULL, "spf.lookups bad",
	  "12 of at most 10: example.org 12 [include:a.example 3 [include:b.example 1], include:seven.example 7]",
	  "name addresses" },
	{ "a record that includes itself", RECORD, RECORD " ip4:192.0.2.0/24 include:loop.example ~all\"", NULL,
	  "spf.lookups bad",
	  "a record includes itself: more than 3 of at most 10: example.org 3 [include:loop.example 2 "
	  "[include:c.example 1 [include:loop.example 0]]]",
	  NULL },
	{ "too many MX records", RECORD, RECORD " ip4:192.0.2.0/24 mx:many.example ~all\"\n" ELEVEN_MX, NULL,
	  "spf.lookups bad", "mx:many.example has 11 MX records, of at most 10", NULL },
	{ "three void lookups", RECORD, RECORD " ip4:192.0.2.0/24 a:x.example mx:y.example exists:z.example ~all\"",
	  NULL, "spf.void-lookups bad", "3 of at most 2: a:x.example of example.org finds nothing at x.example; ",
	  "\"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "an include without a record", RECORD, RECORD " ip4:192.0.2.0/24 include:host.example ~all\"", NULL,
	  "spf.includes bad",
	  "include:host.example of example.org: ", "example.org. 3600 IN TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "an include of what does not exist", "b.example.", NULL, NULL, "spf.includes bad",
	  "include:b.example of a.example: no such name", "have it done by whoever publishes that record" },
	{ "an include of two records", RECORD,
	  RECORD " ip4:192.0.2.0/24 include:double.example ~all\"\n"
		 "double.example. TXT \"v=spf1 -all\"\ndouble.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"",
	  NULL, "spf.includes bad", "include:double.example of example.org: 2 SPF records", NULL },
	{ "+all", RECORD, RECORD " +all\"", NULL, "spf.all bad, spf.all-plus bad",
	  "the record of example.org ends in +all: pass of other addresses",
	  "example.org. 3600 IN TXT \"v=spf1 ~all\"" },
	{ "+all of an include", RECORD, RECORD " ip4:192.0.2.0/24 include:anyone.example -all\"", NULL,
	  "spf.all-plus bad", "the record of anyone.example has +all", "anyone.example. 3600 IN TXT \"v=spf1 ~all\"" },
	{ "?all", RECORD, RECORD " ip4:192.0.2.0/24 ?all\"", NULL, "spf.all bad", "ends in ?all: neutral",
	  "TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "?all of the redirect", RECORD, RECORD " ip4:192.0.2.0/24 redirect=softly.example\"", NULL, "spf.all bad",
	  "the record of softly.example ends in ?all", "softly.example. 3600 IN TXT \"v=spf1 ip4:192.0.2.99 ~all\"" },
	{ "no all", RECORD, RECORD " ip4:192.0.2.0/24\"", NULL, "spf.all bad", "has no `all`",
	  "TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "ptr", RECORD, RECORD " ip4:192.0.2.0/24 ptr ~all\"", NULL, "spf.ptr bad",
	  "the record of example.org has ptr", "TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"" },
	{ "ptr beside a network that names one sender", RECORD, RECORD " a:host.example ip4:192.0.2.0/28 ptr ~all\"",
	  NULL, "spf.ptr bad", NULL, "TXT \"v=spf1 a:host.example ip4:192.0.2.0/28 ip4:192.0.2.77 ~all\"" },
	{ "ptr of an include", "b.example.", "b.example. TXT \"v=spf1 ptr:example.org -all\"", NULL, "spf.ptr bad",
	  "the record of b.example has ptr:example.org", "b.example. 3600 IN TXT \"v=spf1 -all\"" },
	{ "strings that run together", RECORD, RECORD " ip4:192.0.2.0/28\" \"include:a.example\" \"~all\"", NULL,
	  "spf.strings bad, spf.covers gone, spf.covers gone", "2 strings run into the one before",
	  "publish example.org. 3600 IN TXT \"v=spf1 ip4:192.0.2.0/28 include:a.example ~all\"" },
	{ "an answer that is too long for UDP without EDNS", NULL,
	  "example.org. TXT \"" LONG "\"\nexample.org. TXT \"2" LONG "\"\nexample.org. TXT \"3" LONG "\"", NULL,
	  "spf.size-512 bad", "octets in 5 TXT records, 512 fit", "fewer or shorter" },
	{ "an answer that is too long for one packet", NULL,
	  "example.org. TXT \"" LONG "\" \"" LONG "\" \"" LONG "\" \"" LONG "\" \"" LONG "\" \"" LONG "\" \"" LONG "\"",
	  NULL, "spf.size bad, spf.size-512 bad", "1232 fit into one packet", "fewer or shorter" },
	{ "an address that is not covered", RECORD, RECORD " ip4:192.0.2.0/28 ~all\"", NULL, "spf.covers bad",
	  "softfail for example.org: nothing before ~all matches 192.0.2.77",
	  "example.org. 3600 IN TXT \"v=spf1 ip4:192.0.2.0/28 ip4:192.0.2.77 ~all\"" },
	{ "no answer for the record", NULL, NULL, "example.org",
	  "spf.all open, spf.all-plus open, spf.includes open, spf.lookups open, spf.ptr open, spf.record open, "
	  "spf.size open, spf.size-512 open, spf.strings open, spf.syntax open, spf.void-lookups open, spf.covers "
	  "gone, "
	  "spf.covers gone",
	  "TXT of example.org: timed out", NULL },
	{ "no answer for an include", NULL, NULL, "b.example",
	  "spf.all-plus open, spf.includes open, spf.lookups open, spf.ptr open, spf.syntax open, "
	  "spf.void-lookups open",
	  "timed out after 5 s", NULL },
	{ "no answer for a host of a term", NULL, NULL, "host.example", "spf.covers open, spf.void-lookups open",
	  "example.org: no answer for A of host.example", NULL },
	{ "an include that depends on the message is no fault", RECORD,
	  RECORD " ip4:192.0.2.0/24 include:%{i}.x.example exists:%{l}.y.example ~all\"", NULL, "", NULL, NULL },
	{ "macros of the domain are followed", RECORD, RECORD " ip4:192.0.2.0/24 include:_spf.%{d2} ~all\"", NULL,
	  "spf.includes bad", "include:_spf.%{d2} of example.org: no such name", NULL },
	{ "what stands behind all does not count", RECORD,
	  RECORD " ip4:192.0.2.0/24 ~all ptr include:nowhere.example\"", NULL, "", NULL, NULL },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

/* A record of 2,000 includes, each of which includes 2,000 more. */
static void a_forest_ends(void **state)
{
	enum { MANY = 2000, LEVELS = 30 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	buf_add_str(&text, "example.org. TXT \"v=spf1 \"");
	for (int i = 0; i < MANY; i++)
		buf_addf(&text, " \"include:n%d.example \"", i);
	buf_add_str(&text, "\nn0.example. TXT \"v=spf1 include:deep0.example -all\"\n*.example. TXT \"v=spf1");
	for (int i = 0; i < 14; i++)
		buf_addf(&text, " a:m%d.example", i);
	buf_add_str(&text, "\"\n");
	for (int i = 0; i < LEVELS; i++)
		buf_addf(&text, "deep%d.example. TXT \"v=spf1 include:deep%d.example -all\"\n", i, i + 1);
	const struct posture_dns dns = { .zone = buf_str(&text) };
	posture_look(&dns, &params, &findings, &cost);
	const struct finding *lookups = posture_finding(&findings, "spf.lookups", "example.org");
	assert_int_equal(lookups->state, FINDING_BAD);
	assert_non_null(strstr(lookups->evidence, "more than "));
	assert_true(cost.questions < 1000);
	assert_true(cost.took_ms < 10000);
}

/* Four levels of records, eight includes on each, every answer 100 ms away. */
static void a_level_is_asked_at_once(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	const struct posture_dns dns = { .zone = zone, .delay_ms = 100 };
	posture_look(&dns, &params, &findings, &cost);
	assert_true(cost.questions >= 6);
	/* Root, a.example, b.example with the host, MX; then what the evaluation of senders needs besides. */
	assert_true(cost.took_ms >= 400);
	assert_true(cost.took_ms < 2500);
}

static void the_envelope_has_a_record_of_its_own(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	own.envelope_domain = "softly.example";
	const struct posture_dns dns = { .zone = zone };
	posture_look(&dns, &own, &findings, NULL);
	assert_int_equal(posture_finding(&findings, "spf.all", "example.org")->state, FINDING_GOOD);
	assert_int_equal(posture_finding(&findings, "spf.all", "softly.example")->state, FINDING_BAD);
	/* It is the envelope's that has to name the senders. */
	const struct finding *covers = posture_finding(&findings, "spf.covers", "192.0.2.1");
	assert_int_equal(covers->state, FINDING_BAD);
	assert_string_equal(covers->evidence, "neutral for softly.example: nothing before ?all matches 192.0.2.1");
}

static void the_last_of_many_senders_counts(void **state)
{
	struct posture_sender many[100];
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = zone };
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct posture_sender){ .ip = { .octets = { 192, 0, 2, (unsigned char)(100 + i) } } };
	own.senders = many;
	own.sender_count = ARRAY_LEN(many);
	posture_look(&dns, &own, &findings, NULL);
	assert_int_equal(posture_finding(&findings, "spf.covers", "192.0.2.199")->state, FINDING_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(a_forest_ends),
		cmocka_unit_test(a_level_is_asked_at_once),
		cmocka_unit_test(the_envelope_has_a_record_of_its_own),
		cmocka_unit_test(the_last_of_many_senders_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
