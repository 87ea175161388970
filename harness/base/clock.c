/* Time. The only file that reads the machine's clocks. */
#include "harness/base/clock.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* The boot clock is read twice, so that a thread that is held up between two clocks does not see one of them jump. */
struct clock_moment clock_now(void)
{
	enum { TRIES = 8, CLOSE_MS = 50 };
	struct clock_moment m = { 0 };
	for (int i = 0; i < TRIES; i++) {
		m.boot_ms = read_clock(CLOCK_BOOTTIME);
		m.mono_ms = clock_mono_ms();
		m.wall_ms = clock_wall_ms();
		if (read_clock(CLOCK_BOOTTIME) - m.boot_ms <= CLOSE_MS)
			break;
	}
	return m;
}

struct clock_change clock_compare(const struct clock_moment *before, const struct clock_moment *after)
{
	enum { STEERED_MS = 1000, EXACT_MS = 100 /* the clocks are not read at the same moment */ };
	int64_t boot = after->boot_ms - before->boot_ms;
	struct clock_change c = { .set_ms = after->wall_ms - before->wall_ms - boot,
				  .slept_ms = boot - (after->mono_ms - before->mono_ms) };
	if (c.set_ms > -STEERED_MS && c.set_ms < STEERED_MS)
		c.set_ms = 0;
	c.set_ms = (c.set_ms + (c.set_ms < 0 ? -EXACT_MS : EXACT_MS) / 2) / EXACT_MS * EXACT_MS;
	if (c.slept_ms < STEERED_MS)
		c.slept_ms = 0;
	return c;
}

struct deadline deadline_in(int64_t ms)
{
	return (struct deadline){ clock_mono_ms() + ms };
}

struct deadline deadline_earlier(struct deadline a, struct deadline b)
{
	return a.at_ms < b.at_ms ? a : b;
}

int64_t deadline_left_ms(struct deadline d)
{
	int64_t left = d.at_ms - clock_mono_ms();
	return left > 0 ? left : 0;
}

int deadline_poll_ms(struct deadline d)
{
	int64_t left = deadline_left_ms(d);
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool deadline_passed(struct deadline d)
{
	return deadline_left_ms(d) == 0;
}

static void split_time(int64_t wall_ms, struct tm *tm, int *ms)
{
	int64_t seconds = wall_ms / 1000;
	*ms = (int)(wall_ms % 1000);
	if (*ms < 0) {
		*ms += 1000;
		seconds--;
	}
	time_t t = (time_t)seconds;
	if (!gmtime_r(&t, tm))
		*tm = (struct tm){ .tm_mday = 1, .tm_year = 70 };
}

const char *time_rfc3339(int64_t wall_ms, char out[TIME_TEXT_MAX])
{
	struct tm tm;
	int ms;
	split_time(wall_ms, &tm, &ms);
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
	return out;
}

/* Reads exactly `digits` digits at *at and moves behind them. */
static bool read_digits(struct span text, size_t *at, size_t digits, int *ret)
{
	uint64_t number;
	struct span part = span_sub(text, *at, digits);
	if (part.len != digits || !span_to_u64(part, 9999, &number))
		return false;
	*ret = (int)number;
	*at += digits;
	return true;
}

static bool read_char(struct span text, size_t *at, const char *accepted)
{
	if (*at >= text.len || !text.p[*at] || !strchr(accepted, text.p[*at]))
		return false;
	++*at;
	return true;
}

/* A fraction of any length, of which milliseconds are kept. */
static bool read_fraction(struct span text, size_t *at, int *ret_ms)
{
	int unit = 100;
	size_t begin = *at;
	for (; *at < text.len && ascii_is_digit(text.p[*at]); ++*at, unit /= 10)
		*ret_ms += (text.p[*at] - '0') * unit;
	return *at > begin;
}

/* `Z`, or the minutes of `+01:00`. */
static bool read_offset(struct span text, size_t *at, int *ret_minutes)
{
	int hours, minutes;
	if (read_char(text, at, "Zz"))
		return true;
	if (!read_char(text, at, "+-"))
		return false;
	int sign = text.p[*at - 1] == '-' ? -1 : 1;
	if (!read_digits(text, at, 2, &hours) || !read_char(text, at, ":") || !read_digits(text, at, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*ret_minutes = sign * (hours * 60 + minutes);
	return true;
}

static bool read_time_of_day(struct span text, size_t *at, struct tm *tm, int *ret_ms, int *ret_offset)
{
	if (!read_char(text, at, "Tt ") || !read_digits(text, at, 2, &tm->tm_hour) || !read_char(text, at, ":") ||
	    !read_digits(text, at, 2, &tm->tm_min) || !read_char(text, at, ":") ||
	    !read_digits(text, at, 2, &tm->tm_sec) || tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60)
		return false;
	if (read_char(text, at, ".") && !read_fraction(text, at, ret_ms))
		return false;
	return read_offset(text, at, ret_offset) && *at == text.len;
}

bool time_parse(struct span text, int64_t *ret_wall_ms)
{
	struct tm tm = { 0 };
	int year, month, ms = 0, offset = 0;
	size_t at = 0;
	uint64_t seconds;
	if (span_to_u64(text, INT64_MAX / 1000, &seconds)) {
		*ret_wall_ms = (int64_t)seconds * 1000;
		return true;
	}
	if (!read_digits(text, &at, 4, &year) || !read_char(text, &at, "-") || !read_digits(text, &at, 2, &month) ||
	    !read_char(text, &at, "-") || !read_digits(text, &at, 2, &tm.tm_mday))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	struct tm day = tm;
	timegm(&day);
	if (day.tm_mon != tm.tm_mon || day.tm_mday != tm.tm_mday) /* no such day */
		return false;
	if (at < text.len && !read_time_of_day(text, &at, &tm, &ms, &offset))
		return false;
	*ret_wall_ms = ((int64_t)timegm(&tm) - (int64_t)offset * 60) * 1000 + ms;
	return true;
}

const char *time_rfc5322(int64_t wall_ms, char out[TIME_TEXT_MAX])
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;
	int ms;
	split_time(wall_ms, &tm, &ms);
	snprintf(out, TIME_TEXT_MAX, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
		 months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

static const struct {
	const char *name;
	int64_t ms;
} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

static int duration_bad(struct span text, struct error *err)
{
	return error_set(
	    err, ERROR_CONFIG, RETRY_NEVER, 0,
	    "\"%.*s\" is not a duration: write a whole number and a unit, such as 500ms, 30s, 10m, 2h or 1d",
	    SPAN_ARG(text));
}

int duration_parse(struct span text, int64_t *ret_ms, struct error *err)
{
	const int64_t max_ms = INT64_C(366) * 86400000;
	struct span rest = span_trim(text);
	int64_t total = 0;
	size_t next_unit = 0;
	if (span_is(rest, "0")) {
		*ret_ms = 0;
		return 0;
	}
	if (rest.len == 0)
		return duration_bad(text, err);
	while (rest.len > 0) {
		size_t digits = 0, letters = 0;
		while (digits < rest.len && ascii_is_digit(rest.p[digits]))
			digits++;
		while (digits + letters < rest.len && ascii_is_alpha(rest.p[digits + letters]))
			letters++;
		uint64_t number;
		if (letters == 0 || !span_to_u64(span_sub(rest, 0, digits), (uint64_t)max_ms, &number))
			return duration_bad(text, err);
		struct span name = span_sub(rest, digits, letters);
		while (next_unit < ARRAY_LEN(units) && !span_is(name, units[next_unit].name))
			next_unit++;
		if (next_unit == ARRAY_LEN(units) || (int64_t)number > (max_ms - total) / units[next_unit].ms)
			return duration_bad(text, err);
		total += (int64_t)number * units[next_unit].ms;
		next_unit++;
		rest = span_sub(rest, digits + letters, rest.len);
	}
	*ret_ms = total;
	return 0;
}

const char *duration_format(int64_t ms, char out[TIME_TEXT_MAX])
{
	size_t at = 0;
	out[0] = '\0';
	if (ms <= 0)
		snprintf(out, TIME_TEXT_MAX, "0");
	for (size_t i = 0; i < ARRAY_LEN(units) && ms > 0; i++) {
		int64_t n = ms / units[i].ms;
		if (n == 0)
			continue;
		int written = snprintf(out + at, TIME_TEXT_MAX - at, "%" PRId64 "%s", n, units[i].name);
		at += written > 0 ? (size_t)written : 0;
		ms -= n * units[i].ms;
	}
	return out;
}

/* Two units, the second only where it is not zero. */
static void two_units(char out[TIME_TEXT_MAX], int64_t big, const char *big_unit, int64_t small, const char *small_unit)
{
	if (small)
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 " %s %" PRId64 " %s", big, big_unit, small, small_unit);
	else
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 " %s", big, big_unit);
}

const char *duration_words(int64_t ms, char out[TIME_TEXT_MAX])
{
	if (ms < 1000)
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 " ms", ms);
	else if (ms < 60000)
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
	else if (ms < 3600000)
		two_units(out, ms / 60000, "min", ms % 60000 / 1000, "s");
	else
		two_units(out, ms / 3600000, "h", ms % 3600000 / 60000, "min");
	return out;
}
