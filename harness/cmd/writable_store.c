/* Opening of the store where it may have to be made. */
#include "harness/cmd/writable_store.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/config/config_find.h"

int writable_store_open(struct store **ret, const struct command_context *context, struct error *err)
{
	const char *path = context->store_path;
	char *usual = NULL;
	int result = 0;
	if (config_default_store(&usual, err) == 0 && strcmp(usual, path) == 0)
		result = path_make_folder(path, err);
	free(usual);
	if (result == 0)
		result = store_open(ret, path, STORE_WRITE, err);
	if (result == 0 && store_exposed(*ret))
		log_problem(context->log, "store %s holds messages and can be read by others: chmod 600 %s", path,
			    path);
	return result;
}
