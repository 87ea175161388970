/* MTA-STS records and policies: grammar/mtasts.json. */
#include "harness/posture/records/mta_sts.h"
#include "tests/unit/suites.h"

static bool is_taken(const char *test, struct span text)
{
	struct mta_sts_policy policy;
	struct span id;
	const char *why;
	if (span_is(span_of(test), "TestRecord"))
		return mta_sts_record_parse(text, &id, &why);
	return mta_sts_policy_parse(text, &policy);
}

void suite_mta_sts(struct suite *suite)
{
	json_t *rows = suite_load(suite, "grammar/mtasts.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const json_t *input = json_object_get(row, "input");
		struct span text = span_make(json_string_value(input), json_string_length(input));
		bool good = span_is(span_of(json_string_value(json_object_get(row, "kind"))), "good");
		bool right = is_taken(json_string_value(json_object_get(row, "test")), text) == good;
		if (!right)
			printf("wrong: %s\n", json_string_value(input));
		suite_count(suite, right, NULL);
	}
	json_decref(rows);
}
