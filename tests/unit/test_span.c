/* Borrowed octets. */
#include "tests/unit/unit.h"

#include "harness/base/span.h"

static void comparison_is_by_octets_and_folds_ascii_only(void **state)
{
	static const struct {
		const char *label, *a, *b;
		bool eq, eq_nocase;
		int cmp;
	} rows[] = {
		{ "same", "abc", "abc", true, true, 0 },
		{ "case", "aBc", "AbC", false, true, 1 },
		{ "prefix", "ab", "abc", false, false, -1 },
		{ "empty", "", "", true, true, 0 },
		{ "empty and not", "", "a", false, false, -1 },
		{ "high octets are unsigned", "\xc3", "a", false, false, 1 },
		{ "letters outside ASCII do not fold", "\xc3\x84", "\xc3\xa4", false, false, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span a = span_of(rows[i].a), b = span_of(rows[i].b);
		int cmp = span_cmp(a, b);
		ROW_ASSERT(rows[i].label, span_eq(a, b) == rows[i].eq);
		ROW_ASSERT(rows[i].label, span_eq_nocase(a, b) == rows[i].eq_nocase);
		ROW_ASSERT(rows[i].label, (cmp > 0) - (cmp < 0) == rows[i].cmp);
	}
	assert_true(span_eq(span_of(NULL), span_of("")));
	assert_false(span_eq(span_make("a\0b", 3), span_make("a\0c", 3)));
}

static void ends_of_a_span_are_compared(void **state)
{
	assert_true(span_starts(SPAN_LIT("env:X"), SPAN_LIT("env:")));
	assert_false(span_starts(SPAN_LIT("ENV:X"), SPAN_LIT("env:")));
	assert_true(span_starts_nocase(SPAN_LIT("ENV:X"), SPAN_LIT("env:")));
	assert_false(span_starts(SPAN_LIT("en"), SPAN_LIT("env:")));
	assert_true(span_ends_nocase(SPAN_LIT("a.EXAMPLE"), SPAN_LIT(".example")));
	assert_false(span_ends_nocase(SPAN_LIT("e"), SPAN_LIT(".example")));
	assert_true(span_is(SPAN_LIT("a"), "a"));
	assert_true(span_is_nocase(SPAN_LIT("A"), "a"));
}

static void search_finds_the_first_occurrence_from_an_offset(void **state)
{
	static const struct {
		const char *label, *hay, *needle;
		size_t from;
		ptrdiff_t at, at_nocase;
	} rows[] = {
		{ "first", "abcabc", "bc", 0, 1, 1 },
		{ "from behind it", "abcabc", "bc", 2, 4, 4 },
		{ "case", "abcABC", "BC", 0, 4, 1 },
		{ "absent", "abc", "x", 0, -1, -1 },
		{ "longer than what is left", "abc", "bc", 2, -1, -1 },
		{ "offset behind the end", "abc", "a", 9, -1, -1 },
		{ "empty needle", "abc", "", 3, 3, 3 },
		{ "empty everything", "", "", 0, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span hay = span_of(rows[i].hay), needle = span_of(rows[i].needle);
		ROW_ASSERT(rows[i].label, span_find(hay, needle, rows[i].from) == rows[i].at);
		ROW_ASSERT(rows[i].label, span_find_nocase(hay, needle, rows[i].from) == rows[i].at_nocase);
	}
	assert_int_equal(span_find_char(SPAN_LIT("a,b,c"), ',', 2), 3);
	assert_int_equal(span_find_char(SPAN_LIT("a"), 'a', 1), -1);
}

static void sub_is_clamped(void **state)
{
	struct span s = SPAN_LIT("hello");
	assert_true(span_is(span_sub(s, 1, 3), "ell"));
	assert_true(span_is(span_sub(s, 3, SIZE_MAX), "lo"));
	assert_int_equal(span_sub(s, 9, 1).len, 0);
	assert_int_equal(span_sub((struct span){ NULL, 0 }, 1, 1).len, 0);
}

static void trim_takes_white_space_off_both_ends(void **state)
{
	assert_true(span_is(span_trim(SPAN_LIT(" \t\r\na b\n ")), "a b"));
	assert_int_equal(span_trim(SPAN_LIT(" \t ")).len, 0);
	assert_true(span_is(span_trim(SPAN_LIT("\va")), "\va"));
}

static void next_hands_out_every_part_once(void **state)
{
	static const struct {
		const char *text, *joined;
	} rows[] = {
		{ "a,b,c", "<a><b><c>" }, { "a", "<a>" }, { "", "<>" }, { ",", "<><>" }, { "a,", "<a><>" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char joined[64] = "";
		struct span rest = span_of(rows[i].text), part;
		while (span_next(&rest, ',', &part)) {
			size_t at = strlen(joined);
			snprintf(joined + at, sizeof(joined) - at, "<%.*s>", SPAN_ARG(part));
		}
		ROW_ASSERT_STRING(rows[i].text, joined, rows[i].joined);
	}
}

static void numbers_are_digits_within_a_maximum(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, value;
		bool ok;
	} rows[] = {
		{ "0", 9, 0, true },
		{ "65535", 65535, 65535, true },
		{ "65536", 65535, 0, false },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", UINT64_MAX, 0, false },
		{ "99999999999999999999999", UINT64_MAX, 0, false },
		{ "007", 9, 7, true },
		{ "", 9, 0, false },
		{ "-1", 9, 0, false },
		{ "+1", 9, 0, false },
		{ " 1", 9, 0, false },
		{ "1x", 9, 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t value = 4711;
		bool ok = span_to_u64(span_of(rows[i].text), rows[i].max, &value);
		ROW_ASSERT(rows[i].text, ok == rows[i].ok);
		ROW_ASSERT(rows[i].text, value == (ok ? rows[i].value : 4711));
	}
}

static void copies_end_with_nul_and_say_when_they_are_cut(void **state)
{
	char out[4];
	assert_true(span_copy(SPAN_LIT("abc"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_false(span_copy(SPAN_LIT("abcd"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_true(span_copy((struct span){ NULL, 0 }, out, sizeof(out)));
	assert_string_equal(out, "");
	char *copy = span_dup(span_make("a\0b", 3));
	assert_memory_equal(copy, "a\0b", 4);
	free(copy);
}

static void letters_and_digits_are_those_of_ascii(void **state)
{
	for (int c = 0; c < 256; c++) {
		bool digit = c >= '0' && c <= '9', alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		assert_int_equal(ascii_is_digit((char)c), digit);
		assert_int_equal(ascii_is_alpha((char)c), alpha);
		assert_int_equal(ascii_is_alnum((char)c), digit || alpha);
		assert_int_equal(ascii_is_space((char)c), c == ' ' || c == '\t' || c == '\r' || c == '\n');
		assert_int_equal((unsigned char)ascii_lower((char)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparison_is_by_octets_and_folds_ascii_only),
		cmocka_unit_test(ends_of_a_span_are_compared),
		cmocka_unit_test(search_finds_the_first_occurrence_from_an_offset),
		cmocka_unit_test(sub_is_clamped),
		cmocka_unit_test(trim_takes_white_space_off_both_ends),
		cmocka_unit_test(next_hands_out_every_part_once),
		cmocka_unit_test(numbers_are_digits_within_a_maximum),
		cmocka_unit_test(copies_end_with_nul_and_say_when_they_are_cut),
		cmocka_unit_test(letters_and_digits_are_those_of_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
