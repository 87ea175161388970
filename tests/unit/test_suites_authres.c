/* Authentication-Results against independent conformance data: $SUITES/authres/dkim_verifier.json. Skipped without it.
 */
#include <jansson.h>

#include "harness/mail/authres.h"
#include "harness/mail/header.h"

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

int main(void)
{
	const char *suites = getenv("SUITES");
	char path[4096];
	json_error_t why;
	size_t i, right = 0;
	json_t *row;
	if (!suites) {
		printf("skipped: SUITES does not name the folder of the conformance data\n");
		return 77;
	}
	snprintf(path, sizeof(path), "%s/authres/dkim_verifier.json", suites);
	json_t *rows = json_load_file(path, 0, &why);
	if (!rows) {
		printf("%s: %s\n", path, why.text);
		return 1;
	}
	json_array_foreach(rows, i, row) right += is_right(row);
	size_t total = json_array_size(rows);
	printf("authres/dkim_verifier: %zu of %zu right\n", right, total);
	json_decref(rows);
	return right == total && total > 0 ? 0 : 1;
}
