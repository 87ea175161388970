/* Every member of a JSON report stands in its page, and no other. */
#ifndef TESTS_JSON_PATHS_H
#define TESTS_JSON_PATHS_H

#include <jansson.h>

/* Fails unless the tables of the page (a file of the source tree) list exactly the members of `root`, as `a.b[].c`, and
 * the page says `Schema N.`. What lies below the members that
 * `closed` names, separated by commas, is left out (NULL: nothing). */
void json_paths_assert_documented(json_t *root, const char *closed, const char *page, int schema);

#endif
