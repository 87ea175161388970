/* Configurations as people write them: config.json and config/. */
#include <string.h>

#include "harness/config/config_load.h"
#include "harness/config/config_secrets.h"
#include "tests/unit/suites.h"

/* Why the data is held to be wrong, or NULL. */
static const char *field_config_dispute(const char *file)
{
	/* Its message has a From of its own, with another address: the run refuses that, and says so beforehand. */
	return strcmp(file, "config/from-idn.ini") == 0 ? "config/from-idn.ini: its template is from another address"
							: NULL;
}

static bool field_config_says(json_t *row, const struct config_problems *problems, const struct error *err)
{
	size_t i;
	json_t *word;
	json_array_foreach(json_object_get(row, "says"), i, word)
	{
		struct span wanted = span_of(json_string_value(word));
		bool said = span_find_nocase(span_of(err->text), wanted, 0) >= 0;
		for (size_t k = 0; k < problems->count && !said; k++)
			said = span_find_nocase(span_of(problems->list[k].text), wanted, 0) >= 0;
		if (!said)
			return false;
	}
	return true;
}

/* As `config check` does it: 0, or 1 where anything has to be changed. */
static bool field_config_is_right(const char *folder, json_t *row)
{
	char path[4096];
	const char *file = json_string_value(json_object_get(row, "file"));
	struct error err = ERROR_INIT;
	struct config *config = NULL;
	struct config_problems problems = { 0 };
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	int status = config_load(path, &config, &problems, &err) < 0 ||
		     config_check_secrets(config, &problems, &err) < 0 || problems.errors > 0;
	bool right = status == json_integer_value(json_object_get(row, "exit_status")) &&
		     field_config_says(row, &problems, &err);
	for (size_t i = 0; i < problems.count && !right; i++)
		if (problems.list[i].severity == CONFIG_ERROR)
			printf("wrong: %s:%u: %s\n", file, problems.list[i].line, problems.list[i].text);
	if (!right)
		printf("wrong: %s: status %d %s\n", file, status, err.text);
	config_problems_fini(&problems);
	config_free(config);
	return right;
}

void field_config(struct suite *suite)
{
	json_t *rows = suite_load(suite, "config.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	    suite_count(suite, field_config_is_right(suite->folder, row),
			field_config_dispute(json_string_value(json_object_get(row, "file"))));
	json_decref(rows);
}
