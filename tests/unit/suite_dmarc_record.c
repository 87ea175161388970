/* DMARC records by the grammar of RFC 7489: grammar/dmarc-record.json. */
#include "harness/auth/dmarc_record.h"
#include "tests/unit/suites.h"

/* A good record gives a policy, a bad one is none, or shows where it departs from the grammar. */
static bool is_right(const char *text, bool good)
{
	struct dmarc_record r;
	struct error err = ERROR_INIT;
	int rc = dmarc_record_parse(span_of(text), DMARC_RFC7489, &r, &err);
	if (rc <= 0)
		return rc == 0 && !good;
	bool right = good ? r.usable && (r.problem_count == 0 || r.p_assumed) : r.problem_count > 0;
	dmarc_record_fini(&r);
	return right;
}

void suite_dmarc_record(struct suite *suite)
{
	json_t *rows = suite_load(suite, "grammar/dmarc-record.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const char *text = json_string_value(json_object_get(row, "input"));
		bool good = span_is(span_of(json_string_value(json_object_get(row, "kind"))), "valid");
		bool right = is_right(text, good);
		if (!right)
			printf("wrong: %s\n", text);
		suite_count(suite, right, NULL);
	}
	json_decref(rows);
}
