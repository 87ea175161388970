/* Dates of messages. Pure: reads no clock and no time zone of the machine. */
#include "harness/mail/date.h"

#include "harness/base/compiler.h"
#include "harness/mail/rfc5322.h"

struct moment {
	int year, month, day, hour, minute, second; /* month 1 to 12 */
	int zone;                                   /* minutes east of UTC */
	bool zoned;                                 /* a zone was said */
	bool loose;                                 /* as servers write it, not only RFC 5322 */
};

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

/* RFC 5322 section 4.3. Military letters and unknown names mean -0000 there, so they need no row. */
static const struct {
	const char *name;
	int hours;
} zones[] = { { "EDT", -4 }, { "EST", -5 }, { "CDT", -5 }, { "CST", -6 },
	      { "MDT", -6 }, { "MST", -7 }, { "PDT", -7 }, { "PST", -8 } };

static bool number(struct lexer *l, size_t most_digits, int *ret, size_t *ret_digits)
{
	struct span digits = lexer_run(l, ascii_is_digit);
	uint64_t value;
	if (digits.len == 0 || digits.len > most_digits || !span_to_u64(digits, INT32_MAX, &value))
		return false;
	*ret = (int)value;
	if (ret_digits)
		*ret_digits = digits.len;
	return true;
}

static bool month(struct lexer *l, int *ret)
{
	struct span word = lexer_run(l, ascii_is_alpha);
	for (size_t i = 0; i < ARRAY_LEN(months); i++) {
		if (word.len >= 3 && span_is_nocase(span_sub(word, 0, 3), months[i])) {
			*ret = (int)i + 1;
			return true;
		}
	}
	return false;
}

/* RFC 5322 section 4.3: two digits below 50 are of this century, other two or three digits count from 1900. */
static bool year(struct lexer *l, int *ret)
{
	size_t digits;
	if (!number(l, 4, ret, &digits) || digits < 2)
		return false;
	if (digits == 2 && *ret < 50)
		*ret += 2000;
	else if (digits < 4)
		*ret += 1900;
	return true;
}

/* `.516`, then `AM` or `PM`: neither must be there. */
static bool date_time_tail(struct lexer *l, struct moment *m)
{
	size_t here = l->at;
	if (lexer_char(l, '.'))
		lexer_run(l, ascii_is_digit);
	here = l->at;
	lexer_fws(l);
	struct span word = lexer_run(l, ascii_is_alpha);
	bool pm = span_is_nocase(word, "PM");
	if (!pm && !span_is_nocase(word, "AM")) {
		l->at = here;
		return true;
	}
	if (m->hour < 1 || m->hour > 12)
		return false;
	m->hour = m->hour % 12 + (pm ? 12 : 0);
	return true;
}

static bool time_of_day(struct lexer *l, struct moment *m)
{
	if (!number(l, 2, &m->hour, NULL) || !lexer_cfws(l) || !lexer_char(l, ':') || !lexer_cfws(l) ||
	    !number(l, 2, &m->minute, NULL))
		return false;
	size_t here = l->at;
	m->second = 0;
	if (lexer_cfws(l) && lexer_char(l, ':')) {
		if (!lexer_cfws(l) || !number(l, 2, &m->second, NULL))
			return false;
	} else {
		l->at = here;
	}
	return m->loose ? date_time_tail(l, m) : true;
}

/* Behind the sign: `hhmm`; if loose `hmm`, `hh`, `hh:mm` too. */
static bool date_zone_offset(struct lexer *l, struct moment *m, int sign)
{
	int hours, minutes = 0;
	size_t digits;
	if (!number(l, 4, &hours, &digits) || (digits != 4 && !m->loose))
		return false;
	if (digits > 2) {
		minutes = hours % 100;
		hours /= 100;
	} else if (lexer_char(l, ':') && (!number(l, 2, &minutes, &digits) || digits != 2)) {
		return false;
	}
	m->zone = sign * (hours * 60 + minutes);
	m->zoned = true;
	return minutes < 60;
}

static bool zone(struct lexer *l, struct moment *m)
{
	m->zone = 0;
	if (lexer_peek(l) == '+' || lexer_peek(l) == '-')
		return date_zone_offset(l, m, l->in.p[l->at++] == '-' ? -1 : 1);
	struct span word = lexer_run(l, ascii_is_alpha);
	m->zoned = word.len > 0;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (span_is_nocase(word, zones[i].name))
			m->zone = zones[i].hours * 60;
	/* `GMT+0100` */
	int c = lexer_peek(l);
	bool universal = span_is_nocase(word, "GMT") || span_is_nocase(word, "UTC");
	if (m->loose && universal && (c == '+' || c == '-'))
		return zone(l, m);
	return true;
}

/* Behind the name of the day: `Nov 13 14:50:12 2005`, `Nov 13 14:50:12 CET 2005`, `Nov 13 14:50:12 2005 +0100`; if
 * loose `Nov 13 2005 14:50:12 GMT+0100` too. */
static bool asctime_form(struct lexer *l, struct moment *m)
{
	if (!month(l, &m->month) || !lexer_cfws(l) || !number(l, 2, &m->day, NULL) || !lexer_cfws(l))
		return false;
	size_t here = l->at;
	if (m->loose && year(l, &m->year) && lexer_cfws(l) && time_of_day(l, m))
		return lexer_cfws(l) ? zone(l, m) : true;
	l->at = here;
	if (!time_of_day(l, m) || !lexer_cfws(l) || !zone(l, m) || !lexer_cfws(l) || !year(l, &m->year))
		return false;
	/* What follows may be anything. */
	struct moment said = *m;
	if (!m->zoned && lexer_cfws(l) && zone(l, &said))
		m->zone = said.zone;
	return true;
}

/* White space and comments, or a hyphen. */
static bool date_gap(struct lexer *l, const struct moment *m)
{
	return (m->loose && lexer_char(l, '-')) || lexer_cfws(l);
}

static bool rfc5322_form(struct lexer *l, struct moment *m)
{
	if (!number(l, 2, &m->day, NULL) || !date_gap(l, m))
		return false;
	if (!month(l, &m->month) || !date_gap(l, m) || !year(l, &m->year) || !lexer_cfws(l) || !time_of_day(l, m))
		return false;
	/* A comment that does not end is not this date's fault: the zone is then absent. */
	return lexer_cfws(l) ? zone(l, m) : true;
}

static bool date_iso8601_form(struct lexer *l, struct moment *m)
{
	size_t digits;
	if (!number(l, 4, &m->year, &digits) || digits != 4 || !lexer_char(l, '-') || !number(l, 2, &m->month, NULL) ||
	    !lexer_char(l, '-') || !number(l, 2, &m->day, NULL) || m->month < 1 || m->month > 12)
		return false;
	if (!lexer_char(l, 'T') && !lexer_fws(l))
		return false;
	return time_of_day(l, m) && lexer_cfws(l) && zone(l, m);
}

static bool is_leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

/* Checks the ranges and counts the days since 1970 (proleptic Gregorian calendar). */
static bool to_ms(const struct moment *m, int64_t *ret)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	int length = before[m->month] - before[m->month - 1] + (m->month == 2 && is_leap(m->year));
	if (m->day < 1 || m->day > length || m->hour > 23 || m->minute > 59 || m->second > 60)
		return false;
	int64_t y = m->year - 1;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 - 719162;
	days += before[m->month - 1] + (m->month > 2 && is_leap(m->year)) + m->day - 1;
	*ret = (((days * 24 + m->hour) * 60 + m->minute - m->zone) * 60 + m->second) * 1000;
	return true;
}

static bool date_read(struct span text, bool loose, int64_t *ret_wall_ms)
{
	struct lexer l = { text, 0 };
	struct moment m = { .loose = loose };
	if (!lexer_cfws(&l))
		return false;
	struct span day_name = lexer_run(&l, ascii_is_alpha);
	if (!lexer_cfws(&l))
		return false;
	if (lexer_char(&l, ',') && !lexer_cfws(&l))
		return false;
	size_t here = l.at;
	struct lexer start = { day_name, 0 };
	if (loose && month(&start, &m.month))
		/* `Nov 30 09:00:00 2026`: there is no name of a day */
		here = l.at = (size_t)(day_name.p - text.p);
	bool found = day_name.len > 0 && ascii_is_alpha((char)lexer_peek(&l)) ? asctime_form(&l, &m)
									      : rfc5322_form(&l, &m);
	if (!found && loose) {
		l.at = here;
		found = date_iso8601_form(&l, &m);
	}
	return found && to_ms(&m, ret_wall_ms);
}

bool date_parse(struct span text, int64_t *ret_wall_ms)
{
	return date_read(text, false, ret_wall_ms);
}

bool date_parse_received(struct span text, int64_t *ret_wall_ms)
{
	return date_read(text, true, ret_wall_ms);
}

/* Servers leave out the sign, or the whole zone. */
static bool date_imap_zone(struct lexer *l, struct moment *m)
{
	m->loose = true;
	if (!lexer_char(l, ' '))
		return true;
	return ascii_is_digit((char)lexer_peek(l)) ? date_zone_offset(l, m, 1) : zone(l, m);
}

bool date_parse_imap(struct span text, int64_t *ret_wall_ms)
{
	struct lexer l = { text, 0 };
	struct moment m = { 0 };
	bool quoted = lexer_char(&l, '"');
	lexer_char(&l, ' ');
	return number(&l, 2, &m.day, NULL) && lexer_char(&l, '-') && month(&l, &m.month) && lexer_char(&l, '-') &&
	       year(&l, &m.year) && lexer_char(&l, ' ') && time_of_day(&l, &m) && date_imap_zone(&l, &m) &&
	       (!quoted || lexer_char(&l, '"')) && lexer_peek(&l) < 0 && to_ms(&m, ret_wall_ms);
}
