/* How stored facts are read. Facts stay and readings change: a run that an older version made may get other verdicts
 * today, and then it is said why. */
#ifndef MODEL_READING_H
#define MODEL_READING_H

#include <stddef.h>

/* Raised, with its sentences, by every release that reads stored facts otherwise. 1: every version that did not record
 * it. */
enum { READING_VERSION = 2 };

/* What has changed since a run with this reading (0, not recorded, is 1), in sentences for people, oldest change first.
 * NULL and *ret_count = 0 where nothing has, and for a reading that is newer than this program. Static storage. */
const char *const *reading_changes(unsigned reading, size_t *ret_count);

#endif
