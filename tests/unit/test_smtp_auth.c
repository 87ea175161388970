/* Signing in to SMTP servers of every habit: by which mechanism, in which words it fails, and that nobody who looks on
 * sees with what. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/smtp_bench.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"
/* "\0service\0correct horse" and its parts, without the padding */
#define PLAIN_TEXT "AHNlcnZpY2UAY29ycmVjdCBob3JzZQ"
#define USER_TEXT  "c2VydmljZQ"
#define PASS_TEXT  "Y29ycmVjdCBob3JzZQ"

#define AUTH(names) "250-AUTH " names "\r\n"

static const struct auth_row {
	const char *label, *auth;
	enum sasl_mechanism mechanism;
	bool needs_initial;
	struct smtp_rule rules[3];
	const char *tried[3]; /* commands of AUTH, in this order; no others */
	enum error_kind kind; /* NONE: delivered */
	enum error_retry retry;
	const char *says;
} rows[] = {
	{ "PLAIN and LOGIN", AUTH("PLAIN LOGIN"), .tried = { "AUTH PLAIN " PLAIN_TEXT } },
	{ "Exchange without PLAIN", AUTH("GSSAPI NTLM LOGIN"), .tried = { "AUTH LOGIN" } },
	{ "DIGEST-MD5 first", AUTH("DIGEST-MD5 CRAM-MD5 LOGIN PLAIN"), .tried = { "AUTH PLAIN" } },
	{ "only behind an equals sign", "250-AUTH=LOGIN\r\n", .tried = { "AUTH LOGIN" } },
	{ "in two lines", AUTH("NTLM") "250-AUTH=PLAIN\r\n", .tried = { "AUTH PLAIN" } },
	{ "an initial response is needed", AUTH("PLAIN"), .needs_initial = true,
	  .tried = { "AUTH PLAIN " PLAIN_TEXT } },
	{ "LOGIN as is set", AUTH("PLAIN LOGIN"), .mechanism = SASL_LOGIN, .tried = { "AUTH LOGIN" } },
	{ "set, not offered", AUTH("PLAIN LOGIN"), .mechanism = SASL_SCRAM_SHA_256, .kind = ERROR_AUTH,
	  .retry = RETRY_NEVER, .says = "mechanism = scram-sha-256 is set" },
	{ "nothing in common", AUTH("GSSAPI NTLM"), .kind = ERROR_AUTH, .retry = RETRY_NEVER,
	  .says = "it offers GSSAPI NTLM; one of PLAIN, LOGIN, SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5 is needed" },
	{ "nothing at all", "", .kind = ERROR_AUTH, .retry = RETRY_NEVER, .says = "offers no authentication" },
	{ "several lines of a refusal", AUTH("PLAIN LOGIN"),
	  .rules = { { "AUTH", 0,
		       "534-5.7.9 Application-specific password required. Learn more at\r\n534 5.7.9 "
		       "https://support.example/?p=InvalidSecondFactor\r\n" } },
	  .tried = { "AUTH PLAIN" }, .kind = ERROR_AUTH, .retry = RETRY_NEVER,
	  .says = "534 5.7.9 Application-specific password required. Learn more at https://support.example" },
	{ "a password is not tried by two mechanisms", AUTH("PLAIN LOGIN SCRAM-SHA-256"),
	  .rules = { { "AUTH", 0, "535 5.7.8 wrong" } }, .tried = { "AUTH PLAIN" }, .kind = ERROR_AUTH,
	  .retry = RETRY_NEVER, .says = "535 5.7.8 wrong" },
	{ "a mechanism that is not taken gives way", AUTH("PLAIN LOGIN"),
	  .rules = { { "AUTH", 1, "504 5.5.4 Unrecognized authentication type" } },
	  .tried = { "AUTH PLAIN", "AUTH LOGIN" } },
	{ "but once only", AUTH("PLAIN LOGIN CRAM-MD5"), .rules = { { "AUTH", 0, "504 5.5.4 no" } },
	  .tried = { "AUTH PLAIN", "AUTH LOGIN" }, .kind = ERROR_AUTH, .retry = RETRY_NEVER, .says = "504 5.5.4 no" },
	{ "not now", AUTH("PLAIN"), .rules = { { "AUTH", 0, "454 4.7.0 Temporary authentication failure" } },
	  .tried = { "AUTH PLAIN" }, .kind = ERROR_REFUSED, .retry = RETRY_LATER, .says = "454 4.7.0 Temporary" },
	{ "no success", AUTH("PLAIN"), .rules = { { "AUTH", 0, "354 go ahead" } }, .tried = { "AUTH PLAIN" },
	  .kind = ERROR_PROTOCOL, .retry = RETRY_LATER, .says = "354" },
	{ "asks without end", AUTH("LOGIN"), .rules = { { "AUTH", 0, "334 more" } }, .tried = { "AUTH LOGIN" },
	  .kind = ERROR_PROTOCOL, .retry = RETRY_LATER, .says = "asks for more than LOGIN has" },
	{ "closes", AUTH("PLAIN"), .rules = { { "AUTH", 0, NULL } }, .tried = { "AUTH PLAIN" }, .kind = ERROR_NETWORK,
	  .retry = RETRY_LATER, .says = "closed" },
	{ "proves nothing", AUTH("SCRAM-SHA-256"), .rules = { { "CHALLENGE", 0, "235 2.7.0 welcome" } },
	  .tried = { "AUTH SCRAM-SHA-256 " }, .kind = ERROR_PROTOCOL, .retry = RETRY_NEVER,
	  .says = "without having proved" },
};

/* What is said in place of, or before, the challenge or the verdict. */
static const struct {
	const char *label, *auth, *verb, *reply;
} strays[] = {
	{ "an empty line", AUTH("LOGIN"), "CHALLENGE", "\r\n334 VXNlcm5hbWU6\r\n" },
	{ "a greeting", AUTH("LOGIN"), "CHALLENGE", "220 hello again\r\n334 VXNlcm5hbWU6\r\n" },
	{ "a word", AUTH("LOGIN"), "CHALLENGE", "NOTICE: look out\r\n334 VXNlcm5hbWU6\r\n" },
	{ "a challenge twice", AUTH("LOGIN"), "CHALLENGE", "334 VXNlcm5hbWU6\r\n334 VXNlcm5hbWU6\r\n" },
	{ "a challenge of two lines", AUTH("LOGIN"), "CHALLENGE", "334-VXNlcm5hbWU6\r\n334 VXNlcm5hbWU6\r\n" },
	{ "a line that goes on", AUTH("LOGIN"), "CHALLENGE", "334-\r\n334 \r\n" },
	{ "an empty line, LOGIN's verdict", AUTH("LOGIN"), "AUTH", "\r\n235 ok\r\n" },
	{ "a refusal and a success", AUTH("LOGIN"), "AUTH", "535 no\r\n235 ok\r\n" },
	{ "an empty line, PLAIN", AUTH("PLAIN"), "AUTH", "\r\n235 ok\r\n" },
	{ "a challenge, PLAIN", AUTH("PLAIN"), "AUTH", "334 \r\n" },
	{ "EHLO's reply", AUTH("PLAIN"), "AUTH", "250-AUTH LOGIN\r\n250 HELP\r\n" },
	{ "our own words", AUTH("PLAIN"), "AUTH", "502 what is AUTH PLAIN " PLAIN_TEXT "==?" },
	{ "our own words, in several lines", AUTH("PLAIN"), "AUTH",
	  "535-" PLAIN_TEXT "==\r\n535 " PLAIN_TEXT "==: wrong\r\n" },
	{ "our own word of LOGIN", AUTH("LOGIN"), "AUTH", "535 5.7.8 " PASS_TEXT "== is wrong" },
};

static void open_server(struct bench *bench, const struct smtp_server_params *server, enum sasl_mechanism mechanism)
{
	bench->params = (struct smtp_params){
		.user = "service", .mechanism = mechanism, .connections = 1, .retry_ms = 10, .unreachable_ms = 100
	};
	bench_open(bench, server);
}

static void check_hidden(const char *label, const struct bench *bench, const struct error *err)
{
	static const char *const secrets[] = { PLAIN_TEXT, USER_TEXT, PASS_TEXT, "correct horse" };
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (strstr(buf_str(&bench->transcript), secrets[i]) || strstr(err->text, secrets[i]))
			fail_msg("%s: %s is seen:\n%s%s", label, secrets[i], buf_str(&bench->transcript), err->text);
}

static void sign_in_takes_what_the_server_has(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct auth_row *row = &rows[i];
		struct smtp_server_params server = { .auth = row->auth, .needs_initial = row->needs_initial };
		struct smtp_seen seen;
		struct error err = ERROR_INIT;
		size_t tries = 0;
		memcpy(server.rules, row->rules, sizeof(row->rules));
		open_server(bench, &server, row->mechanism);
		int result = smtp_check(bench->smtp, deadline_in(5000), &err);
		if ((result < 0) != (row->kind != ERROR_NONE) || err.kind != row->kind ||
		    (result < 0 && (err.retry != row->retry || !strstr(err.text, row->says))))
			fail_msg("%s: %d, %s: \"%s\"\n%s", row->label, result, error_kind_name(err.kind), err.text,
				 buf_str(&bench->transcript));
		for (; tries < ARRAY_LEN(row->tried) && row->tried[tries]; tries++) {
			ROW_ASSERT(row->label, smtp_server_seen(bench->server, "AUTH", (int)tries + 1, &seen));
			ROW_ASSERT(row->label, strncmp(seen.text, row->tried[tries], strlen(row->tried[tries])) == 0);
		}
		ROW_ASSERT(row->label, smtp_server_count(bench->server, "AUTH") == (int)tries);
		check_hidden(row->label, bench, &err);
		bench_close(bench);
	}
}

static void nothing_of_it_is_seen_whatever_the_server_says(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(strays); i++) {
		const struct smtp_server_params server = { .auth = strays[i].auth,
							   .rules = { { strays[i].verb, 0, strays[i].reply } } };
		struct error err = ERROR_INIT;
		open_server(bench, &server, SASL_AUTO);
		smtp_check(bench->smtp, deadline_in(5000), &err);
		ROW_ASSERT(strays[i].label, smtp_server_count(bench->server, "AUTH") >= 1);
		ROW_ASSERT(strays[i].label, strstr(buf_str(&bench->transcript), "C: AUTH ") != NULL);
		check_hidden(strays[i].label, bench, &err);
		bench_close(bench);
	}
}

/* The password of these tests; its length decides whether the line of AUTH PLAIN fits. */
static char long_password[16 * 1024 + 1];

static int add_long_password(void *context, struct buf *secret, struct error *err)
{
	return buf_add_str(secret, long_password);
}

static void initial_response_goes_only_with_a_line_of_512_octets(void **state)
{
	/* AUTH PLAIN, a blank and CRLF are 13 octets: 499 are left, 496 of base64 are 372. */
	static const struct {
		const char *label;
		size_t octets; /* of "\0service\0" and the password */
		bool at_once;
	} lengths[] = { { "372", 372, true }, { "373", 373, false }, { "16 KiB", 16 * 1024 + 9, false } };
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		const struct smtp_server_params server = { .rules = { { "AUTH", 0, "235 welcome" } } };
		struct error err = ERROR_INIT;
		struct smtp_seen seen;
		memset(long_password, 'p', lengths[i].octets - 9);
		long_password[lengths[i].octets - 9] = '\0';
		bench->params =
		    (struct smtp_params){ .user = "service", .connections = 1, .password = add_long_password };
		bench_open(bench, &server);
		if (smtp_check(bench->smtp, deadline_in(5000), &err) < 0)
			fail_msg("%s: %s", lengths[i].label, err.text);
		ROW_ASSERT(lengths[i].label, smtp_server_seen(bench->server, "AUTH PLAIN", 1, &seen));
		ROW_ASSERT(lengths[i].label, (strlen(seen.text) > strlen("AUTH PLAIN")) == lengths[i].at_once);
		ROW_ASSERT(lengths[i].label, !strstr(buf_str(&bench->transcript), "cHBwcHBw"));
		bench_close(bench);
	}
}

static void messages_follow_on_the_same_connection(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .auth = AUTH("GSSAPI NTLM LOGIN") };
	struct error err = ERROR_INIT;
	open_server(bench, &server, SASL_AUTO);
	bench_submit(bench, 1, "alpha", MESSAGE);
	bench_submit(bench, 2, "beta", MESSAGE);
	if (bench_run(bench, 10000, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(bench_final(bench, 1)->class, SMTP_ACCEPTED);
	assert_int_equal(bench_final(bench, 2)->class, SMTP_ACCEPTED);
	assert_int_equal(smtp_server_count(bench->server, "AUTH"), 1);
	check_hidden("messages", bench, &err);
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(sign_in_takes_what_the_server_has, bench_reset),
		cmocka_unit_test_teardown(nothing_of_it_is_seen_whatever_the_server_says, bench_reset),
		cmocka_unit_test_teardown(initial_response_goes_only_with_a_line_of_512_octets, bench_reset),
		cmocka_unit_test_teardown(messages_follow_on_the_same_connection, bench_reset),
	};
	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
