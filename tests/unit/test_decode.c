/* Quoted-printable from the wire. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/mail/decode.h"

static const struct {
	const char *label, *text, *octets;
} rows[] = {
	{ "escapes", "caf=C3=A9 =3d\r\n", "caf\xc3\xa9 =\r\n" },
	{ "soft line break", "one =\r\ntwo=  \r\n three", "one two three" },
	{ "white space at the end of a line", "a \t\r\n b\n", "a\r\n b\n" },
	{ "no escape", "a=b =4 =\tx =", "a=b =4 =\tx " },
	{ "empty line", "\r\n\r\n", "\r\n\r\n" },
};

static void text_stands_for_its_octets(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(1000);
		ROW_ASSERT(rows[i].label, decode_quoted_printable(&out, span_of(rows[i].text)) == 0);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].octets);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stands_for_its_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
