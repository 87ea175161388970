/* What is wrong with a configuration, collected. */
#include "harness/config/config_problem.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/base/vec.h"

int config_problems_add(struct config_problems *problems, enum config_severity severity, const char *file,
			unsigned line, const char *text, struct error *err)
{
	char escaped[ERROR_TEXT_MAX + 256];
	escape_text(escaped, sizeof(escaped), span_of(text));
	if (vec_grow(&problems->list, problems->count, &problems->cap, sizeof(*problems->list), err) < 0)
		return -1;
	struct config_problem problem = { severity, line, strdup(file), strdup(escaped) };
	if (!problem.file || !problem.text) {
		free(problem.file);
		free(problem.text);
		return error_memory(err);
	}
	problems->list[problems->count++] = problem;
	if (severity == CONFIG_ERROR)
		problems->errors++;
	return 0;
}

static int by_line(const void *a, const void *b)
{
	const struct config_problem *x = a, *y = b;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

void config_problems_sort(struct config_problems *problems)
{
	if (problems->count > 0)
		qsort(problems->list, problems->count, sizeof(*problems->list), by_line);
}

void config_problems_fini(struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		free(problems->list[i].file);
		free(problems->list[i].text);
	}
	free(problems->list);
	*problems = (struct config_problems){ 0 };
}
