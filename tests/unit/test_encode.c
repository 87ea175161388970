/* Header fields and bodies for the wire. */
#include "tests/unit/unit.h"

#include "harness/mail/encode.h"

#define E30                                                                                                            \
	"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3" \
	"\xa9\xc3\xa9"
#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void fields_are_written_for_the_wire(void **state)
{
	static const struct {
		const char *label, *name, *value;
		const char *expected; /* NULL for an error */
	} rows[] = {
		{ "ASCII stays", "Subject", "Hello,  you", "Subject: Hello,  you\r\n" },
		{ "folds are undone", "Subject", " a\r\n b\n\tc ", "Subject: a b\tc\r\n" },
		{ "empty", "Subject", "", "Subject:\r\n" },
		{ "long ASCII folds at white space", "Subject", A40 " " A40, "Subject: " A40 "\r\n " A40 "\r\n" },
		{ "one accent: Q", "Subject", "internationalis\xc3\xa9 now",
		  "Subject: =?UTF-8?Q?internationalis=C3=A9?= now\r\n" },
		{ "neighbours are encoded together", "Subject", "x \xc3\xa9t\xc3\xa9  \xc3\xa9t\xc3\xa9 y",
		  "Subject: x =?UTF-8?B?w6l0w6kgIMOpdMOp?= y\r\n" },
		{ "mostly not ASCII: B", "Subject", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
		  "Subject: =?UTF-8?B?0J/RgNC40LLQtdGC?=\r\n" },
		{ "long text is split between characters", "Subject", E30 E30 E30,
		  "Subject: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n"
		  " =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6k=?=\r\n"
		  " =?UTF-8?B?w6nDqQ==?=\r\n" },
		{ "what looks encoded beside what is", "Subject",
		  "\xc3\xa9 x =?y?=", "Subject: =?UTF-8?B?w6k=?= x =?UTF-8?B?PT95Pz0=?=\r\n" },
		{ "encoded by the author", "Subject", "=?UTF-8?Q?a?=", "Subject: =?UTF-8?Q?a?=\r\n" },
		{ "address", "From", "Ana <a@b.example>", "From: Ana <a@b.example>\r\n" },
		{ "display name", "From", "J\xc3\xbcrgen <j@b.example>, B \"C\" <c@d>, e@f",
		  "From: =?UTF-8?Q?J=C3=BCrgen?= <j@b.example>, B C <c@d>, e@f\r\n" },
		{ "quoted display name", "To", "\"L\xc3\xb6we, A.\" <a@b>, \"X, Y\" <c@d>",
		  "To: =?UTF-8?B?TMO2d2UsIEEu?= <a@b>, \"X, Y\" <c@d>\r\n" },
		{ "UTF-8 address stays", "To", "j\xc3\xbc@b\xc3\xbc.example", "To: j\xc3\xbc@b\xc3\xbc.example\r\n" },
		{ "recipients unknown", "To", "undisclosed-recipients:;", "To: undisclosed-recipients:;\r\n" },
		{ "no address", "From", "Ana", NULL },
		{ "a line within the value", "Subject", "a\r\nBcc: x@y", "Subject: aBcc: x@y\r\n" },
		{ "control character", "Subject", "a\x1b[1m", NULL },
		{ "invalid UTF-8", "Subject", "\xe9t\xe9", NULL },
		{ "bad name", "Sub ject", "x", NULL },
		{ "line end in the name", "X\r\nBcc", "x", NULL },
		{ "no name", "", "x", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf out = BUF_INIT(4096);
		int rc = encode_field(&out, span_of(rows[i].name), span_of(rows[i].value), &err);
		if (rc != (rows[i].expected ? 0 : -1) || (rc == 0 && strcmp(buf_str(&out), rows[i].expected)))
			fail_msg("%s: %d %s\n%s", rows[i].label, rc, err.text, buf_str(&out));
		if (rc < 0)
			assert_int_equal(err.kind, ERROR_CONFIG);
	}
}

static size_t longest_line(struct span s)
{
	size_t longest = 0;
	struct span line;
	while (span_next(&s, '\n', &line))
		longest = line.len > longest ? line.len : longest;
	return longest;
}

static void lines_stay_within_their_limits(void **state)
{
	struct error err = ERROR_INIT;
	for (size_t n = 0; n < 1100; n += 7) {
		_cleanup_(buf_fini) struct buf value = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
		for (size_t i = 0; i < n; i++)
			buf_add_str(&value, i % 11 == 10 ? " " : i % 3 ? "\xe2\x82\xac" : "x");
		assert_int_equal(encode_field(&out, SPAN_LIT("Subject"), buf_span(&value), &err), 0);
		assert_true(longest_line(buf_span(&out)) <= 79); /* with CR */
	}
	_cleanup_(buf_fini) struct buf word = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
	for (int i = 0; i < 990; i++)
		buf_add_char(&word, 'x');
	assert_int_equal(encode_field(&out, SPAN_LIT("X"), buf_span(&word), &err), 0);
	buf_clear(&out);
	assert_int_equal(encode_field(&out, SPAN_LIT("References"), buf_span(&word), &err), 0);
	assert_int_equal(longest_line(buf_span(&out)), 992);
	for (int i = 0; i < 10; i++)
		buf_add_char(&word, 'x');
	buf_clear(&out);
	assert_int_equal(encode_field(&out, SPAN_LIT("References"), buf_span(&word), &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
}

static void full_buffer_is_a_limit(void **state)
{
	struct error err = ERROR_INIT;
	for (size_t max = 0; max < 39; max++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(max);
		assert_int_equal(encode_field(&out, SPAN_LIT("Subject"),
					      SPAN_LIT("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), &err),
				 -1);
		assert_int_equal(err.kind, ERROR_LIMIT);
	}
}

static void bodies_are_encoded(void **state)
{
	static const struct {
		const char *label;
		enum transfer_encoding encoding;
		struct span text;
		const char *expected;
	} rows[] = {
		{ "line ends", TRANSFER_7BIT, SPAN_LIT("a\nb\r\nc\rd\r\r\n"), "a\r\nb\r\nc\r\nd\r\n\r\n" },
		{ "no final line end", TRANSFER_7BIT, SPAN_LIT("a"), "a" },
		{ "quoted", TRANSFER_QUOTED_PRINTABLE, SPAN_LIT("\xc3\xa9 = x\ny"), "=C3=A9 =3D x\r\ny" },
		{ "white space at an end", TRANSFER_QUOTED_PRINTABLE, SPAN_LIT("a \nb\t\nc "), "a=20\r\nb=09\r\nc=20" },
		{ "NUL", TRANSFER_QUOTED_PRINTABLE, SPAN_LIT("a\0"), "a=00" },
		{ "76 fit", TRANSFER_QUOTED_PRINTABLE, SPAN_LIT(A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"),
		  A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n" },
		{ "77 do not", TRANSFER_QUOTED_PRINTABLE, SPAN_LIT(A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbcd\n"),
		  A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=\r\ncd\r\n" },
		{ "an escape is never split", TRANSFER_QUOTED_PRINTABLE,
		  SPAN_LIT(A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\xff"
			       "c"),
		  A40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=\r\n=FFc" },
		{ "base64 of text", TRANSFER_BASE64, SPAN_LIT("a\nb"), "YQ0KYg==\r\n" },
		{ "nothing", TRANSFER_BASE64, SPAN_LIT(""), "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(4096);
		assert_int_equal(encode_text(&out, rows[i].text, rows[i].encoding), 0);
		if (strcmp(buf_str(&out), rows[i].expected))
			fail_msg("%s: %s", rows[i].label, buf_str(&out));
	}
}

static void base64_stands_in_lines_of_76(void **state)
{
	for (size_t n = 56; n < 59; n++) {
		char octets[64] = "";
		_cleanup_(buf_fini) struct buf out = BUF_INIT(200);
		assert_int_equal(encode_base64(&out, span_make(octets, n)), 0);
		assert_int_equal(out.len, n <= 57 ? 78 : 84);
		assert_string_equal(buf_str(&out) + out.len - 2, "\r\n");
	}
}

static void choice_is_the_shortest_that_is_safe(void **state)
{
	_cleanup_(buf_fini) struct buf line = BUF_INIT(4096), letters = BUF_INIT(4096);
	for (int i = 0; i < 998; i++)
		buf_add_char(&line, 'x');
	assert_int_equal(encode_choose(buf_span(&line)), TRANSFER_7BIT);
	buf_add_str(&line, "\r\nx");
	assert_int_equal(encode_choose(buf_span(&line)), TRANSFER_7BIT);
	buf_clear(&line);
	for (int i = 0; i < 999; i++)
		buf_add_char(&line, 'x');
	assert_int_equal(encode_choose(buf_span(&line)), TRANSFER_QUOTED_PRINTABLE);
	assert_int_equal(encode_choose(SPAN_LIT("")), TRANSFER_7BIT);
	assert_int_equal(encode_choose(SPAN_LIT("a\nb\r\n")), TRANSFER_7BIT);
	assert_int_equal(encode_choose(SPAN_LIT("mostly ASCII, one \xc3\xa9 only, so that the quoted form is short")),
			 TRANSFER_QUOTED_PRINTABLE);
	assert_int_equal(encode_choose(SPAN_LIT("a longer line with a bare\rCR in it")), TRANSFER_QUOTED_PRINTABLE);
	for (int i = 0; i < 300; i++)
		buf_add_str(&letters, "\xd0\x9f");
	assert_int_equal(encode_choose(buf_span(&letters)), TRANSFER_BASE64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_for_the_wire),
		cmocka_unit_test(lines_stay_within_their_limits),
		cmocka_unit_test(full_buffer_is_a_limit),
		cmocka_unit_test(bodies_are_encoded),
		cmocka_unit_test(base64_stands_in_lines_of_76),
		cmocka_unit_test(choice_is_the_shortest_that_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
