/* The MX hosts of a domain: every fault is found by its id, and changes nothing else. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/posture/mx/checks.h"
#include "harness/posture/senders/checks.h"
#include "tests/unit/mx_bench.h"

const struct check_entry check_entries[] = { { "mx", check_mx }, { "from", check_no_reply } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

static const struct test_cert wrong_name = { .names = "DNS:mx1.example.net", .from_s = -86400, .to_s = 60L * 86400 };
static const struct test_cert self_signed = {
	.names = "DNS:mx1.example.test,DNS:mx2.example.test", .from_s = -86400, .to_s = 60L * 86400, .self_signed = true
};
static const struct test_cert short_lived = { .names = "DNS:mx1.example.test", .from_s = -86400, .to_s = 5L * 86400 };
static const struct test_cert expired = { .names = "DNS:mx1.example.test", .from_s = -172800, .to_s = -86400 };

#define MX1      "mx1.example.test"
#define GONE(id) ", " id " " MX1 " gone, " id " mx2.example.test gone"
#define SERVERS_GONE                                                                                                   \
	GONE("mx.certificate")                                                                                         \
	GONE("mx.certificate-expiry")                                                                                  \
	GONE("mx.ipv4")                                                                                                \
	GONE("mx.ipv6")                                                                                                \
	GONE("mx.no-cname")                                                                                            \
	GONE("mx.resolves")                                                                                            \
	GONE("mx.starttls")                                                                                            \
	GONE("mx.tls12")                                                                                               \
	GONE("dane.present")                                                                                           \
	GONE("dane.tlsa")
#define ASKED(how)                                                                                                     \
	"from.abuse abuse@example.test " how ", from.accepts hello@example.test " how                                  \
	", from.postmaster postmaster@example.test " how ", from.reply-accepts replies@example.test " how

static const struct mx_fault faults[] = {
	/* mx.* of the DNS */
	{ .label = "MX does not resolve",
	  .in = "example.test. 300 IN MX 30 mx3.example.test.",
	  .changed = "mx.resolves mx3.example.test bad",
	  .evidence = "no address",
	  .mend = "mx3.example.test. 3600 IN A" },
	{ .label = "MX is an alias",
	  .out = "mx1.example.test. 300 IN A",
	  .in = "mx1.example.test. 300 IN CNAME mx4.example.test.\nmx4.example.test. 300 IN A 127.0.0.1\n"
		"mx4.example.test. 300 IN AAAA ::1",
	  .changed = "mx.no-cname " MX1 " bad",
	  .evidence = "a CNAME leads to mx4.example.test",
	  .mend = "example.test. 3600 IN MX 10 mx4.example.test." },
	{ .label = "no IPv6",
	  .out = "mx1.example.test. 300 IN AAAA",
	  .changed = "mx.ipv6 " MX1 " bad",
	  .evidence = "no AAAA record",
	  .mend = MX1 ". 3600 IN AAAA" },
	{ .label = "no IPv4",
	  .out = "mx1.example.test. 300 IN A ",
	  .changed = "mx.ipv4 " MX1 " bad",
	  .evidence = "no A record",
	  .mend = MX1 ". 3600 IN A " },
	{ .label = "MX is not signed",
	  .unsigned_name = "example.test",
	  .changed = "mx.dnssec example.test bad, dane.present " MX1 " bad, dane.present mx2.example.test bad, "
		     "dane.tlsa " MX1 " gone, dane.tlsa mx2.example.test gone",
	  .evidence = "the MX answer is not signed",
	  .mend = "sign the zone" },
	{ .label = "resolver does not validate",
	  .blind = true,
	  .changed = "mx.dnssec example.test open, dane.present " MX1 " open, dane.present mx2.example.test open",
	  .evidence = "no trust anchor" },

	{ .label = "MX cannot be had",
	  .failed = "example.test",
	  .changed = ASKED(
	      "open") ", mx.certificate example.test open, mx.certificate-expiry example.test open, mx.dnssec "
		      "example.test open, mx.ipv4 example.test open, mx.ipv6 example.test open, mx.no-cname "
		      "example.test open, mx.present example.test open, mx.resolves example.test open, mx.starttls "
		      "example.test open, mx.tls12 example.test open, dane.present example.test open" SERVERS_GONE,
	  .evidence = "MX: " },
	{ .label = "no MX",
	  .out = "example.test. 300 IN MX",
	  .changed = "mx.present example.test bad, " ASKED("gone") SERVERS_GONE,
	  .evidence = "no MX record",
	  .mend = "example.test. 3600 IN MX 10 " },
	{ .label = "null MX",
	  .out = "example.test. 300 IN MX",
	  .in = "example.test. 300 IN MX 0 .",
	  .changed = "mx.present example.test bad, " ASKED("gone") SERVERS_GONE,
	  .evidence = "RFC 7505",
	  .mend = "example.test. 3600 IN MX 10 " },
	{ .label = "addresses of one host cannot be had",
	  .failed = MX1,
	  .changed = "mx.certificate mx1.example.test open, mx.certificate-expiry mx1.example.test open, mx.ipv4 "
		     "mx1.example.test open, mx.ipv6 mx1.example.test open, mx.no-cname mx1.example.test open, "
		     "mx.resolves mx1.example.test open, mx.starttls mx1.example.test open, mx.tls12 mx1.example.test "
		     "open, dane.present mx1.example.test open, dane.tlsa mx1.example.test open",
	  .evidence = "no address is known" },
	{ .label = "TLSA cannot be had",
	  .failed = "_25._tcp.mx1.example.test",
	  .changed = "dane.present mx1.example.test open, dane.tlsa mx1.example.test open" },

	/* mx.* of the servers */
	{ .label = "nobody listens",
	  .down = true,
	  .changed = "mx.ipv4 " MX1 " bad",
	  .evidence = "127.0.0.1: cannot connect to 127.0.0.1",
	  .mend = "let an SMTP server listen on port 25" },
	{ .label = "nobody listens anywhere",
	  .down = true,
	  .everywhere = true,
	  .changed = ASKED("open") ", mx.ipv4 " MX1 " bad, mx.ipv4 mx2.example.test bad, mx.ipv6 " MX1
				   " bad, mx.ipv6 mx2.example.test bad" GONE("mx.certificate") GONE(
				       "mx.certificate-expiry") GONE("mx.starttls") GONE("mx.tls12") GONE("dane.tlsa"),
	  .evidence = "Connection refused" },
	{ .label = "blackhole",
	  .blackhole = true,
	  .timeout_ms = 1500,
	  .changed = "mx.ipv4 " MX1 " open",
	  .evidence = "127.0.0.1: connecting to 127.0.0.1" },
	{ .label = "silence",
	  .rules = { { "GREETING", 0, "hang" } },
	  .timeout_ms = 1500,
	  .changed = "mx.ipv4 " MX1 " open",
	  .evidence = "did not answer in time" },
	{ .label = "this machine is refused",
	  .rules = { { "GREETING", 0, "554 5.7.1 blocked" } },
	  .changed = "mx.ipv4 " MX1 " open",
	  .evidence = "127.0.0.1: 554 5.7.1 blocked" },
	{ .label = "no SMTP",
	  .rules = { { "GREETING", 0, "SSH-2.0-x" } },
	  .changed = "mx.ipv4 " MX1 " bad",
	  .evidence = "does not speak SMTP" },
	{ .label = "no STARTTLS",
	  .no_tls = true,
	  .changed = "mx.starttls " MX1 " bad",
	  .evidence = "127.0.0.1: the server does not offer STARTTLS",
	  .mend = "configure STARTTLS" },
	{ .label = "STARTTLS refused everywhere",
	  .rules = { { "STARTTLS", 0, "554 5.7.3 no" } },
	  .everywhere = true,
	  .changed = "mx.starttls " MX1 " bad, mx.starttls mx2.example.test bad" GONE("mx.certificate")
	      GONE("mx.certificate-expiry") GONE("mx.tls12") GONE("dane.tlsa") },
	{ .label = "STARTTLS refused",
	  .rules = { { "STARTTLS", 0, "554 5.7.3 no" } },
	  .changed = "mx.starttls " MX1 " bad",
	  .evidence = "answered by 554 5.7.3 no" },
	{ .label = "STARTTLS refused for now",
	  .rules = { { "STARTTLS", 0, "454 4.7.0 later" } },
	  .changed = "mx.starttls " MX1 " open",
	  .evidence = "answered by 454 4.7.0 later" },
	{ .label = "STARTTLS with injected plaintext",
	  .rules = { { "STARTTLS", 0, "220 go\r\n250 injected\r\n" } },
	  .changed = "mx.starttls " MX1 " bad",
	  .evidence = "in plaintext behind its reply to STARTTLS" },
	{ .label = "TLS 1.1 at most",
	  .max_version = TLS1_1_VERSION,
	  .changed = "mx.tls12 " MX1 " bad",
	  .evidence = "127.0.0.1: TLSv1.1",
	  .mend = "allow TLS 1.2 and 1.3" },
	{ .label = "certificate for another name", .cert = &wrong_name, .changed = "mx.certificate " MX1 " bad" },
	{ .label = "certificate that nobody vouches for",
	  .cert = &self_signed,
	  .changed = "mx.certificate " MX1 " bad" },
	{ .label = "certificate near its end", .cert = &short_lived, .changed = "mx.certificate-expiry " MX1 " bad" },
	{ .label = "certificate behind its end", .cert = &expired, .changed = "mx.certificate-expiry " MX1 " bad" },
	{ .label = "all certificates near their end",
	  .days = 47,
	  .changed = "mx.certificate-expiry " MX1 " bad, mx.certificate-expiry mx2.example.test bad",
	  .evidence = "for 12 days",
	  .mend = "renew" },

	/* dane.* */
	{ .label = "no TLSA record",
	  .out = "_25._tcp.mx1",
	  .changed = "dane.present " MX1 " bad, dane.tlsa " MX1 " gone",
	  .evidence = "no TLSA record at _25._tcp." MX1,
	  .mend = "_25._tcp." MX1 ". 3600 IN TLSA 3 1 1 " },
	{ .label = "TLSA record of another certificate",
	  .out = "_25._tcp.mx1",
	  .in = "_25._tcp.mx1.example.test. 300 IN TLSA 3 1 1 "
		"0123456789012345678901234567890123456789012345678901234567890123",
	  .changed = "dane.tlsa " MX1 " bad",
	  .evidence = "3 1 1 012345678901234567... is of another certificate",
	  .mend = "_25._tcp." MX1 ". 3600 IN TLSA 3 1 1 " },
	{ .label = "TLSA record for a roll-over beside the right one",
	  .in = "_25._tcp.mx1.example.test. 300 IN TLSA 3 1 1 "
		"0123456789012345678901234567890123456789012345678901234567890123",
	  .changed = "" },
	{ .label = "TLSA record of a usage that is not for SMTP",
	  .out = "_25._tcp.mx1",
	  .in = "_25._tcp.mx1.example.test. 300 IN TLSA 1 1 1 "
		"0123456789012345678901234567890123456789012345678901234567890123",
	  .changed = "dane.tlsa " MX1 " bad",
	  .evidence = "is of a sort that senders pass over" },
	{ .label = "TLSA record is not signed",
	  .unsigned_name = "_25._tcp.mx1.example.test",
	  .changed = "dane.present " MX1 " bad, dane.tlsa " MX1 " gone",
	  .evidence = "the TLSA record is not signed",
	  .mend = "sign with DNSSEC" },
	{ .label = "address is not signed",
	  .unsigned_name = MX1,
	  .changed = "dane.present " MX1 " bad, dane.tlsa " MX1 " gone",
	  .evidence = "the address of the host is not signed" },
	{ .label = "TLSA record with a bad signature",
	  .bogus = "_25._tcp.mx1.example.test",
	  .changed = "dane.present " MX1 " bad, dane.tlsa " MX1 " gone",
	  .evidence = "signature does not hold" },

	/* from.* */
	{ .label = "From is refused",
	  .rules = { { "RCPT", 1, "550 5.1.1 nobody" } },
	  .changed = "from.accepts hello@example.test bad",
	  .evidence = MX1 " [127.0.0.1]: 550 5.1.1 nobody",
	  .mend = "let the servers take mail for this address" },
	{ .label = "From is refused by policy",
	  .rules = { { "RCPT", 1, "550 5.7.1 not for you" } },
	  .changed = "from.accepts hello@example.test bad",
	  .evidence = "550 5.7.1 not for you" },
	{ .label = "Reply-To is refused",
	  .rules = { { "RCPT", 2, "550 5.1.1 nobody" } },
	  .changed = "from.reply-accepts replies@example.test bad" },
	{ .label = "postmaster is refused",
	  .rules = { { "RCPT", 3, "550 nobody" } },
	  .changed = "from.postmaster postmaster@example.test bad",
	  .mend = "RFC 5321 section 4.5.1" },
	{ .label = "abuse is refused",
	  .rules = { { "RCPT", 4, "553 nobody" } },
	  .changed = "from.abuse abuse@example.test bad",
	  .mend = "RFC 2142" },
	{ .label = "this machine is refused with every address, while others take it",
	  .rules = { { "RCPT", 0, "554 5.7.1 blocked" } },
	  .changed = "" },
	{ .label = "greylisted by one server, taken by others",
	  .rules = { { "RCPT", 0, "450 later" } },
	  .changed = "" },
	{ .label = "greylisted everywhere",
	  .everywhere = true,
	  .rules = { { "RCPT", 0, "450 4.2.0 later" } },
	  .changed = ASKED("open"),
	  .evidence = MX1 " [127.0.0.1]: 450 4.2.0 later" },
	{ .label = "this machine is refused everywhere",
	  .everywhere = true,
	  .rules = { { "RCPT", 0, "554 5.7.1 blocked" } },
	  .changed = ASKED("open"),
	  .evidence = "554 5.7.1 blocked" },
	{ .label = "closing at the first address",
	  .everywhere = true,
	  .rules = { { "RCPT", 0, "421 closing" } },
	  .changed = ASKED("open"),
	  .evidence = "421 closing" },
	{ .label = "hangs at the first address",
	  .everywhere = true,
	  .timeout_ms = 1500,
	  .rules = { { "RCPT", 0, "hang" } },
	  .changed = ASKED("open"),
	  .evidence = "did not answer in time" },
	{ .label = "every sender is refused",
	  .everywhere = true,
	  .rules = { { "MAIL", 0, "550 no" } },
	  .changed = ASKED("open"),
	  .evidence = "550 no" },
	{ .label = "empty sender is refused, the service's own is not",
	  .rules = { { "MAIL", 1, "550 no" } },
	  .changed = "" },
	{ .label = "Reply-To elsewhere",
	  .reply_to = "Help.Desk@OTHER.test",
	  .changed = "from.reply-accepts "
		     "replies@example.test gone" },
	{ .label = "Reply-To of a domain that takes no mail",
	  .reply_to = "a@nowhere.test",
	  .changed = "from.reply-accepts a@nowhere.test bad, from.reply-accepts replies@example.test gone",
	  .evidence = "nowhere.test has no server" },
	{ .label = "From elsewhere",
	  .from_address = "a@other.test",
	  .changed = "from.abuse abuse@example.test gone, from.accepts hello@example.test gone, from.not-no-reply "
		     "hello@example.test gone, from.postmaster postmaster@example.test gone" },
	{ .label = "no-reply",
	  .from_address = "No_Reply+5@example.test",
	  .changed = "from.not-no-reply No_Reply+5@example.test bad, from.accepts hello@example.test gone, "
		     "from.not-no-reply hello@example.test gone",
	  .evidence = "noreply",
	  .mend = "hello@example.test" },
};

static void each_fault_is_found_and_changes_nothing_else(void **state)
{
	mx_bench_faults(faults, ARRAY_LEN(faults));
}

static void answers_are_awaited_side_by_side(void **state)
{
	struct findings findings = { 0 };
	struct posture_cost cost;
	mx_bench_good(&findings, &cost, 20);
	print_message("%zu findings, %zu questions, %zu connections, %lld ms\n", findings.count, cost.questions,
		      cost.connections, (long long)cost.took_ms);
	assert_int_equal(cost.connections, 4);
	assert_true(cost.took_ms < 2000);
	findings_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found_and_changes_nothing_else),
		cmocka_unit_test(answers_are_awaited_side_by_side),
	};
	if (!mx_bench_possible()) {
		print_message("skipped: this machine has no IPv6 loopback\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
