/* Octets of strangers, escaped. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/escape.h"

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
		{ "paragraph separator", SPAN_LIT("\xe2\x80\xa9"), "\\u{2029}" },
		{ "first isolate", SPAN_LIT("\xe2\x81\xa6"), "\\u{2066}" },
		{ "last isolate", SPAN_LIT("\xe2\x81\xa9"), "\\u{2069}" },
		{ "Arabic letter mark", SPAN_LIT("\xd8\x9c"), "\\u{61c}" },
		{ "right-to-left mark", SPAN_LIT("\xe2\x80\x8f"), "\\u{200f}" },
		{ "first of C1", SPAN_LIT("\xc2\x80"), "\\u{80}" },
		{ "no-break space is no control", SPAN_LIT("\xc2\xa0"), "\xc2\xa0" },
		{ "joiner of emoji", SPAN_LIT("\xe2\x80\x8d"), "\xe2\x80\x8d" },
		{ "surrogate", SPAN_LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
		{ "byte order mark", SPAN_LIT("\xef\xbb\xbf"), "\\u{feff}" },
		{ "invalid", SPAN_LIT("\xff\xc3"), "\\xff\\xc3" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[64];
		ROW_ASSERT_STRING(rows[i].label, escape_text(out, sizeof(out), rows[i].in), rows[i].out);
	}
}

static void pieces_are_runs_or_single_characters(void **state)
{
	struct span rest = SPAN_LIT("ab\xc3\xa9\nc");
	static const char *const pieces[] = { "ab", "\xc3\xa9", "\\x0a", "c" };
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		char room[ESCAPE_MAX];
		ROW_ASSERT(pieces[i], span_is(escape_next(&rest, room), pieces[i]));
	}
	assert_int_equal(rest.len, 0);
}

static void escaping_into_an_array_cuts_at_whole_characters(void **state)
{
	char out[6];
	assert_string_equal(escape_text(out, sizeof(out), SPAN_LIT("abcd\xc3\xa9")), "abcd");
	assert_string_equal(escape_text(out, sizeof(out), SPAN_LIT("abc\n")), "abc");
	assert_string_equal(escape_text(out, 1, SPAN_LIT("abc")), "");
	assert_string_equal(escape_text(out, sizeof(out), SPAN_LIT("abcdefgh")), "abcde");
	assert_string_equal(escape_text(out, sizeof(out), SPAN_LIT("\x01\x02")), "\\x01");
	assert_string_equal(escape_text(out, sizeof(out), SPAN_LIT("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_that_acts_on_a_terminal_passes),
		cmocka_unit_test(pieces_are_runs_or_single_characters),
		cmocka_unit_test(escaping_into_an_array_cuts_at_whole_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
