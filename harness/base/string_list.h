/* Lists of strings, as they stand in one value of a configuration: `a, b, c`. */
#ifndef BASE_STRING_LIST_H
#define BASE_STRING_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

struct string_list {
	char **v; /* owned */
	size_t count;
	size_t cap;
};

/* Adds a copy. Errors: memory. */
int string_list_add(struct string_list *list, struct span string, struct error *err);

/* Adds the parts of a text, without blanks around them, empty ones left out. NULL is the empty text. Errors: memory. */
int string_list_split(struct string_list *list, const char *text, char separator, struct error *err);

bool string_list_has(const struct string_list *list, struct span string);

/* Borrows the strings as what functions take them as. */
const char *const *string_list_get(const struct string_list *list);

void string_list_fini(struct string_list *list); /* leaves it zeroed */

#endif
