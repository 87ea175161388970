/* Text for people. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"

static void additions_are_escaped(void **state)
{
	struct buf b = BUF_INIT(16);
	assert_int_equal(text_add_escaped(&b, SPAN_LIT("a\x1b\xc3\xa9\xff")), 0);
	assert_string_equal(buf_str(&b), "a\\x1b\xc3\xa9\\xff");
	assert_int_equal(text_add_escaped(&b, SPAN_LIT("abcdefgh")), -1);
	buf_fini(&b);
}

static void a_field_is_replaced_even_by_a_part_of_itself(void **state)
{
	struct error err = ERROR_INIT;
	char *field = NULL;
	assert_int_equal(text_set(&field, SPAN_LIT("abc"), &err), 0);
	assert_string_equal(field, "abc");
	assert_int_equal(text_set(&field, span_make(field + 2, 1), &err), 0);
	assert_string_equal(field, "c");
	free(field);
}

static void the_nearest_name_is_a_slip_of_the_pen_away(void **state)
{
	static const char *const names[] = { "wait", "sweep", "settle", "max_messages", "" };
	static const struct {
		const char *word, *nearest;
	} rows[] = {
		{ "wiat", "wait" },    { "Wait", "wait" },    { "sweeep", "sweep" }, { "max_message", "max_messages" },
		{ "setle", "settle" }, { "elephants", NULL }, { "", NULL },          { "x", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *nearest = text_nearest(span_of(rows[i].word), names, ARRAY_LEN(names));
		ROW_ASSERT_STRING(rows[i].word, nearest ? nearest : "-", rows[i].nearest ? rows[i].nearest : "-");
	}
	char longer[200];
	memset(longer, 'w', sizeof(longer));
	assert_null(text_nearest(span_make(longer, sizeof(longer)), names, ARRAY_LEN(names)));
}

static void octets_are_written_in_hexadecimal(void **state)
{
	char out[9];
	hex_encode((const unsigned char *)"\x00\x7f\x80\xff", 4, out);
	assert_string_equal(out, "007f80ff");
	hex_encode(NULL, 0, out);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_are_escaped),
		cmocka_unit_test(a_field_is_replaced_even_by_a_part_of_itself),
		cmocka_unit_test(the_nearest_name_is_a_slip_of_the_pen_away),
		cmocka_unit_test(octets_are_written_in_hexadecimal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
