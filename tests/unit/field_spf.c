/* SPF as it is published: spf.json. */
#include <string.h>

#include "harness/auth/spf.h"
#include "harness/base/compiler.h"
#include "harness/dns/resolver_zone.h"
#include "tests/unit/suites.h"

static const char *text_of(json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static bool is_right(json_t *row)
{
	struct error err = ERROR_INIT;
	struct spf_evaluation e = { 0 };
	struct resolver *resolver = NULL;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	struct spf_request request = { .helo = span_of(text_of(row, "helo")),
				       .mail_from = span_of(text_of(row, "mail_from")) };
	bool right = ip_parse(span_of(text_of(row, "client")), &request.client) && zone_new(&zone, &err) == 0 &&
		     zone_parse(zone, span_of(text_of(row, "zone")), text_of(row, "id"), &err) == 0 &&
		     resolver_zone_new(zone, NULL, &resolver, &err) == 0 &&
		     spf_evaluate(&request, resolver, &e, &err) == 0 &&
		     suite_is_any(json_object_get(row, "result"), auth_result_name(e.result));
	if (!right)
		printf("wrong: %s: %s (%s) %s\n", text_of(row, "id"), auth_result_name(e.result),
		       e.reason ? e.reason : "", err.text);
	spf_evaluation_fini(&e);
	if (resolver)
		resolver_free(resolver);
	return right;
}

void field_spf(struct suite *suite)
{
	json_t *rows = suite_load(suite, "spf.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_right(row), NULL);
	json_decref(rows);
}
