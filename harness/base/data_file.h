/* Data files that come with the program and that a user may add to: NAME.ini in the folders of a kind. A folder of the
 * user's comes before the one that is installed, so that a file of the same name takes its place. */
#ifndef BASE_DATA_FILE_H
#define BASE_DATA_FILE_H

#include "harness/base/error.h"

struct data_kind {
	const char *folder;   /* "profiles": below ~/.config/postproof and below $(pkgdatadir) */
	const char *variable; /* of the environment: folders, separated by colons, that are looked at instead of both */
};

/* Finds the file of that name, which may hold letters, digits, `-`, `_` and `.`. Returns 1 with the heap path, 0 when
 * there is none, -1 for memory or a variable that is too long. */
int data_file_find(const struct data_kind *kind, const char *name, char **ret_path, struct error *err);

/* The names of all of them, sorted, up to a NULL. Errors: as above. Free with data_file_names_free. */
int data_file_names(const struct data_kind *kind, char ***ret, struct error *err);
void data_file_names_free(char **names); /* NULL is allowed */

#endif
