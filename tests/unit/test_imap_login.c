/* Signing in to IMAP servers of every habit: by which mechanism, what a refusal of a mechanism leads to, and how often
 * a password is sent. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "tests/unit/imap_dialogue.h"

#define WITH(caps) "* OK [CAPABILITY IMAP4rev1 " caps "] ready\r\n"
#define IN         "@ OK [CAPABILITY IMAP4rev1 NEW] in\r\n"
/* "\0tim\0tanstaaftanstaaf" */
#define PLAIN_TEXT "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
#define PASS_TEXT  "dGFuc3RhYWZ0YW5zdGFhZg=="
/* r=x,s=AAAA,i=99999999 */
#define TOO_MUCH "cj14LHM9QUFBQSxpPTk5OTk5OTk5"

struct login_row {
	const char *label;
	enum sasl_mechanism mechanism;
	struct dialogue dialogue;
	enum error_kind kind; /* NONE: signed in */
	int cause;
	const char *says;
};

static struct login_row rows[] = {
	{ "AUTH=LOGIN where the command is disabled",
	  SASL_AUTO,
	  { .greeting = WITH("LOGINDISABLED AUTH=LOGIN"),
	    .steps = { { "AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n" },
		       { ">dGlt", "+ UGFzc3dvcmQ6\r\n" },
		       { ">" PASS_TEXT, "" },
		       { NULL, IN },
		       DIALOGUE_SILENCE } } },
	{ "CRAM-MD5 where there is nothing else",
	  SASL_AUTO,
	  { .greeting = WITH("LOGINDISABLED AUTH=GSSAPI AUTH=CRAM-MD5"),
	    .steps = { { "AUTHENTICATE CRAM-MD5", "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n" },
		       { ">dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "" },
		       { NULL, IN },
		       DIALOGUE_SILENCE } } },
	{ "as is set",
	  SASL_LOGIN,
	  { .greeting = WITH("AUTH=PLAIN"), .steps = { { "LOGIN tim", IN }, DIALOGUE_SILENCE } } },
	{ "PLAIN rather than the command",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=NTLM AUTH=PLAIN AUTH=CRAM-MD5"),
	    .steps = { { "AUTHENTICATE PLAIN " PLAIN_TEXT, IN }, DIALOGUE_SILENCE } } },
	{ "PLAIN is BAD",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD Command unrecognized\r\n" },
		       { "LOGIN", IN },
		       DIALOGUE_SILENCE } } },
	{ "PLAIN is BAD when it was asked for",
	  SASL_AUTO,
	  { .greeting = WITH("AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD invalid command\r\n" }, { "LOGIN", IN }, DIALOGUE_SILENCE } } },
	{ "PLAIN is not supported",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE", "@ NO Unsupported authentication mechanism\r\n" },
		       { "LOGIN", IN },
		       DIALOGUE_SILENCE } } },
	{ "PLAIN cannot be",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE", "@ NO [CANNOT] not here\r\n" }, { "LOGIN", IN }, DIALOGUE_SILENCE } } },
	{ "LOGIN is refused as well",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN AUTH=CRAM-MD5"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD no\r\n" }, { "LOGIN", "@ BAD no\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_REFUSED,
	  IMAP_CAUSE_NONE,
	  "BAD no" },
	{ "nothing else is there",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR LOGINDISABLED AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ NO mechanism not supported\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_UNSUPPORTED,
	  IMAP_CAUSE_NO_MECHANISM,
	  "mechanism not supported" },
	{ "set, and refused",
	  SASL_PLAIN,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD no\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_UNSUPPORTED,
	  IMAP_CAUSE_NO_MECHANISM,
	  "BAD no" },
	{ "the password is wrong",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ NO [AUTHENTICATIONFAILED] Authentication failed\r\n" },
		       DIALOGUE_SILENCE } },
	  ERROR_AUTH,
	  IMAP_CAUSE_CREDENTIALS,
	  "Authentication failed" },
	{ "too much of it",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD [LIMIT] too many login attempts\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_REFUSED,
	  IMAP_CAUSE_THROTTLED,
	  "too many" },
	{ "BAD about the password",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR AUTH=PLAIN"),
	    .steps = { { "AUTHENTICATE PLAIN", "@ BAD invalid credentials\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_AUTH,
	  IMAP_CAUSE_CREDENTIALS,
	  "invalid credentials" },
	{ "nothing in common",
	  SASL_AUTO,
	  { .greeting = WITH("LOGINDISABLED AUTH=GSSAPI AUTH=NTLM"), .steps = { DIALOGUE_SILENCE } },
	  ERROR_UNSUPPORTED,
	  IMAP_CAUSE_NO_MECHANISM,
	  "it offers GSSAPI NTLM; one of PLAIN, LOGIN" },
	{ "set, not offered",
	  SASL_SCRAM_SHA_256,
	  { .greeting = WITH("AUTH=PLAIN AUTH=XOAUTH2"), .steps = { DIALOGUE_SILENCE } },
	  ERROR_UNSUPPORTED,
	  IMAP_CAUSE_NO_MECHANISM,
	  "mechanism = scram-sha-256 is set" },
	{ "SCRAM that never ends is cancelled, and nothing else is tried",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR LOGINDISABLED AUTH=SCRAM-SHA-1 AUTH=CRAM-MD5"),
	    .steps = { { "AUTHENTICATE SCRAM-SHA-1 biwsbj10aW0scj", "+ " TOO_MUCH "\r\n" },
		       { ">*", "" },
		       { NULL, "@ BAD cancelled\r\n" },
		       DIALOGUE_SILENCE } },
	  ERROR_PROTOCOL,
	  0,
	  "iterations" },
	{ "success without proof",
	  SASL_AUTO,
	  { .greeting = WITH("SASL-IR LOGINDISABLED AUTH=SCRAM-SHA-256"),
	    .steps = { { "AUTHENTICATE SCRAM-SHA-256", "@ OK in\r\n" }, DIALOGUE_SILENCE } },
	  ERROR_PROTOCOL,
	  0,
	  "without having proved" },
	{ "challenge that is no base64",
	  SASL_AUTO,
	  { .greeting = WITH("LOGINDISABLED AUTH=CRAM-MD5"),
	    .steps = { { "AUTHENTICATE CRAM-MD5", "+ <1.2@x>\r\n" },
		       { ">*", "" },
		       { NULL, "@ BAD cancelled\r\n" },
		       DIALOGUE_SILENCE } },
	  ERROR_PROTOCOL,
	  0,
	  "cannot be read" },
};

static void note(void *user, char direction, struct span line)
{
	buf_addf(user, "%c %.*s\n", direction, SPAN_ARG(line));
}

static void check_row(struct login_row *row)
{
	_cleanup_(buf_fini) struct buf transcript = BUF_INIT(100000);
	struct test_server *server = test_server_new(false, dialogue_play, &row->dialogue);
	struct imap_params params = dialogue_params(test_server_port(server));
	struct imap_session *session = NULL;
	struct secret *password = NULL;
	struct error err = ERROR_INIT;
	params.mechanism = row->mechanism;
	params.transcript = note;
	params.transcript_user = &transcript;
	assert_int_equal(secret_new(SPAN_LIT("tanstaaftanstaaf"), &password, &err), 0);
	if (imap_session_open(&session, &params, &err) < 0)
		fail_msg("%s: %s", row->label, err.text);
	int result = imap_session_login(session, "tim", password, &err);
	if (result == 0)
		err = (struct error)ERROR_INIT;
	if ((result < 0) != (row->kind != ERROR_NONE) || err.kind != row->kind ||
	    (row->cause && err.code != row->cause) || (row->says && !strstr(err.text, row->says)))
		fail_msg("%s: %s, code %d: %s\n%s", row->label, error_kind_name(err.kind), err.code, err.text,
			 buf_str(&transcript));
	ROW_ASSERT(row->label, !strstr(err.text, PLAIN_TEXT) && !strstr(err.text, "tanstaaf"));
	ROW_ASSERT(row->label, result < 0 || imap_session_has(session, "NEW"));
	ROW_ASSERT(row->label, !strstr(buf_str(&transcript), "not expected"));
	ROW_ASSERT(row->label, !strstr(buf_str(&transcript), PASS_TEXT) && !strstr(buf_str(&transcript), "tanstaaf"));
	ROW_ASSERT(row->label, !strstr(buf_str(&transcript), PLAIN_TEXT));
	imap_session_free(session);
	secret_free(password);
	test_server_free(server);
}

static void sign_in_takes_what_the_server_has(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&rows[i]);
}

static void secrets_of_16_KiB_are_sent_whole(void **state)
{
	static char octets[SECRET_MAX];
	memset(octets, 'p', sizeof(octets));
	static const char *const greetings[] = { WITH("AUTH=PLAIN SASL-IR"), WITH("AUTH=PLAIN"), WITH("IDLE") };
	for (size_t i = 0; i < ARRAY_LEN(greetings); i++) {
		struct dialogue d = { .greeting = greetings[i],
				      .steps = {
					  { i == 2 ? "LOGIN tim " : "AUTHENTICATE PLAIN", i == 1 ? "+ \r\n" : IN },
					  { i == 1 ? ">AHRpbQBwcHBw" : NULL, i == 1 ? "" : NULL },
					  { NULL, IN },
					  DIALOGUE_SILENCE } };
		struct test_server *server = test_server_new(false, dialogue_play, &d);
		struct imap_params params = dialogue_params(test_server_port(server));
		struct imap_session *session = NULL;
		struct secret *password = NULL;
		struct error err = ERROR_INIT;
		assert_int_equal(secret_new(span_make(octets, sizeof(octets)), &password, &err), 0);
		if (imap_session_open(&session, &params, &err) < 0 ||
		    imap_session_login(session, "tim", password, &err) < 0)
			fail_msg("%s: %s", greetings[i], err.text);
		imap_session_free(session);
		secret_free(password);
		test_server_free(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sign_in_takes_what_the_server_has),
		cmocka_unit_test(secrets_of_16_KiB_are_sent_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
