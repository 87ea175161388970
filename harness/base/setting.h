/* Typed settings: a table says which keys a structure is filled from, what each accepts, its default and its meaning.
 * Reading a value, writing it back, defaults, freeing and documentation are all read off it. Each room owns the tables
 * of its settings, beside the structures that they fill; harness/config has the list of them. */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/error.h"
#include "harness/base/secret.h"
#include "harness/base/span.h"

/* How a value is read, and what its field is. A row names its type and its field together, by the macros below. */
enum setting_type {
	SETTING_TYPE_TEXT,
	SETTING_TYPE_LINES,
	SETTING_TYPE_PATH,
	SETTING_TYPE_NAMES,
	SETTING_TYPE_LIST,
	SETTING_TYPE_SECRET,
	SETTING_TYPE_DURATION,
	SETTING_TYPE_NUMBER,
	SETTING_TYPE_BOOL,
	SETTING_TYPE_WORD,
	SETTING_TYPE_FLAGS,
};

/* What a text of a room's own kind must look like: a host, an address, a waiver. */
struct setting_form {
	const char *accepts; /* for people: `a mail address` */
	/* 0, or -1 with ERROR_CONFIG (or ERROR_PROTOCOL, ERROR_LIMIT) saying what was found and what is accepted,
	 * without the name of the key. NULL: any text. */
	int (*check)(struct span text, struct error *err);
};

struct setting_key {
	const char *name;
	enum setting_type type;
	size_t offset;                   /* of the field in the structure */
	const struct setting_form *form; /* TEXT, LINES, NAMES, LIST; NULL: any text */
	bool required;
	bool may_be_empty;        /* TEXT, LIST, FLAGS, and NUMBER, whose 0 is "no value" */
	const char *fallback;     /* the default as it would be written, or NULL */
	const char *fallback_is;  /* what holds without a value, in words, where there is no fallback */
	int64_t min, max;         /* DURATION in ms, NUMBER */
	const char *const *words; /* WORD and FLAGS: what is accepted, up to a NULL */
	const char *help;         /* sentences */
};

enum { SETTING_KEYS_MAX = 64, SETTING_LIST_MAX = 100, SETTING_ACCEPTS_MAX = 400 };

struct setting_table {
	const struct setting_key *keys; /* in the order in which they are shown */
	size_t count;                   /* SETTING_KEYS_MAX at most, so that a key is a bit */
};

#define SETTING_TABLE(rows)                                                                                            \
	{                                                                                                              \
		(rows), ARRAY_LEN(rows) + 0 * sizeof(char[ARRAY_LEN(rows) <= SETTING_KEYS_MAX ? 1 : -1])               \
	}

/* Type and field of a row: `{ "helo", SETTING_TEXT(smtp_settings, helo), ... }`. A field of another C type does not
 * compile. */
#define SETTING_AT(kind, c_type, structure, field)                                                                     \
	.type = (kind), .offset = offsetof(struct structure, field) +                                                  \
				  0 * sizeof(_Generic(((struct structure *)NULL)->field, c_type : 1))

#define SETTING_TEXT(structure, field) SETTING_AT(SETTING_TYPE_TEXT, char *, structure, field) /* one line */
/* May be given several times: one value a line. */
#define SETTING_LINES(structure, field) SETTING_AT(SETTING_TYPE_LINES, char *, structure, field)
/* As seen from the folder of the configuration. */
#define SETTING_PATH(structure, field) SETTING_AT(SETTING_TYPE_PATH, char *, structure, field)
/* Names, and paths (with a `/` in them) as seen from the folder of the configuration; separated by commas. */
#define SETTING_NAMES(structure, field) SETTING_AT(SETTING_TYPE_NAMES, char *, structure, field)
/* Texts separated by commas; a NULL-terminated array, NULL only before a value or a default is set. */
#define SETTING_LIST(structure, field)     SETTING_AT(SETTING_TYPE_LIST, char **, structure, field)
#define SETTING_SECRET(structure, field)   SETTING_AT(SETTING_TYPE_SECRET, struct secret_ref *, structure, field)
#define SETTING_DURATION(structure, field) SETTING_AT(SETTING_TYPE_DURATION, int64_t, structure, field) /* ms */
#define SETTING_NUMBER(structure, field)   SETTING_AT(SETTING_TYPE_NUMBER, uint64_t, structure, field)
#define SETTING_BOOL(structure, field)     SETTING_AT(SETTING_TYPE_BOOL, bool, structure, field) /* yes or no */
/* An enumeration from 0 on, in the order of `words`. */
#define SETTING_WORD(structure, field) SETTING_AT(SETTING_TYPE_WORD, unsigned, structure, field)
/* Some of `words`, separated by commas; bit i for the word at i. */
#define SETTING_FLAGS(structure, field) SETTING_AT(SETTING_TYPE_FLAGS, unsigned, structure, field)

/* The key of that name, or NULL. */
const struct setting_key *setting_find(const struct setting_table *table, const char *name);

/* Reads the text of a value into the field of `structure`, in place of what is there (a LINES field gets one more
 * line). Relative paths are taken from base_dir. Opens nothing. Errors: ERROR_CONFIG saying what was found and what is
 * accepted, without the name of the key; what the form says; memory. The field is left alone then. */
int setting_set(const struct setting_key *key, struct span text, const char *base_dir, void *structure,
		struct error *err);

/* Adds the text that setting_set reads back (for a secret what may be shown of it), nothing where the field has no
 * value. Returns as buf_add. */
int setting_add_text(const struct setting_key *key, const void *structure, struct buf *out);

/* What the key accepts, for people: `a duration from 1s to 1h`. Returns out. */
const char *setting_accepts(const struct setting_key *key, char out[SETTING_ACCEPTS_MAX]);

/* Sets the fields of all keys that have a default. Errors: memory. */
int settings_init(const struct setting_table *table, void *structure, struct error *err);

/* Frees all fields. */
void settings_fini(const struct setting_table *table, void *structure);

/* For forms: fills *err with `"TEXT" cannot be used: ACCEPTED`. Returns -1. */
int setting_refuse(struct error *err, struct span text, const char *accepted);

#endif
