/* Changes of the DNS as plain data. */
#include "harness/model/dns_change.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/vec.h"

enum { WHAT_MAX = 16000 };

int dns_changes_add(struct dns_changes *changes, const struct dns_change *change, const struct buf *what,
		    struct error *err)
{
	_cleanup_(buf_fini) struct buf escaped = BUF_INIT(WHAT_MAX);
	if (buf_check(what, "a change of the DNS", err) < 0)
		return -1;
	text_add_escaped(&escaped, buf_span(what));
	if (buf_check(&escaped, "a change of the DNS", err) < 0 ||
	    vec_grow(&changes->v, changes->count, &changes->cap, sizeof(*changes->v), err) < 0)
		return -1;
	struct dns_change *added = &changes->v[changes->count++];
	*added = *change;
	added->name = strdup(change->name);
	added->what = strdup(buf_str(&escaped));
	return added->name && added->what ? 0 : error_memory(err);
}

bool dns_changes_any(const struct dns_changes *changes, bool open)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->v[i].open == open)
			return true;
	return false;
}

void dns_changes_fini(struct dns_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->v[i].name);
		free(changes->v[i].what);
	}
	free(changes->v);
	*changes = (struct dns_changes){ 0 };
}
