/* Macro strings of SPF (RFC 7208 section 7): reading them token by token, and expanding them. Pure. */
#ifndef AUTH_SPF_MACRO_H
#define AUTH_SPF_MACRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/ip.h"
#include "harness/base/span.h"

/* One token of a macro string. */
struct spf_macro {
	struct span text; /* as written; of a literal what it stands for */
	char letter;      /* in lower case: `s`, `l`, `o`, `d`, `i`, `p`, `v`, `h`, `c`, `r`, `t`; `%`, `_`, `-` of
			     the short forms; 0 of a literal */
	bool url_escape;  /* the letter is in upper case */
	bool reverse;     /* transformer `r` */
	size_t parts;     /* right-hand parts that are used; 0: all */
	struct span delimiters; /* never empty: "." where none is written */
};

/* Where a macro string stands: the letters c, r and t, and spaces, are for explanations only (section 7.2). */
enum spf_macro_place { SPF_MACRO_TERM, SPF_MACRO_EXPLANATION };

/* Cuts the next token off *rest. 1 found, 0 at the end, -1 where the syntax is broken: then *ret_what says in words
 * why, and *rest begins at the octet in question. Spans point into *rest. */
int spf_macro_next(struct span *rest, enum spf_macro_place place, struct spf_macro *ret, const char **ret_what);

/* Whether the string holds one of the letters (lower case): `spf_macro_uses(spec, "sl")`. A string of bad syntax is
 * searched up to the fault. */
bool spf_macro_uses(struct span text, const char *letters);

/* What the letters stand for. All borrowed. */
struct spf_macro_values {
	struct span local_part;    /* l */
	struct span sender_domain; /* o; s is both with `@` between them */
	struct span domain;        /* d */
	struct ip client;          /* i, v, c */
	struct span helo;          /* h */
	struct span validated;     /* p: the validated domain name of the client, or "unknown" */
	struct span receiver;      /* r */
	int64_t now_ms;            /* t, in whole seconds */
};

/* Adds the expansion of a string whose syntax is right. Returns as buf_add. */
int spf_macro_expand(struct span text, enum spf_macro_place place, const struct spf_macro_values *values,
		     struct buf *out);

/* Expands a domain-spec into the name that is to be asked for: without a final dot, and where it is longer than 253
 * octets without as many labels from the left as it takes (section 7.3). `out` is cleared first. Returns as buf_add. */
int spf_macro_expand_name(struct span domain_spec, const struct spf_macro_values *values, struct buf *out);

#endif
