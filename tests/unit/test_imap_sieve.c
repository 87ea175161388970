/* What is kept of a line, and what libetpan sees of it. */
#include "tests/unit/unit.h"

#include "providers/imap_sieve.h"

static const struct row {
	const char *label, *line;
	const char *passed; /* for libetpan */
	enum error_kind kind;
	const char *text; /* part of the error */
} ROWS[] = {
	{ "greeting", "* OK [ALERT]", "* OK x\r\n" },
	{ "greeting of one who is signed in", "* preauth hi", "* PREAUTH x\r\n" },
	{ "refusal", "* BYE Too many connections", "", ERROR_REFUSED, "Too many connections" },
	{ "another protocol", "220 mx.example ESMTP", "", ERROR_PROTOCOL, "220 mx.example ESMTP" },
	{ "a star alone", "*", "", ERROR_PROTOCOL, "\"*\"" },
	{ "data ahead of the greeting", "* 3 EXISTS", "", ERROR_PROTOCOL, "EXISTS" },
	{ "blank line", "\r\n", "" },
};

static void first_line_is_the_greeting(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct imap_sieve sieve = { 0 };
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
		int result = imap_sieve_line(&sieve, span_of(ROWS[i].line), &out, &err);
		if ((result < 0) != (ROWS[i].kind != ERROR_NONE) || err.kind != ROWS[i].kind ||
		    strcmp(buf_str(&out), ROWS[i].passed) != 0 || (ROWS[i].text && !strstr(err.text, ROWS[i].text)))
			fail_msg("%s: %s: %s", ROWS[i].label, err.text, buf_str(&out));
		imap_sieve_fini(&sieve);
	}
}

static const struct row LATER[] = {
	{ "status text", "* OK still here", "" },
	{ "codes that break others", "* NO [BADCHARSET (a b)] x", "" },
	{ "unknown", "* XYZZY (((", "" },
	{ "unknown number", "* 4294967296 EXISTS", "" },
	{ "status of a folder", "* STATUS \"a (b\" (MESSAGES 5)", "" },
	{ "status of nothing", "* STATUS a ()", "" },
	{ "status without a list", "* STATUS a)", "" },
	{ "continuation", "+ idling", "" },
	{ "end", "17 OK [READ-ONLY] done", "17 OK x\r\n" },
	{ "end without text", "17 NO", "17 NO x\r\n" },
	{ "end in small letters", "17 bad you", "17 BAD x\r\n" },
	{ "end of a tag that is not ours", "a17 OK done", "", ERROR_PROTOCOL, "a17 OK done" },
	{ "garbage", "\x01\xff\x02", "", ERROR_PROTOCOL, "\\x01" },
	{ "goodbye", "* BYE [UNAVAILABLE] later", "", ERROR_NETWORK, "[UNAVAILABLE] later" },
	{ "goodbye without a reason", "* BYE", "", ERROR_NETWORK, "it gave no reason" },
};

static void only_ends_of_commands_pass(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(LATER); i++) {
		struct imap_sieve sieve = { .greeting = GREETING_OK };
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
		int result = imap_sieve_line(&sieve, span_of(LATER[i].line), &out, &err);
		if ((result < 0) != (LATER[i].kind != ERROR_NONE) || err.kind != LATER[i].kind ||
		    strcmp(buf_str(&out), LATER[i].passed) != 0 || (LATER[i].text && !strstr(err.text, LATER[i].text)))
			fail_msg("%s: %s: %s", LATER[i].label, err.text, buf_str(&out));
		imap_sieve_fini(&sieve);
	}
}

static void what_matters_is_kept(void **state)
{
	static const char *const lines[] = { "* OK [CAPABILITY IMAP4rev1 STARTTLS] hello",
					     "* 23 EXISTS",
					     "* OK [UIDVALIDITY 77] valid",
					     "* ok [uidnext 4294967295] next",
					     "* OK [UIDNEXT 4294967296] too large",
					     "* OK [UIDNEXT -1] negative",
					     "+ go",
					     "* STATUS {3}\r\n (MESSAGES 5 X-SIZE 9 UIDNEXT 6 UIDVALIDITY 4294967296)",
					     "* CAPABILITY IMAP4rev1  IDLE",
					     "5 NO [AUTHENTICATIONFAILED] wrong" };
	struct imap_sieve sieve = { 0 };
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_int_equal(imap_sieve_line(&sieve, span_of(lines[i]), &out, &err), 0);
	assert_int_equal(sieve.greeting, GREETING_OK);
	assert_true(sieve.heard.has_exists);
	assert_int_equal(sieve.heard.exists, 23);
	assert_int_equal(sieve.heard.uidvalidity, 77);
	assert_int_equal(sieve.heard.uidnext, 4294967295);
	assert_true(sieve.heard.more);
	assert_true(sieve.heard.has_status);
	assert_int_equal(sieve.heard.status.messages, 5);
	assert_int_equal(sieve.heard.status.uidnext, 6);
	assert_int_equal(sieve.heard.status.uidvalidity, 0);
	assert_int_equal(sieve.heard.condition, CONDITION_NO);
	assert_int_equal(sieve.heard.tag, 5);
	assert_string_equal(sieve.heard.text, "[AUTHENTICATIONFAILED] wrong");
	assert_string_equal(sieve.capabilities, "IMAP4rev1  IDLE");
	imap_sieve_fini(&sieve);
}

static void long_texts_are_cut(void **state)
{
	struct imap_sieve sieve = { .greeting = GREETING_OK };
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
	char line[2000];
	memset(line, 'x', sizeof(line));
	memcpy(line, "1 NO ", 5);
	assert_int_equal(imap_sieve_line(&sieve, span_make(line, sizeof(line)), &out, &err), 0);
	assert_int_equal(strlen(sieve.heard.text), IMAP_TEXT_MAX - 1);
	imap_sieve_fini(&sieve);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_line_is_the_greeting),
		cmocka_unit_test(only_ends_of_commands_pass),
		cmocka_unit_test(what_matters_is_kept),
		cmocka_unit_test(long_texts_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
