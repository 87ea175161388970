/* ARC: arc/validation.json. */
#include <string.h>
#include <strings.h>

#include "harness/auth/arc.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/suites.h"

#define NOW_MS 1700000000000

/* The data says "" where the chain was closed with cv=fail: that chain is failed. */
static const char *wanted(json_t *test)
{
	const char *cv = json_string_value(json_object_get(test, "cv"));
	return cv[0] == '\0' ? "fail" : cv;
}

static bool is_right(const char *name, json_t *test, struct resolver *resolver)
{
	_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
	struct span octets = span_of(json_string_value(json_object_get(test, "message")));
	struct error err = ERROR_INIT;
	struct header h;
	if (header_parse(&h, octets, &err) < 0)
		return false;
	struct auth_message message = { &h, span_sub(octets, h.body_offset, SIZE_MAX), false };
	int rc = arc_evaluate(&message, NOW_MS, resolver, NULL, &e, &err);
	header_fini(&h);
	bool right = rc == 0 && strcasecmp(auth_result_name(e.result), wanted(test)) == 0;
	if (!right)
		printf("wrong: %s: not %s but %s: %s\n", name, wanted(test), auth_result_name(e.result), e.reason);
	return right;
}

void suite_arc(struct suite *suite)
{
	json_t *scenarios = suite_load(suite, "arc/validation.json"), *scenario, *test, *txt;
	const char *name;
	size_t i;
	json_array_foreach(scenarios, i, scenario)
	{
		struct fake_dns *dns = fake_dns_new();
		json_object_foreach(json_object_get(scenario, "txt-records"), name, txt)
		    fake_dns_add(dns, span_of(name), DNS_TXT, span_of(json_string_value(txt)));
		json_object_foreach(json_object_get(scenario, "tests"), name, test)
		    suite_count(suite, is_right(name, test, &dns->base), NULL);
		resolver_free(&dns->base);
	}
	json_decref(scenarios);
}
