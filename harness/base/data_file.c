/* Where data files are. One of the few files that look at the environment. */
#include "harness/base/data_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/vec.h"

enum { FOLDERS_TEXT_MAX = 64 * 1024, NAME_OCTETS_MAX = 100 };

/* The folders, separated by colons, first one first. */
static int add_folders(const struct data_kind *kind, struct buf *out, struct error *err)
{
	const char *given = getenv(kind->variable), *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (given && given[0]) {
		buf_add_str(out, given);
		return buf_check(out, kind->variable, err);
	}
	if (config && config[0])
		buf_addf(out, "%s/postproof/%s:", config, kind->folder);
	else if (home && home[0])
		buf_addf(out, "%s/.config/postproof/%s:", home, kind->folder);
	buf_addf(out, PKGDATADIR "/%s", kind->folder);
	return buf_check(out, "the list of folders of data files", err);
}

/* What can be a file's name, and stay in its folder. */
static bool data_file_is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && !memchr("-_.", name.p[i], 3))
			return false;
	return name.len > 0 && name.len <= NAME_OCTETS_MAX && name.p[0] != '.';
}

int data_file_find(const struct data_kind *kind, const char *name, char **ret_path, struct error *err)
{
	_cleanup_(buf_fini) struct buf folders = BUF_INIT(FOLDERS_TEXT_MAX);
	if (!data_file_is_name(span_of(name)))
		return 0;
	if (add_folders(kind, &folders, err) < 0)
		return -1;
	struct span rest = buf_span(&folders), folder;
	while (span_next(&rest, ':', &folder)) {
		_cleanup_(free_p) char *path = NULL;
		if (folder.len == 0)
			continue;
		if (asprintf(&path, "%.*s/%s.ini", SPAN_ARG(folder), name) < 0) {
			path = NULL;
			return error_memory(err);
		}
		if (access(path, F_OK) == 0) {
			*ret_path = path;
			path = NULL;
			return 1;
		}
	}
	return 0;
}

struct data_file_found {
	char **list;
	size_t count, cap;
};

/* Adds a file's name without its ending, unless it is there already; keeps a NULL behind the last. */
static int data_file_add_name(struct data_file_found *names, struct span name, struct error *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (span_is(name, names->list[i]))
			return 0;
	if (vec_grow(&names->list, names->count + 1, &names->cap, sizeof(*names->list), err) < 0)
		return -1;
	names->list[names->count] = span_dup(name);
	if (!names->list[names->count])
		return error_memory(err);
	names->count++;
	names->list[names->count] = NULL;
	return 0;
}

static int add_names_of(struct data_file_found *names, struct span folder, struct error *err)
{
	_cleanup_(free_p) char *path = span_dup(folder);
	int result = 0;
	if (!path)
		return error_memory(err);
	DIR *dir = opendir(path);
	if (!dir)
		return 0; /* a folder that is not there holds no file */
	for (struct dirent *e; result == 0 && (e = readdir(dir)) != NULL;) {
		struct span name = span_of(e->d_name);
		if (name.len <= 4 || !span_is(span_sub(name, name.len - 4, 4), ".ini"))
			continue;
		name = span_sub(name, 0, name.len - 4);
		if (data_file_is_name(name))
			result = data_file_add_name(names, name, err);
	}
	closedir(dir);
	return result;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int data_file_names(const struct data_kind *kind, char ***ret, struct error *err)
{
	_cleanup_(buf_fini) struct buf folders = BUF_INIT(FOLDERS_TEXT_MAX);
	struct data_file_found names = { 0 };
	if (add_folders(kind, &folders, err) < 0 || vec_grow(&names.list, 0, &names.cap, sizeof(*names.list), err) < 0)
		return -1;
	struct span rest = buf_span(&folders), folder;
	int result = 0;
	while (result == 0 && span_next(&rest, ':', &folder))
		if (folder.len > 0)
			result = add_names_of(&names, folder, err);
	if (result < 0) {
		data_file_names_free(names.list);
		return -1;
	}
	qsort(names.list, names.count, sizeof(*names.list), by_name);
	*ret = names.list;
	return 0;
}

void data_file_names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
