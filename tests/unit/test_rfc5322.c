/* Tokens of structured header fields. */
#include "tests/unit/unit.h"

#include "harness/mail/rfc5322.h"

static void comment_ends_with_its_own_parenthesis(void **state)
{
	static const struct {
		const char *label, *in, *inner;
		int rc;
		size_t at;
	} rows[] = {
		{ "simple", "(a) b", "a", 1, 3 },
		{ "nested", "(a (b) c)d", "a (b) c", 1, 9 },
		{ "escaped", "(a \\) b)", "a \\) b", 1, 8 },
		{ "folded", "(a\r\n b)", "a\r\n b", 1, 7 },
		{ "none", "a", NULL, 0, 0 },
		{ "without end", "(a (b)", NULL, -1, 0 },
		{ "ends in a backslash", "(a\\", NULL, -1, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lexer l = { span_of(rows[i].in), 0 };
		struct span inner = { 0 };
		int rc = lexer_comment(&l, &inner);
		if (rc != rows[i].rc || l.at != rows[i].at || !span_eq(inner, span_of(rows[i].inner)))
			fail_msg("%s: %d at %zu: %.*s", rows[i].label, rc, l.at, SPAN_ARG(inner));
	}
}

static void a_hundred_thousand_nested_comments_are_skipped(void **state)
{
	enum { DEPTH = 100000 };
	_cleanup_(buf_fini) struct buf in = BUF_INIT(2 * DEPTH + 1);
	for (int i = 0; i < DEPTH; i++)
		buf_add_char(&in, '(');
	for (int i = 0; i < DEPTH; i++)
		buf_add_char(&in, ')');
	buf_add_char(&in, 'x');
	struct lexer l = { buf_span(&in), 0 };
	assert_true(lexer_cfws(&l));
	assert_int_equal(lexer_peek(&l), 'x');
}

static void quoted_string_ends_at_the_first_bare_quote(void **state)
{
	static const struct {
		const char *label;
		struct span in;
		const char *unquoted;
		int rc;
	} rows[] = {
		{ "simple", SPAN_LIT("\"a b\"c"), "a b", 1 },
		{ "empty", SPAN_LIT("\"\""), "", 1 },
		{ "quoted pairs", SPAN_LIT("\"a\\\"b\\\\\""), "a\"b\\", 1 },
		{ "fold", SPAN_LIT("\"a\r\n b\""), "a b", 1 },
		{ "none", SPAN_LIT("a"), NULL, 0 },
		{ "without end", SPAN_LIT("\"a"), NULL, -1 },
		{ "ends in a backslash", SPAN_LIT("\"a\\"), NULL, -1 },
		{ "NUL", SPAN_LIT("\"a\0b\""), NULL, -1 },
		{ "quoted NUL", SPAN_LIT("\"a\\\0b\""), NULL, -1 },
		{ "escape character", SPAN_LIT("\"\x1b[1m\""), NULL, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lexer l = { rows[i].in, 0 };
		struct span inner = { 0 };
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		int rc = lexer_quoted(&l, &inner);
		assert_int_equal(lexer_add_unquoted(&out, inner), 0);
		if (rc != rows[i].rc || strcmp(buf_str(&out), rows[i].unquoted ? rows[i].unquoted : "") ||
		    (rc <= 0 && l.at != 0))
			fail_msg("%s: %d %s", rows[i].label, rc, buf_str(&out));
	}
}

static void octet_classes_follow_the_grammar(void **state)
{
	for (int c = 0; c < 128; c++) {
		bool printable = c > 32 && c < 127;
		bool special = printable && strchr("()<>[]:;@\\,.\"", c);
		bool tspecial = printable && strchr("()<>@,;:\\\"/[]?=", c);
		assert_int_equal(is_atext((char)c), printable && !special);
		assert_int_equal(is_dot_atext((char)c), (printable && !special) || c == '.');
		assert_int_equal(is_token((char)c), printable && !tspecial);
	}
	assert_true(is_atext('\xc3') && is_token('\xa9'));
}

static void dot_atom_has_single_dots_inside(void **state)
{
	static const char *const good[] = { "a", "a.b", "a+b.c-d", "\xc3\xa9.x" };
	static const char *const bad[] = { "", ".", ".a", "a.", "a..b", "a b", "a@b" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(is_dot_atom(span_of(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (is_dot_atom(span_of(bad[i])))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comment_ends_with_its_own_parenthesis),
		cmocka_unit_test(a_hundred_thousand_nested_comments_are_skipped),
		cmocka_unit_test(quoted_string_ends_at_the_first_bare_quote),
		cmocka_unit_test(octet_classes_follow_the_grammar),
		cmocka_unit_test(dot_atom_has_single_dots_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
