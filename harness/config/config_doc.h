/* The configuration's table for people: every key with what it accepts, its default and its meaning, those of provider
 * profiles and of expectations among them. */
#ifndef CONFIG_CONFIG_DOC_H
#define CONFIG_CONFIG_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/config/config.h"

enum { CONFIG_KEYS_MAX = SETTING_KEYS_MAX };

struct config_doc {
	const char *name;                  /* as in the file; `var.NAME` for own variables */
	char accepts[SETTING_ACCEPTS_MAX]; /* `a duration`, `yes or no` */
	const char *fallback;              /* the default as it would be written, or NULL */
	const char *fallback_is;           /* else: what holds without a value, or NULL */
	bool required;
	const char *help;
};

/* Fills docs[CONFIG_KEYS_MAX] with the keys of a section in their order; returns how many there are. */
size_t config_docs(enum config_section_kind kind, struct config_doc *docs);

/* The same for the names alone. */
size_t config_key_names(enum config_section_kind kind, const char *names[CONFIG_KEYS_MAX]);

/* Prints the table for --help-config: every section, key, default and meaning. */
void config_print_help(FILE *out);

#endif
