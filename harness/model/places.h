/* Where a message is and was, as the sights of it tell: plain data. */
#ifndef MODEL_PLACES_H
#define MODEL_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/model/facts.h"

/* A message under one UID. */
struct place {
	char *folder;
	enum folder_role role;
	uint32_t uidvalidity, uid;
	int64_t at_ms; /* of the first sight */
	bool gone; /* it is no longer there, or the UIDs of the folder were given anew and it was seen under another */
};

struct places {
	struct place *v; /* oldest first */
	size_t count, cap;
};

/* Takes in one observation; they come in the order in which they were stored. Errors: memory. */
int places_add(struct places *places, const struct observation *observation, struct error *err);

/* The place that counts: of those where the message still is, the worst (folder_role_rank), so that a copy in the spam
 * folder counts for more than one in the inbox, and a view for less than any folder; where it is nowhere any more, the
 * last one that was found. NULL where there is none. */
const struct place *places_current(const struct places *places);

/* The place with these numbers, or NULL. */
const struct place *places_find(const struct places *places, const char *folder, uint32_t uidvalidity, uint32_t uid);

void places_fini(struct places *places);

#endif
