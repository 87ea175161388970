/* The way to the service's server: what [smtp] makes of it, a trial before anything is planned, and a single message.
 */
#include "harness/connect/connect_smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/smtp_server.h"
#include "tests/unit/unit.h"

enum { LOG_MAX = 16384, SEND_MS = 60000 };

static struct config config;
static struct connect_context context;
static struct smtp_server *server;
static char url[64], helo[] = "client.test";
static int log_fd;

static void open_server(const struct smtp_server_params *params)
{
	server = smtp_server_start(params);
	assert_non_null(server);
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", smtp_server_port(server));
}

static void close_server(void)
{
	smtp_server_stop(server);
	server = NULL;
}

static int set_up(void **state)
{
	struct error err = ERROR_INIT;
	config = (struct config){ .smtp = { .url = url,
					    .helo = helo,
					    .starttls = SMTP_STARTTLS_NONE,
					    .connections = 1,
					    .timeout_ms = 5000,
					    .retry_ms = 50 } };
	config.smtp.user = strdup("service");
	assert_int_equal(secret_ref_new(SPAN_LIT("env:POSTPROOF_TEST_PASSWORD"), NULL, &config.smtp.password, &err), 0);
	setenv("POSTPROOF_TEST_PASSWORD", "correct horse", 1);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(log_fd >= 0);
	context = (struct connect_context){ .config = &config, .cancel_fd = -1 };
	assert_int_equal(log_new(log_fd, LOG_LEVEL_TRANSCRIPTS, &context.log, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	free(config.smtp.user);
	secret_ref_free(config.smtp.password);
	log_free(context.log);
	close(log_fd);
	if (server)
		close_server();
	return 0;
}

static void read_log(char out[LOG_MAX])
{
	ssize_t len = pread(log_fd, out, LOG_MAX - 1, 0);
	assert_true(len >= 0);
	out[len] = '\0';
}

static void server_that_lets_us_in_is_told(void **state)
{
	char said[LOG_MAX], lets_in[128];
	struct error err = ERROR_INIT;
	open_server(&(struct smtp_server_params){ 0 });
	if (connect_smtp_check(&context, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(smtp_server_count(server, "EHLO client.test"), 1);
	assert_int_equal(smtp_server_count(server, "AUTH PLAIN"), 1);
	assert_int_equal(smtp_server_count(server, "MAIL"), 0);
	read_log(said);
	snprintf(lets_in, sizeof(lets_in), "smtp: %s lets us in", url);
	assert_non_null(strstr(said, lets_in));
	assert_non_null(strstr(said, "smtp 0 > EHLO client.test"));
	assert_non_null(strstr(said, "smtp 0 < 250"));
	assert_null(strstr(said, "correct horse"));
}

static void what_keeps_us_out_names_its_setting(void **state)
{
	static const struct {
		const char *label;
		struct smtp_rule rule;
		bool no_secret, no_starttls;
		enum error_kind kind;
		const char *begins; /* `URL` stands for the server's */
	} rows[] = {
		{ "wrong password",
		  { "AUTH", 0, "535 5.7.8 no", 0 },
		  false,
		  false,
		  ERROR_AUTH,
		  "[smtp] user and password: " },
		{ "greeted with 5xx",
		  { "GREETING", 0, "554 go away", 0 },
		  false,
		  false,
		  ERROR_REFUSED,
		  "[smtp] url smtp://127.0.0.1" },
		{ "greeted with 4xx",
		  { "GREETING", 0, "421 not now", 0 },
		  false,
		  false,
		  ERROR_REFUSED,
		  "[smtp] url smtp://127.0.0.1" },
		{ "closes at EHLO",
		  { "EHLO", 0, NULL, 0 },
		  false,
		  false,
		  ERROR_NETWORK,
		  "[smtp] url smtp://127.0.0.1" },
		{ "secret that cannot be had", { 0 }, true, false, ERROR_CONFIG, "[smtp] password: " },
		{ "no STARTTLS", { 0 }, false, true, ERROR_TLS, "[smtp] url smtp://127.0.0.1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		setenv("POSTPROOF_TEST_PASSWORD", rows[i].no_secret ? "" : "correct horse", 1);
		config.smtp.starttls = rows[i].no_starttls ? SMTP_STARTTLS_REQUIRED : SMTP_STARTTLS_NONE;
		open_server(&(struct smtp_server_params){ .rules = { rows[i].rule } });
		ROW_ASSERT(rows[i].label, connect_smtp_check(&context, &err) == -1);
		ROW_ASSERT_STRING(rows[i].label, error_kind_name(err.kind), error_kind_name(rows[i].kind));
		if (strncmp(err.text, rows[i].begins, strlen(rows[i].begins)) != 0)
			fail_msg("%s: \"%s\" does not begin with \"%s\"", rows[i].label, err.text, rows[i].begins);
		close_server();
	}
}

static void trial_ends_when_it_is_cancelled(void **state)
{
	struct error err = ERROR_INIT;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	open_server(&(struct smtp_server_params){ .rules = { { "GREETING", 0, "hang", 0 } } });
	context.cancel_fd = fds[0];
	assert_int_equal(connect_smtp_check(&context, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close(fds[0]);
	close(fds[1]);
}

static void server_without_a_user_is_not_asked_to_sign_one_in(void **state)
{
	struct error err = ERROR_INIT;
	free(config.smtp.user);
	secret_ref_free(config.smtp.password);
	config.smtp.user = NULL;
	config.smtp.password = NULL;
	open_server(&(struct smtp_server_params){ .no_auth = true });
	if (connect_smtp_check(&context, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(smtp_server_count(server, "AUTH"), 0);
}

static void a_single_message_ends_as_the_server_says(void **state)
{
	static const struct {
		const char *label;
		struct smtp_rule rule;
		enum error_kind kind; /* ERROR_NONE: it was taken */
		int contents;         /* that reached their end */
		const char *says;
	} rows[] = {
		{ "taken", { 0 }, ERROR_NONE, 1, "" },
		{ "taken after a temporary refusal", { "RCPT", 1, "451 4.7.1 later", 0 }, ERROR_NONE, 1, "" },
		{ "recipient refused",
		  { "RCPT", 0, "550 5.1.1 no such mailbox", 0 },
		  ERROR_REFUSED,
		  0,
		  "no such mailbox" },
		{ "refused at its end", { "END", 0, "554 5.7.1 spam", 0 }, ERROR_REFUSED, 1, "spam" },
		{ "no reply to its end", { "END", 0, NULL, 0 }, ERROR_NETWORK, 1, "handed over, but no reply" },
		{ "sign-in refused", { "AUTH", 0, "535 5.7.8 no", 0 }, ERROR_AUTH, 0, "service" },
	};
	const struct smtp_job job = { .provider = "",
				      .mail_from = "b@service.test",
				      .rcpt = "office@service.test",
				      .message = SPAN_LIT("Subject: a\r\n\r\nHello.\r\n") };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		open_server(&(struct smtp_server_params){ .rules = { rows[i].rule } });
		int result = connect_smtp_send(&context, &job, deadline_in(SEND_MS), &err);
		ROW_ASSERT(rows[i].label, (result == 0) == (rows[i].kind == ERROR_NONE));
		ROW_ASSERT_STRING(rows[i].label, error_kind_name(err.kind), error_kind_name(rows[i].kind));
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].label, err.text, rows[i].says);
		ROW_ASSERT(rows[i].label, smtp_server_count(server, "END") == rows[i].contents);
		close_server();
	}
}

#define SMTP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SMTP_TEST(server_that_lets_us_in_is_told),
		SMTP_TEST(what_keeps_us_out_names_its_setting),
		SMTP_TEST(trial_ends_when_it_is_cancelled),
		SMTP_TEST(server_without_a_user_is_not_asked_to_sign_one_in),
		SMTP_TEST(a_single_message_ends_as_the_server_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
