/* TLS reporting records: grammar/tlsrpt.json. */
#include "harness/posture/records/tls_rpt.h"
#include "tests/unit/suites.h"

void suite_tls_rpt(struct suite *suite)
{
	json_t *rows = suite_load(suite, "grammar/tlsrpt.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const char *input = json_string_value(json_object_get(row, "input"));
		bool good = span_is(span_of(json_string_value(json_object_get(row, "kind"))), "good");
		struct tls_rpt_record record;
		bool right = tls_rpt_record_parse(span_of(input), &record) == good;
		if (!right)
			printf("wrong: %s\n", input);
		suite_count(suite, right, NULL);
	}
	json_decref(rows);
}
