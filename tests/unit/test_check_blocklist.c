/* Blocklists: lists that can be believed, and lists that cannot. */
#include <stdio.h>
#include <string.h>

#include "harness/posture/senders/blocklist.h"
#include "harness/posture/senders/checks.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "blocklist", check_blocklist } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

#define REVERSE_V6 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
#define TEST_V6    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static const char zone[] = "example.org. SOA ns. root. 1 2 3 4 50\n"
			   "example.org. MX 10 mx.example.org.\n"
			   "mx.example.org. A 192.0.2.9\n"
			   "ip.test. SOA ns. root. 1 2 3 4 50\n"
			   "2.0.0.127.ip.test. A 127.0.0.2\n" TEST_V6 ".ip.test. A 127.0.0.2\n"
			   "v4.test. SOA ns. root. 1 2 3 4 50\n"
			   "2.0.0.127.v4.test. A 127.0.0.2\n"
			   "name.test. SOA ns. root. 1 2 3 4 50\n"
			   "test.name.test. A 127.0.1.2\n";

static const struct posture_sender senders[] = { { .ip = { .octets = { 192, 0, 2, 1 } } },
						 { .ip = { true, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } } };
static const char *const address_lists[] = { "ip.test", "v4.test" }, *const domain_lists[] = { "name.test" };

static const struct posture_params params = {
	.domain = "example.org",
	.from_address = "hello@example.org",
	.envelope_domain = "bounce.example.org",
	.senders = senders,
	.sender_count = ARRAY_LEN(senders),
	.address_blocklists = address_lists,
	.address_blocklist_count = ARRAY_LEN(address_lists),
	.domain_blocklists = domain_lists,
	.domain_blocklist_count = ARRAY_LEN(domain_lists),
};

static const struct posture_fault faults[] = {
	{ "a listed address", NULL, "1.2.0.192.ip.test. A 127.0.0.4\n1.2.0.192.ip.test. TXT \"sent spam\"", NULL,
	  "blocklist.address bad", "127.0.0.4: sent spam", "ask the operator of ip.test to remove it" },
	{ "a listed address of the MX", NULL, "9.2.0.192.v4.test. A 127.0.0.4", NULL, "blocklist.address bad",
	  "127.0.0.4: listed without a reason", "find out why mail from 192.0.2.9 was taken for spam" },
	{ "a listed IPv6 address", NULL, REVERSE_V6 ".ip.test. A 127.0.0.10", NULL, "blocklist.address bad",
	  "127.0.0.10: ", "mail from 2001:db8::1" },
	{ "a listed domain", NULL, "example.org.name.test. A 127.0.1.5", NULL, "blocklist.domain bad",
	  "127.0.1.5: ", "mail from example.org" },
	{ "a list that refuses", "2.0.0.127.v4.test.",
	  "2.0.0.127.v4.test. A 127.255.255.254\n1.2.0.192.v4.test. A 127.255.255.254", NULL,
	  "blocklist.address open, blocklist.address open, blocklist.usable open",
	  "v4.test: it refuses to answer this resolver (127.255.255.x)", NULL },
	{ "a list that refuses only what matters", NULL, "1.2.0.192.ip.test. A 127.255.255.252", NULL,
	  "blocklist.address open", "ip.test answers with what is no listing", NULL },
	{ "a list that lists everything", "2.0.0.127.v4.test.", "*.v4.test. A 127.0.0.2", NULL,
	  "blocklist.address open, blocklist.address open, blocklist.usable open",
	  "v4.test: it lists what no list may list", NULL },
	{ "a list of domains that lists everything", NULL, "*.name.test. A 127.0.0.2", NULL,
	  "blocklist.domain open, blocklist.domain open, blocklist.usable open",
	  "name.test: it lists what no list may list", NULL },
	{ "a list whose name was sold", "2.0.0.127.v4.test.", "*.v4.test. A 192.0.2.200", NULL,
	  "blocklist.address open, blocklist.address open, blocklist.usable open",
	  "v4.test: it answers with addresses that are no listing", NULL },
	{ "a list that is empty", "2.0.0.127.v4.test.", "1.2.0.192.v4.test. A 127.0.0.2", NULL,
	  "blocklist.address open, blocklist.address open, blocklist.usable open",
	  "v4.test: it does not list its own test entry", NULL },
	{ "a test entry without an answer", NULL, NULL, "test.name.test",
	  "blocklist.domain open, blocklist.domain open, blocklist.usable open",
	  "name.test: its test entry has no answer", NULL },
	{ "an address without an answer", NULL, NULL, "1.2.0.192.ip.test", "blocklist.address open", "timed out",
	  NULL },
	{ "addresses that are not known", NULL, NULL, "mx.example.org",
	  "blocklist.address open, blocklist.address gone, blocklist.address gone", "A of mx.example.org: timed out",
	  NULL },
	{ "a list that has lost its IPv6", TEST_V6, NULL, NULL, "blocklist.address gone", NULL, NULL },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

static void names_are_asked_as_rfc_5782_writes_them(void **state)
{
	static const struct {
		const char *ip, *name;
	} rows[] = {
		{ "192.0.2.99", "99.2.0.192.bad.example.com" },
		{ "2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2."
					       "bad.example.com" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[BLOCKLIST_NAME_MAX];
		struct ip ip;
		ROW_ASSERT(rows[i].ip, ip_parse(span_of(rows[i].ip), &ip));
		ROW_ASSERT_STRING(rows[i].ip, blocklist_address_name(&ip, "bad.example.com", name), rows[i].name);
	}
}

/* MX, its addresses, test entries, entries. */
static void lists_are_asked_side_by_side(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	const struct posture_dns dns = { .zone = zone, .delay_ms = 250 };
	posture_look(&dns, &params, &findings, &cost);
	assert_true(cost.questions > 15);
	assert_true(cost.took_ms >= 1000);
	assert_true(cost.took_ms < 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(names_are_asked_as_rfc_5782_writes_them),
		cmocka_unit_test(lists_are_asked_side_by_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
