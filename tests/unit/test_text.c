/* Text for people. */
#include "tests/unit/unit.h"

#include "harness/base/text.h"

static void utf8_is_checked_by_rfc_3629(void **state)
{
	static const struct {
		const char *label, *octets;
		size_t len;
		uint32_t code;
	} rows[] = {
		{ "ASCII", "a", 1, 'a' },
		{ "two octets", "\xc3\xa9", 2, 0xe9 },
		{ "three octets", "\xe2\x82\xac", 3, 0x20ac },
		{ "four octets", "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "last code point", "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "above it", "\xf4\x90\x80\x80", 0, 0 },
		{ "surrogate", "\xed\xa0\x80", 0, 0 },
		{ "overlong slash", "\xc0\xaf", 0, 0 },
		{ "overlong of three", "\xe0\x80\xaf", 0, 0 },
		{ "overlong of four", "\xf0\x80\x80\xaf", 0, 0 },
		{ "continuation alone", "\x80", 0, 0 },
		{ "cut", "\xe2\x82", 0, 0 },
		{ "wrong continuation", "\xc3(", 0, 0 },
		{ "no lead", "\xff", 0, 0 },
		{ "empty", "", 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t code = 0;
		ROW_ASSERT(rows[i].label, utf8_next(span_of(rows[i].octets), &code) == rows[i].len);
		ROW_ASSERT(rows[i].label, code == rows[i].code);
		ROW_ASSERT(rows[i].label, utf8_valid(span_of(rows[i].octets)) == (rows[i].len > 0 || !*rows[i].octets));
	}
}

static void nothing_that_acts_on_a_terminal_passes(void **state)
{
	static const struct {
		const char *label;
		struct span in;
		const char *out;
	} rows[] = {
		{ "plain", SPAN_LIT("a b"), "a b" },
		{ "letters", SPAN_LIT("\xc3\xa9\xe2\x82\xac"), "\xc3\xa9\xe2\x82\xac" },
		{ "escape sequence", SPAN_LIT("\x1b[31m"), "\\x1b[31m" },
		{ "line end and tab", SPAN_LIT("a\r\n\tb"), "a\\x0d\\x0a\\x09b" },
		{ "NUL", SPAN_LIT("a\0b"), "a\\x00b" },
		{ "DEL", SPAN_LIT("\x7f"), "\\x7f" },
		{ "C1", SPAN_LIT("\xc2\x9b"), "\\u{9b}" },
		{ "bidirectional override", SPAN_LIT("\xe2\x80\xae"), "\\u{202e}" },
		{ "line separator", SPAN_LIT("\xe2\x80\xa8"), "\\u{2028}" },
		{ "byte order mark", SPAN_LIT("\xef\xbb\xbf"), "\\u{feff}" },
		{ "invalid", SPAN_LIT("\xff\xc3"), "\\xff\\xc3" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[64];
		struct buf b = BUF_INIT(64);
		ROW_ASSERT_STRING(rows[i].label, text_escape(out, sizeof(out), rows[i].in), rows[i].out);
		ROW_ASSERT(rows[i].label, text_add_escaped(&b, rows[i].in) == 0);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&b), rows[i].out);
		buf_fini(&b);
	}
}

static void escaping_into_an_array_cuts_at_whole_characters(void **state)
{
	char out[6];
	assert_string_equal(text_escape(out, sizeof(out), SPAN_LIT("abcd\xc3\xa9")), "abcd");
	assert_string_equal(text_escape(out, sizeof(out), SPAN_LIT("abc\n")), "abc");
	assert_string_equal(text_escape(out, 1, SPAN_LIT("abc")), "");
	struct buf b = BUF_INIT(3);
	assert_int_equal(text_add_escaped(&b, SPAN_LIT("abcd")), -1);
	buf_fini(&b);
}

static void columns_count_wide_and_combining_characters(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "\xc3\xa9", 1 },
		{ "e\xcc\x81", 1 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 },
		{ "\xf0\x9f\x98\x80", 2 },
		{ "\xd0\x98\xd0\xb2", 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].text, text_columns(span_of(rows[i].text)) == rows[i].columns);
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
		cmocka_unit_test(utf8_is_checked_by_rfc_3629),
		cmocka_unit_test(nothing_that_acts_on_a_terminal_passes),
		cmocka_unit_test(escaping_into_an_array_cuts_at_whole_characters),
		cmocka_unit_test(columns_count_wide_and_combining_characters),
		cmocka_unit_test(the_nearest_name_is_a_slip_of_the_pen_away),
		cmocka_unit_test(octets_are_written_in_hexadecimal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
