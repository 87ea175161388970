/* Loads, counts and sums up. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *suite_load(const struct suite *suite, const char *name)
{
	char path[4096];
	json_error_t why;
	snprintf(path, sizeof(path), "%s/%s", suite->folder, name);
	json_t *data = json_load_file(path, JSON_ALLOW_NUL, &why);
	if (!data) {
		printf("%s: %s\n", path, why.text);
		exit(1);
	}
	return data;
}

void suite_count(struct suite *suite, bool right, const char *disputed)
{
	suite->total++;
	suite->right += right;
	if (!right && disputed) {
		suite->disputed++;
		printf("disputed: %s\n", disputed);
	}
}

bool suite_is_any(const json_t *expected, const char *got)
{
	size_t i;
	json_t *one;
	if (json_is_string(expected))
		return strcmp(json_string_value(expected), got) == 0;
	json_array_foreach(expected, i, one) if (strcmp(json_string_value(one), got) == 0) return true;
	return false;
}

int suites_run(const char *variable, const struct suite_row *rows, size_t count)
{
	const char *folder = getenv(variable);
	size_t total = 0, right = 0, disputed = 0;
	if (!folder) {
		printf("skipped: %s does not name the folder of the data\n", variable);
		return 77;
	}
	for (size_t i = 0; i < count; i++) {
		struct suite suite = { .folder = folder };
		rows[i].run(&suite);
		printf("conformance: %s: %zu of %zu right, %zu disputed\n", rows[i].name, suite.right, suite.total,
		       suite.disputed);
		if (suite.total == 0)
			return 1;
		total += suite.total;
		right += suite.right;
		disputed += suite.disputed;
	}
	printf("conformance: %zu of %zu right, %zu disputed, %zu wrong\n", right, total, disputed,
	       total - right - disputed);
	return right + disputed == total ? 0 : 1;
}
