/* Variables in text: finding `{{name}}` and putting values in their place. Pure. */
#ifndef SEND_TEMPLATE_VARS_H
#define SEND_TEMPLATE_VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"
#include "harness/send/template.h"

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
