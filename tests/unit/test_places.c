/* Places of a message, from the order in which it was seen and missed. */
#include "harness/model/places.h"

#include "tests/unit/unit.h"

enum { SIGHTS_MAX = 6 };

struct sight {
	const char *folder; /* NULL: the end */
	enum folder_role role;
	uint32_t uidvalidity, uid;
	bool gone;
};

#define INBOX(uid)                                                                                                     \
	{                                                                                                              \
		"INBOX", FOLDER_INBOX, 7, uid, false                                                                   \
	}
#define JUNK(uid)                                                                                                      \
	{                                                                                                              \
		"Junk", FOLDER_SPAM, 7, uid, false                                                                     \
	}
#define WORK(uid)                                                                                                      \
	{                                                                                                              \
		"Work", FOLDER_OTHER, 7, uid, false                                                                    \
	}
#define ALL(uid)                                                                                                       \
	{                                                                                                              \
		"All", FOLDER_ALL, 7, uid, false                                                                       \
	}
#define STAR(uid)                                                                                                      \
	{                                                                                                              \
		"Starred", FOLDER_FLAGGED, 7, uid, false                                                               \
	}
#define NO_INBOX(n)                                                                                                    \
	{                                                                                                              \
		"INBOX", FOLDER_INBOX, 7, n, true                                                                      \
	}
#define NO_JUNK(n)                                                                                                     \
	{                                                                                                              \
		"Junk", FOLDER_SPAM, 7, n, true                                                                        \
	}

static const struct {
	const char *label;
	struct sight sights[SIGHTS_MAX];
	const char *folder; /* of the place that counts */
	uint32_t uid;
	bool gone;
	size_t there; /* places where it is */
} rows[] = {
	{ "found once", { INBOX(1) }, "INBOX", 1, false, 1 },
	{ "gone", { INBOX(1), NO_INBOX(1) }, "INBOX", 1, true, 0 },
	{ "gone, and there again", { INBOX(1), NO_INBOX(1), INBOX(1) }, "INBOX", 1, false, 1 },
	{ "moved", { INBOX(1), NO_INBOX(1), JUNK(4) }, "Junk", 4, false, 1 },
	{ "moved, told in the other order", { INBOX(1), JUNK(4), NO_INBOX(1) }, "Junk", 4, false, 1 },
	{ "copied to spam", { INBOX(1), JUNK(4) }, "Junk", 4, false, 2 },
	{ "copied from spam: the spam folder counts", { JUNK(4), INBOX(1) }, "Junk", 4, false, 2 },
	{ "copied, and the copy in spam is gone", { JUNK(4), INBOX(1), NO_JUNK(4) }, "INBOX", 1, false, 1 },
	{ "twice in a folder", { INBOX(1), INBOX(2) }, "INBOX", 2, false, 2 },
	{ "a view outranks no folder", { INBOX(1), ALL(9) }, "INBOX", 1, false, 2 },
	{ "a view that was seen first", { ALL(9), INBOX(1) }, "INBOX", 1, false, 2 },
	{ "in views alone", { ALL(9), STAR(3) }, "Starred", 3, false, 2 },
	{ "only the view is left", { INBOX(1), ALL(9), NO_INBOX(1) }, "All", 9, false, 1 },
	{ "another folder outranks the inbox", { WORK(2), INBOX(1) }, "Work", 2, false, 2 },
	{ "everywhere gone: the last one", { INBOX(1), JUNK(4), NO_INBOX(1), NO_JUNK(4) }, "Junk", 4, true, 0 },
	{ "UIDs given anew: one message, not two",
	  { INBOX(1), { "INBOX", FOLDER_INBOX, 8, 1001, false } },
	  "INBOX",
	  1001,
	  false,
	  1 },
	{ "UIDs given anew, and then gone",
	  { INBOX(1), { "INBOX", FOLDER_INBOX, 8, 1001, false }, { "INBOX", FOLDER_INBOX, 8, 1001, true } },
	  "INBOX",
	  1001,
	  true,
	  0 },
	{ "UIDs given anew in another folder",
	  { INBOX(1), { "Junk", FOLDER_SPAM, 8, 4, false } },
	  "Junk",
	  4,
	  false,
	  2 },
};

static void place_that_counts_is_the_worst_of_those_where_it_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct places places = { 0 };
		struct error err = ERROR_INIT;
		size_t there = 0;
		for (size_t k = 0; k < SIGHTS_MAX && rows[i].sights[k].folder; k++) {
			const struct sight *s = &rows[i].sights[k];
			const struct observation o = { .folder = fact_lend(s->folder),
						       .role = s->role,
						       .uidvalidity = s->uidvalidity,
						       .uid = s->uid,
						       .gone = s->gone };
			ROW_ASSERT(rows[i].label, places_add(&places, &o, &err) == 0);
		}
		for (size_t k = 0; k < places.count; k++)
			there += !places.v[k].gone;
		const struct place *p = places_current(&places);
		ROW_ASSERT_STRING(rows[i].label, p->folder, rows[i].folder);
		ROW_ASSERT(rows[i].label, p->uid == rows[i].uid && p->gone == rows[i].gone);
		ROW_ASSERT(rows[i].label, there == rows[i].there);
		ROW_ASSERT(rows[i].label, places_find(&places, p->folder, p->uidvalidity, p->uid) == p);
		places_fini(&places);
	}
}

static void nowhere_is_no_place(void **state)
{
	struct places places = { 0 };
	assert_null(places_current(&places));
	assert_null(places_find(&places, "INBOX", 7, 1));
	places_fini(&places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_that_counts_is_the_worst_of_those_where_it_is),
		cmocka_unit_test(nowhere_is_no_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
