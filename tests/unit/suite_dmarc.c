/* DMARC by RFC 9989: dmarc/rfc9989.json. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/suites.h"

enum { TEXT_MAX = 2048, STRINGS_MAX = 8 };

/* A record; of what is not TXT only its being there matters. */
static void add_record(struct fake_dns *dns, const char *name, const char *type, json_t *record)
{
	struct span strings[STRINGS_MAX];
	json_t *string;
	size_t i;
	if (strcmp(type, "TXT") != 0) {
		fake_dns_add(dns, span_of(name), DNS_A, SPAN_LIT("192.0.2.1"));
		return;
	}
	if (json_array_size(record) > STRINGS_MAX)
		abort();
	json_array_foreach(record, i, string) strings[i] = span_of(json_string_value(string));
	fake_dns_add_txt(dns, span_of(name), strings, json_array_size(record));
}

static struct fake_dns *make_dns(json_t *zone)
{
	struct fake_dns *dns = fake_dns_new();
	const char *name, *type;
	json_t *types, *records, *record;
	size_t i;
	json_object_foreach(zone, name, types) json_object_foreach(types, type, records)
	    json_array_foreach(records, i, record) add_record(dns, name, type, record);
	return dns;
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
	struct fake_dns *dns = make_dns(json_object_get(row, "zone"));
	struct dmarc_evaluation e = { 0 };
	json_t *expected = json_object_get(row, "expected"), *alignment = json_object_get(expected, "alignment");
	bool right = evaluate(json_object_get(row, "input"), &dns->base, &e) == 0;
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
	resolver_free(&dns->base);
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
