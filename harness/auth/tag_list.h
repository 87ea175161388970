/* Lists of tag=value, as DKIM signatures and keys, ARC fields and DMARC records are written (RFC 6376 section 3.2). In
 * spans of the text that is read; case matters in names and values. */
#ifndef AUTH_TAG_LIST_H
#define AUTH_TAG_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/span.h"

enum { TAG_LIST_MAX = 64, TAG_PROBLEM_MAX = 96 };

struct tag {
	struct span name;
	struct span value; /* without white space at either end; that within, and line ends of folds, are still in it */
	struct span raw;   /* all between the equals sign and the semicolon */
};

struct tag_list {
	struct tag tags[TAG_LIST_MAX]; /* in the order written */
	size_t count;
	bool capped;                   /* the problem is that it has more than TAG_LIST_MAX tags */
	char problem[TAG_PROBLEM_MAX]; /* in words, printable ASCII; "" where the text is a list */
};

/* Reads the list. Returns false, with `problem` set, where the text is none: an empty or doubled tag, one without
 * equals sign, a name or value of other octets than the grammar has (UTF-8 passes in values, RFC 8616), more than
 * TAG_LIST_MAX tags, no tag at all. White space may stand behind the last semicolon (doc/deviations.md). The tags in
 * front of the problem are in the list. */
bool tag_list_parse(struct tag_list *list, struct span text);

/* The tag of that name, or NULL. */
const struct tag *tag_list_find(const struct tag_list *list, const char *name);

/* Cuts the next part of a list with colons (`h=`, `t=`) off *rest, without white space around it. False at the end. */
bool tag_next_part(struct span *rest, struct span *ret_part);

/* Whether a list with colons has the part, ASCII case folded. */
bool tag_has_part(struct span value, const char *part);

#endif
