/* The findings of the sample: one of each result. */
#include "tests/unit/report_sample.h"
#include "tests/unit/unit.h"

#include "harness/base/ini.h"

static const char pack[] = "[rule own.tls]\n"
			   "text = Mail is handed over with TLS.\n"
			   "since = 2024-02-01\n"
			   "severity = fail\n"
			   "source = https://example.org/rules\n"
			   "findings = mx.starttls, spf.strings\n"
			   "[rule own.soon]\n"
			   "text = The policy is reject.\n"
			   "since = 2027-01-01\n"
			   "severity = fail\n"
			   "source = https://example.org/rules\n"
			   "findings = dmarc.policy\n";

void sample_fill_findings(struct sample *s, int64_t at_ms)
{
	static const char *const waivers[] = {
		"mx.ipv6 until 2027-06-30 because the line comes in spring",
		"dmarc.sp until 2027-06-30 because of nothing",
		"spf.strings until 2026-01-31 because we move",
	};
	const struct finding rows[] = {
		{ fact_lend("mx.starttls"), fact_lend("mx.example.org"), FINDING_BAD, fact_lend("no STARTTLS in EHLO"),
		  fact_lend("turn STARTTLS on"), at_ms },
		{ fact_lend("mx.ipv6"), fact_lend("mx.example.org"), FINDING_BAD, fact_lend("no AAAA record"),
		  fact_lend("publish mx.example.org. 3600 IN AAAA ADDRESS"), at_ms },
		{ fact_lend("spf.strings"), fact_lend("example.org"), FINDING_OPEN,
		  fact_lend("TXT: timed out after 5 s"), fact_lend(""), at_ms },
		{ fact_lend("dkim.present"), fact_lend("s1 of example.org"), FINDING_GOOD,
		  fact_lend(SAMPLE_HOSTILE_TEXT), fact_lend(""), at_ms },
		{ fact_lend("dmarc.policy"), fact_lend("example.org"), FINDING_BAD, fact_lend("p=none"),
		  fact_lend("publish _dmarc.example.org. 3600 IN TXT \"v=DMARC1; p=reject\""), at_ms },
	};
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(findings_add(&s->findings, &rows[i], &err), 0);
	findings_sort(&s->findings);
	for (size_t i = 0; i < ARRAY_LEN(waivers); i++)
		assert_int_equal(waivers_add(&s->waivers, span_of(waivers[i]), &err), 0);
	assert_int_equal(ini_read_span("own.ini", span_of(pack), &ini, &err), 0);
	assert_int_equal(rules_add(&s->rules, ini, &err), 0);
	ini_free(ini);
	assert_int_equal(judge_posture(&s->findings, &s->rules, &s->waivers, at_ms, &s->posture, &err), 0);
}
