/* One value of the configuration: from its text into its field, and back. */
#ifndef CONFIG_CONFIG_VALUE_H
#define CONFIG_CONFIG_VALUE_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/config/config_table.h"

/* Reads the text of a value into the field of `structure`, in place of what is there. Relative paths are taken from
 * base_dir. Errors: ERROR_CONFIG saying what was found and what is accepted, without the name of the key; memory. */
int config_value_set(const struct config_key *key, struct span text, const char *base_dir, void *structure,
		     struct error *err);

/* Adds the text that config_value_set reads back (for a secret what may be shown of it). Returns 1, 0 when the field
 * has no value, -1 as buf_add. */
int config_value_text(const struct config_key *key, const void *structure, struct buf *out);

/* Whether the field has a value. Those with a default always have. */
bool config_value_given(const struct config_key *key, const void *structure);

/* Frees the field, which has no value then. */
void config_value_clear(const struct config_key *key, void *structure);

/* Sets the fields of all keys that have a default. Errors: memory. */
int config_defaults_set(const struct config_section *section, void *structure, struct error *err);

/* Frees all fields of a section's table. */
void config_fields_clear(const struct config_section *section, void *structure);

#endif
