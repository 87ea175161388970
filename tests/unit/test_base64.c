/* Base64. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/base64.h"

static void vectors_of_the_rfc_hold_in_both_directions(void **state)
{
	/* RFC 4648 section 10. */
	static const char *const rows[][2] = { { "", "" },
					       { "f", "Zg==" },
					       { "fo", "Zm8=" },
					       { "foo", "Zm9v" },
					       { "foob", "Zm9vYg==" },
					       { "fooba", "Zm9vYmE=" },
					       { "foobar", "Zm9vYmFy" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *octets = rows[i][0], *text = rows[i][1];
		char out[BASE64_SIZE(6)];
		unsigned char back[6];
		size_t len = 99;
		_cleanup_(buf_fini) struct buf added = BUF_INIT(100), decoded = BUF_INIT(100);
		ROW_ASSERT(text, base64_encode(span_of(octets), out) == strlen(text));
		ROW_ASSERT_STRING(text, out, text);
		ROW_ASSERT(text, base64_add_encoded(&added, span_of(octets)) == 0);
		ROW_ASSERT_STRING(text, buf_str(&added), text);
		ROW_ASSERT(text, base64_add_decoded(&decoded, span_of(text)) == 0);
		ROW_ASSERT_STRING(text, buf_str(&decoded), octets);
		ROW_ASSERT(text, base64_decode(span_of(text), BASE64_TAG, back, sizeof(back), &len));
		ROW_ASSERT(text, span_is(span_make((const char *)back, len), octets));
	}
}

static void tags_are_read_strictly(void **state)
{
	static const struct {
		const char *label, *text, *expected; /* NULL: refused */
	} rows[] = {
		{ "three octets", "YWJj", "abc" },
		{ "two", "YWI=", "ab" },
		{ "one", "YQ==", "a" },
		{ "white space", "Y W\r\n\tI =", "ab" },
		{ "no padding", "YWI", "ab" },
		{ "all digits", "+/AZaz09", "\xfb\xf0\x19k==" },
		{ "nothing", "", "" },
		{ "one digit", "Y", NULL },
		{ "five digits", "YWJjY", NULL },
		{ "octet of another alphabet", "YW-j", NULL },
		{ "padding in the middle", "YQ==YQ==", NULL },
		{ "too much padding", "YQ===", NULL },
		{ "padding without need", "YWJj=", NULL },
		{ "padding alone", "==", NULL },
		{ "white space alone", " \r\n\t", "" },
		{ "bits that are left over", "YR==", "a" },
		{ "padding in white space", "YQ = =\r\n", "a" },
		{ "vertical tab", "YW\vJj", NULL },
		{ "octet beyond ASCII", "YW\xc3\xa9", NULL },
		{ "exactly as many octets as fit", "YWJjYWJjYWI=", "abcabcab" },
		{ "padding too short", "YQ=", NULL },
		{ "more octets than fit", "YWJjYWJjYWJj", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char out[8];
		size_t len = 0;
		bool good = base64_decode(span_of(rows[i].text), BASE64_TAG, out, sizeof(out), &len);
		ROW_ASSERT(rows[i].label, good == (rows[i].expected != NULL));
		if (good)
			ROW_ASSERT(rows[i].label, span_is(span_make((const char *)out, len), rows[i].expected));
	}
}

static void mime_is_read_leniently(void **state)
{
	static const struct {
		const char *label, *text, *octets;
	} rows[] = {
		{ "padding", "YQ==", "a" },
		{ "lines", "aGVs\r\nbG8s\r\nIHdvcmxk\r\n", "hello, world" },
		{ "foreign octets",
		  " Y!W\xff"
		  "J-j*",
		  "abc" },
		{ "behind the padding", "YQ==YQ==", "a" },
		{ "no padding", "YWI", "ab" },
		{ "one digit too many", "YWJjY", "abc" },
		{ "bits that are left over", "YR", "a" },
		{ "padding at once", "=YQ==", "" },
		{ "the other alphabet", "YW-_Jj", "abc" },
		{ "nothing", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
		ROW_ASSERT(rows[i].label, base64_add_decoded(&out, span_of(rows[i].text)) == 0);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].octets);
	}
}

static void utf7_has_one_spelling(void **state)
{
	static const struct {
		const char *label, *text;
		bool good;
	} rows[] = {
		{ "two digits", "AA", true },       { "three digits", "AOk", true },
		{ "four digits", "AAAA", true },    { "nothing", "", true },
		{ "comma", "A,k", true },           { "slash", "A/k", false },
		{ "one digit", "A", false },        { "five digits", "AAAAA", false },
		{ "bits left over", "AOl", false }, { "more bits left", "AB", false },
		{ "padding", "AOk=", false },       { "white space", "AO k", false },
		{ "line end", "AOk\n", false },     { "beyond ASCII", "A\xc3\xa9", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char out[8];
		size_t len = 99;
		bool good = base64_decode(span_of(rows[i].text), BASE64_UTF7, out, sizeof(out), &len);
		ROW_ASSERT(rows[i].label, good == rows[i].good);
		ROW_ASSERT(rows[i].label, len == (good ? strlen(rows[i].text) * 3 / 4 : 99));
	}
}

static void what_was_encoded_comes_back(void **state)
{
	char octets[1100];
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)(i * 7);
	for (size_t len = 0; len <= sizeof(octets); len++) {
		_cleanup_(buf_fini) struct buf text = BUF_INIT(4096), out = BUF_INIT(4096);
		assert_int_equal(base64_add_encoded(&text, span_make(octets, len)), 0);
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_int_equal(base64_add_decoded(&out, buf_span(&text)), 0);
		assert_int_equal(out.len, len);
		assert_int_equal(len ? memcmp(out.p, octets, len) : 0, 0);
	}
}

static void a_full_buffer_is_told(void **state)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(3), octets = BUF_INIT(2);
	assert_int_equal(base64_add_encoded(&text, SPAN_LIT("a")), -1);
	assert_int_equal(text.failed, BUF_FULL);
	assert_int_equal(base64_add_encoded(&text, SPAN_LIT("")), -1);
	assert_int_equal(base64_add_decoded(&octets, SPAN_LIT("YWJj")), -1);
	assert_int_equal(octets.failed, BUF_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_rfc_hold_in_both_directions),
		cmocka_unit_test(tags_are_read_strictly),
		cmocka_unit_test(mime_is_read_leniently),
		cmocka_unit_test(utf7_has_one_spelling),
		cmocka_unit_test(what_was_encoded_comes_back),
		cmocka_unit_test(a_full_buffer_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
