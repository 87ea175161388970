/* An evaluation in which every member is filled, for the tests of the reports. */
#include "tests/unit/report_sample.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static char *own(const char *text)
{
	char *copy = strdup(text);
	assert_non_null(copy);
	return copy;
}

static void add_step(struct trail *trail, unsigned depth, const char *what, const char *name, const char *outcome)
{
	struct error err = ERROR_INIT;
	struct trail_step *step = NULL;
	const struct dns_question question = { name, DNS_TXT };
	const struct dns_answer answer = { .count = 1, .ttl = 300 };
	assert_int_equal(trail_add(trail, depth, what, name ? &question : NULL, name ? &answer : NULL, &step, &err), 0);
	assert_int_equal(trail_outcome(step, &err, "%s", outcome), 0);
	step->lookup = name && depth == 0 ? 1 : 0;
}

static void fill_spf(struct spf_evaluation *e, const char *text, bool hostile)
{
	*e = (struct spf_evaluation){
		.evaluated = true,
		.result = AUTH_PASS,
		.reason = own(hostile ? text : "matches ip4:192.0.2.0/24"),
		.section = "RFC 7208 section 5.6",
		.explanation = own(text),
		.identity = SPF_MAILFROM,
		.domain = own(hostile ? text : "example.gov.uk"),
		.mechanism = own(hostile ? text : "ip4:192.0.2.0/24"),
		.record = own(text),
		.lookups = 1,
		.helo = own(text),
		.mail_from = own(text),
		.source = SENDER_RECEIVED,
	};
	assert_true(ip_parse(SPAN_LIT("192.0.2.1"), &e->client));
	add_step(&e->trail, 0, hostile ? text : "include:_spf.example.net", hostile ? text : "_spf.example.net",
		 hostile ? text : "matches");
	add_step(&e->trail, 1, "ip4:192.0.2.0/24", NULL, "matches 192.0.2.0/24");
}

static void fill_dkim(struct dkim_evaluation *e, const char *text, bool hostile)
{
	e->result = AUTH_PASS;
	e->count = 1;
	e->signatures = calloc(1, sizeof(*e->signatures));
	assert_non_null(e->signatures);
	e->signatures[0] = (struct dkim_signature){
		.domain = own(hostile ? text : "example.gov.uk"),
		.selector = own(hostile ? text : "s1"),
		.identity = own(text),
		.algorithm = own(hostile ? text : "rsa-sha256"),
		.key_bits = 2048,
		.result = AUTH_PASS,
		.reason = own(hostile ? text : "the signature verifies"),
		.section = NULL,
		.signed_fields = own(text),
		.body_length = 5,
		.timestamp = 1795426200,
		.expiry = 1795426800,
		.copied_fields = own(text),
		.key_name = own(text),
		.key_ttl = 3600,
	};
	add_step(&e->trail, 0, text, text, text);
}

static void fill_reading(struct dmarc_reading *r, const char *text)
{
	*r = (struct dmarc_reading){
		.result = AUTH_PASS,
		.reason = own(text),
		.policy = DMARC_POLICY_REJECT,
		.effective = DMARC_POLICY_REJECT,
		.policy_tag = "p",
		.pct = 100,
		.record_domain = own(text),
		.record = own(text),
		.org_domain = own(text),
		.aligned_dkim = true,
		.aligned_domain = own(text),
		.report_count = 1,
	};
	r->reports = calloc(1, sizeof(*r->reports));
	assert_non_null(r->reports);
	r->reports[0] =
	    (struct dmarc_report){ .uri = own(text), .domain = own(text), .external = true, .authorised = AUTH_PASS };
	add_step(&r->trail, 0, text, text, text);
}

void sample_fill_evaluation(struct evaluation *e, const char *text, bool hostile)
{
	fill_spf(&e->spf, text, hostile);
	fill_dkim(&e->dkim, text, hostile);
	e->arc.result = AUTH_NONE;
	e->arc.reason = own(text);
	e->arc.sealed_by = own(text);
	add_step(&e->arc.trail, 0, text, text, text);
	e->dmarc.from_domain = own(text);
	e->dmarc.from_deviation = own(text);
	e->dmarc.difference = own(text);
	for (int i = 0; i < DMARC_STANDARD_COUNT; i++)
		fill_reading(&e->dmarc.readings[i], text);
}
