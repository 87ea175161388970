/* Authentication-Results: authres/dkim_verifier.json. */
#include "harness/mail/authres.h"
#include "harness/mail/header.h"
#include "tests/unit/suites.h"

/* A case is right when the header conforms exactly where the data says that a strict reader accepts it. */
static bool is_right(json_t *row)
{
	struct span input = span_of(json_string_value(json_object_get(row, "input")));
	bool throws = json_is_true(json_object_get(row, "throws"));
	struct error err = ERROR_INIT;
	struct header h;
	struct authres a;
	if (header_parse(&h, input, &err) < 0)
		return false;
	ptrdiff_t field = header_find(&h, "Authentication-Results", 0);
	if (field < 0 || authres_parse(&a, h.fields[field].value, false, false, &err) < 0) {
		header_fini(&h);
		return false;
	}
	bool right = throws == (a.deviation[0] != '\0');
	if (!right)
		printf("wrong: %s\n%.*s[%s]\n", json_string_value(json_object_get(row, "test")), SPAN_ARG(input),
		       a.deviation);
	authres_fini(&a);
	header_fini(&h);
	return right;
}

void suite_authres(struct suite *suite)
{
	json_t *rows = suite_load(suite, "authres/dkim_verifier.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_right(row), NULL);
	json_decref(rows);
}
