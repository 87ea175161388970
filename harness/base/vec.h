/* Growing of plain arrays. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "harness/base/error.h"

/* Makes room for one more element behind the first `count` of the heap array *items (NULL when empty), whose elements
 * take item_size octets and of which *cap fit now; the new element is zeroed. The array may move. An array with secrets
 * in it must not grow this way. Errors: memory; *items stays valid. */
int vec_grow(void *items, size_t count, size_t *cap, size_t item_size, struct error *err);

#endif
