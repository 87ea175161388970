/* Refusals, as providers write them. */
#include "tests/unit/unit.h"

#include "providers/imap_session.h"
#include "providers/imap_status.h"

#define LOGIN  IMAP_ASKED_LOGIN
#define FOLDER IMAP_ASKED_FOLDER
#define OTHER  IMAP_ASKED_OTHER
#define NO     IMAP_ANSWER_NO
#define BAD    IMAP_ANSWER_BAD
#define BYE    IMAP_ANSWER_BYE

static const struct row {
	const char *text;
	enum imap_answer answer;
	enum imap_asked asked;
	enum error_kind kind;
	enum error_retry retry;
	enum imap_cause cause;
} rows[] = {
	{ "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", NO, LOGIN, ERROR_AUTH, RETRY_NEVER,
	  IMAP_CAUSE_CREDENTIALS },
	{ "[AUTHENTICATIONFAILED] Authentication failed.", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "AUTHENTICATE failed.", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[authorizationfailed] no", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
	  NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled sc=abc", NO, LOGIN, ERROR_AUTH,
	  RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[WEBALERT https://accounts.google.com/x] Web login required.", NO, LOGIN, ERROR_AUTH, RETRY_NEVER,
	  IMAP_CAUSE_WEBLOGIN },
	{ "[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
	  NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_WEBLOGIN },
	{ "[ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)", NO, LOGIN,
	  ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_DISABLED },
	{ "[CONTACTADMIN] ask", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_DISABLED },
	{ "[EXPIRED] The password has expired", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_EXPIRED },
	{ "[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure connections.", NO, LOGIN, ERROR_AUTH,
	  RETRY_NEVER, IMAP_CAUSE_PRIVACY },
	{ "LOGIN failed: BasicAuthBlocked", NO, LOGIN, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH },
	{ "User is authenticated but not connected.", BAD, LOGIN, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH },
	{ "[ALERT] Too many simultaneous connections. (Failure)", NO, LOGIN, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "[AUTHENTICATIONFAILED] Too many login failures", NO, LOGIN, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "[LIMIT] LOGIN Rate limit hit.", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "[LIMIT] no more", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "[INUSE] Mailbox in use", NO, FOLDER, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "Request is throttled. Suggested Backoff Time: 263000 milliseconds", BAD, OTHER, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "[UNAVAILABLE] Temporary authentication failure. [host:2026-11-24 01:02:03]", NO, LOGIN, ERROR_REFUSED,
	  RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "[AUTHENTICATIONFAILED] Authentication temporarily unavailable", NO, LOGIN, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_UNAVAILABLE },
	{ "[SERVERBUG] SEARCH Server error - Please try again later", NO, OTHER, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_UNAVAILABLE },
	{ "[NONEXISTENT] Unknown Mailbox: Junk (Failure)", NO, FOLDER, ERROR_REFUSED, RETRY_NEVER,
	  IMAP_CAUSE_NO_FOLDER },
	{ "[TRYCREATE] no", NO, FOLDER, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER },
	{ "Mailbox does not exist", NO, FOLDER, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER },
	{ "an app password is in this folder's name", NO, FOLDER, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER },
	{ "Some of the requested messages no longer exist", NO, OTHER, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_NONE },
	{ "Unknown command", BAD, OTHER, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NONE },
	{ "Error in IMAP command", BAD, LOGIN, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NONE },
	{ "Autologout; idle for too long", BYE, OTHER, ERROR_NETWORK, RETRY_LATER, IMAP_CAUSE_NONE },
	{ "", BYE, OTHER, ERROR_NETWORK, RETRY_LATER, IMAP_CAUSE_NONE },
	{ "Session expired, please login again: AccessTokenExpired", BYE, OTHER, ERROR_NETWORK, RETRY_LATER,
	  IMAP_CAUSE_NONE },
	{ "not today", BYE, IMAP_ASKED_GREETING, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Too many connections from your IP", BYE, IMAP_ASKED_GREETING, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "Server Unavailable. 15", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "[AUTHENTICATIONFAILED] Server busy", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "LOGIN Internal server failure", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "[SERVERBUG] x", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Down for maintenance", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "authentication backend failed", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Login timed out", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Goodbye", BAD, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "please try again", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Incorrect password, please try again", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[AUTHENTICATIONFAILED] Failed, try again", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "Invalid user or password, try again later", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Invalid user or password", BAD, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "Too many open connections (10 from 192.0.2.1)", NO, LOGIN, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "LOGIN frequency limited", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "You sign in too frequently", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "[AUTHENTICATIONFAILED] connections limit reached", NO, LOGIN, ERROR_REFUSED, RETRY_LATER,
	  IMAP_CAUSE_THROTTLED },
	{ "Login only available under a layer", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_PRIVACY },
	{ "Must issue a STARTTLS command first", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_PRIVACY },
	{ "Cleartext authentication not allowed", BAD, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_PRIVACY },
	{ "Your password has expired", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_EXPIRED },
	{ "Please using authorized code to login", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "LOGIN Login error user suspended", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_DISABLED },
	{ "[UNAVAILABLE] open failed", NO, FOLDER, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE },
	{ "Too many connections", BYE, OTHER, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "[", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
	{ "[LIMIT", NO, LOGIN, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_THROTTLED },
	{ "LIMIT is no code here", NO, LOGIN, ERROR_AUTH, RETRY_NEVER, IMAP_CAUSE_CREDENTIALS },
};

static void refusals_are_understood(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		assert_int_equal(
		    imap_status_error(rows[i].answer, rows[i].asked, span_of(rows[i].text), "the test", &err), -1);
		ROW_ASSERT(rows[i].text, err.kind == rows[i].kind);
		ROW_ASSERT(rows[i].text, err.retry == rows[i].retry);
		ROW_ASSERT(rows[i].text, err.code == (int)rows[i].cause);
		ROW_ASSERT(rows[i].text, strstr(err.text, rows[i].text) != NULL);
	}
}

static void text_says_what_was_refused_and_is_harmless(void **state)
{
	struct error err = ERROR_INIT;
	imap_status_error(NO, LOGIN, SPAN_LIT(" [ALERT] \x1b[31mno\r\n"), "the login of ana", &err);
	assert_string_equal(err.text, "the server refused the login of ana: NO [ALERT] \\x1b[31mno");
	imap_status_error(BAD, OTHER, SPAN_LIT(""), "NOOP", &err);
	assert_string_equal(err.text, "the server refused NOOP: BAD");
	imap_status_error(BYE, OTHER, SPAN_LIT(""), "NOOP", &err);
	assert_string_equal(err.text, "the server ended the session: it gave no reason");
	imap_status_error(BYE, OTHER, SPAN_LIT("shutting down"), "NOOP", &err);
	assert_string_equal(err.text, "the server ended the session: shutting down");
}

static const struct {
	const char *text;
	enum imap_answer answer;
	bool about_mechanism;
} mechanisms[] = {
	{ "Command unrecognized", BAD, true },
	{ "", BAD, true },
	{ "[ALERT] what?", BAD, true },
	{ "[CANNOT] not here", NO, true },
	{ "[cannot] not here", NO, true },
	{ "Unsupported authentication mechanism.", NO, true },
	{ "authentication mechanism not supported", NO, true },
	{ "Unknown mechanism PLAIN", NO, true },
	{ "[AUTHENTICATIONFAILED] Authentication failed.", NO, false },
	{ "Authentication failed.", NO, false },
	{ "", NO, false },
	{ "[AUTHENTICATIONFAILED] wrong", BAD, false },
	{ "invalid credentials", BAD, false },
	{ "Request is throttled. Suggested Backoff Time: 300 ms", BAD, false },
	{ "[LIMIT] no more", BAD, false },
	{ "User is authenticated but not connected.", BAD, false },
};

static void refusal_is_of_the_mechanism_or_of_the_password(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		ROW_ASSERT(mechanisms[i].text,
			   imap_status_refuses_mechanism(mechanisms[i].answer, span_of(mechanisms[i].text)) ==
			       mechanisms[i].about_mechanism);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusal_is_of_the_mechanism_or_of_the_password),
		cmocka_unit_test(refusals_are_understood),
		cmocka_unit_test(text_says_what_was_refused_and_is_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
