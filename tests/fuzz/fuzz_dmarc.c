/* DMARC of a message over a zone: the input is a message whose body has one record a line, `name text`, and domains
 * that DKIM passes for, `!domain`. */
#include "harness/auth/dmarc.h"

#include <string.h>

#include "harness/base/compiler.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/table_resolver.h"

enum { ROWS_MAX = 12, SIGNATURES_MAX = 4, DOMAINS_MAX = 9, WALK_MAX = 8, REPORTS_MAX = 20 };

struct input {
	struct table_row rows[ROWS_MAX + 1];
	char *owned[2 * ROWS_MAX];
	size_t row_count;
	struct dkim_evaluation dkim;
};

static void read_lines(struct input *in, struct span body)
{
	struct span line, name;
	while (span_next(&body, '\n', &line)) {
		if (line.len > 0 && line.p[0] == '!' && in->dkim.count < SIGNATURES_MAX) {
			struct dkim_signature *s = &in->dkim.signatures[in->dkim.count++];
			s->result = AUTH_PASS;
			s->domain = span_dup(span_sub(line, 1, SIZE_MAX));
			CHECK(s->domain);
		} else if (in->row_count < ROWS_MAX && span_next(&line, ' ', &name)) {
			char **owned = &in->owned[2 * in->row_count];
			owned[0] = span_dup(name);
			owned[1] = span_dup(line);
			CHECK(owned[0] && owned[1]);
			in->rows[in->row_count++] = (struct table_row){ owned[0], owned[1],
									strcmp(owned[1], "?") == 0 ? DNS_FAILED
												   : DNS_ANSWERED };
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
	struct input in = { 0 };
	struct spf_evaluation spf = { .evaluated = true, .result = AUTH_NONE };
	struct error err = ERROR_INIT;
	struct header header;
	struct table_resolver resolver;
	struct dmarc_evaluation e;
	in.dkim.signatures = calloc(SIGNATURES_MAX, sizeof(*in.dkim.signatures));
	CHECK(in.dkim.signatures && header_parse(&header, message, &err) == 0);
	read_lines(&in, span_sub(message, header.body_offset, SIZE_MAX));
	table_resolver_init(&resolver, in.rows);
	CHECK(dmarc_evaluate(&header, &spf, &in.dkim, &resolver.base, &e, &err) == 0);
	check(&e, resolver.asked);
	dmarc_evaluation_fini(&e);
	dkim_evaluation_fini(&in.dkim);
	table_resolver_fini(&resolver);
	header_fini(&header);
	for (size_t i = 0; i < 2 * in.row_count; i++)
		free(in.owned[i]);
	return 0;
}
