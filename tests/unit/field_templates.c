/* Templates as services have them: templates.json and templates/. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/config/config_load.h"
#include "tests/unit/suites.h"

enum { TEMPLATE_LINE = 14 }; /* of the key, below */

static const char *field_template_text(json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* A configuration that has the template, as a file: only of a file templates are looked at. */
static void field_template_write(const char *path, const char *folder, json_t *row)
{
	FILE *out = fopen(path, "w");
	if (!out ||
	    fprintf(out,
		    "[service]\nfrom = Example Service <hello@svc.test>\nenvelope_sender = b+{tag}@bounces.svc.test\n"
		    "[smtp]\nurl = smtp://127.0.0.1:2525\nstarttls = none\n[provider seed]\nhost = 127.0.0.1\n"
		    "received_by = mx.seed.test\n[seed u1@seed.test]\nprovider = seed\npassword = env:X\n"
		    "[message m]\ntemplate = %s/%s\n%s\n",
		    folder, field_template_text(row, "file"), field_template_text(row, "setting")) < 0 ||
	    fclose(out) != 0)
		exit(1);
}

static bool field_template_says(json_t *row, const struct config_problems *problems)
{
	size_t i;
	json_t *word;
	json_array_foreach(json_object_get(row, "says"), i, word)
	{
		bool said = false;
		for (size_t k = 0; k < problems->count && !said; k++)
			said = span_find_nocase(span_of(problems->list[k].text), span_of(json_string_value(word)), 0) >=
			       0;
		if (!said)
			return false;
	}
	return true;
}

/* What is taken is taken in silence; what is refused is refused at the key's own line, with the words of the data. */
static bool field_template_is_right(const char *path, json_t *row)
{
	const char *expected = field_template_text(row, "expect");
	struct error err = ERROR_INIT;
	struct config *config = NULL;
	struct config_problems problems = { 0 };
	bool loaded = config_load(path, &config, &problems, &err) == 0, taken = loaded && problems.count == 0;
	bool right = taken ? strcmp(expected, "refused") != 0
			   : loaded && strcmp(expected, "taken") != 0 && problems.count == 1 &&
				 problems.list[0].line == TEMPLATE_LINE && field_template_says(row, &problems);
	for (size_t i = 0; i < problems.count && !right; i++)
		printf("wrong: %s: line %u: %s\n", field_template_text(row, "file"), problems.list[i].line,
		       problems.list[i].text);
	if (!right)
		printf("wrong: %s: %s %s\n", field_template_text(row, "file"), taken ? "taken" : "refused", err.text);
	config_problems_fini(&problems);
	config_free(config);
	return right;
}

void field_templates(struct suite *suite)
{
	char path[] = "/tmp/postproof-test-XXXXXX";
	json_t *rows = suite_load(suite, "templates.json"), *row;
	size_t i;
	int fd = mkstemp(path);
	if (fd < 0)
		exit(1);
	close(fd);
	json_array_foreach(rows, i, row)
	{
		field_template_write(path, suite->folder, row);
		suite_count(suite, field_template_is_right(path, row), NULL);
	}
	unlink(path);
	json_decref(rows);
}
