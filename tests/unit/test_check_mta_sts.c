/* MTA-STS and TLS reporting of a domain: every fault is found by its id, and changes nothing else. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/posture/records/checks.h"
#include "tests/unit/mx_bench.h"

const struct check_entry check_entries[] = { { "mta-sts", check_mta_sts }, { "tls-rpt", check_tls_rpt } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

static const struct test_cert wrong_name = { .names = "DNS:www.example.test" };
static const struct test_cert self_signed = { .names = "DNS:mta-sts.example.test", .self_signed = true };

/* Of no policy that is served here. */
#define OTHER_HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define OK_HEADER MX_POLICY_HEADER("200 OK", "text/plain")
#define POLICY_GONE                                                                                                    \
	", mta-sts.max-age example.test gone, mta-sts.mode example.test gone, mta-sts.mx mx1.example.test gone, "      \
	"mta-sts.mx mx2.example.test gone, mta-sts.syntax example.test gone"
#define VALUES_GONE                                                                                                    \
	", mta-sts.max-age example.test gone, mta-sts.mode example.test gone, mta-sts.mx mx1.example.test gone, "      \
	"mta-sts.mx mx2.example.test gone"
#define POLICY_OPEN                                                                                                    \
	"mta-sts.max-age example.test open, mta-sts.mode example.test open, mta-sts.mx mx1.example.test open, "        \
	"mta-sts.mx mx2.example.test open, mta-sts.policy example.test open, mta-sts.syntax example.test open"

static const struct mx_fault faults[] = {
	/* the record */
	{ .label = "no record",
	  .out = "_mta-sts",
	  .changed = "mta-sts.record example.test bad, mta-sts.id example.test gone",
	  .evidence = "no record",
	  .mend = "_mta-sts.example.test. 3600 IN TXT \"v=STSv1; id=20" },
	{ .label = "neither record nor policy",
	  .out = "_mta-sts",
	  .response = MX_POLICY_HEADER("404 Not Found", "text/plain"),
	  .changed =
	      "mta-sts.record example.test bad, mta-sts.id example.test gone, mta-sts.max-age example.test gone, "
	      "mta-sts.mode example.test gone, mta-sts.mx mx1.example.test gone, mta-sts.mx mx2.example.test gone, "
	      "mta-sts.policy example.test gone, mta-sts.syntax example.test gone",
	  .evidence = "no record",
	  .mend = "\"mx: mx2.example.test\"; then publish: _mta-sts.example.test. 3600 IN TXT \"v=STSv1; id=20" },
	{ .label = "octets that no terminal should see",
	  .out = "_mta-sts",
	  .in = "_mta-sts.example.test. 300 IN TXT \"v=STSv1; id=\\000x\"",
	  .changed = "mta-sts.id example.test bad",
	  .evidence = "id=\\x00x" },
	{ .label = "two records",
	  .in = "_mta-sts.example.test. 300 IN TXT \"v=STSv1; id=2\"",
	  .changed = "mta-sts.record example.test bad, mta-sts.id example.test gone",
	  .evidence = "2 records" },
	{ .label = "another record beside it is nothing",
	  .in = "_mta-sts.example.test. 300 IN TXT \"v=verification\"",
	  .changed = "" },
	{ .label = "record that is not in the grammar",
	  .out = "_mta-sts",
	  .in = "_mta-sts.example.test. 300 IN TXT \"v=STSv1; id=2026-11-26\"",
	  .changed = "mta-sts.id example.test bad",
	  .evidence = "1 to 32 letters and digits",
	  .mend = "_mta-sts.example.test. 3600 IN TXT \"v=STSv1; id=20" },
	{ .label = "record cannot be had",
	  .failed = "_mta-sts.example.test",
	  .changed = "mta-sts.id example.test open, mta-sts.record example.test open",
	  .evidence = "no server answered in time" },
	{ .label = "policy was changed under the same id",
	  .previous = "id 20261126, policy SHA-256 " OTHER_HASH,
	  .seen_version = "20261126",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "mta-sts.id example.test bad",
	  .evidence = "id 20261126, policy SHA-256 " OTHER_HASH "; under the same id the policy is now another",
	  .mend = "_mta-sts.example.test. 3600 IN TXT \"v=STSv1; id=20" },
	{ .label = "it stays bad until the id is another",
	  .previous = "id 20261126, policy SHA-256 " OTHER_HASH
		      "; under the same id the policy is now another, SHA-256 "
		      "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
	  .seen_version = "20261126",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "mta-sts.id example.test bad",
	  .evidence = "id 20261126, policy SHA-256 " OTHER_HASH "; under" },
	{ .label = "policy was changed with the id",
	  .previous = "id 1, policy SHA-256 " OTHER_HASH,
	  .seen_version = "1",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "" },
	{ .label = "an id that begins like the earlier one",
	  .previous = "id 202611",
	  .seen_version = "202611",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "" },
	{ .label = "an earlier id that begins like it",
	  .previous = "id 202611260",
	  .seen_version = "202611260",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "" },
	{ .label = "what a sentence says is for people",
	  .previous = "id 20261126, policy SHA-256 " OTHER_HASH,
	  .changed = "" },
	{ .label = "the sentence is another, what was seen is not",
	  .previous = "as it should be",
	  .seen_version = "20261126",
	  .seen_sha256 = OTHER_HASH,
	  .changed = "mta-sts.id example.test bad" },
	{ .label = "an earlier run that saw no policy", .previous = "id 20261126", .changed = "" },

	/* fetching */
	{ .label = "no policy host",
	  .out = "mta-sts.example.test.",
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE,
	  .evidence = "mta-sts.example.test has no address",
	  .mend = "\"version: STSv1\", \"mode: enforce\", \"max_age: 2592000\", \"mx: mx1.example.test\", \"mx: mx2." },
	{ .label = "policy host cannot be had", .failed = "mta-sts.example.test", .changed = POLICY_OPEN },
	{ .label = "nobody listens",
	  .out = "mta-sts.example.test.",
	  .in = "mta-sts.example.test. 300 IN A 127.0.0.9",
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE },
	{ .label = "certificate for another name",
	  .policy_cert = &wrong_name,
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE,
	  .evidence = "the certificate is not for mta-sts.example.test: it is for www.example.test",
	  .mend = "with a certificate for mta-sts.example.test" },
	{ .label = "certificate that nobody vouches for",
	  .policy_cert = &self_signed,
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE,
	  .evidence = "not trusted here" },
	{ .label = "not found",
	  .response = MX_POLICY_HEADER("404 Not Found", "text/plain") MX_POLICY,
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE,
	  .evidence = "HTTP status 404" },
	{ .label = "redirect",
	  .response = "HTTP/1.1 301 Moved\r\nLocation: https://www.example.test/\r\nContent-Length: 0\r\n\r\n",
	  .changed = "mta-sts.policy example.test bad" POLICY_GONE,
	  .evidence = "HTTP status 301: a redirect, which senders do not follow" },
	{ .label = "server in trouble",
	  .response = MX_POLICY_HEADER("503 Busy", "text/plain"),
	  .changed = POLICY_OPEN,
	  .evidence = "could not be fetched" },
	{ .label = "cut short",
	  .response = "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nversion",
	  .changed = POLICY_OPEN },
	{ .label = "drips one octet at a time", .drips = true, .timeout_ms = 1500, .changed = POLICY_OPEN },
	{ .label = "content type",
	  .response = MX_POLICY_HEADER("200 OK", "text/html; charset=utf-8") MX_POLICY,
	  .changed = "mta-sts.policy example.test bad",
	  .evidence = "content type \"text/html; charset=utf-8\"",
	  .mend = "as text/plain" },
	{ .label = "content type with parameters",
	  .response = MX_POLICY_HEADER("200 OK", "Text/Plain ; charset=us-ascii") MX_POLICY,
	  .changed = "" },

	/* the policy */
	{ .label = "a web page",
	  .response = OK_HEADER "<html>\n",
	  .changed = "mta-sts.syntax example.test bad" VALUES_GONE,
	  .evidence = "line 1: it is no name: value",
	  .mend = "\"version: STSv1\"" },
	{ .label = "field missing",
	  .response = OK_HEADER "version: STSv1\nmode: enforce\nmx: *.example.test\n",
	  .changed = "mta-sts.syntax example.test bad" VALUES_GONE,
	  .evidence = "max_age is missing" },
	{ .label = "host without pattern",
	  .response = OK_HEADER "version: STSv1\nmode: enforce\nmax_age: 2592000\nmx: mx1.example.test\n",
	  .changed = "mta-sts.mx mx2.example.test bad",
	  .evidence = "no pattern of the policy is for it",
	  .mend = "the line \"mx: mx2.example.test\"" },
	{ .label = "testing",
	  .response = OK_HEADER "version: STSv1\nmode: testing\nmax_age: 2592000\nmx: *.example.test\n",
	  .changed = "mta-sts.mode example.test bad",
	  .evidence = "mode: testing",
	  .mend = "mode: enforce" },
	{ .label = "none",
	  .response = OK_HEADER "version: STSv1\nmode: none\nmax_age: 2592000\n",
	  .changed =
	      "mta-sts.mode example.test bad, mta-sts.mx mx1.example.test gone, mta-sts.mx mx2.example.test gone",
	  .evidence = "mode: none" },
	{ .label = "less than a week",
	  .response = OK_HEADER "version: STSv1\nmode: enforce\nmax_age: 604799\nmx: *.example.test\n",
	  .changed = "mta-sts.max-age example.test bad",
	  .evidence = "max_age: 604799 s, less than a week",
	  .mend = "max_age: 2592000" },
	{ .label = "more than a year",
	  .response = OK_HEADER "version: STSv1\nmode: enforce\nmax_age: 31557601\nmx: *.example.test\n",
	  .changed = "mta-sts.max-age example.test bad",
	  .evidence = "more than the year" },
	{ .label = "a policy of no host where the MX cannot be had",
	  .failed = "example.test",
	  .response = OK_HEADER "<html>\n",
	  .changed = "mta-sts.syntax example.test bad" VALUES_GONE,
	  .mend = "\"mx: HOST\" for each host that takes the domain's mail" },
	{ .label = "MX cannot be had",
	  .failed = "example.test",
	  .changed =
	      "mta-sts.mx example.test open, mta-sts.mx mx1.example.test gone, mta-sts.mx mx2.example.test gone" },

	/* TLS reporting */
	{ .label = "no reports",
	  .out = "_smtp._tls",
	  .changed = "tls-rpt.record example.test bad",
	  .evidence = "no record",
	  .mend = "_smtp._tls.example.test. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@example.test\"" },
	{ .label = "two report records",
	  .in = "_smtp._tls.example.test. 300 IN TXT \"v=TLSRPTv1; rua=mailto:a@b.c\"",
	  .changed = "tls-rpt.record example.test bad",
	  .evidence = "2 records" },
	{ .label = "report record that is not in the grammar",
	  .out = "_smtp._tls",
	  .in = "_smtp._tls.example.test. 300 IN TXT \"v=TLSRPTv1; rua=tls@example.test\"",
	  .changed = "tls-rpt.record example.test bad",
	  .evidence = "a report address is no URI" },
	{ .label = "report address that nobody can use",
	  .out = "_smtp._tls",
	  .in = "_smtp._tls.example.test. 300 IN TXT \"v=TLSRPTv1; rua=ftp://example.test/\"",
	  .changed = "tls-rpt.record example.test bad",
	  .evidence = "neither mailto: nor https:" },
	{ .label = "report record cannot be had",
	  .failed = "_smtp._tls.example.test",
	  .changed = "tls-rpt.record example.test open" },
};

static void each_fault_is_found_and_changes_nothing_else(void **state)
{
	mx_bench_faults(faults, ARRAY_LEN(faults));
}

/* What is compared is what was noted. */
static void what_a_run_has_seen_is_known_to_the_next(void **state)
{
	struct findings first = { 0 };
	struct posture_cost cost;
	mx_bench_good(&first, &cost, 0);
	for (size_t i = 0; i < first.count; i++) {
		if (strcmp(first.v[i].id, "mta-sts.id") != 0)
			continue;
		assert_string_equal(first.v[i].seen_version, "20261126");
		const struct mx_fault rows[] = {
			{ .label = "the same policy",
			  .previous = first.v[i].evidence,
			  .seen_version = first.v[i].seen_version,
			  .seen_sha256 = first.v[i].seen_sha256,
			  .changed = "" },
			{ .label = "another policy",
			  .previous = first.v[i].evidence,
			  .seen_version = first.v[i].seen_version,
			  .seen_sha256 = first.v[i].seen_sha256,
			  .response = OK_HEADER MX_POLICY "note: x\n",
			  .changed = "mta-sts.id example.test bad",
			  .evidence = first.v[i].evidence },
			{ .label = "no policy this time",
			  .previous = first.v[i].evidence,
			  .seen_version = first.v[i].seen_version,
			  .seen_sha256 = first.v[i].seen_sha256,
			  .failed = "mta-sts.example.test",
			  .changed = POLICY_OPEN },
		};
		mx_bench_faults(rows, ARRAY_LEN(rows));
	}
	findings_fini(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found_and_changes_nothing_else),
		cmocka_unit_test(what_a_run_has_seen_is_known_to_the_next),
	};
	if (!mx_bench_possible()) {
		print_message("skipped: this machine has no IPv6 loopback\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
