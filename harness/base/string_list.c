/* Lists of strings. */
#include "harness/base/string_list.h"

#include <stdlib.h>

#include "harness/base/vec.h"

int string_list_add(struct string_list *list, struct span string, struct error *err)
{
	if (vec_grow(&list->v, list->count, &list->cap, sizeof(*list->v), err) < 0)
		return -1;
	if (!(list->v[list->count] = span_dup(string)))
		return error_memory(err);
	list->count++;
	return 0;
}

int string_list_split(struct string_list *list, const char *text, char separator, struct error *err)
{
	struct span rest = span_of(text), part;
	while (text && span_next(&rest, separator, &part)) {
		part = span_trim(part);
		if (part.len > 0 && string_list_add(list, part, err) < 0)
			return -1;
	}
	return 0;
}

bool string_list_has(const struct string_list *list, struct span string)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_is(string, list->v[i]))
			return true;
	return false;
}

const char *const *string_list_get(const struct string_list *list)
{
	return (const char *const *)list->v;
}

void string_list_fini(struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct string_list){ 0 };
}
