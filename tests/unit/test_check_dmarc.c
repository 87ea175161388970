/* DMARC of the From domain: one fault at a time in a zone where all is right. */
#include <stdio.h>
#include <string.h>

#include "harness/posture/dmarc/checks.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "dmarc", check_dmarc } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

#define AT     "_dmarc.example.org. TXT "
#define OWN    "_dmarc.example.org. 3600 IN TXT "
#define RUA    "rua=mailto:d@example.org,mailto:r@in.reports.example"
#define RECORD "v=DMARC1; p=reject; " RUA

static const char zone[] = "example.org. SOA ns. root. 1 2 3 4 50\n" AT "\"" RECORD "\"\n"
			   "example.org._report._dmarc.in.reports.example. TXT \"v=DMARC1;\"\n";

static const struct posture_params params = { .domain = "example.org",
					      .from_address = "hello@example.org",
					      .envelope_domain = "bounce.example.org" };

#define ALL_GONE                                                                                                       \
	"dmarc.alignment gone, dmarc.enforced gone, dmarc.pct gone, dmarc.policy gone, dmarc.readings gone, "          \
	"dmarc.reject gone, dmarc.rua gone, dmarc.rua-authorised gone, dmarc.subdomains gone, dmarc.syntax gone, "     \
	"dmarc.testing gone"

static const struct posture_fault faults[] = {
	{ "no record", AT, NULL, NULL, "dmarc.record bad, " ALL_GONE, "no DMARC record for example.org",
	  "publish: " OWN "\"v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org\"" },
	{ "at the wrong place", AT, "example.org. TXT \"v=DMARC1; p=reject\"", NULL, "dmarc.record bad, " ALL_GONE,
	  "there is one at the domain itself", "publish: " OWN "\"v=DMARC1; p=reject\"" },
	{ "two records", NULL, AT "\"v=DMARC1; p=none\"", NULL, "dmarc.record bad, " ALL_GONE, "has 2 DMARC records",
	  "publish one record in the place of all: " OWN "\"" RECORD "\"" },
	{ "an address that is none", AT, AT "\"" RECORD ",d@example.org\"", NULL, "dmarc.syntax bad",
	  "octet 20, rua: not every address is a valid URI (RFC 9989 section 4.7)", OWN "\"v=DMARC1; p=reject\"" },
	{ "a mode that is none", AT, AT "\"" RECORD "; aspf=strict; adkim=r\"", NULL, "dmarc.syntax bad",
	  "aspf: the value is not r or s", OWN "\"" RECORD "; adkim=r\"" },
	{ "p not in front", AT, AT "\"v=DMARC1; " RUA "; p=reject\"", NULL, "dmarc.syntax bad",
	  "p: the tag does not stand directly behind v (RFC 7489 section 6.3)", OWN "\"" RECORD "\"" },
	{ "a policy that is none", AT, AT "\"v=DMARC1; p=refuse; " RUA "\"", NULL,
	  "dmarc.enforced bad, dmarc.policy bad, dmarc.reject bad, dmarc.syntax bad", "p=none",
	  OWN "\"v=DMARC1; p=quarantine; " RUA "\"" },
	{ "no policy", AT, AT "\"v=DMARC1; " RUA "\"", NULL,
	  "dmarc.enforced bad, dmarc.policy bad, dmarc.reject bad, dmarc.syntax bad", "p=none",
	  OWN "\"v=DMARC1; p=quarantine; " RUA "\"" },
	{ "p=none", AT, AT "\"v=DMARC1; p=none; " RUA "\"", NULL, "dmarc.enforced bad, dmarc.reject bad",
	  "p=none of example.org",
	  "when all mail of the domain passes, publish: " OWN "\"v=DMARC1; p=quarantine; " RUA },
	{ "p=quarantine", AT, AT "\"v=DMARC1; p=quarantine; " RUA "\"", NULL, "dmarc.reject bad",
	  "p=quarantine of example.org", OWN "\"" RECORD "\"" },
	{ "t=y", AT, AT "\"" RECORD "; t=y\"", NULL, "dmarc.reject bad, dmarc.testing bad",
	  "p=reject of example.org, one step lower by t=y", OWN "\"" RECORD "\"" },
	{ "weaker subdomains", AT, AT "\"v=DMARC1; p=reject; sp=none; " RUA "\"", NULL, "dmarc.subdomains bad",
	  "p=reject, subdomains none, those that do not exist none", OWN "\"" RECORD "\"" },
	{ "weaker names that do not exist", AT, AT "\"v=DMARC1; p=reject; np=quarantine; " RUA "\"", NULL,
	  "dmarc.subdomains bad", "those that do not exist quarantine", OWN "\"" RECORD "\"" },
	{ "pct", AT, AT "\"" RECORD "; pct=50\"", NULL, "dmarc.pct bad", "50 % of messages", OWN "\"" RECORD "\"" },
	{ "strict, with another envelope domain", AT, AT "\"" RECORD "; aspf=s\"", NULL, "dmarc.alignment bad",
	  "adkim=r, aspf=s: the envelope's domain bounce.example.org is not aligned", OWN "\"" RECORD "\"" },
	{ "no report address", AT, AT "\"v=DMARC1; p=reject\"", NULL, "dmarc.rua bad",
	  "no address for aggregate reports", OWN "\"v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org\"" },
	{ "reports that nobody accepts", "example.org._report", NULL, NULL, "dmarc.rua-authorised bad",
	  "mailto:r@in.reports.example: not accepted there",
	  "have in.reports.example publish example.org._report._dmarc.in.reports.example. 3600 IN TXT \"v=DMARC1\"" },
	{ "reports of which it is not known", NULL, NULL, "example.org._report._dmarc.in.reports.example",
	  "dmarc.rua-authorised open", "not known whether it is accepted", NULL },
	{ "no answer", NULL, NULL, "_dmarc.example.org",
	  "dmarc.alignment open, dmarc.enforced open, dmarc.pct open, dmarc.policy open, dmarc.readings open, "
	  "dmarc.record open, dmarc.reject open, dmarc.rua open, dmarc.rua-authorised open, dmarc.subdomains open, "
	  "dmarc.syntax open, dmarc.testing open",
	  "_dmarc.example.org: timed out after 5 s", NULL },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

/* A record of a public suffix counts by the tree walk alone. */
static void readings_that_differ_are_found(void **state)
{
	static const char suffix[] = "_dmarc.co.uk. TXT \"v=DMARC1; p=reject; psd=y; rua=mailto:d@example.co.uk\"\n";
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = suffix };
	own.domain = own.envelope_domain = "example.co.uk";
	own.from_address = "hello@example.co.uk";
	posture_look(&dns, &own, &findings, NULL);
	const struct finding *readings = posture_finding(&findings, "dmarc.readings", "example.co.uk");
	assert_int_equal(readings->state, FINDING_BAD);
	assert_string_equal(readings->evidence, "RFC 9989: reject of co.uk; RFC 7489: no record");
	assert_non_null(strstr(readings->mend, "_dmarc.example.co.uk. 3600 IN TXT \"v=DMARC1; p=reject"));
}

static void an_envelope_of_another_organisation_is_not_aligned(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = zone };
	own.envelope_domain = "provider.example";
	posture_look(&dns, &own, &findings, NULL);
	const struct finding *alignment = posture_finding(&findings, "dmarc.alignment", "example.org");
	assert_int_equal(alignment->state, FINDING_BAD);
	assert_string_equal(alignment->mend, "use an envelope sender at example.org");
}

static void several_records_of_the_organisation_are_found(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = AT "\"v=DMARC1; p=reject\"\n" AT "\"v=DMARC1; p=none\"\n" };
	own.from_address = "hello@mail.example.org";
	posture_look(&dns, &own, &findings, NULL);
	const struct finding *record = posture_finding(&findings, "dmarc.record", "mail.example.org");
	assert_int_equal(record->state, FINDING_BAD);
	assert_string_equal(record->evidence, "_dmarc.example.org has 2 DMARC records, so that none counts");
	assert_string_equal(record->mend, "publish one record in the place of all: " OWN "\"v=DMARC1; p=reject\"");
}

static void stored_messages_would_pass(void **state)
{
	static const struct {
		const char *label;
		enum auth_result results[2];
		enum finding_state state;
		const char *evidence;
	} rows[] = {
		{ "both", { AUTH_PASS, AUTH_PASS }, FINDING_GOOD, "all 2 messages of the newest run pass" },
		{ "one fails", { AUTH_PASS, AUTH_FAIL }, FINDING_BAD, "1 of 2 messages of the newest run pass; why" },
		{ "one is not known",
		  { AUTH_PASS, AUTH_UNKNOWN },
		  FINDING_OPEN,
		  "1 of 2 messages of the newest run pass, of the others it is not known" },
	};
	char why[] = "why";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		struct evaluation evaluations[2] = { 0 };
		const struct evaluation *const list[] = { &evaluations[0], &evaluations[1] };
		struct posture_params own = params;
		const struct posture_dns dns = { .zone = zone };
		own.evaluations = list;
		own.evaluation_count = 2;
		for (size_t n = 0; n < 2; n++)
			for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
				evaluations[n].dmarc.readings[s] = (struct dmarc_reading){ .result = rows[i].results[n],
											   .reason = why };
		posture_look(&dns, &own, &findings, NULL);
		const struct finding *pass = posture_finding(&findings, "dmarc.would-pass", "example.org");
		ROW_ASSERT(rows[i].label, pass->state == rows[i].state);
		ROW_ASSERT_STRING(rows[i].label, pass->evidence, rows[i].evidence);
	}
}

/* Walks of both standards, of the envelope and of report hosts: two rounds, and one that the evaluation needs. */
static void few_rounds_are_enough(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	const struct posture_dns dns = { .zone = zone, .delay_ms = 250 };
	posture_look(&dns, &params, &findings, &cost);
	assert_true(cost.questions >= 7);
	assert_true(cost.took_ms >= 500);
	assert_true(cost.took_ms < 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(readings_that_differ_are_found),
		cmocka_unit_test(an_envelope_of_another_organisation_is_not_aligned),
		cmocka_unit_test(several_records_of_the_organisation_are_found),
		cmocka_unit_test(stored_messages_would_pass),
		cmocka_unit_test(few_rounds_are_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
