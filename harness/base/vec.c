/* Growing of plain arrays. */
#include "harness/base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int vec_grow(void *items, size_t count, size_t *cap, size_t item_size, struct error *err)
{
	void *p;
	memcpy(&p, items, sizeof(p));
	if (count == *cap) {
		size_t more = *cap ? *cap + *cap / 2 + 1 : 8;
		if (more > SIZE_MAX / item_size)
			return error_memory(err);
		p = realloc(p, more * item_size);
		if (!p)
			return error_memory(err);
		memcpy(items, &p, sizeof(p));
		*cap = more;
	}
	memset((char *)p + count * item_size, 0, item_size);
	return 0;
}
