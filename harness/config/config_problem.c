/* What is wrong with a configuration, collected. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/config/config_read.h"

void config_report(struct config_reader *reader, enum config_severity severity, unsigned line, const char *fmt, ...)
{
	struct config_problems *problems = reader->problems;
	char raw[ERROR_TEXT_MAX + 256], text[ERROR_TEXT_MAX + 256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	text_escape(text, sizeof(text), span_of(raw));
	if (vec_grow(&problems->list, problems->count, &problems->cap, sizeof(*problems->list), &reader->error) < 0)
		return;
	struct config_problem problem = { severity, line, strdup(reader->file), strdup(text) };
	if (!problem.file || !problem.text) {
		free(problem.file);
		free(problem.text);
		error_memory(&reader->error);
		return;
	}
	problems->list[problems->count++] = problem;
	if (severity == CONFIG_ERROR)
		problems->errors++;
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
