/* DMARC by RFC 9989: dmarc/rfc9989.json. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "tests/unit/suites.h"
#include "tests/unit/table_resolver.h"

enum { ROWS_MAX = 16, TEXT_MAX = 2048 };

struct zone {
	struct table_row rows[ROWS_MAX + 1];
	struct buf texts[ROWS_MAX];
	size_t count;
};

static void zone_add(struct zone *zone, const char *name, json_t *strings)
{
	struct buf *text = &zone->texts[zone->count];
	json_t *part;
	size_t i;
	if (zone->count == ROWS_MAX)
		abort();
	buf_init(text, TEXT_MAX);
	json_array_foreach(strings, i, part) buf_add_str(text, json_string_value(part));
	zone->rows[zone->count++] = (struct table_row){ .name = name, .txt = strings ? buf_str(text) : NULL };
}

static void zone_read(struct zone *zone, json_t *data)
{
	const char *name, *type;
	json_t *types, *records, *record;
	size_t i;
	json_object_foreach(data, name, types) json_object_foreach(types, type, records)
	    json_array_foreach(records, i, record) zone_add(zone, name, strcmp(type, "TXT") == 0 ? record : NULL);
}

static char *domain_of(json_t *list, size_t i)
{
	return strdup(json_string_value(json_object_get(json_array_get(list, i), "domain")));
}

/* The data lists what passes. */
static int evaluate(json_t *input, struct resolver *resolver, struct dmarc_evaluation *ret)
{
	_cleanup_(buf_fini) struct buf message = BUF_INIT(TEXT_MAX);
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation dkim = { 0 };
	_cleanup_(spf_evaluation_fini) struct spf_evaluation spf = { .evaluated = true, .result = AUTH_NONE };
	_cleanup_(header_fini) struct header header = { 0 };
	json_t *signers = json_object_get(input, "dkimDomains"), *senders = json_object_get(input, "spfDomains");
	struct error err = ERROR_INIT;
	dkim.signatures = calloc(json_array_size(signers) + 1, sizeof(*dkim.signatures));
	for (; dkim.count < json_array_size(signers); dkim.count++) {
		dkim.signatures[dkim.count].result = AUTH_PASS;
		dkim.signatures[dkim.count].domain = domain_of(signers, dkim.count);
	}
	if (json_array_size(senders) > 0) {
		spf.result = AUTH_PASS;
		spf.domain = domain_of(senders, 0);
	}
	buf_addf(&message, "From: %s\r\n\r\n", json_string_value(json_object_get(input, "headerFrom")));
	if (header_parse(&header, buf_span(&message), &err) < 0)
		return -1;
	return dmarc_evaluate(&header, &spf, &dkim, resolver, ret, &err);
}

static bool says(const char *what, const char *got, json_t *expected)
{
	bool right = !expected || strcmp(got ? got : "", json_string_value(expected)) == 0;
	if (!right)
		printf("%s: %s instead of %s\n", what, got, json_string_value(expected));
	return right;
}

static bool is_right(json_t *row)
{
	struct zone zone = { 0 };
	struct table_resolver resolver;
	struct dmarc_evaluation e = { 0 };
	json_t *expected = json_object_get(row, "expected"), *alignment = json_object_get(expected, "alignment");
	zone_read(&zone, json_object_get(row, "zone"));
	table_resolver_init(&resolver, zone.rows);
	bool right = evaluate(json_object_get(row, "input"), &resolver.base, &e) == 0;
	const struct dmarc_reading *r = &e.readings[DMARC_RFC9989];
	json_t *spf = json_object_get(json_object_get(alignment, "spf"), "result");
	json_t *dkim = json_object_get(json_object_get(alignment, "dkim"), "result");
	right = right && says("result", auth_result_name(r->result), json_object_get(expected, "result"));
	right = right && says("policy", dmarc_policy_name(r->effective), json_object_get(expected, "policy"));
	right = right && says("domain", r->org_domain, json_object_get(expected, "domain"));
	if (alignment)
		right = right && r->aligned_spf == (spf != NULL) && r->aligned_dkim == (dkim != NULL) &&
			r->strict_dkim == json_is_true(json_object_get(json_object_get(alignment, "dkim"), "strict"));
	dmarc_evaluation_fini(&e);
	table_resolver_fini(&resolver);
	for (size_t i = 0; i < zone.count; i++)
		buf_fini(&zone.texts[i]);
	return right;
}

void suite_dmarc(struct suite *suite)
{
	json_t *rows = suite_load(suite, "dmarc/rfc9989.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const char *disputed = json_string_value(json_object_get(json_object_get(row, "expected"), "disputed"));
		bool right = is_right(row);
		if (!right)
			printf("differs: %s\n", json_string_value(json_object_get(row, "name")));
		suite_count(suite, right, disputed);
	}
	json_decref(rows);
}
