/* Charsets and encoded words. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/mail/charset.h"

static void text_becomes_utf8(void **state)
{
	static const struct {
		const char *label, *charset, *text, *expected;
		enum charset_fault fault;
	} rows[] = {
		{ "default", "", "caf\xc3\xa9", "caf\xc3\xa9", CHARSET_FINE },
		{ "utf-8", "UTF-8", "\xe2\x82\xac", "\xe2\x82\xac", CHARSET_FINE },
		{ "utf-8 in ascii", "us-ascii", "\xe2\x82\xac", "\xe2\x82\xac", CHARSET_FINE },
		{ "no utf-8", "utf-8", "caf\xe9!", "caf", CHARSET_INVALID },
		{ "latin-1", "ISO-8859-1", "caf\xe9", "caf\xc3\xa9", CHARSET_FINE },
		{ "windows", "windows-1252", "\x80", "\xe2\x82\xac", CHARSET_FINE },
		{ "japanese", "iso-2022-jp", "\x1b$B$\"\x1b(B", "\xe3\x81\x82", CHARSET_FINE },
		{ "cut in a character", "utf-16be", "\x01\x41\x01", "\xc5\x81", CHARSET_INVALID },
		{ "unknown", "x-none", "a", "", CHARSET_UNKNOWN },
		{ "options of iconv", "latin1//IGNORE", "a", "", CHARSET_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		enum charset_fault fault = charset_add_utf8(&out, span_of(rows[i].text), span_of(rows[i].charset));
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].expected);
		ROW_ASSERT(rows[i].label, fault == rows[i].fault);
	}
}

static void long_text_is_converted_whole(void **state)
{
	_cleanup_(buf_fini) struct buf in = BUF_INIT(20000), out = BUF_INIT(40000), small = BUF_INIT(100);
	for (int i = 0; i < 10000; i++)
		buf_add_char(&in, '\xe9');
	assert_int_equal(charset_add_utf8(&out, buf_span(&in), SPAN_LIT("latin1")), CHARSET_FINE);
	assert_int_equal(out.len, 20000);
	assert_int_equal(charset_add_utf8(&small, buf_span(&in), SPAN_LIT("latin1")), CHARSET_LIMIT);
	assert_int_equal(charset_add_utf8(&small, buf_span(&out), SPAN_LIT("utf-8")), CHARSET_LIMIT);
}

static void encoded_words_of_a_field_are_read(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{ " plain  words ", "plain  words" },
		{ "a\r\n b", "a b" },
		{ "=?utf-8?Q?caf=C3=A9_au_lait_?= x", "caf\xc3\xa9 au lait  x" },
		{ "=?UTF-8?B?4oKs?=", "\xe2\x82\xac" },
		{ "=?iso-8859-1*fr?q?caf=E9?=", "caf\xc3\xa9" },
		{ "=?utf-8?q?a?=\r\n =?utf-8?q?b?= c =?utf-8?q?d?=", "ab c d" },
		{ "=?x-none?q?a?= b", "=?x-none?q?a?= b" },
		{ "=?utf-8?q?=E9?=", "=?utf-8?q?=E9?=" },
		{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
		{ "=?utf-8?q?a", "=?utf-8?q?a" },
		{ "=?utf-8?q?a\?b?=", "=?utf-8?q?a\?b?=" },
		{ "=?\?=", "=?\?=" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(200);
		assert_int_equal(charset_add_field(&out, span_of(rows[i].value)), 0);
		ROW_ASSERT_STRING(rows[i].value, buf_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_utf8),
		cmocka_unit_test(long_text_is_converted_whole),
		cmocka_unit_test(encoded_words_of_a_field_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
