/* Reverse DNS and HELO names of the addresses that send: one fault at a time in a zone where all is right. */
#include <stdio.h>
#include <string.h>

#include "harness/posture/senders/checks.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "ptr", check_ptr }, { "helo", check_helo } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

#define REVERSE_V6 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."

static const char zone[] = "example.org. SOA ns. root. 1 2 3 4 50\n"
			   "example.org. MX 10 mx.example.org.\n"
			   "mx.example.org. A 192.0.2.9\n"
			   "out.example.org. A 192.0.2.1\n"
			   "out.example.org. AAAA 2001:db8::1\n"
			   "relay.example.org. A 192.0.2.30\n"
			   "1.2.0.192.in-addr.arpa. PTR wrong.example.org.\n"
			   "1.2.0.192.in-addr.arpa. PTR out.example.org.\n"
			   "9.2.0.192.in-addr.arpa. PTR mx.example.org.\n"
			   "30.2.0.192.in-addr.arpa. PTR relay.example.org.\n" REVERSE_V6 " PTR out.example.org.\n";

static const struct posture_sender senders[] = {
	{ { .octets = { 192, 0, 2, 1 } }, "out.example.org" },
	{ { true, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } }, "out.example.org" },
};
static const struct posture_outbound outbounds[] = { { .host = "relay.example.org" } };

static const struct posture_params params = { .domain = "example.org",
					      .senders = senders,
					      .sender_count = ARRAY_LEN(senders),
					      .outbounds = outbounds,
					      .outbound_count = ARRAY_LEN(outbounds) };

static const struct posture_fault faults[] = {
	{ "a sender without a name", "1.2.0.192.in-addr.arpa.", NULL, NULL, "ptr.present bad, ptr.confirmed gone",
	  "PTR: no such name",
	  "have whoever runs the address publish 1.2.0.192.in-addr.arpa. 3600 IN PTR out.example.org." },
	{ "an MX without a name", "9.2.0.192.in-addr.arpa.", NULL, NULL, "ptr.present bad, ptr.confirmed gone",
	  "PTR: no such name", "9.2.0.192.in-addr.arpa. 3600 IN PTR mx.example.org." },
	{ "an outbound host without a name", "30.2.0.192.in-addr.arpa.", NULL, NULL,
	  "ptr.present bad, ptr.confirmed gone", "PTR: no such name",
	  "30.2.0.192.in-addr.arpa. 3600 IN PTR relay.example.org." },
	{ "an IPv6 address without a name", REVERSE_V6, NULL, NULL, "ptr.present bad, ptr.confirmed gone",
	  "PTR: no such name", REVERSE_V6 " 3600 IN PTR out.example.org." },
	{ "a name that does not lead back", "9.2.0.192.in-addr.arpa.",
	  "9.2.0.192.in-addr.arpa. PTR other.example.org.\nother.example.org. A 192.0.2.10", NULL, "ptr.confirmed bad",
	  "other.example.org does not lead back to it", "publish other.example.org. 3600 IN A 192.0.2.9" },
	{ "more names than are looked at", "9.2.0.192.in-addr.arpa.",
	  "9.2.0.192.in-addr.arpa. PTR a.example.org.\n9.2.0.192.in-addr.arpa. PTR b.example.org.\n"
	  "9.2.0.192.in-addr.arpa. PTR c.example.org.\n9.2.0.192.in-addr.arpa. PTR d.example.org.\n"
	  "9.2.0.192.in-addr.arpa. PTR mx.example.org.",
	  NULL, "ptr.confirmed open", "none of the first 4 of its 5 names leads back to it", NULL },
	{ "no answer for a name", NULL, NULL, "9.2.0.192.in-addr.arpa", "ptr.confirmed open, ptr.present open",
	  "PTR: timed out", NULL },
	{ "no answer on the way back", "9.2.0.192.in-addr.arpa.", "9.2.0.192.in-addr.arpa. PTR slow.example.org.",
	  "slow.example.org", "ptr.confirmed open", "slow.example.org: timed out", NULL },
	{ "one name of two without an answer is no fault", NULL, NULL, "wrong.example.org", "", NULL, NULL },
	{ "addresses that are not known", NULL, NULL, "example.org",
	  "ptr.confirmed open, ptr.present open, ptr.confirmed gone, ptr.present gone", "MX of example.org: timed out",
	  NULL },
	{ "a HELO name that leads elsewhere", "out.example.org. A ",
	  "out.example.org. A 192.0.2.2\nwrong.example.org. A 192.0.2.1", NULL, "helo.name bad",
	  "out.example.org does not lead to 192.0.2.1", "publish out.example.org. 3600 IN A 192.0.2.1" },
	{ "a HELO name without IPv6", "out.example.org. AAAA",
	  REVERSE_V6 " PTR wrong.example.org.\nwrong.example.org. AAAA 2001:db8::1", NULL, "helo.name bad",
	  "out.example.org does not lead to 2001:db8::1", "publish out.example.org. 3600 IN AAAA 2001:db8::1" },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

static void a_helo_name_is_a_full_name(void **state)
{
	static const char *const rows[] = { "localhost", "[192.0.2.1]", "192.0.2.1", "a..b", "" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		const struct posture_sender sender = { { .octets = { 192, 0, 2, 1 } }, rows[i] };
		struct posture_params own = params;
		const struct posture_dns dns = { .zone = zone };
		char subject[64];
		own.senders = &sender;
		own.sender_count = 1;
		posture_look(&dns, &own, &findings, NULL);
		snprintf(subject, sizeof(subject), "%s at 192.0.2.1", rows[i]);
		const struct finding *name = posture_finding(&findings, "helo.name", subject);
		ROW_ASSERT(rows[i], name->state == FINDING_BAD);
		ROW_ASSERT(rows[i], strstr(name->evidence, "is no full name"));
		ROW_ASSERT(rows[i], name->mend[0]);
	}
}

/* Each sender's HELO name, and of more addresses than are looked at that they are. */
static void nothing_of_many_senders_is_left_out_unsaid(void **state)
{
	struct posture_sender many[100];
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = zone };
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct posture_sender){ { .octets = { 192, 0, 2, (unsigned char)(100 + i) } }, "localhost" };
	own.senders = many;
	own.sender_count = ARRAY_LEN(many);
	posture_look(&dns, &own, &findings, NULL);
	assert_int_equal(posture_finding(&findings, "helo.name", "localhost at 192.0.2.199")->state, FINDING_BAD);
	const struct finding *left = posture_finding(&findings, "ptr.confirmed", "example.org");
	assert_int_equal(left->state, FINDING_OPEN);
	assert_string_equal(left->evidence, "only the first 64 addresses were looked at");
}

/* MX, addresses, PTR, addresses of the names. */
static void four_rounds_are_enough(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	const struct posture_dns dns = { .zone = zone, .delay_ms = 250 };
	posture_look(&dns, &params, &findings, &cost);
	assert_true(cost.took_ms >= 1000);
	assert_true(cost.took_ms < 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(a_helo_name_is_a_full_name),
		cmocka_unit_test(nothing_of_many_senders_is_left_out_unsaid),
		cmocka_unit_test(four_rounds_are_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
