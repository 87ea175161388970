/* Times, deadlines and durations. */
#include "tests/unit/unit.h"

#include <limits.h>

#include "harness/base/clock.h"

static void times_are_written_in_utc(void **state)
{
	static const struct {
		int64_t ms;
		const char *rfc3339, *rfc5322;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ 1, "1970-01-01T00:00:00.001Z", "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ -1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 +0000" },
		{ 951782400000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 +0000" },
		{ 1795426200123, "2026-11-23T09:30:00.123Z", "Mon, 23 Nov 2026 09:30:00 +0000" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[TIME_TEXT_MAX];
		ROW_ASSERT_STRING(rows[i].rfc3339, time_rfc3339(rows[i].ms, out), rows[i].rfc3339);
		ROW_ASSERT_STRING(rows[i].rfc3339, time_rfc5322(rows[i].ms, out), rows[i].rfc5322);
	}
}

static void times_beyond_every_calendar_fit_their_array(void **state)
{
	char out[TIME_TEXT_MAX];
	assert_true(strlen(time_rfc3339(INT64_MAX, out)) < TIME_TEXT_MAX);
	assert_true(strlen(time_rfc5322(INT64_MIN, out)) < TIME_TEXT_MAX);
}

static void durations_are_read_and_written_back(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *back;
	} rows[] = {
		{ "0", 0, "0" },
		{ "500ms", 500, "500ms" },
		{ "30s", 30000, "30s" },
		{ "90s", 90000, "1m30s" },
		{ "10m", 600000, "10m" },
		{ "1h30m", 5400000, "1h30m" },
		{ "2d", 172800000, "2d" },
		{ "1d1h1m1s1ms", 90061001, "1d1h1m1s1ms" },
		{ " 5s ", 5000, "5s" },
		{ "0s", 0, "0" },
		{ "366d", INT64_C(366) * 86400000, "366d" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int64_t ms = -1;
		char out[TIME_TEXT_MAX];
		ROW_ASSERT(rows[i].text, duration_parse(span_of(rows[i].text), &ms, &err) == 0);
		ROW_ASSERT(rows[i].text, ms == rows[i].ms);
		ROW_ASSERT_STRING(rows[i].text, duration_format(ms, out), rows[i].back);
	}
}

static void what_is_no_duration_is_named(void **state)
{
	static const char *const rows[] = { "",
					    "10",
					    "s",
					    "10 m",
					    "1.5s",
					    "-1s",
					    "1m1h",
					    "1s1s",
					    "10min",
					    "1h30",
					    "367d",
					    "366d1ms",
					    "99999999999999999999s",
					    "10M",
					    "1\xc2\xb5s" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int64_t ms = -1;
		ROW_ASSERT(rows[i], duration_parse(span_of(rows[i]), &ms, &err) == -1);
		ROW_ASSERT(rows[i], ms == -1 && err.kind == ERROR_CONFIG);
		ROW_ASSERT(rows[i], strstr(err.text, rows[i]) && strstr(err.text, "30s"));
	}
}

static void durations_for_people_are_rounded(void **state)
{
	static const struct {
		int64_t ms;
		const char *words;
	} rows[] = {
		{ 0, "0 ms" },       { 340, "340 ms" },        { 2300, "2.3 s" },
		{ 59999, "59.9 s" }, { 250000, "4 min 10 s" }, { 3900000, "1 h 5 min" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[TIME_TEXT_MAX];
		ROW_ASSERT_STRING(rows[i].words, duration_words(rows[i].ms, out), rows[i].words);
	}
}

static void deadlines_pass(void **state)
{
	struct deadline past = deadline_in(-5), soon = deadline_in(60000), late = deadline_in(INT64_C(1) << 40);
	assert_true(deadline_passed(past));
	assert_int_equal(deadline_left_ms(past), 0);
	assert_int_equal(deadline_poll_ms(past), 0);
	assert_false(deadline_passed(soon));
	assert_true(deadline_left_ms(soon) > 0 && deadline_left_ms(soon) <= 60000);
	assert_int_equal(deadline_poll_ms(late), INT_MAX);
	assert_true(deadline_earlier(late, soon).at_ms == soon.at_ms);
	assert_true(deadline_earlier(soon, late).at_ms == soon.at_ms);
}

static void the_clocks_run(void **state)
{
	int64_t before = clock_mono_ms();
	assert_true(clock_wall_ms() > INT64_C(1700000000000));
	assert_true(clock_mono_ms() >= before);
}

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: no time */
	} rows[] = {
		{ "2026-11-23T09:30:00.123Z", 1795426200123 },
		{ "2026-11-23 10:30:00+01:00", 1795426200000 },
		{ "2026-11-23t09:30:00.5z", 1795426200500 },
		{ "2026-11-23T09:30:00.123456789-00:00", 1795426200123 },
		{ "2026-11-23", 1795392000000 },
		{ "1795426200", 1795426200000 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29", 1709164800000 },
		{ "2026-02-29", -1 },
		{ "2026-13-01", -1 },
		{ "2026-11-23T09:30:00", -1 },
		{ "2026-11-23T24:00:00Z", -1 },
		{ "2026-11-23T09:30:00.Z", -1 },
		{ "2026-11-23T09:30:00+1:00", -1 },
		{ "2026-11-23T09:30:00Z ", -1 },
		{ "-5", -1 },
		{ "99999999999999999999", -1 },
		{ "yesterday", -1 },
		{ "", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = -1;
		ROW_ASSERT(rows[i].text, time_parse(span_of(rows[i].text), &ms) == (rows[i].ms >= 0));
		ROW_ASSERT(rows[i].text, ms == rows[i].ms);
	}
}

static void setting_the_clock_and_sleeping_are_told_apart(void **state)
{
	static const struct {
		const char *label;
		struct clock_moment after; /* later than 1000000, 50000, 40000 by so much */
		struct clock_change change;
	} rows[] = {
		{ "nothing happened", { 1000, 1000, 1000 }, { 0, 0 } },
		{ "a long wait", { 3600000, 3600000, 3600000 }, { 0, 0 } },
		{ "steered by less than a second", { 1999, 1000, 1000 }, { 0, 0 } },
		{ "steered back", { 1, 1000, 1000 }, { 0, 0 } },
		{ "set forward by a second", { 2000, 1000, 1000 }, { 1000, 0 } },
		{ "set forward by an hour", { 3601000, 1000, 1000 }, { 3600000, 0 } },
		{ "set back by ten minutes", { -599000, 1000, 1000 }, { -600000, 0 } },
		{ "set back, read a little early", { -598999, 1000, 1000 }, { -600000, 0 } },
		{ "set forward, read a little early", { 600999, 1000, 1000 }, { 600000, 0 } },
		{ "slept for an hour", { 3601000, 3601000, 1000 }, { 0, 3600000 } },
		{ "slept for less than a second", { 1900, 1900, 1000 }, { 0, 0 } },
		{ "slept, and the clock was set back on waking", { 3001000, 3601000, 1000 }, { -600000, 3600000 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct clock_moment before = { 1000000, 50000, 40000 },
					  after = { before.wall_ms + rows[i].after.wall_ms,
						    before.boot_ms + rows[i].after.boot_ms,
						    before.mono_ms + rows[i].after.mono_ms };
		const struct clock_change change = clock_compare(&before, &after);
		ROW_ASSERT(rows[i].label, change.set_ms == rows[i].change.set_ms);
		ROW_ASSERT(rows[i].label, change.slept_ms == rows[i].change.slept_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(times_beyond_every_calendar_fit_their_array),
		cmocka_unit_test(durations_are_read_and_written_back),
		cmocka_unit_test(what_is_no_duration_is_named),
		cmocka_unit_test(durations_for_people_are_rounded),
		cmocka_unit_test(deadlines_pass),
		cmocka_unit_test(the_clocks_run),
		cmocka_unit_test(setting_the_clock_and_sleeping_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
