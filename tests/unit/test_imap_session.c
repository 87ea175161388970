/* Opening, securing, signing in, IDLE, ending: with servers that behave and with those that do not. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "tests/unit/imap_dialogue.h"

static struct test_ca *ca;
static SSL_CTX *good, *expired, *wrong_name, *self_signed;

static int make_certificates(void **state)
{
	ca = test_ca_new();
	good = test_ca_context(ca, &(struct test_cert){ .names = "IP:127.0.0.1,IP:::1" }, 0);
	expired = test_ca_context(ca, &(struct test_cert){ .names = "IP:127.0.0.1", .from_s = -7200, .to_s = -3600 },
				  0);
	wrong_name = test_ca_context(ca, &(struct test_cert){ .names = "DNS:other.test" }, 0);
	self_signed = test_ca_context(ca, &(struct test_cert){ .names = "IP:127.0.0.1", .self_signed = true }, 0);
	return 0;
}

static int drop_certificates(void **state)
{
	SSL_CTX_free(good);
	SSL_CTX_free(expired);
	SSL_CTX_free(wrong_name);
	SSL_CTX_free(self_signed);
	test_ca_free(ca);
	return 0;
}

static struct secret *password(void)
{
	struct error err = ERROR_INIT;
	struct secret *secret = NULL;
	assert_int_equal(secret_new(SPAN_LIT("hunter2 \"\\"), &secret, &err), 0);
	return secret;
}

struct fixture {
	struct test_server *server;
	struct imap_params params;
};

static struct fixture serve(struct dialogue *dialogue, enum imap_security security)
{
	struct fixture f = { .server = test_server_new(false, dialogue_play, dialogue) };
	assert_non_null(f.server);
	f.params = dialogue_params(test_server_port(f.server));
	f.params.security = security;
	f.params.ca_file = test_ca_file(ca);
	return f;
}

#define OK_TLS "@ OK begin\r\n"
#define CAPS(c)                                                                                                        \
	{                                                                                                              \
		.asked = "CAPABILITY", .answer = "* CAPABILITY IMAP4rev1 " c "\r\n@ OK done\r\n"                       \
	}
#define GREETING "* OK ready\r\n"

static void connections_are_opened_in_every_way(void **state)
{
	struct dialogue plain = { .greeting = GREETING, .steps = { CAPS("IDLE X-PLAIN"), DIALOGUE_SILENCE } };
	struct dialogue tls = { .tls = good, .greeting = GREETING, .steps = { CAPS("IDLE"), DIALOGUE_SILENCE } };
	struct dialogue starttls = {
		.greeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS X-BEFORE] ready\r\n",
		.steps = { { "STARTTLS", OK_TLS, good }, CAPS("IDLE X-AFTER"), DIALOGUE_SILENCE },
	};
	struct {
		const char *label;
		struct dialogue *dialogue;
		enum imap_security security;
	} rows[] = { { "plain", &plain, IMAP_PLAIN },
		     { "TLS", &tls, IMAP_TLS },
		     { "STARTTLS", &starttls, IMAP_STARTTLS } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f = serve(rows[i].dialogue, rows[i].security);
		struct imap_session *session = NULL;
		struct error err = ERROR_INIT;
		if (imap_session_open(&session, &f.params, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT(rows[i].label, imap_session_has(session, "idle"));
		ROW_ASSERT(rows[i].label, !imap_session_has(session, "X-BEFORE"));
		ROW_ASSERT(rows[i].label, (imap_session_facts(session) != NULL) == (rows[i].security != IMAP_PLAIN));
		ROW_ASSERT(rows[i].label, !imap_session_dead(session));
		ROW_ASSERT(rows[i].label, imap_session_received(session) > 20);
		imap_session_free(session);
		test_server_free(f.server);
	}
}

static void ipv6_is_spoken(void **state)
{
	struct dialogue d = { .tls = good, .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_SILENCE } };
	struct test_server *server = test_server_new(true, dialogue_play, &d);
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	if (!server)
		skip();
	struct imap_params params = dialogue_params(test_server_port(server));
	params.host = "::1";
	params.security = IMAP_TLS;
	params.ca_file = test_ca_file(ca);
	if (imap_session_open(&session, &params, &err) < 0)
		fail_msg("%s", err.text);
	imap_session_free(session);
	test_server_free(server);
}

struct bad_open {
	const char *label;
	struct dialogue dialogue;
	enum imap_security security;
	enum error_kind kind;
	enum error_retry retry;
	int code; /* 0: whatever */
	const char *says;
};

static void check_bad_open(struct bad_open *row)
{
	struct fixture f = serve(&row->dialogue, row->security);
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	f.params.login_timeout_ms = row->kind == ERROR_TIMEOUT ? 300 : 5000;
	int64_t begun = clock_mono_ms();
	ROW_ASSERT(row->label, imap_session_open(&session, &f.params, &err) == -1);
	ROW_ASSERT(row->label, session == NULL);
	if (err.kind != row->kind || err.retry != row->retry || (row->code && err.code != row->code) ||
	    !strstr(err.text, row->says))
		fail_msg("%s: %s, retry %d, code %d: %s", row->label, error_kind_name(err.kind), (int)err.retry,
			 err.code, err.text);
	ROW_ASSERT(row->label, clock_mono_ms() - begun < 4000);
	test_server_free(f.server);
}

static void servers_that_cannot_be_used_are_told_apart(void **state)
{
	struct bad_open rows[] = {
		{ "accepts and never answers",
		  { .greeting = "", .steps = { DIALOGUE_SILENCE } },
		  IMAP_PLAIN,
		  ERROR_TIMEOUT,
		  RETRY_LATER,
		  IMAP_CAUSE_SILENCE,
		  "speaks TLS from the first octet, as 993 does, set security = tls" },
		{ "never answers who waits for STARTTLS",
		  { .greeting = "", .steps = { DIALOGUE_SILENCE } },
		  IMAP_STARTTLS,
		  ERROR_TIMEOUT,
		  RETRY_LATER,
		  IMAP_CAUSE_SILENCE,
		  "set security = tls" },
		{ "TLS where plaintext is spoken",
		  { .tls = good, .greeting = GREETING, .steps = { DIALOGUE_SILENCE } },
		  IMAP_PLAIN,
		  ERROR_TIMEOUT,
		  RETRY_LATER,
		  IMAP_CAUSE_SILENCE,
		  "set security = tls" },
		{ "closes at once", { .greeting = "" }, IMAP_PLAIN, ERROR_NETWORK, RETRY_LATER, 0, "closed" },
		{ "closes within the greeting",
		  { .greeting = "* OK rea" },
		  IMAP_PLAIN,
		  ERROR_NETWORK,
		  RETRY_LATER,
		  0,
		  "closed" },
		{ "another protocol",
		  { .greeting = "SSH-2.0-OpenSSH_9.2\r\n" },
		  IMAP_PLAIN,
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  0,
		  "SSH-2.0" },
		{ "plaintext where TLS is spoken",
		  { .greeting = GREETING },
		  IMAP_TLS,
		  ERROR_TLS,
		  RETRY_LATER,
		  TLS_PLAINTEXT,
		  "set security = starttls" },
		{ "refuses",
		  { .greeting = "* BYE [UNAVAILABLE] maintenance\r\n" },
		  IMAP_PLAIN,
		  ERROR_REFUSED,
		  RETRY_LATER,
		  IMAP_CAUSE_UNAVAILABLE,
		  "maintenance" },
		{ "too many connections",
		  { .greeting = "* BYE Too many simultaneous connections\r\n" },
		  IMAP_PLAIN,
		  ERROR_REFUSED,
		  RETRY_LATER,
		  IMAP_CAUSE_THROTTLED,
		  "simultaneous" },
		{ "says BYE to the first command",
		  { .greeting = GREETING, .steps = { { "CAPABILITY", "* BYE shutting down\r\n" } } },
		  IMAP_PLAIN,
		  ERROR_NETWORK,
		  RETRY_LATER,
		  0,
		  "shutting down" },
		{ "answers with garbage",
		  { .greeting = GREETING, .steps = { { "CAPABILITY", "\x13\xf7\x9c garbage\r\n" } } },
		  IMAP_PLAIN,
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  0,
		  "does not speak IMAP" },
		{ "answers to another command",
		  { .greeting = GREETING, .steps = { { "CAPABILITY", "999 OK done\r\n" } } },
		  IMAP_PLAIN,
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  0,
		  "" },
		{ "no answer to the first command",
		  { .greeting = GREETING, .steps = { DIALOGUE_SILENCE } },
		  IMAP_PLAIN,
		  ERROR_TIMEOUT,
		  RETRY_LATER,
		  0,
		  "" },
		{ "no STARTTLS",
		  { .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_SILENCE } },
		  IMAP_STARTTLS,
		  ERROR_UNSUPPORTED,
		  RETRY_NEVER,
		  IMAP_CAUSE_NO_STARTTLS,
		  "STARTTLS" },
		{ "STARTTLS refused",
		  { .greeting = GREETING, .steps = { CAPS("STARTTLS"), { "STARTTLS", "@ NO not today\r\n" } } },
		  IMAP_STARTTLS,
		  ERROR_REFUSED,
		  RETRY_LATER,
		  0,
		  "not today" },
		{ "plaintext behind the OK to STARTTLS",
		  { .greeting = GREETING,
		    .steps = { CAPS("STARTTLS"),
			       { "STARTTLS", "@ OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] mine\r\n" },
			       DIALOGUE_SILENCE } },
		  IMAP_STARTTLS,
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  IMAP_CAUSE_INJECTION,
		  "plaintext" },
		{ "signed in ahead of STARTTLS",
		  { .greeting = "* PREAUTH hi\r\n", .steps = { DIALOGUE_SILENCE } },
		  IMAP_STARTTLS,
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  0,
		  "skips TLS" },
		{ "closes in place of TLS",
		  { .greeting = GREETING, .steps = { CAPS("STARTTLS"), { "STARTTLS", OK_TLS } } },
		  IMAP_STARTTLS,
		  ERROR_NETWORK,
		  RETRY_LATER,
		  0,
		  "" },
		{ "certificate expired",
		  { .tls = expired, .greeting = GREETING },
		  IMAP_TLS,
		  ERROR_TLS,
		  RETRY_NEVER,
		  TLS_EXPIRED,
		  "expired on" },
		{ "certificate for another name",
		  { .tls = wrong_name, .greeting = GREETING },
		  IMAP_TLS,
		  ERROR_TLS,
		  RETRY_NEVER,
		  TLS_WRONG_NAME,
		  "other.test" },
		{ "certificate of nobody known",
		  { .tls = self_signed, .greeting = GREETING },
		  IMAP_TLS,
		  ERROR_TLS,
		  RETRY_NEVER,
		  TLS_UNKNOWN_CA,
		  "" },
		{ "certificate expired, STARTTLS",
		  { .greeting = GREETING, .steps = { CAPS("STARTTLS"), { "STARTTLS", OK_TLS, expired } } },
		  IMAP_STARTTLS,
		  ERROR_TLS,
		  RETRY_NEVER,
		  TLS_EXPIRED,
		  "expired on" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_bad_open(&rows[i]);
}

static void drip(struct test_peer *peer)
{
	while (peer_send(peer, "x"))
		poll(NULL, 0, 20);
}

static void flood(struct test_peer *peer)
{
	char octets[4096];
	memset(octets, 'x', sizeof(octets));
	while (peer_send_octets(peer, octets, sizeof(octets)))
		;
}

static enum error_kind open_kind(test_script *script, const struct imap_params *like, struct error *err)
{
	struct test_server *server = test_server_new(false, script, NULL);
	struct imap_params params = *like;
	struct imap_session *session = NULL;
	params.port = test_server_port(server);
	assert_int_equal(imap_session_open(&session, &params, err), -1);
	test_server_free(server);
	return err->kind;
}

static void slow_drip_ends_at_the_deadline(void **state)
{
	struct imap_params params = dialogue_params(0);
	struct error err = ERROR_INIT;
	int64_t begun = clock_mono_ms();
	params.login_timeout_ms = 300;
	assert_int_equal(open_kind(drip, &params, &err), ERROR_TIMEOUT);
	assert_in_range(clock_mono_ms() - begun, 250, 4000);
}

static void endless_line_is_cut_off(void **state)
{
	struct imap_params params = dialogue_params(0);
	struct error err = ERROR_INIT;
	assert_int_equal(open_kind(flood, &params, &err), ERROR_LIMIT);
	assert_int_equal(err.retry, RETRY_LATER);
}

static void nobody_listening_is_a_network_error(void **state)
{
	struct imap_params params = dialogue_params(test_closed_port());
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(imap_session_open(&session, &params, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_int_equal(err.retry, RETRY_LATER);
}

static void a_descriptor_ends_every_wait(void **state)
{
	struct dialogue d = { .greeting = "", .steps = { DIALOGUE_SILENCE } };
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	int cancel = eventfd(1, EFD_CLOEXEC);
	f.params.cancel_fd = cancel;
	assert_int_equal(imap_session_open(&session, &f.params, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close(cancel);
	test_server_free(f.server);
}

/* --- signing in ------------------------------------------------------------------------------------------------- */

#define WITH(caps) "* OK [CAPABILITY IMAP4rev1 " caps "] ready\r\n"

struct login_row {
	const char *label;
	struct dialogue dialogue;
	enum error_kind kind;
	enum error_retry retry;
	int code;
	bool dead;
};

static void logins_end_as_the_server_says(void **state)
{
	struct login_row rows[] = {
		{ "LOGIN quotes",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN ana \"hunter2 \\\"\\\\\"", "@ OK in\r\n" }, CAPS("NEW"), DIALOGUE_SILENCE } } },
		{ "capabilities with the OK",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ OK [CAPABILITY IMAP4rev1 NEW] in\r\n" }, DIALOGUE_SILENCE } } },
		{ "AUTHENTICATE with initial response",
		  { .greeting = WITH("AUTH=PLAIN SASL-IR LOGINDISABLED"),
		    .steps = { { "AUTHENTICATE PLAIN AGFuYQBodW50ZXIyICJc", "@ OK in\r\n" },
			       CAPS("NEW"),
			       DIALOGUE_SILENCE } } },
		{ "AUTHENTICATE in two steps",
		  { .greeting = WITH("AUTH=PLAIN"),
		    .steps = { { "AUTHENTICATE PLAIN", "+ \r\n" },
			       { ">AGFuYQBodW50ZXIyICJc", "" },
			       { NULL, "@ OK [CAPABILITY NEW] in\r\n" },
			       DIALOGUE_SILENCE } } },
		{ "ID is said",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ OK [CAPABILITY IMAP4rev1 NEW ID] in\r\n" },
			       { "ID (\"name\" \"postproof\"", "* ID (\"name\" {3}\r\nx\"()\r\n@ OK\r\n" },
			       DIALOGUE_SILENCE } } },
		{ "ID is refused",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ OK [CAPABILITY IMAP4rev1 NEW ID] in\r\n" },
			       { "ID", "@ BAD what\r\n" },
			       DIALOGUE_SILENCE } } },
		{ "signed in already",
		  { .greeting = "* PREAUTH [CAPABILITY IMAP4rev1 NEW] hi\r\n", .steps = { DIALOGUE_SILENCE } } },
		{ "wrong password",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ NO [AUTHENTICATIONFAILED] wrong\r\n" }, DIALOGUE_SILENCE } },
		  ERROR_AUTH,
		  RETRY_NEVER,
		  IMAP_CAUSE_CREDENTIALS,
		  false },
		{ "wrong password, AUTHENTICATE",
		  { .greeting = WITH("AUTH=PLAIN SASL-IR"),
		    .steps = { { "AUTHENTICATE", "@ NO [AUTHENTICATIONFAILED] wrong\r\n" }, DIALOGUE_SILENCE } },
		  ERROR_AUTH,
		  RETRY_NEVER,
		  IMAP_CAUSE_CREDENTIALS,
		  false },
		{ "too many connections",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ NO [ALERT] Too many simultaneous connections\r\n" }, DIALOGUE_SILENCE } },
		  ERROR_REFUSED,
		  RETRY_LATER,
		  IMAP_CAUSE_THROTTLED,
		  false },
		{ "throttled with BAD",
		  { .greeting = WITH("IDLE"),
		    .steps = { { "LOGIN", "@ BAD Request is throttled. Suggested Backoff Time: 300 ms\r\n" },
			       DIALOGUE_SILENCE } },
		  ERROR_REFUSED,
		  RETRY_LATER,
		  IMAP_CAUSE_THROTTLED,
		  false },
		{ "no password without TLS",
		  { .greeting = WITH("LOGINDISABLED STARTTLS"), .steps = { DIALOGUE_SILENCE } },
		  ERROR_UNSUPPORTED,
		  RETRY_NEVER,
		  IMAP_CAUSE_PRIVACY,
		  false },
		{ "no passwords at all",
		  { .greeting = WITH("LOGINDISABLED AUTH=XOAUTH2"), .steps = { DIALOGUE_SILENCE } },
		  ERROR_UNSUPPORTED,
		  RETRY_NEVER,
		  IMAP_CAUSE_OAUTH,
		  false },
		{ "goodbye",
		  { .greeting = WITH("IDLE"), .steps = { { "LOGIN", "* BYE later\r\n" } } },
		  ERROR_NETWORK,
		  RETRY_LATER,
		  0,
		  true },
		{ "closes",
		  { .greeting = WITH("IDLE"), .steps = { { "LOGIN", "" } } },
		  ERROR_NETWORK,
		  RETRY_LATER,
		  0,
		  true },
		{ "a challenge that PLAIN does not have",
		  { .greeting = WITH("AUTH=PLAIN SASL-IR"),
		    .steps = { { "AUTHENTICATE", "+ cmVhbGx5\r\n" },
			       { ">*", "" },
			       { NULL, "@ NO [AUTHENTICATIONFAILED] cancelled\r\n" },
			       DIALOGUE_SILENCE } },
		  ERROR_AUTH,
		  RETRY_NEVER,
		  0,
		  false },
		{ "challenges without end",
		  { .greeting = WITH("AUTH=PLAIN SASL-IR"),
		    .steps = { { "AUTHENTICATE", "+ cmVhbGx5\r\n" }, { ">*", "+ again\r\n" }, DIALOGUE_SILENCE } },
		  ERROR_PROTOCOL,
		  RETRY_LATER,
		  0,
		  true },
		{ "silence",
		  { .greeting = WITH("IDLE"), .steps = { DIALOGUE_SILENCE } },
		  ERROR_TIMEOUT,
		  RETRY_LATER,
		  0,
		  true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct login_row *row = &rows[i];
		struct fixture f = serve(&row->dialogue, IMAP_PLAIN);
		struct secret *secret = password();
		struct imap_session *session = NULL;
		struct error err = ERROR_INIT;
		f.params.login_timeout_ms = row->kind == ERROR_TIMEOUT ? 300 : 5000;
		if (imap_session_open(&session, &f.params, &err) < 0)
			fail_msg("%s: %s", row->label, err.text);
		int result = imap_session_login(session, "ana", secret, &err);
		if (result == 0)
			err = (struct error)ERROR_INIT;
		if (err.kind != row->kind || err.retry != row->retry || (row->code && err.code != row->code) ||
		    (result < 0) != (row->kind != ERROR_NONE))
			fail_msg("%s: %s, retry %d, code %d: %s", row->label, error_kind_name(err.kind), (int)err.retry,
				 err.code, err.text);
		ROW_ASSERT(row->label, strstr(err.text, "hunter2") == NULL);
		ROW_ASSERT(row->label, imap_session_dead(session) == row->dead);
		ROW_ASSERT(row->label, row->kind != ERROR_NONE || imap_session_has(session, "NEW"));
		imap_session_free(session);
		secret_free(secret);
		test_server_free(f.server);
	}
}

static void note(void *user, char direction, struct span line)
{
	buf_addf(user, "%c %.*s\n", direction, SPAN_ARG(line));
}

static void passwords_do_not_reach_the_transcript(void **state)
{
	struct dialogue rows[] = {
		{ .greeting = WITH("IDLE"),
		  .steps = { { "LOGIN", "@ OK [CAPABILITY NEW] in\r\n" }, DIALOGUE_SILENCE } },
		{ .greeting = WITH("AUTH=PLAIN SASL-IR"),
		  .steps = { { "AUTHENTICATE", "@ OK [CAPABILITY NEW] in\r\n" }, DIALOGUE_SILENCE } },
		{ .greeting = WITH("AUTH=PLAIN"),
		  .steps = { { "AUTHENTICATE", "+ \r\n" },
			     { ">AGF", "" },
			     { NULL, "@ OK [CAPABILITY NEW] in\r\n" },
			     DIALOGUE_SILENCE } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf transcript = BUF_INIT(10000);
		struct fixture f = serve(&rows[i], IMAP_PLAIN);
		struct secret *secret = password();
		struct imap_session *session = NULL;
		struct error err = ERROR_INIT;
		f.params.transcript = note;
		f.params.transcript_user = &transcript;
		assert_int_equal(imap_session_open(&session, &f.params, &err), 0);
		assert_int_equal(imap_session_login(session, "ana", secret, &err), 0);
		assert_non_null(strstr(buf_str(&transcript), "* connected to 127.0.0.1:"));
		assert_non_null(strstr(buf_str(&transcript), "(user and password are not shown)"));
		assert_non_null(strstr(buf_str(&transcript), "< * OK [CAPABILITY"));
		assert_null(strstr(buf_str(&transcript), "hunter2"));
		assert_null(strstr(buf_str(&transcript), "AGFu"));
		assert_null(strstr(buf_str(&transcript), "> 1 LOGIN"));
		imap_session_free(session);
		secret_free(secret);
		test_server_free(f.server);
	}
}

static void user_name_cannot_hold_a_command(void **state)
{
	struct dialogue d = { .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_SILENCE } };
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct secret *secret = password();
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(imap_session_open(&session, &f.params, &err), 0);
	assert_int_equal(imap_session_login(session, "ana\r\n2 DELETE INBOX", secret, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	imap_session_free(session);
	secret_free(secret);
	test_server_free(f.server);
}

/* --- life and death --------------------------------------------------------------------------------------------- */

static void refusal_leaves_the_session_usable(void **state)
{
	struct dialogue d = {
		.greeting = DIALOGUE_GREETING,
		.steps = { DIALOGUE_LOGIN,
			   { "NOOP", "@ NO [UNAVAILABLE] busy\r\n" },
			   { "NOOP", "@ BAD what\r\n" },
			   { "NOOP", "* XYZZY nobody knows (\"\r\n* 3 FROBNICATED {9}\r\n@ OK done)\r\n@ OK\r\n" },
			   DIALOGUE_SILENCE }
	};
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct imap_session *session = dialogue_sign_in(&f.params);
	struct error err = ERROR_INIT;
	assert_int_equal(imap_session_noop(session, &err), -1);
	assert_int_equal(err.kind, ERROR_REFUSED);
	assert_int_equal(err.retry, RETRY_LATER);
	assert_int_equal(imap_session_noop(session, &err), -1);
	assert_int_equal(err.kind, ERROR_REFUSED);
	assert_int_equal(imap_session_noop(session, &err), 0);
	assert_false(imap_session_dead(session));
	imap_session_free(session);
	test_server_free(f.server);
}

static void dead_session_stays_dead_with_its_first_error(void **state)
{
	struct dialogue d = { .greeting = DIALOGUE_GREETING,
			      .steps = { DIALOGUE_LOGIN, { "NOOP", "* BYE gone fishing\r\n" } } };
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct imap_session *session = dialogue_sign_in(&f.params);
	for (int i = 0; i < 3; i++) {
		struct error err = ERROR_INIT;
		int64_t begun = clock_mono_ms();
		assert_int_equal(imap_session_noop(session, &err), -1);
		assert_int_equal(err.kind, ERROR_NETWORK);
		assert_non_null(strstr(err.text, "gone fishing"));
		assert_true(clock_mono_ms() - begun < 2000);
		assert_true(imap_session_dead(session));
	}
	imap_session_logout(session);
	imap_session_free(session);
	test_server_free(f.server);
}

static void commands_end_at_their_deadline_and_at_the_limit(void **state)
{
	for (int limited = 0; limited < 2; limited++) {
		struct dialogue d = { .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_LOGIN, DIALOGUE_SILENCE } };
		struct fixture f = serve(&d, IMAP_PLAIN);
		struct error err = ERROR_INIT;
		f.params.command_timeout_ms = limited ? 10000 : 200;
		struct imap_session *session = dialogue_sign_in(&f.params);
		if (limited)
			imap_session_set_limit(session, deadline_in(200));
		int64_t begun = clock_mono_ms();
		assert_int_equal(imap_session_noop(session, &err), -1);
		assert_int_equal(err.kind, ERROR_TIMEOUT);
		assert_in_range(clock_mono_ms() - begun, 150, 4000);
		assert_true(imap_session_dead(session));
		imap_session_free(session);
		test_server_free(f.server);
	}
}

static void logout_does_not_wait_for_long(void **state)
{
	struct dialogue rows[] = {
		{ .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_LOGIN, DIALOGUE_SILENCE } },
		{ .greeting = DIALOGUE_GREETING, .steps = { DIALOGUE_LOGIN, { "LOGOUT", "* BYE bye\r\n@ OK\r\n" } } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f = serve(&rows[i], IMAP_PLAIN);
		struct imap_session *session = dialogue_sign_in(&f.params);
		struct error err = ERROR_INIT;
		int64_t begun = clock_mono_ms();
		imap_session_logout(session);
		assert_true(clock_mono_ms() - begun < 4000);
		assert_true(imap_session_dead(session));
		assert_int_equal(imap_session_noop(session, &err), -1);
		imap_session_free(session);
		test_server_free(f.server);
	}
}

/* --- IDLE ------------------------------------------------------------------------------------------------------- */

static void idle_wakes_by_its_descriptor(void **state)
{
	struct dialogue d = { .greeting = DIALOGUE_GREETING,
			      .steps = { DIALOGUE_LOGIN,
					 DIALOGUE_EXAMINE("3"),
					 { "IDLE", "+ idling\r\n" },
					 { NULL, "* 4 EXISTS\r\n" },
					 { ">DONE", "* 5 EXISTS\r\n@ OK idle done\r\n" },
					 { "NOOP", "@ OK\r\n" },
					 DIALOGUE_SILENCE } };
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct imap_session *session = dialogue_examine(&f.params);
	struct error err = ERROR_INIT;
	assert_int_equal(imap_session_idle_start(session, &err), 0);
	struct pollfd fd = { .fd = imap_session_fd(session), .events = POLLIN };
	assert_true(imap_session_idle_pending(session) || poll(&fd, 1, 5000) == 1);
	assert_int_equal(imap_session_idle_done(session, &err), 0);
	assert_int_equal(imap_session_noop(session, &err), 0);
	imap_session_free(session);
	test_server_free(f.server);
}

struct idle_row {
	const char *label;
	const char *answer;
	int result;
	enum error_kind kind;
	bool dead, pending;
};

static void idle_begins_as_the_server_says(void **state)
{
	static const struct idle_row rows[] = {
		{ "agrees", "+ idling\r\n", 0, ERROR_NONE, false, false },
		{ "agrees without a word", "+\r\n", 0, ERROR_NONE, false, false },
		{ "something just before", "* 4 EXISTS\r\n+ idling\r\n", 0, ERROR_NONE, false, true },
		{ "something just behind", "+ idling\r\n* 4 EXISTS\r\n", 0, ERROR_NONE, false, true },
		{ "flags before", "* 1 FETCH (FLAGS (\\Seen))\r\n* OK Still here\r\n+ idling\r\n", 0, ERROR_NONE, false,
		  false },
		{ "unknown before", "* XYZZY\r\n+ idling\r\n", 0, ERROR_NONE, false, false },
		{ "something before and silence", "* 4 EXISTS\r\n", -1, ERROR_TIMEOUT, true, false },
		{ "no", "@ NO not here\r\n", -1, ERROR_REFUSED, false, false },
		{ "done at once", "@ OK done\r\n", -1, ERROR_PROTOCOL, true, false },
		{ "goodbye", "* BYE too many\r\n", -1, ERROR_NETWORK, true, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct idle_row *row = &rows[i];
		struct dialogue d = {
			.greeting = DIALOGUE_GREETING,
			.steps = { DIALOGUE_LOGIN, DIALOGUE_EXAMINE("3"), { "IDLE", row->answer }, DIALOGUE_SILENCE }
		};
		struct fixture f = serve(&d, IMAP_PLAIN);
		struct error err = ERROR_INIT;
		f.params.command_timeout_ms = row->kind == ERROR_TIMEOUT ? 300 : 5000;
		struct imap_session *session = dialogue_examine(&f.params);
		int result = imap_session_idle_start(session, &err);
		if (result != row->result || err.kind != row->kind)
			fail_msg("%s: %s: %s", row->label, error_kind_name(err.kind), err.text);
		ROW_ASSERT(row->label, imap_session_dead(session) == row->dead);
		ROW_ASSERT(row->label, result < 0 || imap_session_idle_pending(session) == row->pending);
		imap_session_free(session);
		test_server_free(f.server);
	}
}

static void goodbye_in_idle_is_told_when_it_ends(void **state)
{
	struct dialogue d = { .greeting = DIALOGUE_GREETING,
			      .steps = { DIALOGUE_LOGIN,
					 DIALOGUE_EXAMINE("3"),
					 { "IDLE", "+ idling\r\n" },
					 { NULL, "* BYE Autologout\r\n" } } };
	struct fixture f = serve(&d, IMAP_PLAIN);
	struct imap_session *session = dialogue_examine(&f.params);
	struct error err = ERROR_INIT;
	if (imap_session_idle_start(session, &err) == 0)
		assert_int_equal(imap_session_idle_done(session, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_true(imap_session_dead(session));
	imap_session_free(session);
	test_server_free(f.server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_opened_in_every_way),
		cmocka_unit_test(ipv6_is_spoken),
		cmocka_unit_test(servers_that_cannot_be_used_are_told_apart),
		cmocka_unit_test(slow_drip_ends_at_the_deadline),
		cmocka_unit_test(endless_line_is_cut_off),
		cmocka_unit_test(nobody_listening_is_a_network_error),
		cmocka_unit_test(a_descriptor_ends_every_wait),
		cmocka_unit_test(logins_end_as_the_server_says),
		cmocka_unit_test(passwords_do_not_reach_the_transcript),
		cmocka_unit_test(user_name_cannot_hold_a_command),
		cmocka_unit_test(refusal_leaves_the_session_usable),
		cmocka_unit_test(dead_session_stays_dead_with_its_first_error),
		cmocka_unit_test(commands_end_at_their_deadline_and_at_the_limit),
		cmocka_unit_test(logout_does_not_wait_for_long),
		cmocka_unit_test(idle_wakes_by_its_descriptor),
		cmocka_unit_test(idle_begins_as_the_server_says),
		cmocka_unit_test(goodbye_in_idle_is_told_when_it_ends),
	};
	return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
