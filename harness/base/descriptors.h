/* How many file descriptors this process may still open. */
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

#include <stddef.h>

#include "harness/base/error.h"

/* Sees to it that so many can be opened beside those that are open now: raises the soft limit where it has to. For
 * libraries that do not survive it when there are none left. Nothing is set aside: other threads may take them. Errors:
 * ERROR_ENVIRONMENT (code EMFILE) with the limit and how to raise it. Any thread. */
int descriptors_reserve(size_t count, struct error *err);

#endif
