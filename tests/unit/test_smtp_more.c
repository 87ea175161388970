/* Messages that come while others are being sent. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/smtp_bench.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"

/* The second message comes when the first is settled and the client waits, from another thread; it is the last. */
static struct {
	pthread_t thread;
	struct bench *bench;
	atomic_bool first_is_there, second_may_come;
} late;

static void *bring_second(void *unused)
{
	(void)unused;
	while (!atomic_load(&late.first_is_there))
		usleep(1000);
	usleep(50000);
	atomic_store(&late.second_may_come, true);
	smtp_wake(late.bench->smtp);
	return NULL;
}

static int more_later(void *context, struct smtp *smtp, struct error *err)
{
	struct bench *bench = context;
	if (bench->result_count == 1)
		atomic_store(&late.first_is_there, true);
	if (!atomic_load(&late.second_may_come))
		return 1;
	bench_submit(bench, 2, "beta", MESSAGE);
	return 0;
}

static void messages_may_come_while_others_are_sent(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	bench->params = (struct smtp_params){ .connections = 1 };
	bench->more = more_later;
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	late.bench = bench;
	assert_int_equal(pthread_create(&late.thread, NULL, bring_second, NULL), 0);
	if (bench_run(bench, 10000, &err) < 0)
		fail_msg("%s", err.text);
	pthread_join(late.thread, NULL);
	assert_int_equal(bench_final(bench, 1)->class, SMTP_ACCEPTED);
	assert_int_equal(bench_final(bench, 2)->class, SMTP_ACCEPTED);
	assert_int_equal(smtp_server_count(bench->server, "EHLO"), 1);
	bench_close(bench);
}

static int no_more(void *context, struct smtp *smtp, struct error *err)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 7, "that cannot be sent");
}

static void failure_to_bring_more_ends_the_sending(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	bench->more = no_more;
	bench_open(bench, &server);
	bench_submit(bench, 1, "alpha", MESSAGE);
	assert_int_equal(bench_run(bench, 10000, &err), -1);
	assert_int_equal(err.code, 7);
	assert_int_equal(bench_final(bench, 1)->class, SMTP_NOT_SENT);
	bench_close(bench);
}

static int more_for_ever(void *context, struct smtp *smtp, struct error *err)
{
	return 1;
}

static void waiting_for_more_ends_when_it_shall(void **state)
{
	struct bench *bench = *state;
	const struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	bench->more = more_for_ever;
	bench_open(bench, &server);
	assert_int_equal(bench_run(bench, 100, &err), 0);
	eventfd_write(bench->cancel_fd, 1);
	assert_int_equal(bench_run(bench, 60000, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	bench_close(bench);
}

enum { TOGETHER = 4 };

static void bench_open_together(struct bench *bench)
{
	static const struct smtp_server_params server = { 0 };
	bench->params = (struct smtp_params){ .connections = TOGETHER, .grace_ms = 5000 };
	bench->together = TOGETHER;
	bench_open(bench, &server);
	for (int i = 1; i <= TOGETHER; i++)
		bench_submit(bench, i, "alpha", MESSAGE);
}

/* While a handing over is being committed the other connections go on, to theirs. */
static void handings_over_wait_together(void **state)
{
	struct bench *bench = *state;
	struct error err = ERROR_INIT;
	bench_open_together(bench);
	if (bench_run(bench, 10000, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(bench->handed_over, TOGETHER);
	assert_false(bench->end_was_early);
	for (int i = 1; i <= TOGETHER; i++)
		assert_int_equal(bench_final(bench, i)->class, SMTP_ACCEPTED);
	assert_int_equal(smtp_server_count(bench->server, "EHLO"), TOGETHER);
	bench_close(bench);
}

/* It may be committed already: to call it unsent would be as wrong as to send it twice. */
static void what_is_being_committed_is_handed_over_in_spite_of_an_interruption(void **state)
{
	struct bench *bench = *state;
	struct error err = ERROR_INIT;
	bench->cancel_at = TOGETHER - 1;
	bench_open_together(bench);
	bench->together = TOGETHER - 1;
	assert_int_equal(bench_run(bench, 10000, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	int accepted = 0;
	for (int i = 1; i <= TOGETHER; i++)
		accepted += bench_final(bench, i)->class == SMTP_ACCEPTED;
	assert_int_equal(accepted, bench->handed_over);
	assert_int_equal(smtp_server_count(bench->server, "END"), bench->handed_over);
	bench_close(bench);
}

static void refused_commit_refuses_all_that_wait_for_it(void **state)
{
	struct bench *bench = *state;
	struct error err = ERROR_INIT;
	bench->refuse_commit = true;
	bench_open_together(bench);
	assert_int_equal(bench_run(bench, 10000, &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
	for (int i = 1; i <= TOGETHER; i++)
		assert_int_equal(bench_final(bench, i)->class, SMTP_NOT_SENT);
	assert_true(smtp_server_wait(bench->server, "CLOSED", TOGETHER));
	assert_int_equal(smtp_server_count(bench->server, "END"), 0);
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(messages_may_come_while_others_are_sent, bench_reset),
		cmocka_unit_test_teardown(handings_over_wait_together, bench_reset),
		cmocka_unit_test_teardown(what_is_being_committed_is_handed_over_in_spite_of_an_interruption,
					  bench_reset),
		cmocka_unit_test_teardown(refused_commit_refuses_all_that_wait_for_it, bench_reset),
		cmocka_unit_test_teardown(failure_to_bring_more_ends_the_sending, bench_reset),
		cmocka_unit_test_teardown(waiting_for_more_ends_when_it_shall, bench_reset),
	};
	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
