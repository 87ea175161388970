/* Dates of messages and of IMAP. */
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "harness/mail/date.h"

struct row {
	const char *text;
	const char *expected; /* RFC 3339; NULL where it is no date */
};

static void check(const struct row *rows, size_t count, bool (*parse)(struct span, int64_t *))
{
	for (size_t i = 0; i < count; i++) {
		char seen[TIME_TEXT_MAX];
		int64_t ms = -42;
		bool ok = parse(span_of(rows[i].text), &ms);
		if (ok != (rows[i].expected != NULL))
			fail_msg("%s: %s", rows[i].text, ok ? time_rfc3339(ms, seen) : "no date");
		if (!ok)
			assert_int_equal(ms, -42);
		else if (strcmp(time_rfc3339(ms, seen), rows[i].expected))
			fail_msg("%s: %s", rows[i].text, seen);
	}
}

static void message_dates_are_read(void **state)
{
	static const struct row rows[] = {
		{ "Mon, 23 Nov 2026 09:30:00 +0000", "2026-11-23T09:30:00.000Z" },
		{ "Mon, 23 Nov 2026 09:30:00 -0830", "2026-11-23T18:00:00.000Z" },
		{ "23 Nov 2026 09:30 +0100", "2026-11-23T08:30:00.000Z" },
		{ " Mon ,  3 Nov\r\n 2026 09:30:07 GMT", "2026-11-03T09:30:07.000Z" },
		{ "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06.000Z" },
		{ "Thursday, 13 Feb 69 23:32 -0330", "1969-02-14T03:02:00.000Z" },
		{ "Thu, 13 Feb 69 23:32 -0330", "1969-02-14T03:02:00.000Z" },
		{ "Thu, 13 Feb 49 23:32 EST", "2049-02-14T04:32:00.000Z" },
		{ "Thu, 13 Feb 104 23:32 EDT", "2004-02-14T03:32:00.000Z" },
		{ "1 Jan 2000 00:00:00 PST", "2000-01-01T08:00:00.000Z" },
		{ "1 Jan 2000 00:00:00 pdt", "2000-01-01T07:00:00.000Z" },
		{ "1 Jan 2000 00:00:00 A", "2000-01-01T00:00:00.000Z" },
		{ "1 Jan 2000 00:00:00 CEST", "2000-01-01T00:00:00.000Z" },
		{ "1 Jan 2000 00:00:00", "2000-01-01T00:00:00.000Z" },
		{ "1 Jan 2000 00:00:00 +0000 (CET) and more", "2000-01-01T00:00:00.000Z" },
		{ "1 Jan 2000 00:00:00 (unfinished", "2000-01-01T00:00:00.000Z" },
		{ "Thu, 6 May 2004 17:40:44-0500", "2004-05-06T22:40:44.000Z" },
		{ "Sun Nov 13 14:50:12 2005", "2005-11-13T14:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 EST 2005", "2005-11-13T19:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 2005 +0100", "2005-11-13T13:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 2005 EST", "2005-11-13T19:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 2005 (CET)", "2005-11-13T14:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 2005 (not closed", "2005-11-13T14:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 -0500 2005 +0100", "2005-11-13T19:50:12.000Z" },
		{ "Sun Nov 13 14:50:12 2005 by mx", "2005-11-13T14:50:12.000Z" },
		{ "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000Z" },
		{ "29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00.000Z" },
		{ "29 February 2024 00:00:00 +0000", "2024-02-29T00:00:00.000Z" },
		{ "29 Feb 2023 00:00:00 +0000", NULL },
		{ "29 Feb 1900 00:00:00 +0000", NULL },
		{ "0 Jan 2000 00:00:00 +0000", NULL },
		{ "31 Jun 2000 00:00:00 +0000", NULL },
		{ "1 Jan 2000 24:00:00 +0000", NULL },
		{ "1 Jan 2000 00:60:00 +0000", NULL },
		{ "1 Jan 2000 00:00:61 +0000", NULL },
		{ "1 Jan 2000 00:00: +0000", NULL },
		{ "1 Jan 2000 00:00:00 +000", NULL },
		{ "1 Jan 2000 00:00:00 +0060", NULL },
		{ "1 Foo 2000 00:00:00 +0000", NULL },
		{ "1 Jan 20000 00:00:00 +0000", NULL },
		{ "1 Jan 2 00:00:00 +0000", NULL },
		{ "99999999999999999999 Jan 2000 00:00:00 +0000", NULL },
		{ "2000-01-01T00:00:00Z", NULL },
		{ "(", NULL },
		{ "Mon", NULL },
		{ "", NULL },
	};
	check(rows, ARRAY_LEN(rows), date_parse);
}

static void dates_of_servers_are_read(void **state)
{
	static const struct row rows[] = {
		{ "Mon, 30 Nov 2026 09:00:00 +0000", "2026-11-30T09:00:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00.516 -0100 (UTC)", "2026-11-30T10:00:00.000Z" },
		{ "Mon, 30 Nov 2026 9:00:00 PM +0000", "2026-11-30T21:00:00.000Z" },
		{ "Mon, 30 Nov 2026 12:00:00 am", "2026-11-30T00:00:00.000Z" },
		{ "Mon, 30 Nov 2026 12:30 PM EST", "2026-11-30T17:30:00.000Z" },
		{ "Mon, 30 Nov 2026 13:00:00 PM", NULL },
		{ "Mon, 30 Nov 2026 09:00:00 +01:00", "2026-11-30T08:00:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00 +100", "2026-11-30T08:00:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00 -05", "2026-11-30T14:00:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00 GMT+0530", "2026-11-30T03:30:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00 UTC-5", "2026-11-30T14:00:00.000Z" },
		{ "Mon, 30 Nov 2026 09:00:00 +01:0", NULL },
		{ "Mon, 30 Nov 2026 09:00:00 GMT", "2026-11-30T09:00:00.000Z" },
		{ "30-Nov-2026 09:00:00 -0500", "2026-11-30T14:00:00.000Z" },
		{ "Mon, 30-NOV-26 09:00:00", "2026-11-30T09:00:00.000Z" },
		{ "Mon Nov 30 2026 09:00:00 GMT+0100 (CET)", "2026-11-30T08:00:00.000Z" },
		{ "Mon Nov 30 09:00:00 2026", "2026-11-30T09:00:00.000Z" },
		{ "Mon Nov 30 09:00:00 EST 2026", "2026-11-30T14:00:00.000Z" },
		{ "Mon Nov 30 09:00:00 2026 -0800 (PST)", "2026-11-30T17:00:00.000Z" },
		{ "Nov 30 09:00:00 2026 +0100", "2026-11-30T08:00:00.000Z" },
		{ "Nov 30 2026", NULL },
		{ "2026-11-30T09:00:00Z", "2026-11-30T09:00:00.000Z" },
		{ "2026-11-30T09:00:00.123+01:00", "2026-11-30T08:00:00.000Z" },
		{ "2026-11-30 09:00:00.123456789 +0000 UTC m=+0.1", "2026-11-30T09:00:00.000Z" },
		{ "2026-13-30 09:00:00", NULL },
		{ "2026-00-30 09:00:00", NULL },
		{ "2026-11-31 09:00:00", NULL },
		{ "2026-11-30", NULL },
		{ "30 Nov 2026", NULL },
		{ "", NULL },
	};
	check(rows, ARRAY_LEN(rows), date_parse_received);
}

static void imap_dates_are_read(void **state)
{
	static const struct row rows[] = {
		{ "17-Jul-1996 02:44:25 -0700", "1996-07-17T09:44:25.000Z" },
		{ "\" 7-Jul-2026 02:44:25 +0000\"", "2026-07-07T02:44:25.000Z" },
		{ "7-Jul-2026 02:44:25 +0000", "2026-07-07T02:44:25.000Z" },
		{ "30-Nov-2026 17:00:00 +00:00", "2026-11-30T17:00:00.000Z" },
		{ "30-Nov-2026 17:00:00 -05:30", "2026-11-30T22:30:00.000Z" },
		{ "30-Nov-2026 17:00:00 GMT", "2026-11-30T17:00:00.000Z" },
		{ "30-Nov-2026 17:00:00 EST", "2026-11-30T22:00:00.000Z" },
		{ "30-Nov-2026 17:00:00 0000", "2026-11-30T17:00:00.000Z" },
		{ "30-Nov-2026 17:00:00 0100", "2026-11-30T16:00:00.000Z" },
		{ "\"30-Nov-2026 17:00 +0000\"", "2026-11-30T17:00:00.000Z" },
		{ "\"30-Nov-2026 17:00:00\"", "2026-11-30T17:00:00.000Z" },
		{ "30-Nov-2026 17:00:00 +00:60", NULL },
		{ "30-Nov-2026 17:00:00 +00:", NULL },
		{ "30-Nov-2026 17:00:00 00", "2026-11-30T17:00:00.000Z" },
		{ "17 Jul 1996 02:44:25 -0700", NULL },
		{ "\"17-Jul-1996 02:44:25 -0700", NULL },
		{ "17-Jul-1996 02:44:25 -0700 ", NULL },
		{ "17-Jul-1996", NULL },
		{ "NIL", NULL },
		{ "", NULL },
	};
	check(rows, ARRAY_LEN(rows), date_parse_imap);
}

static void every_day_follows_the_one_before(void **state)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t last = INT64_MIN;
	int days = 0;
	for (int y = 1999; y < 2105; y++) {
		for (int m = 0; m < 12; m++) {
			for (int d = 1; d <= 31; d++) {
				char text[64];
				int64_t ms;
				snprintf(text, sizeof(text), "%d %s %d 00:00:00 +0000", d, months[m], y);
				if (!date_parse(span_of(text), &ms))
					continue;
				if (days++ && ms != last + 86400000)
					fail_msg("%s", text);
				last = ms;
			}
		}
	}
	assert_int_equal(days, 106 * 365 + 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_dates_are_read),
		cmocka_unit_test(dates_of_servers_are_read),
		cmocka_unit_test(imap_dates_are_read),
		cmocka_unit_test(every_day_follows_the_one_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
