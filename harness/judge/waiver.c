/* Waivers as they stand in the configuration. Pure. */
#include "harness/judge/waiver.h"

#include <stdlib.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/base/vec.h"

enum { DATE_LEN = 10, BECAUSE_MAX = 1000, DAY_MS = 24 * 3600 * 1000 };

static int waiver_refuse(struct span text, const char *why, struct error *err)
{
	return error_set(
	    err, ERROR_CONFIG, RETRY_NEVER, 0,
	    "\"%.*s\" %s: write RULE until DATE because TEXT, as in gmail.ptr until 2026-12-31 because the "
	    "new addresses come in autumn",
	    SPAN_ARG(span_sub(text, 0, 100)), why);
}

/* Cuts off what stands before ` WORD `. */
static bool next_until(struct span *rest, struct span word, struct span *ret)
{
	ptrdiff_t at = span_find(*rest, word, 0);
	if (at < 0)
		return false;
	*ret = span_trim(span_sub(*rest, 0, (size_t)at));
	*rest = span_trim(span_sub(*rest, (size_t)at + word.len, SIZE_MAX));
	return true;
}

int waivers_add(struct waivers *waivers, struct span text, struct error *err)
{
	struct span rest = text, id, date;
	char because[BECAUSE_MAX];
	int64_t day_ms;
	if (!next_until(&rest, SPAN_LIT(" until "), &id) || id.len == 0 || span_find_char(id, ' ', 0) >= 0)
		return waiver_refuse(text, "does not say what is waived", err);
	if (!next_until(&rest, SPAN_LIT(" because "), &date) || rest.len == 0)
		return waiver_refuse(text, "does not say why", err);
	if (date.len != DATE_LEN || !time_parse(date, &day_ms))
		return waiver_refuse(text, "has no date like 2026-12-31", err);
	if (vec_grow(&waivers->v, waivers->count, &waivers->cap, sizeof(*waivers->v), err) < 0)
		return -1;
	struct waiver *w = &waivers->v[waivers->count];
	*w = (struct waiver){ span_dup(id), day_ms + DAY_MS,
			      span_dup(span_of(escape_text(because, sizeof(because), rest))) };
	if (!w->id || !w->because) {
		free(w->id);
		free(w->because);
		return error_memory(err);
	}
	waivers->count++;
	return 0;
}

void waivers_fini(struct waivers *waivers)
{
	for (size_t i = 0; i < waivers->count; i++) {
		free(waivers->v[i].id);
		free(waivers->v[i].because);
	}
	free(waivers->v);
	*waivers = (struct waivers){ 0 };
}
