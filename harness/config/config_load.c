/* Loading of a configuration. */
#include "harness/config/config_load.h"

#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/ini.h"
#include "harness/config/config_check.h"
#include "harness/config/config_files.h"
#include "harness/config/config_read.h"

/* Reads the file's sections, with a look at other files or without. */
static int config_load_fill(const struct ini *ini, bool look_at_files, struct config **ret,
			    struct config_problems *problems, struct error *err)
{
	_cleanup_(config_free_p) struct config *config = NULL;
	_cleanup_(free_p) char *folder = path_folder(ini->file);
	if (!folder)
		return error_memory(err);
	if (config_new(ini->file, &config, err) < 0)
		return -1;
	struct config_reader reader = { .config = config, .problems = problems, .file = ini->file, .folder = folder };
	config_read_ini(&reader, ini);
	config_complete(&reader, ini);
	if (look_at_files)
		config_check_files(&reader);
	if (reader.error.kind != ERROR_NONE) {
		*err = reader.error;
		return -1;
	}
	config_problems_sort(problems);
	*ret = config;
	config = NULL;
	return 0;
}

int config_load(const char *path, struct config **ret, struct config_problems *problems, struct error *err)
{
	struct ini *ini;
	if (ini_read_file(path, &ini, err) < 0)
		return -1;
	int result = config_load_fill(ini, true, ret, problems, err);
	ini_free(ini);
	return result;
}

int config_parse(const char *path, struct span octets, struct config **ret, struct config_problems *problems,
		 struct error *err)
{
	struct ini *ini;
	if (ini_read_span(path, octets, &ini, err) < 0)
		return -1;
	int result = config_load_fill(ini, false, ret, problems, err);
	ini_free(ini);
	return result;
}
