/* DMARC of a message over a zone: the input is a message whose body has one record a line, `name text`, and domains
 * that DKIM passes for, `!domain`. */
#include "harness/auth/dmarc.h"

#include "harness/dns/name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_dns.h"

enum { RECORDS_MAX = 12, SIGNATURES_MAX = 4, DOMAINS_MAX = 9, WALK_MAX = 8, REPORTS_MAX = 20, TEXT_MAX = 4000 };

static void add_record(struct fake_dns *dns, struct span name, struct span text)
{
	char made[DNS_NAME_TEXT_MAX];
	if (!dns_name_make(name, made) || text.len > TEXT_MAX)
		return;
	if (span_is(text, "?"))
		fake_dns_state(dns, name, DNS_FAILED);
	else
		fake_dns_add_txt(dns, name, &text, 1);
}

static void read_lines(struct span body, struct fake_dns *dns, struct dkim_evaluation *dkim)
{
	struct span line, name;
	size_t records = 0;
	while (span_next(&body, '\n', &line)) {
		if (line.len > 0 && line.p[0] == '!' && dkim->count < SIGNATURES_MAX) {
			struct dkim_signature *s = &dkim->signatures[dkim->count++];
			s->result = AUTH_PASS;
			s->domain = span_dup(span_sub(line, 1, SIZE_MAX));
			CHECK(s->domain);
		} else if (records < RECORDS_MAX && span_next(&line, ' ', &name)) {
			records++;
			add_record(dns, name, line);
		}
	}
}

static void check(const struct dmarc_evaluation *e, size_t asked)
{
	/* A walk for the author, for each signature, for the record's domain and for each host of reports, the last of
	 * which costs a question of its own; one for existence; two by RFC 7489, for each domain of From. */
	size_t walks = 2 + SIGNATURES_MAX + REPORTS_MAX;
	CHECK(asked <= WALK_MAX * walks + REPORTS_MAX + 1 + DOMAINS_MAX * (2 + REPORTS_MAX));
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		const struct dmarc_reading *r = &e->readings[s];
		CHECK(r->reason && r->section && r->pct <= 100 && r->result != AUTH_NOT_REPORTED);
		CHECK(r->effective <= r->policy);
		CHECK(r->result != AUTH_PASS ||
		      (r->record && r->aligned_domain && (r->aligned_spf || r->aligned_dkim)));
		CHECK(r->result != AUTH_FAIL || (r->record && !r->aligned_domain && !r->aligned_dkim));
	}
	CHECK(e->difference || e->readings[0].result == e->readings[1].result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_make((const char *)data, size);
	struct dkim_evaluation dkim = { .signatures = calloc(SIGNATURES_MAX, sizeof(*dkim.signatures)) };
	struct spf_evaluation spf = { .evaluated = true, .result = AUTH_NONE };
	struct fake_dns *dns = fake_dns_new();
	struct error err = ERROR_INIT;
	struct header header;
	struct dmarc_evaluation e;
	CHECK(dkim.signatures && header_parse(&header, message, &err) == 0);
	read_lines(span_sub(message, header.body_offset, SIZE_MAX), dns, &dkim);
	CHECK(dmarc_evaluate(&header, &spf, &dkim, &dns->base, &e, &err) == 0);
	check(&e, dns->questions);
	dmarc_evaluation_fini(&e);
	dkim_evaluation_fini(&dkim);
	resolver_free(&dns->base);
	header_fini(&header);
	return 0;
}
