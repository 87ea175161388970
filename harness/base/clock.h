/* Time: wall clock and monotonic clock in milliseconds, deadlines, durations, and their written forms. Evaluators and
 * judges never call clock_*(): they are handed the time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01T00:00:00Z */
int64_t clock_mono_ms(void); /* milliseconds of a clock that never goes back; for deadlines only */

/* The clocks at one moment. boot_ms goes on while the machine sleeps (CLOCK_BOOTTIME), mono_ms does not. */
struct clock_moment {
	int64_t wall_ms, boot_ms, mono_ms;
};

struct clock_moment clock_now(void);

/* What happened to the clocks from one moment to a later one. Less than a second is nothing: clocks are steered. */
struct clock_change {
	int64_t set_ms;   /* by how much the wall clock was set: forward, or back (negative); 0: it was not */
	int64_t slept_ms; /* how long the machine slept; 0: it did not */
};

struct clock_change clock_compare(const struct clock_moment *before, const struct clock_moment *after);

/* A point on the monotonic clock by which something must have ended. */
struct deadline {
	int64_t at_ms;
};

struct deadline deadline_in(int64_t ms);
struct deadline deadline_earlier(struct deadline a, struct deadline b);
int64_t deadline_left_ms(struct deadline d); /* 0 when it has passed */
int deadline_poll_ms(struct deadline d);     /* the same, clamped for poll(2) */
bool deadline_passed(struct deadline d);

enum { TIME_TEXT_MAX = 48 };

/* `2026-11-23T09:30:00.123Z` (RFC 3339, always UTC). Returns out. */
const char *time_rfc3339(int64_t wall_ms, char out[TIME_TEXT_MAX]);

/* Reads what time_rfc3339 writes and the other forms of RFC 3339 section 5.6 (any offset, any fraction, a space for the
 * T), a date alone (midnight UTC), or whole seconds since 1970. False where text is none of them. */
bool time_parse(struct span text, int64_t *ret_wall_ms);

/* `Mon, 23 Nov 2026 09:30:00 +0000` (RFC 5322 section 3.3). Returns out. */
const char *time_rfc5322(int64_t wall_ms, char out[TIME_TEXT_MAX]);

/* Reads a duration: a whole number and a unit (ms, s, m, h, d), several in falling order (`1h30m`), or a bare `0`.
 * Errors: ERROR_CONFIG, the text names what was found and what is accepted. */
int duration_parse(struct span text, int64_t *ret_ms, struct error *err);

/* The shortest form that duration_parse reads back exactly: `1h30m`, `500ms`, `0`. Returns out. */
const char *duration_format(int64_t ms, char out[TIME_TEXT_MAX]);

/* For people, rounded to what matters: `340 ms`, `2.3 s`, `4 min 10 s`, `1 h 5 min`. Returns out. */
const char *duration_words(int64_t ms, char out[TIME_TEXT_MAX]);

#endif
