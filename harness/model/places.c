/* Places of a message. A message can be in several at once: that it was seen elsewhere never says that it has left. */
#include "harness/model/places.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"

static struct place *find(const struct places *places, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	for (size_t i = 0; i < places->count; i++) {
		struct place *p = &places->v[i];
		if (p->uidvalidity == uidvalidity && p->uid == uid && strcmp(p->folder, folder) == 0)
			return p;
	}
	return NULL;
}

const struct place *places_find(const struct places *places, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	return find(places, folder, uidvalidity, uid);
}

int places_add(struct places *places, const struct observation *o, struct error *err)
{
	struct place *known = find(places, o->folder, o->uidvalidity, o->uid);
	if (known) {
		known->gone = o->gone;
		return 0;
	}
	if (vec_grow(&places->v, places->count, &places->cap, sizeof(*places->v), err) < 0)
		return -1;
	struct place new = { strdup(o->folder), o->role, o->uidvalidity, o->uid, o->at_ms, o->gone };
	if (!new.folder)
		return error_memory(err);
	/* Numbers of another UIDVALIDITY mean nothing any more (RFC 9051 section 2.3.1.1). */
	for (size_t i = 0; i < places->count && !o->gone; i++)
		if (places->v[i].uidvalidity != o->uidvalidity && strcmp(places->v[i].folder, o->folder) == 0)
			places->v[i].gone = true;
	places->v[places->count++] = new;
	return 0;
}

const struct place *places_current(const struct places *places)
{
	const struct place *best = NULL;
	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->v[i];
		bool worse = best && !p->gone && !best->gone &&
			     folder_role_rank(p->role) < folder_role_rank(best->role);
		if (!best || (best->gone && !p->gone) || (best->gone == p->gone && !worse))
			best = p;
	}
	return best;
}

void places_fini(struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		free(places->v[i].folder);
	free(places->v);
	*places = (struct places){ 0 };
}
