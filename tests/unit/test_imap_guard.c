/* The limits of an answer, and that nothing which is read in two ways slips past them. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "providers/imap_guard.h"

static const struct imap_limits SMALL = { .octets = 200, .literal = 20, .line = 60, .depth = 3, .responses = 4 };

/* The kind of error that the octets end in, fed in pieces of `step` octets; the text goes to err. */
static enum error_kind feed(struct imap_guard *guard, struct span octets, size_t step, struct error *err)
{
	for (size_t i = 0; i < octets.len; i += step)
		if (imap_guard_feed(guard, span_sub(octets, i, step), err) < 0)
			return err->kind;
	return ERROR_NONE;
}

struct row {
	const char *label;
	struct span octets;
	enum error_kind kind;
	const char *text; /* part of the message */
};

#define ROW(label, octets, ...)                                                                                        \
	{                                                                                                              \
		label, SPAN_LIT(octets), __VA_ARGS__                                                                   \
	}

static const struct row ROWS[] = {
	ROW("status texts", "* OK [CAPABILITY IMAP4rev1] (hi\r\n1 NO it's \"half (quoted\r\n", ERROR_NONE),
	ROW("LF alone ends a line", "* OK a\n* OK b\n1 OK\n", ERROR_NONE),
	ROW("blank lines", "\r\n\r\n* OK a\r\n", ERROR_NONE),
	ROW("literal", "* 1 FETCH (UID 1 BODY[] {5}\r\n((((( FLAGS ())\r\n", ERROR_NONE),
	ROW("literal with plus", "* LIST () \"/\" {3+}\r\na(b\r\n", ERROR_NONE),
	ROW("literal of nothing", "* 1 FETCH (BODY[] {0}\r\n)\r\n1 OK (\r\n", ERROR_NONE),
	ROW("literal without CR", "* 1 FETCH (BODY[] {3}\n(((())\r\n", ERROR_NONE),
	ROW("literal8", "* 1 FETCH (BINARY[] ~{3}\r\n\0((())\r\n", ERROR_NONE),
	ROW("NUL in a literal", "* 1 FETCH (BODY[] {3}\r\na\0b)\r\n", ERROR_NONE),
	ROW("quoted parentheses", "* LIST () \"/\" \"((((\\\"((((\\\\\"\r\n", ERROR_NONE),
	ROW("backslash before a letter", "* LIST () \"\\\" \"a\"\r\n* 1 FETCH ((((\r\n", ERROR_LIMIT, "parentheses"),
	ROW("braces in a text", "* OK a {b} {12}\r\n* OK (((\r\n", ERROR_NONE),
	ROW("literal at its limit", "* 1 FETCH (BODY[] {20}\r\n01234567890123456789)\r\n", ERROR_NONE),
	ROW("literal above its limit", "* 1 FETCH (BODY[] {21}\r\n", ERROR_LIMIT, "literal"),
	ROW("literal of 4 GB", "* 1 FETCH (BODY[] {4294967296}\r\n", ERROR_LIMIT, "literal"),
	ROW("literal beyond 64 bits", "* 1 FETCH (BODY[] {18446744073709551621}\r\n", ERROR_LIMIT, "literal"),
	ROW("no literal with a blank", "* 1 FETCH (BODY[] { 3}\r\n1 OK\r\n", ERROR_NONE),
	ROW("no literal with a minus", "* 1 FETCH (BODY[] {-3}\r\n1 OK\r\n", ERROR_NONE),
	ROW("no literal without digits", "* 1 FETCH (BODY[] {}\r\n1 OK\r\n", ERROR_NONE),
	ROW("no literal without a line end", "* 1 FETCH (BODY[] {3}a(b)\r\n* 1 FETCH ((((\r\n", ERROR_LIMIT,
	    "parentheses"),
	ROW("no literal with a blank before the line end", "* 1 FETCH (BODY[] {3} \r\n1 OK\r\n", ERROR_NONE),
	ROW("no literal that a line end cuts short", "* 1 FETCH (BODY[] {3\r\n1 OK\r\n", ERROR_NONE),
	ROW("depth at its limit", "* 1 FETCH ((()))\r\n* 2 FETCH (((\r\n", ERROR_NONE),
	ROW("depth above its limit", "* 1 FETCH ((((\r\n", ERROR_LIMIT, "parentheses"),
	ROW("depth across a literal", "* 1 FETCH ((({1}\r\na(\r\n", ERROR_LIMIT, "parentheses"),
	ROW("names in small letters", "* 1 fetch (x \"((((\")\r\n", ERROR_NONE),
	ROW("texts are not looked into", "* OK [BADCHARSET ({99999}\r\n1 NO ((((((\r\n+ \"((((\r\n", ERROR_NONE),
	ROW("a size in a text is none", "* OK {9}\r\n* 1 FETCH ((((\r\n", ERROR_LIMIT, "parentheses"),
	ROW("literal in a response that nobody knows", "* XYZZY {5}\r\n(((((\r\n* OK\r\n", ERROR_NONE),
	ROW("its limit", "* XYZZY {21}\r\n", ERROR_LIMIT, "literal"),
	ROW("line end within quotes where nobody looks", "* XYZZY \"(\r\n* 1 FETCH ((((\r\n", ERROR_LIMIT,
	    "parentheses"),
	ROW("no size where nobody looks", "* XYZZY {3 {x} {\r\n* 1 FETCH ((((\r\n", ERROR_LIMIT, "parentheses"),
	ROW("a name that only begins like one", "* LISTS {1} \r\n", ERROR_NONE),
	ROW("a long name", "* FETCHFETCHFETCH {1} \r\n", ERROR_NONE),
	ROW("line end within quotes", "* LIST () \"/\" \"a\r\n* 1 FETCH ((((", ERROR_LIMIT, "parentheses"),
	ROW("line end behind a backslash", "* LIST () \"/\" \"a\\\n* 1 FETCH ((((", ERROR_LIMIT, "parentheses"),
	ROW("NUL", "* OK a\0b\r\n", ERROR_PROTOCOL, "NUL"),
	ROW("NULs in front of a response", "\0\0* OK a\r\n\0\0\0* 1 FETCH ((((", ERROR_LIMIT, "parentheses"),
	ROW("blank at the beginning", " * 1 FETCH \"\r\n", ERROR_PROTOCOL, "blank"),
	ROW("two blanks behind the star", "*  1 FETCH (\r\n", ERROR_PROTOCOL, "name"),
	ROW("no blank behind the star", "*1 FETCH (\r\n", ERROR_PROTOCOL, "blank"),
	ROW("two blanks behind the number", "* 1  FETCH (\r\n", ERROR_PROTOCOL, "name"),
	ROW("negative number", "* -1 FETCH (\r\n", ERROR_PROTOCOL, "name"),
	ROW("number and nothing", "* 12\r\n", ERROR_PROTOCOL, "digits"),
	ROW("star and nothing", "*\r\n", ERROR_PROTOCOL, "blank"),
	ROW("line at its limit", "1 OK 01234567890123456789012345678901234567890123456789012\r\n", ERROR_NONE),
	ROW("line above its limit", "1 OK 01234567890123456789012345678901234567890123456789012x\r\n", ERROR_LIMIT,
	    "a line"),
	ROW("literals do not count for the line",
	    "* 1 FETCH (A {20}\r\n01234567890123456789 B {20}\r\n01234567890123456789)\r\n", ERROR_NONE),
	ROW("line that goes on behind literals",
	    "* 1 FETCH (A {1}\r\n0 B {1}\r\n0 C {1}\r\n0 D {1}\r\n0 E {1}\r\n0 F 12345)\r\n", ERROR_LIMIT, "a line"),
	ROW("responses at their limit", "* OK\r\n* OK\r\n+ x\r\n1 OK\r\n", ERROR_NONE),
	ROW("responses above their limit", "* OK\r\n* OK\r\n+ x\r\n1 OK\r\n*", ERROR_LIMIT, "responses"),
};

static void answers_are_measured_whatever_the_pieces(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 1000 };
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
		for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
			struct imap_guard guard;
			struct error err = ERROR_INIT;
			imap_guard_init(&guard, &SMALL);
			enum error_kind kind = feed(&guard, ROWS[i].octets, steps[k], &err);
			if (kind != ROWS[i].kind || (ROWS[i].text && !strstr(err.text, ROWS[i].text)))
				fail_msg("%s, in pieces of %zu: %s: %s", ROWS[i].label, steps[k], error_kind_name(kind),
					 err.text);
		}
}

static void octets_of_one_command_are_limited(void **state)
{
	struct imap_guard guard;
	struct error err = ERROR_INIT;
	char fill[150];
	memset(fill, '\n', sizeof(fill));
	imap_guard_init(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, span_make(fill, 150), &err), 0);
	assert_int_equal(imap_guard_feed(&guard, span_make(fill, 50), &err), 0);
	imap_guard_begin(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, span_make(fill, 150), &err), 0);
	assert_int_equal(imap_guard_feed(&guard, span_make(fill, 51), &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	assert_int_equal(err.retry, RETRY_LATER);
}

static void a_new_command_does_not_end_a_literal(void **state)
{
	struct imap_guard guard;
	struct error err = ERROR_INIT;
	imap_guard_init(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, SPAN_LIT("* 1 FETCH (BODY[] {12}\r\n(((("), &err), 0);
	imap_guard_begin(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, SPAN_LIT("(((((((()\r\n"), &err), 0);
	assert_int_equal(guard.state, GUARD_START);
}

static void nothing_is_accepted_after_an_error(void **state)
{
	struct imap_guard guard;
	struct error err = ERROR_INIT;
	imap_guard_init(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, SPAN_LIT("* LIST ((((\r\n"), &err), -1);
	imap_guard_begin(&guard, &SMALL);
	assert_int_equal(imap_guard_feed(&guard, SPAN_LIT("* OK\r\n"), &err), -1);
	assert_int_equal(err.kind, ERROR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_measured_whatever_the_pieces),
		cmocka_unit_test(octets_of_one_command_are_limited),
		cmocka_unit_test(a_new_command_does_not_end_a_literal),
		cmocka_unit_test(nothing_is_accepted_after_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
