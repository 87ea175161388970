/* Loading of a configuration. Says who else could have written it, since what it says is run. */
#include "harness/config/config_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/ini.h"
#include "harness/config/config_check.h"
#include "harness/config/config_files.h"
#include "harness/config/config_read.h"

enum { EXPOSED_MAX = 200 };

/* Reads the file's sections, with a look at other files or without. `exposed`: as in struct config_reader. */
static int config_load_fill(const struct ini *ini, bool look_at_files, const char *exposed, struct config **ret,
			    struct config_problems *problems, struct error *err)
{
	_cleanup_(config_free_p) struct config *config = NULL;
	_cleanup_(free_p) char *folder = path_folder(ini->file);
	if (!folder)
		return error_memory(err);
	if (config_new(ini->file, &config, err) < 0)
		return -1;
	struct config_reader reader = { .config = config,
					.problems = problems,
					.file = ini->file,
					.folder = folder,
					.ini = ini,
					.exposed = exposed };
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

/* Who else can change the file, in words; NULL: nobody but us and root. */
static const char *config_load_exposure(const struct stat *st, char out[EXPOSED_MAX])
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		snprintf(out, EXPOSED_MAX, "it belongs to another user (uid %u)", (unsigned)st->st_uid);
	else if (st->st_mode & (S_IWGRP | S_IWOTH))
		snprintf(out, EXPOSED_MAX, "it has mode %04o: run `chmod go-w` on it", (unsigned)st->st_mode & 07777);
	else
		return NULL;
	return out;
}

int config_load(const char *path, struct config **ret, struct config_problems *problems, struct error *err)
{
	struct ini *ini;
	struct stat st;
	char exposed[EXPOSED_MAX];
	_cleanup_(buf_wipe) struct buf octets = BUF_INIT(INI_FILE_MAX);
	_cleanup_(close_p) int fd = -1;
	if (file_open(path, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_errno(err, ERROR_CONFIG, RETRY_NEVER, errno, "cannot read %s", path);
	if (file_read_fd(fd, path, &octets, err) < 0 || ini_read_span(path, buf_span(&octets), &ini, err) < 0)
		return -1;
	int result = config_load_fill(ini, true, config_load_exposure(&st, exposed), ret, problems, err);
	ini_free(ini);
	return result;
}

int config_parse(const char *path, struct span octets, struct config **ret, struct config_problems *problems,
		 struct error *err)
{
	struct ini *ini;
	if (ini_read_span(path, octets, &ini, err) < 0)
		return -1;
	int result = config_load_fill(ini, false, NULL, ret, problems, err);
	ini_free(ini);
	return result;
}
