/* Dating an arrival. Our own clock and readings outrank the mailbox's clock, which may be wrong. */
#include "harness/judge/arrival.h"

enum {
	SECOND_MS = 999,     /* how much later than INTERNALDATE the arrival can be, by the same clock */
	TOLERANCE_MS = 2000, /* two clocks that are kept right differ by less */
};

static int64_t arrival_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t arrival_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool arrival_contradicts(const struct arrival_facts *f)
{
	if (f->internal_ms == 0)
		return false;
	return f->internal_ms > f->seen_ms + TOLERANCE_MS ||
	       f->internal_ms + SECOND_MS + TOLERANCE_MS < arrival_later(f->handed_over_ms, f->absent_ms);
}

static void arrival_date(const struct arrival_facts *f, struct arrival *a)
{
	int64_t end = f->internal_ms + SECOND_MS;
	if (end + TOLERANCE_MS < a->latest_ms) {
		a->latest_ms = arrival_later(end, a->earliest_ms);
		a->by_mailbox_clock = true;
	}
	a->earliest_ms = arrival_earlier(arrival_later(f->internal_ms, a->earliest_ms), a->latest_ms);
}

/* Whether the clock was set at a time that may be between the acceptance and the arrival. Times of before and after are
 * of two clocks, so that it counts where it cannot be told. */
static bool arrival_is_across(const struct arrival_facts *f, const struct arrival *a,
			      const struct arrival_clock_set *set)
{
	int64_t before = set->at_ms - set->shift_ms;
	int64_t from = f->accepted_ms ? f->accepted_ms : f->handed_over_ms;
	return arrival_earlier(before, set->at_ms) <= arrival_later(from, a->seen_ms) &&
	       arrival_later(before, set->at_ms) >= arrival_earlier(from, a->earliest_ms);
}

void arrival_find(const struct arrival_facts *f, bool clock_wrong, const struct arrival_clock_set *sets,
		  size_t set_count, struct arrival *ret)
{
	int64_t back_ms = 0, forward_ms = 0;
	struct arrival a = { .earliest_ms = arrival_later(f->accepted_ms ? f->accepted_ms : f->handed_over_ms,
							  f->absent_ms),
			     .latest_ms = f->seen_ms,
			     .seen_ms = f->seen_ms,
			     .clock_wrong = clock_wrong };
	a.earliest_ms = arrival_earlier(a.earliest_ms, a.latest_ms);
	if (f->internal_ms && !clock_wrong)
		arrival_date(f, &a);
	for (size_t i = 0; i < set_count; i++) {
		if (!arrival_is_across(f, &a, &sets[i]))
			continue;
		forward_ms += arrival_later(sets[i].shift_ms, 0);
		back_ms += arrival_later(-sets[i].shift_ms, 0);
		a.clock_set_ms += sets[i].shift_ms;
	}
	a.earliest_ms -= forward_ms;
	a.latest_ms += back_ms;
	*ret = a;
}

int64_t arrival_least_ms(const struct arrival *a, int64_t accepted_ms)
{
	return accepted_ms && a->seen_ms ? arrival_later(a->earliest_ms - accepted_ms, 0) : -1;
}

int64_t arrival_most_ms(const struct arrival *a, int64_t accepted_ms)
{
	return accepted_ms && a->seen_ms ? arrival_later(a->latest_ms - accepted_ms, 0) : -1;
}

enum arrival_time arrival_within(const struct arrival *a, int64_t accepted_ms, int64_t within_ms)
{
	if (arrival_most_ms(a, accepted_ms) < 0)
		return ARRIVAL_OPEN;
	if (arrival_most_ms(a, accepted_ms) <= within_ms)
		return ARRIVAL_IN_TIME;
	return arrival_least_ms(a, accepted_ms) > within_ms ? ARRIVAL_LATE : ARRIVAL_OPEN;
}
