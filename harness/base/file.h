/* Whole files and paths. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "harness/base/buf.h"
#include "harness/base/error.h"

/* Opens a file that the user has named, for reading, and never waits: what is not a regular file (a FIFO, a device, a
 * folder) is refused. The caller closes *ret_fd. Errors: ERROR_CONFIG (code = errno). The text names the path. */
int file_open(const char *path, int *ret_fd, struct error *err);

/* Whether such a file could be opened, for libraries that open it by its name. Errors: as file_open. */
int file_check(const char *path, struct error *err);

/* Adds the content of a file to *out, which also gives the cap. Errors: as file_open; ERROR_CONFIG when it cannot be
 * read, ERROR_LIMIT when it is larger than the cap. The text names the path. */
int file_read(const char *path, struct buf *out, struct error *err);

/* The same from an open descriptor (of a pipe: to its end), which stays open; `path` is for messages. */
int file_read_fd(int fd, const char *path, struct buf *out, struct error *err);

/* `path` as seen from the folder `base_dir`: unchanged when it is absolute, from the home folder when it begins with
 * `~/` and HOME is set, else behind base_dir. Heap string; NULL when out of memory. */
char *path_from(const char *base_dir, struct span path);

/* The folder part of a path: `a/b` of `a/b/c`, `/` of `/c`, `.` of `c`. Heap string; NULL when out of memory. */
char *path_folder(const char *path);

/* Makes the folder of `path`, and those above it, with mode 0700 where they are missing. Errors: ERROR_ENVIRONMENT
 * naming the folder (code = errno), memory. */
int path_make_folder(const char *path, struct error *err);

#endif
