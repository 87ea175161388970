/* From as it is written, and the domain that DMARC takes from it: from.json. */
#include <string.h>

#include "harness/auth/dmarc_author.h"
#include "harness/base/buf.h"
#include "tests/unit/suites.h"

static bool field_from_right(json_t *row)
{
	const char *expected = json_string_value(json_object_get(row, "domain"));
	_cleanup_(buf_fini) struct buf message = BUF_INIT(1 << 16);
	_cleanup_(header_fini) struct header header = { 0 };
	_cleanup_(dmarc_authors_fini) struct dmarc_authors authors = { 0 };
	struct error err = ERROR_INIT;
	buf_addf(&message, "From: %s\r\n\r\n", json_string_value(json_object_get(row, "field")));
	if (header_parse(&header, buf_span(&message), &err) < 0 || dmarc_authors_read(&header, &authors, &err) < 0)
		return false;
	const char *got = authors.problem[0] == '\0' && authors.count == 1 ? authors.domains[0] : NULL;
	bool right = expected && got ? strcmp(expected, got) == 0 : !expected && !got;
	if (!right)
		printf("wrong: %s: %s (%s)\n", json_string_value(json_object_get(row, "id")), got ? got : "none",
		       authors.problem);
	return right;
}

void field_from(struct suite *suite)
{
	json_t *rows = suite_load(suite, "from.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, field_from_right(row), NULL);
	json_decref(rows);
}
