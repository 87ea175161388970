/* Where profiles are. */
#include "providers/profile.h"

#include "harness/base/data_file.h"

static const struct data_kind profiles = { "profiles", "POSTPROOF_PROFILES" };

int profile_find(const char *name, struct profile **ret, struct error *err)
{
	_cleanup_(free_p) char *path = NULL;
	int found = data_file_find(&profiles, name, &path, err);
	if (found <= 0)
		return found;
	return profile_read(path, name, ret, err) < 0 ? -1 : 1;
}

int profile_names(char ***ret, struct error *err)
{
	return data_file_names(&profiles, ret, err);
}

void profile_names_free(char **names)
{
	data_file_names_free(names);
}
