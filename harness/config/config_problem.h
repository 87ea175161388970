/* What is wrong with a configuration, collected: every mistake is told at once. */
#ifndef CONFIG_CONFIG_PROBLEM_H
#define CONFIG_CONFIG_PROBLEM_H

#include <stddef.h>

#include "harness/base/error.h"

enum config_severity { CONFIG_ERROR, CONFIG_WARNING };

struct config_problem {
	enum config_severity severity;
	unsigned line; /* 0 for the file as a whole */
	char *file;    /* path, as opened */
	char *text;    /* `[section] key: what is wrong: how to mend it`, one line, escaped */
};

/* Everything that is wrong with one file, by line. */
struct config_problems {
	struct config_problem *list;
	size_t count;
	size_t cap;
	size_t errors; /* how many of them are errors */
};

void config_problems_fini(struct config_problems *problems);

/* Adds one; the text is escaped. Errors: memory. */
int config_problems_add(struct config_problems *problems, enum config_severity severity, const char *file,
			unsigned line, const char *text, struct error *err);

/* Orders them by line. */
void config_problems_sort(struct config_problems *problems);

#endif
