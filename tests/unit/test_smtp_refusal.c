/* When it is of no use to go on: certificates, STARTTLS, credentials, servers that are away, silent or no mail servers
 * at all. By smtp_check, which says it before anything is sent, and by smtp_run. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/smtp_bench.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"

enum certificate { NO_TLS, GOOD, EXPIRED, OTHER_NAME, OTHER_CA };

struct row {
	const char *label;
	enum certificate certificate;
	bool implicit, plain_wanted /* no STARTTLS asked for */, no_auth;
	const char *user;
	struct smtp_rule rule;
	enum error_kind kind; /* NONE: all is well */
	const char *says;
};

static const struct row rows[] = {
	{ "STARTTLS and sign in", GOOD, .user = "service" },
	{ "implicit TLS and sign in", GOOD, .implicit = true, .user = "service" },
	{ "plaintext because the user says so", NO_TLS, .plain_wanted = true },
	{ "expired certificate", EXPIRED, .kind = ERROR_TLS, .says = "the certificate of 127.0.0.1 expired on " },
	{ "expired certificate, implicit", EXPIRED, .implicit = true, .kind = ERROR_TLS, .says = "expired on " },
	{ "certificate of another name", OTHER_NAME, .kind = ERROR_TLS,
	  .says = "the certificate is not for 127.0.0.1: it is for 192.0.2.1, other.test" },
	{ "unknown authority", OTHER_CA, .kind = ERROR_TLS, .says = "ca_file must name" },
	{ "STARTTLS not offered", NO_TLS, .kind = ERROR_TLS, .says = "the server does not offer STARTTLS" },
	{ "STARTTLS refused", GOOD, .rule = { "STARTTLS", 0, "502 5.5.1 no" }, .kind = ERROR_TLS,
	  .says = "502 5.5.1 no" },
	{ "octets behind the answer to STARTTLS", GOOD, .rule = { "STARTTLS", 0, "220 go\r\n250 injected\r\n" },
	  .kind = ERROR_PROTOCOL, .says = "" },
	{ "password refused", GOOD, .user = "service", .rule = { "AUTH", 0, "535 5.7.8 bad credentials" },
	  .kind = ERROR_AUTH, .says = "the server refuses user \"service\": 535 5.7.8 bad credentials" },
	{ "no AUTH offered", GOOD, .user = "service", .no_auth = true, .kind = ERROR_AUTH,
	  .says = "offers no authentication" },
	{ "greeted with 554", GOOD, .rule = { "GREETING", 0, "bye 554 5.3.2 go away" }, .kind = ERROR_REFUSED,
	  .says = "554 5.3.2 go away" },
	{ "not SMTP", GOOD, .rule = { "GREETING", 0, "bye SSH-2.0-OpenSSH_9.2" }, .kind = ERROR_PROTOCOL,
	  .says = "SSH-2.0" },
};

static SSL_CTX *server_tls(const struct bench *bench, enum certificate certificate)
{
	switch (certificate) {
	case GOOD:
		return test_ca_server(&bench->ca, "IP:127.0.0.1", 0);
	case EXPIRED:
		return test_ca_server(&bench->ca, "IP:127.0.0.1", 1);
	case OTHER_NAME:
		return test_ca_server(&bench->ca, "IP:192.0.2.1,DNS:other.test", 0);
	case OTHER_CA:
		return test_ca_server(&bench->other_ca, "IP:127.0.0.1", 0);
	case NO_TLS:
		break;
	}
	return NULL;
}

static void open_row(struct bench *bench, const struct row *row, SSL_CTX *tls)
{
	const struct smtp_server_params server = {
		.tls = tls, .implicit = row->implicit, .no_auth = row->no_auth, .rules = { row->rule }
	};
	bench->params = (struct smtp_params){ .user = row->user, .retry_ms = 10, .unreachable_ms = 300 };
	bench->must_tls = !row->plain_wanted;
	bench_open(bench, &server);
}

static void check_says_what_is_wrong(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct error err = ERROR_INIT;
		SSL_CTX *tls = server_tls(bench, row->certificate);
		open_row(bench, row, tls);
		int rc = smtp_check(bench->smtp, deadline_in(5000), &err);
		if ((rc < 0) != (row->kind != ERROR_NONE) || err.kind != row->kind ||
		    (row->says && !strstr(err.text, row->says)))
			fail_msg("%s: %d, %s: \"%s\"\n%s", row->label, rc, error_kind_name(err.kind), err.text,
				 buf_str(&bench->transcript));
		ROW_ASSERT(row->label, smtp_server_count(bench->server, "MAIL") == 0);
		ROW_ASSERT(row->label, rc < 0 || smtp_server_count(bench->server, "QUIT") == 1);
		bench_close(bench);
		SSL_CTX_free(tls);
	}
}

static void run_stops_at_once_and_leaves_every_message(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct error err = ERROR_INIT;
		SSL_CTX *tls = server_tls(bench, row->certificate);
		open_row(bench, row, tls);
		for (int id = 1; id <= 20; id++)
			bench_submit(bench, id, "alpha", MESSAGE);
		int rc = bench_run(bench, 60000, &err);
		if ((rc < 0) != (row->kind != ERROR_NONE) || err.kind != row->kind)
			fail_msg("%s: %d, %s: \"%s\"\n%s", row->label, rc, error_kind_name(err.kind), err.text,
				 buf_str(&bench->transcript));
		for (int id = 1; id <= 20; id++) {
			const struct bench_result *r = bench_final(bench, id);
			ROW_ASSERT(row->label, r->class == (rc < 0 ? SMTP_NOT_SENT : SMTP_ACCEPTED));
			ROW_ASSERT(row->label, r->attempt == (rc < 0 ? 0 : 1) && r->error.kind == row->kind);
		}
		bench_close(bench);
		SSL_CTX_free(tls);
	}
}

static void password_that_is_wrong_is_sent_once(void **state)
{
	struct bench *bench = *state;
	struct error err = ERROR_INIT;
	SSL_CTX *tls = server_tls(bench, GOOD);
	const struct row row = { .user = "service", .rule = { "AUTH", 0, "535 5.7.8 bad credentials" } };
	open_row(bench, &row, tls);
	for (int id = 1; id <= 50; id++)
		bench_submit(bench, id, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 60000, &err), -1);
	assert_int_equal(smtp_server_count(bench->server, "AUTH"), 1);
	bench_close(bench);
	SSL_CTX_free(tls);
}

/* Each is told from the other side's silence, or its octets. */
static void mix_up_of_tls_and_plaintext_names_the_setting(void **state)
{
	static const struct {
		const char *label, *scheme;
		bool implicit, must_tls;
		enum error_kind kind;
		const char *says;
	} mixes[] = {
		{ "STARTTLS where TLS is spoken", "smtp", true, true, ERROR_TIMEOUT, "write smtps:// in url" },
		{ "plaintext where TLS is spoken", "smtp", true, false, ERROR_TIMEOUT, "write smtps:// in url" },
		{ "TLS where STARTTLS is spoken", "smtps", false, true, ERROR_TLS, "write smtp:// in url" },
	};
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(mixes); i++) {
		SSL_CTX *tls = server_tls(bench, GOOD);
		const struct smtp_server_params server = { .tls = tls, .implicit = mixes[i].implicit };
		struct error err = ERROR_INIT;
		char url[64];
		bench->params = (struct smtp_params){ 0 };
		bench_open(bench, &server);
		snprintf(url, sizeof(url), "%s://127.0.0.1:%d", mixes[i].scheme, smtp_server_port(bench->server));
		const struct smtp_params params = { .url = url,
						    .helo = "client.test",
						    .starttls = mixes[i].must_tls ? SMTP_STARTTLS_REQUIRED
										  : SMTP_STARTTLS_NONE,
						    .ca_file = bench->ca_path,
						    .connect_ms = mixes[i].kind == ERROR_TIMEOUT ? 300 : 5000,
						    .cancel_fd = -1 };
		struct smtp *smtp = NULL;
		ROW_ASSERT(mixes[i].label, smtp_new(&params, &(struct smtp_events){ 0 }, &smtp, &err) == 0);
		ROW_ASSERT(mixes[i].label, smtp_check(smtp, deadline_in(10000), &err) < 0);
		if (err.kind != mixes[i].kind || !strstr(err.text, mixes[i].says))
			fail_msg("%s: %s: %s", mixes[i].label, error_kind_name(err.kind), err.text);
		smtp_free(smtp);
		bench_close(bench);
		SSL_CTX_free(tls);
	}
}

static void demand_to_sign_in_stops_the_run(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "MAIL", 0, "530 5.7.0 sign in first" } } };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 1 };
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	bench_submit(bench, 2, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 5000, &err), -1);
	assert_int_equal(err.kind, ERROR_AUTH);
	assert_non_null(strstr(err.text, "530 5.7.0 sign in first"));
	assert_int_equal(bench_final(bench, 1)->class, SMTP_NOT_SENT);
	assert_int_equal(bench_final(bench, 2)->attempt, 0);
	assert_int_equal(smtp_server_count(bench->server, "MAIL"), 1);
	bench_close(bench);
}

static void absent_server_is_tried_for_a_while(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .url = "smtp://127.0.0.1:1", .retry_ms = 20, .unreachable_ms = 200 };
	bench_open(bench, &server);
	assert_int_equal(smtp_check(bench->smtp, deadline_in(5000), &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	bench_submit(bench, 1, "alpha", MESSAGE);
	int64_t before_ms = clock_mono_ms();
	assert_int_equal(bench_run(bench, 60000, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "SMTP server unreachable"));
	/* Tries at 0, 20, 60 and 140 ms: the next would be too late. */
	assert_true(clock_mono_ms() - before_ms >= 140);
	assert_int_equal(bench_final(bench, 1)->class, SMTP_NOT_SENT);
	bench_close(bench);
}

static void silent_server_ends_in_time(void **state)
{
	struct bench *bench = *state;
	static const char *const verbs[] = { "GREETING", "EHLO", "STARTTLS", "AUTH" };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		struct error err = ERROR_INIT;
		SSL_CTX *tls = server_tls(bench, GOOD);
		const struct smtp_server_params server = { .tls = tls, .rules = { { verbs[i], 0, "hang" } } };
		bench->params =
		    (struct smtp_params){ .user = "service", .connect_ms = 300, .retry_ms = 10, .unreachable_ms = 100 };
		bench->must_tls = true;
		bench_open(bench, &server);
		int64_t before_ms = clock_mono_ms();
		ROW_ASSERT(verbs[i], smtp_check(bench->smtp, deadline_in(60000), &err) < 0);
		if (err.kind != ERROR_TIMEOUT)
			fail_msg("%s: %s: %s", verbs[i], error_kind_name(err.kind), err.text);
		bench_submit(bench, 1, "alpha", MESSAGE);
		ROW_ASSERT(verbs[i], bench_run(bench, 60000, &err) < 0 && err.kind == ERROR_TIMEOUT);
		ROW_ASSERT(verbs[i], bench_final(bench, 1)->class == SMTP_NOT_SENT);
		ROW_ASSERT(verbs[i], clock_mono_ms() - before_ms < 10000);
		bench_close(bench);
		SSL_CTX_free(tls);
	}
}

static void check_can_be_interrupted_and_has_a_deadline(void **state)
{
	struct bench *bench = *state;
	for (int interrupt = 0; interrupt <= 1; interrupt++) {
		const struct smtp_server_params server = { .rules = { { "GREETING", 0, "hang" } } };
		struct error err = ERROR_INIT;
		bench_open(bench, &server);
		if (interrupt)
			eventfd_write(bench->cancel_fd, 1);
		int64_t ms = interrupt ? 60000 : 100;
		assert_int_equal(smtp_check(bench->smtp, deadline_in(ms), &err), -1);
		assert_int_equal(err.kind, interrupt ? ERROR_INTERRUPTED : ERROR_TIMEOUT);
		bench_close(bench);
	}
}

static void server_that_hangs_up_after_its_greeting_is_unreachable(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "EHLO", 0, NULL } } };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .retry_ms = 10, .unreachable_ms = 200 };
	bench_open(bench, &server);
	for (int id = 1; id <= 8; id++)
		bench_submit(bench, id, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 60000, &err), -1);
	assert_non_null(strstr(err.text, "SMTP server unreachable"));
	/* With growing pauses, and one at a time once it failed: no storm of connections. */
	assert_in_range(smtp_server_count(bench->server, "EHLO"), 1, 12);
	bench_close(bench);
}

static void surplus_connections_that_are_refused_do_no_harm(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "GREETING", 1, "220 welcome" },
							      { "GREETING", 0, "bye 421 4.7.0 one is enough" } } };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 4, .retry_ms = 10, .unreachable_ms = 5000 };
	bench_open(bench, &server);
	for (int id = 1; id <= 8; id++)
		bench_submit(bench, id, "alpha", MESSAGE);
	if (bench_run(bench, 60000, &err) < 0)
		fail_msg("%s", err.text);
	for (int id = 1; id <= 8; id++)
		assert_int_equal(bench_final(bench, id)->class, SMTP_ACCEPTED);
	bench_close(bench);
}

static void transcript_hides_credentials_and_content(void **state)
{
	struct bench *bench = *state;
	struct error err = ERROR_INIT;
	SSL_CTX *tls = server_tls(bench, GOOD);
	const struct row row = { .user = "service" };
	open_row(bench, &row, tls);
	bench_submit(bench, 1, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 5000, &err), 0);
	const char *transcript = buf_str(&bench->transcript);
	/* base64 of "\0service\0correct horse", as AUTH PLAIN sends it */
	assert_null(strstr(transcript, "AHNlcnZpY2UAY29ycmVjdCBob3JzZQ"));
	assert_null(strstr(transcript, "correct horse"));
	assert_null(strstr(transcript, "hello"));
	static const char *const wanted[] = { "S: 220 fake.test ESMTP\n",
					      "C: EHLO client.test\n",
					      "C: STARTTLS\n",
					      "*: SSL connection using TLS1.3",
					      "C: AUTH PLAIN (credentials)\n",
					      "S: 235 2.7.0 signed in\n",
					      "C: MAIL FROM:<bounce@service.test> SIZE=21\n",
					      "C: RCPT TO:<seed1@alpha.test>\n",
					      "S: 354 go ahead\n",
					      "C: (message of 21 octets)\n",
					      "S: 250 2.0.0 Ok: queued as 4XyZ\n",
					      "C: QUIT\n" };
	const char *at = transcript;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		at = strstr(at, wanted[i]);
		if (!at)
			fail_msg("no \"%s\" in its place:\n%s", wanted[i], transcript);
	}
	bench_close(bench);
	SSL_CTX_free(tls);
}

static void bad_parameters_are_refused(void **state)
{
	static const struct {
		const char *label;
		struct smtp_params params;
	} bad[] = {
		{ "no url", {} },
		{ "http", { .url = "http://mx.test" } },
		{ "no host", { .url = "smtp://" } },
		{ "path", { .url = "smtp://mx.test/x" } },
		{ "user in the url", { .url = "smtp://user:password@mx.test" } },
		{ "line end in the url", { .url = "smtp://mx.test\r\n" } },
		{ "line end in helo", { .url = "smtp://mx.test", .helo = "a\r\nMAIL" } },
		{ "slash in helo", { .url = "smtp://mx.test", .helo = "a/b" } },
		{ "line end in the user", { .url = "smtp://mx.test", .user = "a\nb" } },
		{ "too many connections", { .url = "smtp://mx.test", .connections = 100000 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct smtp_events events = { 0 };
		struct error err = ERROR_INIT;
		struct smtp *smtp = NULL;
		ROW_ASSERT(bad[i].label, smtp_new(&bad[i].params, &events, &smtp, &err) < 0);
		ROW_ASSERT(bad[i].label, err.kind == ERROR_CONFIG && smtp == NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(check_says_what_is_wrong, bench_reset),
		cmocka_unit_test_teardown(run_stops_at_once_and_leaves_every_message, bench_reset),
		cmocka_unit_test_teardown(password_that_is_wrong_is_sent_once, bench_reset),
		cmocka_unit_test_teardown(mix_up_of_tls_and_plaintext_names_the_setting, bench_reset),
		cmocka_unit_test_teardown(demand_to_sign_in_stops_the_run, bench_reset),
		cmocka_unit_test_teardown(absent_server_is_tried_for_a_while, bench_reset),
		cmocka_unit_test_teardown(silent_server_ends_in_time, bench_reset),
		cmocka_unit_test_teardown(check_can_be_interrupted_and_has_a_deadline, bench_reset),
		cmocka_unit_test_teardown(server_that_hangs_up_after_its_greeting_is_unreachable, bench_reset),
		cmocka_unit_test_teardown(surplus_connections_that_are_refused_do_no_harm, bench_reset),
		cmocka_unit_test_teardown(transcript_hides_credentials_and_content, bench_reset),
		cmocka_unit_test(bad_parameters_are_refused),
	};
	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
