/* Lists of strings out of one text. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/string_list.h"

static void a_text_is_split_and_trimmed(void **state)
{
	static const struct {
		const char *label, *text;
		size_t count;
		const char *last;
	} rows[] = {
		{ "nothing", NULL, 0, NULL },         { "an empty text", "", 0, NULL },
		{ "blanks alone", "  ", 0, NULL },    { "one", "a", 1, "a" },
		{ "several", "a, b ,c", 3, "c" },     { "empty parts", ",a,,b,", 2, "b" },
		{ "blanks within", "a b", 1, "a b" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(string_list_fini) struct string_list list = { 0 };
		ROW_ASSERT(rows[i].label, string_list_split(&list, rows[i].text, ',', &err) == 0);
		ROW_ASSERT(rows[i].label, list.count == rows[i].count);
		if (list.count == 0)
			continue;
		ROW_ASSERT_STRING(rows[i].label, string_list_get(&list)[list.count - 1], rows[i].last);
		ROW_ASSERT(rows[i].label, string_list_has(&list, span_of(rows[i].last)));
		ROW_ASSERT(rows[i].label, !string_list_has(&list, SPAN_LIT("z")));
	}
}

static void splitting_adds_to_what_is_there(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(string_list_fini) struct string_list list = { 0 };
	assert_int_equal(string_list_add(&list, SPAN_LIT("x"), &err), 0);
	assert_int_equal(string_list_split(&list, "y\nz", '\n', &err), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.v[0], "x");
	assert_string_equal(list.v[2], "z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_split_and_trimmed),
		cmocka_unit_test(splitting_adds_to_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
