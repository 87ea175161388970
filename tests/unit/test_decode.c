/* Quoted-printable and base64 from the wire. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/mail/decode.h"
#include "harness/mail/encode.h"

static const struct {
	const char *label;
	int (*decode)(struct buf *out, struct span text);
	const char *text, *octets;
} rows[] = {
	{ "escapes", decode_quoted_printable, "caf=C3=A9 =3d\r\n", "caf\xc3\xa9 =\r\n" },
	{ "soft line break", decode_quoted_printable, "one =\r\ntwo=  \r\n three", "one two three" },
	{ "white space at the end of a line", decode_quoted_printable, "a \t\r\n b\n", "a\r\n b\n" },
	{ "no escape", decode_quoted_printable, "a=b =4 =\tx =", "a=b =4 =\tx " },
	{ "empty line", decode_quoted_printable, "\r\n\r\n", "\r\n\r\n" },
	{ "padding", decode_base64, "YQ==", "a" },
	{ "lines", decode_base64, "aGVs\r\nbG8s\r\nIHdvcmxk\r\n", "hello, world" },
	{ "foreign octets", decode_base64,
	  " Y!W\xff"
	  "J-j*",
	  "abc" },
	{ "behind the padding", decode_base64, "YQ==YQ==", "a" },
	{ "nothing", decode_base64, "", "" },
};

static void text_stands_for_its_octets(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(1000);
		ROW_ASSERT(rows[i].label, rows[i].decode(&out, span_of(rows[i].text)) == 0);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].octets);
		buf_fini(&out);
	}
}

static void what_was_encoded_comes_back(void **state)
{
	char octets[256];
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)i;
	for (size_t len = 0; len <= sizeof(octets); len++) {
		struct buf wire = BUF_INIT(4096), out = BUF_INIT(4096);
		assert_int_equal(encode_base64(&wire, span_make(octets, len)), 0);
		assert_int_equal(decode_base64(&out, buf_span(&wire)), 0);
		assert_int_equal(out.len, len);
		assert_int_equal(len ? memcmp(out.p, octets, len) : 0, 0);
		buf_fini(&wire);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stands_for_its_octets),
		cmocka_unit_test(what_was_encoded_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
