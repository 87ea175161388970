/* Whole files and paths. Knows nothing of what is in them. */
#include "harness/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_fd(int fd, const char *path, struct buf *out, struct error *err)
{
	char part[16384];
	ssize_t n;
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, ERROR_CONFIG, RETRY_NEVER, errno, "cannot read %s", path);
		if (buf_add(out, part, (size_t)n) < 0)
			return buf_check(out, path, err);
	}
	return 0;
}

int file_open(const char *path, int *ret_fd, struct error *err)
{
	struct stat st;
	/* Without O_NONBLOCK the opening of a FIFO waits for somebody who writes, and no signal ends that. */
	_cleanup_(close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, ERROR_CONFIG, RETRY_NEVER, errno, "cannot open %s", path);
	if (S_ISDIR(st.st_mode))
		return error_errno(err, ERROR_CONFIG, RETRY_NEVER, EISDIR, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, EINVAL,
				 "cannot open %s: it is not a regular file: write what it gives into a file first",
				 path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int file_check(const char *path, struct error *err)
{
	_cleanup_(close_p) int fd = -1;
	return file_open(path, &fd, err);
}

int file_read(const char *path, struct buf *out, struct error *err)
{
	_cleanup_(close_p) int fd = -1;
	return file_open(path, &fd, err) < 0 ? -1 : file_read_fd(fd, path, out, err);
}

char *path_from(const char *base_dir, struct span path)
{
	const char *home = getenv("HOME");
	const char *above = NULL;
	if (span_starts(path, SPAN_LIT("~/")) && home && *home) {
		above = home;
		path = span_sub(path, 2, path.len);
	} else if (!span_starts(path, SPAN_LIT("/"))) {
		above = base_dir;
	}
	/* The folder `.` is left out, so that messages show the path as it was written. */
	struct buf b = BUF_INIT(path.len + (above ? strlen(above) : 0) + 2);
	if (above && strcmp(above, ".") != 0) {
		buf_add_str(&b, above);
		if (!span_ends_nocase(span_of(above), SPAN_LIT("/")))
			buf_add_char(&b, '/');
	}
	buf_add_span(&b, path);
	return buf_take(&b);
}

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int path_make_folder(const char *path, struct error *err)
{
	_cleanup_(free_p) char *folder = path_folder(path);
	if (!folder)
		return error_memory(err);
	for (char *p = folder; p && *p;) {
		char *slash = strchr(p + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot make the folder %s",
					   folder);
		if (slash)
			*slash = '/';
		p = slash;
	}
	return 0;
}
