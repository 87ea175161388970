/* What is said of runs that were read otherwise. */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <string.h>

#include "harness/model/reading.h"

static void an_older_reading_is_told_what_changed_and_today_s_nothing(void **state)
{
	static const struct {
		const char *label;
		unsigned reading;
		bool changes;
	} rows[] = {
		{ "not recorded", 0, true },
		{ "the first", 1, true },
		{ "today's", READING_VERSION, false },
		{ "of a newer program", READING_VERSION + 1, false },
		{ "the newest there can be", ~0U, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t count = 99;
		const char *const *changes = reading_changes(rows[i].reading, &count);
		ROW_ASSERT(rows[i].label, (changes != NULL) == rows[i].changes);
		ROW_ASSERT(rows[i].label, (count > 0) == rows[i].changes);
		for (size_t k = 0; k < count; k++)
			ROW_ASSERT(rows[i].label, changes[k][strlen(changes[k]) - 1] == '.');
	}
}

/* A run that did not record its reading is one of the first. */
static void no_record_is_the_first_reading(void **state)
{
	size_t none = 0, first = 0;
	assert_ptr_equal(reading_changes(0, &none), reading_changes(1, &first));
	assert_int_equal(none, first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_reading_is_told_what_changed_and_today_s_nothing),
		cmocka_unit_test(no_record_is_the_first_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
