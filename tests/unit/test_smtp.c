/* Sending against a scripted server: what each reply and each failure leads to. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "tests/unit/smtp_bench.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"

static void assert_has(const char *label, const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s: \"%s\" does not say \"%s\"", label, text, part);
}

static void run_to_the_end(struct bench *bench, int64_t deadline_ms)
{
	struct error err = ERROR_INIT;
	if (bench_run(bench, deadline_ms, &err) < 0)
		fail_msg("%s\n%s", err.text, buf_str(&bench->transcript));
}

struct one {
	const char *label;
	struct smtp_rule rules[2];
	enum smtp_class class;
	enum send_stage stage;
	int attempts, reply_code;
	const char *enhanced, *text; /* text: of the reply, or a part of the error */
	int contents;                /* that the server took */
};

/* One message to one seed, retried quickly, for at most 20 s. */
static const struct one ones[] = {
	{ "plain acceptance", {}, SMTP_ACCEPTED, STAGE_END_OF_DATA, 1, 250, "2.0.0", "Ok: queued as 4XyZ", 1 },
	{ "multi-line acceptance",
	  { { "END", 0, "250-2.6.0 taken\r\n250-2.6.0 as\r\n250 2.6.0 QUEUE-ID\r\n" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  1,
	  250,
	  "2.6.0",
	  "taken as QUEUE-ID",
	  1 },
	{ "greylisted once at RCPT",
	  { { "RCPT", 1, "451 4.7.1 later" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "451 once after the end of data",
	  { { "END", 1, "451 4.3.0 later" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  2 },
	{ "421 once at MAIL",
	  { { "MAIL", 1, "bye 421 4.3.2 closing" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "421 once at DATA",
	  { { "DATA", 1, "bye 421 4.3.2 closing" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "421 once after the end of data",
	  { { "END", 1, "bye 421 4.3.2 closing" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  2 },
	{ "421 once as greeting",
	  { { "GREETING", 1, "bye 421 4.3.2 too busy" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  1,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "closed once after MAIL",
	  { { "MAIL", 1, NULL } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "closed once after EHLO",
	  { { "EHLO", 1, NULL } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  1,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "550 at MAIL", { { "MAIL", 0, "550 5.7.1 no" } }, SMTP_PERMANENT, STAGE_MAIL, 1, 550, "5.7.1", "no", 0 },
	{ "550 at RCPT",
	  { { "RCPT", 0, "550-5.1.1 no such\r\n550 5.1.1 user\r\n" } },
	  SMTP_PERMANENT,
	  STAGE_RCPT,
	  1,
	  550,
	  "5.1.1",
	  "no such user",
	  0 },
	{ "554 at DATA", { { "DATA", 0, "554 no" } }, SMTP_PERMANENT, STAGE_DATA, 1, 554, "-", "no", 0 },
	{ "550 after the end of data",
	  { { "END", 0, "550 5.7.26 unauthenticated" } },
	  SMTP_PERMANENT,
	  STAGE_END_OF_DATA,
	  1,
	  550,
	  "5.7.26",
	  "unauthenticated",
	  1 },
	{ "closed after the end of data",
	  { { "END", 1, NULL } },
	  SMTP_IN_DOUBT,
	  STAGE_END_OF_DATA,
	  1,
	  0,
	  "-",
	  "handed over, but no reply",
	  1 },
	{ "closed within the reply to the end of data",
	  { { "END", 1, "bye 250-2.0.0 taken\r\n" } },
	  SMTP_IN_DOUBT,
	  STAGE_END_OF_DATA,
	  1,
	  0,
	  "-",
	  "handed over, but no reply",
	  1 },
	{ "garbage after the end of data",
	  { { "END", 1, "what?" } },
	  SMTP_IN_DOUBT,
	  STAGE_END_OF_DATA,
	  1,
	  0,
	  "-",
	  "handed over, but no reply",
	  1 },
	{ "354 after the end of data",
	  { { "END", 1, "354 go on" } },
	  SMTP_IN_DOUBT,
	  STAGE_END_OF_DATA,
	  1,
	  354,
	  "-",
	  "go on",
	  1 },
	{ "no answer after the end of data",
	  { { "END", 1, "hang" } },
	  SMTP_IN_DOUBT,
	  STAGE_END_OF_DATA,
	  1,
	  0,
	  "-",
	  "did not answer the end of data in time",
	  1 },
	{ "no answer to RCPT once",
	  { { "RCPT", 1, "hang" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "two replies to MAIL once",
	  { { "MAIL", 1, "250 ok\r\n250 ok\r\n" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "acceptance before the content",
	  { { "DATA", 1, "354 go\r\n250 2.0.0 taken\r\n" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
	{ "250 instead of 354 once",
	  { { "DATA", 1, "250 fine" } },
	  SMTP_ACCEPTED,
	  STAGE_END_OF_DATA,
	  2,
	  250,
	  "2.0.0",
	  "Ok: queued as 4XyZ",
	  1 },
};

static void every_ending_of_an_attempt_is_classed(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
		const struct one *row = &ones[i];
		struct smtp_server_params server = { 0 };
		struct error err = ERROR_INIT;
		memcpy(server.rules, row->rules, sizeof(row->rules));
		bench->params = (struct smtp_params){ .retry_ms = 10, .command_ms = 1000, .data_ms = 1000 };
		bench_open(bench, &server);
		bench_submit(bench, 7, "alpha", MESSAGE);
		if (bench_run(bench, 20000, &err) < 0)
			fail_msg("%s: %s", row->label, err.text);
		const struct bench_result *r = bench_final(bench, 7);
		if (r->class != row->class || r->stage != row->stage || r->attempt != row->attempts ||
		    r->reply_code != row->reply_code || strcmp(r->enhanced, row->enhanced) != 0)
			fail_msg("%s: class %d stage %d attempt %d code %d enhanced %s: %s", row->label, r->class,
				 r->stage, r->attempt, r->reply_code, r->enhanced, r->error.text);
		if (row->reply_code)
			assert_string_equal(r->text, row->text);
		else
			assert_has(row->label, r->error.text, row->text);
		if (smtp_server_count(bench->server, "END") != row->contents)
			fail_msg("%s: handed over %d times", row->label, smtp_server_count(bench->server, "END"));
		if (bench->end_was_early || (r->handed_over_ms == 0) != (row->stage != STAGE_END_OF_DATA))
			fail_msg("%s: the handing over was not told right", row->label);
		assert_string_equal(r->tls_version, "-");
		bench_close(bench);
	}
}

static void temporary_failure_lasts_until_the_deadline(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "RCPT", 0, "450 4.2.0 greylisted" } } };
	bench->params = (struct smtp_params){ .retry_ms = 50, .retry_max_ms = 100 };
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	run_to_the_end(bench, 400);
	const struct bench_result *r = bench_final(bench, 1);
	assert_int_equal(r->class, SMTP_TEMPORARY);
	assert_int_equal(r->reply_code, 450);
	assert_true(r->attempt >= 2 && r->attempt <= 5);
	assert_false(r->repeated);
	assert_int_equal(r->retry_ms, 0);
	assert_true(bench->results[0].retry_ms > 0);
	assert_int_equal(bench->handed_over, 0);
	bench_close(bench);
}

static void interrupted_wait_for_the_next_attempt_repeats_the_last_result(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "RCPT", 1, "450 4.2.0 greylisted" } } };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 1, .retry_ms = 60000 };
	bench->cancel_at = 1;
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	bench_submit(bench, 2, "beta", MESSAGE);
	assert_int_equal(bench_run(bench, 300 * 1000, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	const struct bench_result *r = bench_final(bench, 1);
	assert_int_equal(r->class, SMTP_TEMPORARY);
	assert_int_equal(r->attempt, 1);
	assert_true(r->repeated);
	assert_string_equal(r->text, "greylisted");
	/* The other was being handed over: its reply was waited for. */
	assert_int_equal(bench_final(bench, 2)->class, SMTP_ACCEPTED);
	bench_close(bench);
}

static void interruption_leaves_what_was_not_begun(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "END", 1, "hang" } } };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 1, .grace_ms = 100 };
	bench->cancel_at = 1;
	bench_open(bench, &server);
	for (int i = 1; i <= 3; i++)
		bench_submit(bench, i, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 300 * 1000, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	assert_int_equal(bench_final(bench, 1)->class, SMTP_IN_DOUBT);
	for (int i = 2; i <= 3; i++) {
		assert_int_equal(bench_final(bench, i)->class, SMTP_NOT_SENT);
		assert_int_equal(bench_final(bench, i)->attempt, 0);
	}
	assert_int_equal(smtp_server_count(bench->server, "MAIL"), 1);
	bench_close(bench);
}

static void refused_commit_means_nothing_is_accepted(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 1, .retry_ms = 10 };
	bench->refuse_commit = true;
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	bench_submit(bench, 2, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 5000, &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
	assert_has("commit", err.text, "disk full");
	const struct bench_result *r = bench_final(bench, 1);
	assert_int_equal(r->class, SMTP_NOT_SENT);
	assert_int_equal(r->stage, STAGE_DATA);
	assert_int_equal(bench_final(bench, 2)->attempt, 0);
	assert_true(smtp_server_wait(bench->server, "CLOSED", 1));
	assert_int_equal(smtp_server_count(bench->server, "CONTENT"), 1);
	assert_int_equal(smtp_server_count(bench->server, "END"), 0);
	assert_int_equal(bench->handed_over, 1);
	bench_close(bench);
}

static void one_connection_carries_many_messages(void **state)
{
	struct bench *bench = *state;
	SSL_CTX *tls = test_ca_server(&bench->ca, "IP:127.0.0.1", 0);
	const struct smtp_server_params server = { .tls = tls, .rules = { { "RCPT", 2, "550 5.1.1 unknown" } } };
	bench->params = (struct smtp_params){ .connections = 1, .user = "service" };
	bench_open(bench, &server);
	for (int i = 1; i <= 5; i++)
		bench_submit(bench, i, "alpha", MESSAGE);
	run_to_the_end(bench, 10000);
	for (int i = 1; i <= 5; i++) {
		const struct bench_result *r = bench_final(bench, i);
		assert_int_equal(r->class, i == 2 ? SMTP_PERMANENT : SMTP_ACCEPTED);
		/* The facts of the handshake belong to every message of the connection. */
		assert_string_equal(r->tls_version, "TLSv1.3");
		assert_true(strlen(r->tls_cipher) > 5);
		assert_has("peer", r->peer, "127.0.0.1:");
	}
	assert_int_equal(smtp_server_count(bench->server, "AUTH"), 1);
	assert_int_equal(smtp_server_count(bench->server, "RSET"), 1);
	assert_int_equal(smtp_server_count(bench->server, "QUIT"), 1);
	bench_close(bench);
	SSL_CTX_free(tls);
}

static void connection_that_went_while_idle_costs_no_attempt(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *label;
		struct smtp_rule rule;
	} rows[] = {
		{ "closed at the second MAIL", { "MAIL", 2, NULL } },
		{ "421 at the second MAIL", { "MAIL", 2, "bye 421 4.7.0 too many messages" } },
		{ "421 behind the first acceptance", { "END", 1, "bye 250 2.0.0 Ok\r\n421 4.4.2 idle\r\n" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct smtp_server_params server = { .rules = { rows[i].rule } };
		struct error err = ERROR_INIT;
		bench->params = (struct smtp_params){ .connections = 1, .retry_ms = 60000 };
		bench_open(bench, &server);
		bench_submit(bench, 1, "alpha", MESSAGE);
		bench_submit(bench, 2, "alpha", MESSAGE);
		if (bench_run(bench, 5000, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		for (int id = 1; id <= 2; id++) {
			const struct bench_result *r = bench_final(bench, id);
			if (r->class != SMTP_ACCEPTED || r->attempt != 1)
				fail_msg("%s: %d: class %d attempt %d: %s", rows[i].label, id, r->class, r->attempt,
					 r->error.text);
		}
		bench_close(bench);
	}
}

/* Each reply to an end of data comes only when all four are there. */
static void slow_replies_are_waited_for_side_by_side(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { .rules = { { "END", 0, "250 2.0.0 Ok", .await = 4 } } };
	bench->params = (struct smtp_params){ .connections = 4 };
	bench_open(bench, &server);
	for (int i = 1; i <= 4; i++)
		bench_submit(bench, i, "alpha", MESSAGE);
	run_to_the_end(bench, 20000);
	for (int i = 1; i <= 4; i++)
		assert_int_equal(bench_final(bench, i)->class, SMTP_ACCEPTED);
	bench_close(bench);
}

static void messages_to_one_provider_keep_the_pace(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	bench->params = (struct smtp_params){ .connections = 4, .pace_ms = 150 };
	bench_open(bench, &server);
	for (int i = 1; i <= 3; i++) {
		bench_submit(bench, i, "alpha", MESSAGE);
		bench_submit(bench, 10 + i, "beta", MESSAGE);
	}
	int64_t start_ms = clock_mono_ms();
	run_to_the_end(bench, 10000);
	for (int i = 0; i < 6; i++) {
		char text[64];
		struct smtp_seen seen;
		snprintf(text, sizeof(text), "RCPT TO:<seed%d@%s.test>", i / 2 + 1 + i % 2 * 10,
			 i % 2 ? "beta" : "alpha");
		assert_true(smtp_server_seen(bench->server, text, 1, &seen));
		if (seen.at_ms - start_ms < i / 2 * 150)
			fail_msg("%s: after %d ms already", text, (int)(seen.at_ms - start_ms));
	}
	bench_close(bench);
}

static void content_arrives_as_it_was(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *label, *message, *wire;
	} rows[] = {
		{ "dot at the start", ".\r\nx\r\n", "..\r\nx\r\n" },
		{ "dot lines", "a: b\r\n\r\n.x\r\n..\r\n.\r\nx.\r\n", "a: b\r\n\r\n..x\r\n...\r\n..\r\nx.\r\n" },
		{ "no line end at the end", "a: b\r\n\r\nx", "a: b\r\n\r\nx\r\n" },
		{ "end of data within", "a: b\r\n\r\n\r\n.\r\nMAIL FROM:<x>\r\n",
		  "a: b\r\n\r\n\r\n..\r\nMAIL FROM:<x>\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct smtp_server_params server = { 0 };
		bench_open(bench, &server);
		bench_submit(bench, 1, "alpha", rows[i].message);
		run_to_the_end(bench, 5000);
		assert_int_equal(bench_final(bench, 1)->class, SMTP_ACCEPTED);
		char *content = smtp_server_content(bench->server, 1);
		if (!content || strcmp(content, rows[i].wire) != 0)
			fail_msg("%s: %s", rows[i].label, content ? content : "nothing came");
		free(content);
		bench_close(bench);
	}
}

static void large_message_goes_over_tls_whole(void **state)
{
	struct bench *bench = *state;
	SSL_CTX *tls = test_ca_server(&bench->ca, "IP:::1", 0);
	const struct smtp_server_params server = { .tls = tls, .implicit = true, .ipv6 = true };
	struct buf message = BUF_INIT(4 << 20);
	buf_add_str(&message, "Subject: large\r\n\r\n");
	for (int i = 0; i < 40000; i++)
		buf_addf(&message, "line %d of a message that does not fit into any socket buffer\r\n", i);
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", buf_str(&message));
	run_to_the_end(bench, 20000);
	const struct bench_result *r = bench_final(bench, 1);
	assert_int_equal(r->class, SMTP_ACCEPTED);
	assert_has("peer", r->peer, "[::1]:");
	assert_false(bench->end_was_early);
	char *content = smtp_server_content(bench->server, 1);
	assert_non_null(content);
	assert_string_equal(content, buf_str(&message));
	free(content);
	struct smtp_seen seen;
	char size[32];
	snprintf(size, sizeof(size), "SIZE=%zu", message.len);
	assert_true(smtp_server_seen(bench->server, "MAIL", 1, &seen));
	assert_has("size", seen.text, size);
	buf_fini(&message);
	bench_close(bench);
	SSL_CTX_free(tls);
}

static void connection_cut_within_the_content_is_tried_again(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *label;
		struct smtp_rule rule;
	} rows[] = {
		{ "closed", { "CONTENT", 1, NULL } },
		{ "451 out of turn", { "CONTENT", 1, "451 4.3.1 disk full" } },
	};
	struct buf message = BUF_INIT(16 << 20);
	buf_add_str(&message, "Subject: large\r\n\r\n");
	for (int i = 0; i < 200000; i++)
		buf_add_str(&message, "more than the socket buffers take\r\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct smtp_server_params server = { .rules = { rows[i].rule } };
		bench->params = (struct smtp_params){ .retry_ms = 10 };
		bench_open(bench, &server);
		bench_submit(bench, 1, "alpha", buf_str(&message));
		run_to_the_end(bench, 20000);
		const struct bench_result *r = bench_final(bench, 1);
		if (r->class != SMTP_ACCEPTED || r->attempt != 2 || bench->handed_over != 1)
			fail_msg("%s: class %d attempt %d: %s", rows[i].label, r->class, r->attempt, r->error.text);
		assert_int_equal(bench->results[0].stage, STAGE_DATA);
		bench_close(bench);
	}
	buf_fini(&message);
}

static void utf8_address_needs_smtputf8(void **state)
{
	struct bench *bench = *state;
	for (int without = 0; without <= 1; without++) {
		const struct smtp_server_params server = { .no_utf8 = without };
		struct error err = ERROR_INIT;
		bench_open(bench, &server);
		const struct smtp_job job = { .id = 1,
					      .provider = "alpha",
					      .mail_from = "",
					      .rcpt = "j\xc3\xb6rg@alpha.test",
					      .message = span_of(MESSAGE) };
		assert_int_equal(smtp_submit(bench->smtp, &job, &err), 0);
		bench_submit(bench, 2, "alpha", MESSAGE);
		run_to_the_end(bench, 5000);
		const struct bench_result *r = bench_final(bench, 1);
		if (without) {
			assert_int_equal(r->class, SMTP_NOT_SENT);
			assert_has("utf8", r->error.text, "SMTPUTF8");
		} else {
			assert_int_equal(r->class, SMTP_ACCEPTED);
			assert_int_equal(smtp_server_count(bench->server, "MAIL FROM:<> SIZE=21 SMTPUTF8"), 1);
		}
		assert_int_equal(bench_final(bench, 2)->class, SMTP_ACCEPTED);
		assert_int_equal(smtp_server_count(bench->server, "MAIL FROM:<bounce@service.test> SIZE=21"), 1);
		bench_close(bench);
	}
}

static size_t open_descriptors(void)
{
	size_t count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void connections_are_closed_whatever_state_they_are_in(void **state)
{
	struct bench *bench = *state;
	static const char *const verbs[] = { "GREETING", "MAIL", "DATA", "END", "QUIT" };
	size_t before = 0;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		const struct smtp_server_params server = { .rules = { { verbs[i], 0, "hang" } } };
		struct error err = ERROR_INIT;
		bench->params = (struct smtp_params){ .connections = 3, .grace_ms = 50, .retry_ms = 10000 };
		bench_open(bench, &server);
		for (int id = 1; id <= 3; id++)
			bench_submit(bench, id, "alpha", MESSAGE);
		ROW_ASSERT(verbs[i], bench_run(bench, 200, &err) == 0);
		bench_close(bench);
		if (i == 0)
			before = open_descriptors();
		ROW_ASSERT(verbs[i], open_descriptors() == before);
	}
}

static void address_that_breaks_the_dialogue_is_refused(void **state)
{
	struct bench *bench = *state;
	static const char *const bad[] = { "",      "a@b>\r\nRCPT TO:<c@d", "a@b\nDATA", "a b@c", "<a@b>", "a@b\x7f",
					   "\xff@b" };
	const struct smtp_server_params server = { 0 };
	bench_open(bench, &server);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = ERROR_INIT;
		struct smtp_job job = { .provider = "p", .mail_from = "a@b", .rcpt = bad[i] };
		if (smtp_submit(bench->smtp, &job, &err) == 0 || err.kind != ERROR_CONFIG)
			fail_msg("row %zu was taken as recipient", i);
		job = (struct smtp_job){ .provider = "p", .mail_from = bad[i], .rcpt = "a@b" };
		if (i > 0 && (smtp_submit(bench->smtp, &job, &err) == 0 || err.kind != ERROR_CONFIG))
			fail_msg("row %zu was taken as sender", i);
	}
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_ending_of_an_attempt_is_classed, bench_reset),
		cmocka_unit_test_teardown(temporary_failure_lasts_until_the_deadline, bench_reset),
		cmocka_unit_test_teardown(interrupted_wait_for_the_next_attempt_repeats_the_last_result, bench_reset),
		cmocka_unit_test_teardown(interruption_leaves_what_was_not_begun, bench_reset),
		cmocka_unit_test_teardown(refused_commit_means_nothing_is_accepted, bench_reset),
		cmocka_unit_test_teardown(one_connection_carries_many_messages, bench_reset),
		cmocka_unit_test_teardown(connection_that_went_while_idle_costs_no_attempt, bench_reset),
		cmocka_unit_test_teardown(slow_replies_are_waited_for_side_by_side, bench_reset),
		cmocka_unit_test_teardown(messages_to_one_provider_keep_the_pace, bench_reset),
		cmocka_unit_test_teardown(content_arrives_as_it_was, bench_reset),
		cmocka_unit_test_teardown(large_message_goes_over_tls_whole, bench_reset),
		cmocka_unit_test_teardown(connection_cut_within_the_content_is_tried_again, bench_reset),
		cmocka_unit_test_teardown(utf8_address_needs_smtputf8, bench_reset),
		cmocka_unit_test_teardown(connections_are_closed_whatever_state_they_are_in, bench_reset),
		cmocka_unit_test_teardown(address_that_breaks_the_dialogue_is_refused, bench_reset),
	};
	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
