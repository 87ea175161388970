/* When a message arrived: bounds, and what they decide. */
#include "harness/judge/arrival.h"

#include "tests/unit/unit.h"

enum { A = 1000000000, SECOND = 1000, MINUTE = 60 * SECOND, WITHIN = 5 * MINUTE };

struct row {
	const char *label;
	/* Of the facts, relative to the acceptance; NONE: there is none. The handing over is 50 ms before. */
	int64_t absent, seen, internal;
	bool clock_wrong;             /* as another message has shown */
	struct arrival_clock_set set; /* at_ms relative as well */
	int64_t least, most;
	bool by_mailbox_clock, contradicts, across;
	enum arrival_time time;
};

enum { NONE = INT32_MIN };

static const struct row rows[] = {
	{ "seen at once by who looked", -MINUTE, 340, -640, .most = 340, .time = ARRIVAL_IN_TIME },
	{ "before the reply came back", -MINUTE, -20, -900, .time = ARRIVAL_IN_TIME },
	{ "no date, in time", NONE, 3 * MINUTE, NONE, .most = 3 * MINUTE, .time = ARRIVAL_IN_TIME },
	{ "the limit itself is in time", NONE, WITHIN, NONE, .most = WITHIN, .time = ARRIVAL_IN_TIME },
	{ "no date, seen late, nobody looked", -MINUTE, 6 * MINUTE, NONE, .most = 6 * MINUTE, .time = ARRIVAL_OPEN },
	{ "no date, seen late, no reading before is known", NONE, 6 * MINUTE, NONE, .most = 6 * MINUTE,
	  .time = ARRIVAL_OPEN },
	{ "no date, read without it within the limit", 4 * MINUTE, 6 * MINUTE, NONE, .least = 4 * MINUTE,
	  .most = 6 * MINUTE, .time = ARRIVAL_OPEN },
	{ "no date, read without it at the limit", WITHIN, 6 * MINUTE, NONE, .least = WITHIN, .most = 6 * MINUTE,
	  .time = ARRIVAL_OPEN },
	{ "no date, read without it after the limit", WITHIN + 1, 6 * MINUTE, NONE, .least = WITHIN + 1,
	  .most = 6 * MINUTE, .time = ARRIVAL_LATE },
	{ "read an hour later, dated at once", -MINUTE, 60 * MINUTE, 0, .most = 999, .by_mailbox_clock = true,
	  .time = ARRIVAL_IN_TIME },
	{ "dated in the second before the acceptance", -MINUTE, 60 * MINUTE, -600, .most = 399,
	  .by_mailbox_clock = true, .time = ARRIVAL_IN_TIME },
	{ "dated late", -MINUTE, 60 * MINUTE, 7 * MINUTE, .least = 7 * MINUTE, .most = 7 * MINUTE + 999,
	  .by_mailbox_clock = true, .time = ARRIVAL_LATE },
	{ "the limit is within the second of its date", -MINUTE, 60 * MINUTE, WITHIN - 500, .least = WITHIN - 500,
	  .most = WITHIN + 499, .by_mailbox_clock = true, .time = ARRIVAL_OPEN },
	{ "a date that a reading narrows", 3 * MINUTE + 500, 60 * MINUTE, 3 * MINUTE, .least = 3 * MINUTE + 500,
	  .most = 3 * MINUTE + 999, .by_mailbox_clock = true, .time = ARRIVAL_IN_TIME },
	{ "a clock a second fast is no contradiction", -MINUTE, 340, 1300, .least = 340, .most = 340,
	  .time = ARRIVAL_IN_TIME },
	{ "a clock two seconds slow is none", -MINUTE, 60 * MINUTE, -2900, .most = 0, .by_mailbox_clock = true,
	  .time = ARRIVAL_IN_TIME },
	{ "a clock that is fast", -MINUTE, 6 * MINUTE, 10 * MINUTE, .most = 6 * MINUTE, .contradicts = true,
	  .time = ARRIVAL_OPEN },
	{ "a clock that is fast, seen in time", -MINUTE, 340, 10 * MINUTE, .most = 340, .contradicts = true,
	  .time = ARRIVAL_IN_TIME },
	{ "a clock that is slow", -MINUTE, 6 * MINUTE, -MINUTE, .most = 6 * MINUTE, .contradicts = true,
	  .time = ARRIVAL_OPEN },
	{ "a date from before a reading without it, seen late by who looked", 6 * MINUTE, 7 * MINUTE, 2 * MINUTE,
	  .least = 6 * MINUTE, .most = 7 * MINUTE, .contradicts = true, .time = ARRIVAL_LATE },
	{ "a date of 1970", -MINUTE, 6 * MINUTE, 1000 - A, .most = 6 * MINUTE, .contradicts = true,
	  .time = ARRIVAL_OPEN },
	{ "another message has shown the clock to be wrong", -MINUTE, 60 * MINUTE, 0, .clock_wrong = true,
	  .most = 60 * MINUTE, .time = ARRIVAL_OPEN },
	{ "our clock was set forward meanwhile", -MINUTE, 12 * MINUTE, NONE, .across = true,
	  .set = { 11 * MINUTE, 10 * MINUTE }, .most = 12 * MINUTE, .time = ARRIVAL_OPEN },
	{ "set forward, so that a late sight may be none", 8 * MINUTE, 9 * MINUTE, NONE, .across = true,
	  .set = { 7 * MINUTE, 6 * MINUTE }, .least = 2 * MINUTE, .most = 9 * MINUTE, .time = ARRIVAL_OPEN },
	{ "set forward a little, and late all the same", 8 * MINUTE, 9 * MINUTE, NONE, .across = true,
	  .set = { 7 * MINUTE, 2 * MINUTE }, .least = 6 * MINUTE, .most = 9 * MINUTE, .time = ARRIVAL_LATE },
	{ "set back, so that a quick sight may be late", -MINUTE, 2 * MINUTE, NONE, .across = true,
	  .set = { MINUTE, -10 * MINUTE }, .most = 12 * MINUTE, .time = ARRIVAL_OPEN },
	{ "set back to before the acceptance", -MINUTE, -8 * MINUTE, NONE, .across = true,
	  .set = { -9 * MINUTE, -10 * MINUTE }, .most = 2 * MINUTE, .time = ARRIVAL_IN_TIME },
	{ "set back a little", -MINUTE, 340, NONE, .across = true, .set = { 200, -3 * SECOND }, .most = 3340,
	  .time = ARRIVAL_IN_TIME },
	{ "set before it was accepted", -MINUTE, 340, NONE, .set = { -30 * MINUTE, 10 * MINUTE }, .most = 340,
	  .time = ARRIVAL_IN_TIME },
	{ "set after it was seen", -MINUTE, 340, NONE, .set = { 30 * MINUTE, 10 * MINUTE }, .most = 340,
	  .time = ARRIVAL_IN_TIME },
};

static int64_t when(int64_t relative)
{
	return relative == NONE ? 0 : A + relative;
}

static void bounds_decide_or_leave_it_open(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		const struct arrival_facts facts = { A - 50, A, when(row->absent), when(row->seen),
						     when(row->internal) };
		const struct arrival_clock_set set = { A + row->set.at_ms, row->set.shift_ms };
		struct arrival a;
		ROW_ASSERT(row->label, arrival_contradicts(&facts) == row->contradicts);
		arrival_find(&facts, row->clock_wrong || row->contradicts, &set, row->set.shift_ms != 0, &a);
		ROW_ASSERT(row->label, arrival_least_ms(&a, A) == row->least);
		ROW_ASSERT(row->label, arrival_most_ms(&a, A) == row->most);
		ROW_ASSERT(row->label, a.by_mailbox_clock == row->by_mailbox_clock);
		ROW_ASSERT(row->label, arrival_within(&a, A, WITHIN) == row->time);
		ROW_ASSERT(row->label, a.clock_set_ms == (row->across ? row->set.shift_ms : 0));
	}
}

static void without_acceptance_or_sight_nothing_is_known(void **state)
{
	const struct arrival_facts facts = { A - 50, 0, 0, A + MINUTE, 0 };
	struct arrival a, never = { 0 };
	arrival_find(&facts, false, NULL, 0, &a);
	assert_int_equal(a.earliest_ms, A - 50);
	assert_int_equal(a.latest_ms, A + MINUTE);
	assert_int_equal(arrival_least_ms(&a, 0), -1);
	assert_int_equal(arrival_most_ms(&a, 0), -1);
	assert_int_equal(arrival_within(&a, 0, WITHIN), ARRIVAL_OPEN);
	assert_int_equal(arrival_most_ms(&never, A), -1);
	assert_int_equal(arrival_within(&never, A, WITHIN), ARRIVAL_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_decide_or_leave_it_open),
		cmocka_unit_test(without_acceptance_or_sight_nothing_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
