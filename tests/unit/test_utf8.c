/* UTF-8 and Unicode's tables. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"

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

static void every_code_point_is_written_as_it_is_read(void **state)
{
	for (uint32_t code = 0; code <= 0x110000; code++) {
		char out[UTF8_MAX];
		uint32_t read = code + 1;
		size_t len = utf8_write(code, out);
		bool surrogate = code >= 0xd800 && code <= 0xdfff;
		assert_int_equal(len > 0, !surrogate && code <= 0x10ffff);
		if (len > 0) {
			assert_int_equal(utf8_next(span_make(out, len), &read), len);
			assert_int_equal(read, code);
		}
	}
}

static void controls_are_those_of_c0_and_c1(void **state)
{
	for (uint32_t code = 0; code < 0x3000; code++)
		assert_int_equal(utf8_is_control(code), code < 0x20 || (code >= 0x7f && code < 0xa0));
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
		{ "\xea\xb0\x80", 2 },             /* a Hangul syllable */
		{ "\xef\xbc\xa1", 2 },             /* a full-width letter */
		{ "\xef\xbd\xb1", 1 },             /* half-width kana */
		{ "\xe0\xb8\x81\xe0\xb8\xb4", 1 }, /* a Thai vowel above its consonant */
		{ "\xd7\x91\xd6\xb0", 1 },         /* a Hebrew point */
		{ "\xe0\xa4\x95\xe0\xa5\x8d", 1 }, /* a Devanagari virama */
		{ "\xe2\x9a\xa1", 2 },             /* an old symbol that is shown as emoji */
		{ "a\xffz", 3 },                   /* an octet that is not UTF-8 */
		{ "a\tb", 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].text, utf8_columns(span_of(rows[i].text)) == rows[i].columns);
}

static void folding_makes_one_key_of_what_differs_in_case(void **state)
{
	static const struct {
		const char *label, *text, *key;
	} rows[] = {
		{ "nothing", "", "" },
		{ "ASCII", "SpAm 1", "spam 1" },
		{ "accents", "INDÉSIRABLE", "indésirable" },
		{ "accent as a character of its own", "E\xcc\x81", "é" },
		{ "two accents, in no order", "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87" },
		{ "sharp s", "Straße", "strasse" },
		{ "capital sharp s", "STRAẞE", "strasse" },
		{ "sigmas", "ΣΑΣς", "σασσ" },
		{ "Cyrillic", "СПАМ Ґ Ђ", "спам ґ ђ" },
		{ "Armenian", "ՍՊԱՄ", "սպամ" },
		{ "Deseret, beyond the first plane", "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },
		{ "ligature", "ﬁ", "fi" },
		{ "Kelvin sign", "\xe2\x84\xaa", "k" },
		{ "Turkish capital with a dot", "İSTENMEYEN", "istenmeyen" },
		{ "dot as a character of its own", "I\xcc\x87", "i" },
		{ "small letter without a dot", "ı", "ı" },
		{ "no case", "垃圾邮件", "垃圾邮件" },
		{ "not UTF-8", "Spa\xff", "Spa\xff" },
		{ "cut", "\xe2\x82", "\xe2\x82" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *key = utf8_fold(span_of(rows[i].text));
		ROW_ASSERT(rows[i].label, key != NULL);
		ROW_ASSERT_STRING(rows[i].label, key, rows[i].key);
		free(key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_checked_by_rfc_3629),
		cmocka_unit_test(every_code_point_is_written_as_it_is_read),
		cmocka_unit_test(controls_are_those_of_c0_and_c1),
		cmocka_unit_test(columns_count_wide_and_combining_characters),
		cmocka_unit_test(folding_makes_one_key_of_what_differs_in_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
