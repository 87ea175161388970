/* Where configuration and store are when nobody says. */
#include "harness/config/config_find.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"

/* Behind the folder that a variable names, or behind `below` in the home folder. NULL where neither is known, or when
 * out of memory (*err then). */
static char *user_path(const char *variable, const char *below, const char *name, struct error *err)
{
	const char *folder = getenv(variable), *home = getenv("HOME");
	struct buf path = BUF_INIT(65536);
	/* The XDG base directory specification: a relative path is to be passed over. */
	if (folder && folder[0] == '/')
		buf_addf(&path, "%s/%s", folder, name);
	else if (home && *home)
		buf_addf(&path, "%s/%s/%s", home, below, name);
	else
		return NULL;
	if (buf_check(&path, variable, err) < 0) {
		buf_fini(&path);
		return NULL;
	}
	return buf_take(&path);
}

int config_find(char **ret, struct error *err)
{
	const char *named = getenv("POSTPROOF_CONFIG");
	char *path;
	if (named && *named)
		path = strdup(named);
	else if (access("postproof.ini", F_OK) == 0)
		path = strdup("postproof.ini");
	else {
		path = user_path("XDG_CONFIG_HOME", ".config", "postproof/config.ini", err);
		if (!path)
			return err->kind == ERROR_NONE ? 0 : -1;
		if (access(path, F_OK) < 0) {
			free(path);
			return 0;
		}
	}
	if (!path)
		return error_memory(err);
	*ret = path;
	return 1;
}

int config_default_store(char **ret, struct error *err)
{
	char *path = user_path("XDG_STATE_HOME", ".local/state", "postproof/postproof.sqlite", err);
	if (!path && err->kind == ERROR_NONE)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "it is not known where the store is: HOME is not set: say it by --store FILE");
	if (!path)
		return -1;
	*ret = path;
	return 0;
}
