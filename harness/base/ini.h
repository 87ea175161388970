/* Reading of INI files (configuration, provider profiles) on top of inih, with what inih leaves out: line numbers,
 * every mistake at once, names and sections of any length, refusal of what cannot be text.
 *
 * The format: `[section]` lines, `key = value` lines, comment lines that begin with `;` or `#`. Blanks around names and
 * values fall away. A `;` behind a blank begins a comment within a line, a `#` does not. An indented line that is not
 * itself a `key = value` goes on with the value above, joined by one space. A key has one value: the same key twice in
 * one section, or the same section twice, is a mistake. UTF-8 without control characters; a byte order mark and CR LF
 * are accepted. */
#ifndef BASE_INI_H
#define BASE_INI_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum {
	INI_FILE_MAX = 4 * 1024 * 1024, /* octets of a file */
	INI_PROBLEMS_MAX = 200,         /* mistakes of one file that are kept */
};

struct ini_section {
	char *name;    /* as written, runs of blanks made one space; "" for what stands before the first section */
	unsigned line; /* from 1; 0 for "" */
	size_t first;  /* its items are items[first] to items[first + count - 1] of the file */
	size_t count;
};

struct ini_item {
	const char *section; /* borrowed from the section */
	char *key;
	char *value;   /* may be "" */
	unsigned line; /* of the key */
};

struct ini_problem {
	unsigned line;               /* 0 for the file as a whole */
	char *text;                  /* what is wrong and how to mend it, one line, without file and line */
	const struct ini_item *twin; /* where a key that is given twice is what is wrong: the second, for readers that
					know keys with several values; else NULL */
};

/* One file, in its order. */
struct ini {
	char *file; /* as given, for messages */
	struct ini_section *sections;
	size_t section_count;
	struct ini_item *items;
	size_t item_count;
	struct ini_problem *problems; /* by line; items stand for the rest of the file nevertheless */
	size_t problem_count;
};

/* Reads a file. A file that is there but has mistakes is read: they stand in problems. Errors: ERROR_CONFIG when it
 * cannot be opened (code = errno), ERROR_LIMIT when it is larger than INI_FILE_MAX, memory. Any thread. */
int ini_read_file(const char *path, struct ini **ret, struct error *err);

/* The same for octets in memory; `file` is what messages call them. Time is linear in the octets (and n log n in the
 * keys). Errors: ERROR_LIMIT, memory. */
int ini_read_span(const char *file, struct span octets, struct ini **ret, struct error *err);

/* 0 when the file had no mistake, else -1 with ERROR_CONFIG and the first of them as `file:line: text`. */
int ini_check(const struct ini *ini, struct error *err);

/* The value of a key, or NULL. Both names octet for octet. Borrowed. Linear in the file: for few look-ups. */
const char *ini_get(const struct ini *ini, const char *section, const char *key);

/* Overwrites the values, since some are secrets, and frees. NULL is allowed. */
void ini_free(struct ini *ini);

#endif
