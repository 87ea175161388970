/* Words on when a message arrived. */
#include "harness/judge/reason_arrival.h"

#include "harness/base/clock.h"

enum { REASON_SECOND_MS = 1000 };

static enum arrival_time reason_arrival_time(const struct probe_evidence *e, int64_t within_ms)
{
	return arrival_within(&e->arrival, e->sending.accepted_ms, within_ms);
}

bool reason_arrival_dated(const struct probe_evidence *e, int64_t within_ms)
{
	return arrival_most_ms(&e->arrival, e->sending.accepted_ms) >= 0 &&
	       (e->arrival.by_mailbox_clock || reason_arrival_time(e, within_ms) == ARRIVAL_OPEN);
}

/* When the mailbox was read, which is not when the message arrived. */
static void reason_arrival_add_reading(struct buf *b, const struct probe_evidence *e)
{
	char words[TIME_TEXT_MAX];
	if (e->arrival.at_the_end)
		buf_add_str(b, "read at the end");
	else if (e->arrival.seen_ms > e->sending.accepted_ms)
		buf_addf(b, "first read %s after the acceptance",
			 duration_words(e->arrival.seen_ms - e->sending.accepted_ms, words));
	else
		buf_add_str(b, "read later");
}

static void reason_arrival_add_bounds(struct buf *b, const struct probe_evidence *e, enum arrival_time time)
{
	char words[TIME_TEXT_MAX];
	int64_t least = arrival_least_ms(&e->arrival, e->sending.accepted_ms),
		most = arrival_most_ms(&e->arrival, e->sending.accepted_ms);
	if (most <= REASON_SECOND_MS)
		buf_add_str(b, "within a second");
	else if (time == ARRIVAL_LATE)
		buf_addf(b, "at least %s", duration_words(least, words));
	else
		buf_addf(b, "at most %s", duration_words(most, words));
	if (time == ARRIVAL_OPEN && least > 0)
		buf_addf(b, " and at least %s", duration_words(least, words));
}

static void reason_arrival_add_clocks(struct buf *b, const struct arrival *a)
{
	char words[TIME_TEXT_MAX];
	if (a->clock_wrong)
		buf_add_str(
		    b, "; the mailbox's clock does not agree with this machine's, so that its date does not count");
	if (a->clock_set_ms)
		buf_addf(b, "; this machine's clock was set %s by %s meanwhile",
			 a->clock_set_ms < 0 ? "back" : "forward",
			 duration_words(a->clock_set_ms < 0 ? -a->clock_set_ms : a->clock_set_ms, words));
}

void reason_arrival_add(struct buf *b, const struct probe_evidence *e, int64_t within_ms, const char *before)
{
	enum arrival_time time = reason_arrival_time(e, within_ms);
	buf_addf(b, "%sthere ", before);
	reason_arrival_add_bounds(b, e, time);
	buf_add_str(b, " after the service's server had accepted it");
	buf_add_str(b, e->arrival.by_mailbox_clock ? ", by the mailbox's clock (" : " (the mailbox was ");
	reason_arrival_add_reading(b, e);
	buf_add_char(b, ')');
	reason_arrival_add_clocks(b, &e->arrival);
	if (time == ARRIVAL_OPEN)
		buf_add_str(b, "; whether it came in time is not known");
}
