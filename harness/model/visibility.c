/* Visibility as plain data. */
#include "harness/model/visibility.h"

#include <stdlib.h>

const char *visibility_state_name(enum visibility_state v)
{
	static const char *const names[] = { "new", "old", "unknown", "skipped" };
	return names[v];
}

void visibility_fini(struct visibility *visibility)
{
	for (size_t i = 0; i < visibility->count; i++) {
		free(visibility->rows[i].server);
		free(visibility->rows[i].detail);
	}
	free(visibility->rows);
	*visibility = (struct visibility){ 0 };
}
