/* Waivers: `RULE until DATE because TEXT`. A person has decided that a rule, or a finding, may be broken until a day.
 */
#ifndef JUDGE_WAIVER_H
#define JUDGE_WAIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

struct waiver {
	char *id;         /* of a rule (`gmail.ptr`) or of a finding (`ptr.confirmed`) */
	int64_t until_ms; /* wall clock: the end of the named day, UTC */
	char *because;    /* escaped */
};

struct waivers {
	struct waiver *v;
	size_t count;
	size_t cap;
};

/* Reads one and adds it. Errors: ERROR_CONFIG saying what was found and how it is written; memory. */
int waivers_add(struct waivers *waivers, struct span text, struct error *err);
void waivers_fini(struct waivers *waivers); /* leaves it zeroed */

#endif
