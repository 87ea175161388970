/* Variables in text: finding `{{name}}` and putting values in their place. Pure. */
#ifndef SEND_TEMPLATE_VARS_H
#define SEND_TEMPLATE_VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

enum { TEMPLATE_VALUE_MAX = 64 * 1024 };

/* A variable of the user's own: `{{name}}` stands for the value. A name is letters, digits, `_`, `-` and `.`; the
 * built-in names are taken. The value is one line of UTF-8 (no control characters) and is not searched for variables
 * again, so that a variable whose value is `{{` writes a literal pair of braces. */
struct template_var {
	const char *name;
	const char *value;
};

/* The names that every template knows: `to` (the seed's address), `from` (the address of the From header), `tag`,
 * `date` (RFC 5322 section 3.3). For help texts and for the check of own names. */
extern const char *const template_builtins[];
extern const size_t template_builtin_count;

/* Checks a name and a value as template_load does, for a reader that knows the line. ERROR_CONFIG. */
int template_var_check(const struct template_var *var, struct error *err);

struct template_values {
	const struct template_var *own;
	size_t own_count;
	const char *const *builtin; /* in the order of template_builtins; NULL while only the names count */
	bool ascii_only;            /* a value that is not ASCII is a fault: the text has another charset */
};

enum template_fault {
	TEMPLATE_FINE,
	TEMPLATE_UNTERMINATED, /* `{{` without `}}` on its line */
	TEMPLATE_NO_NAME,      /* what stands between is no name */
	TEMPLATE_UNKNOWN,      /* a name that nothing is known of */
	TEMPLATE_NOT_ASCII,    /* see ascii_only */
	TEMPLATE_TOO_LARGE,    /* *out has failed */
};

struct template_problem {
	enum template_fault fault;
	size_t at;        /* offset of the `{{` */
	struct span name; /* what stands between, cut at 80 octets; borrowed from the text */
};

/* Adds the text to *out with every variable replaced; `out` NULL only checks. Returns how many variables there were, or
 * -1 with *problem. Values are not searched. */
ptrdiff_t template_expand(struct span text, const struct template_values *values, struct buf *out,
			  struct template_problem *problem);

/* Whether `{{name}}` with this very name stands in the text. */
bool template_mentions(struct span text, const char *name);

/* Says the problem and its mend in words, `where` in front ("file.eml:12"). Returns -1. */
int template_say_problem(const struct template_problem *problem, const struct template_values *values,
			 const char *where, struct error *err);

#endif
