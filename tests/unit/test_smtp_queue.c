/* Pacing and waiting, on a clock that the test turns. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/send/smtp_queue.h"
#include "harness/send/smtp_reopen.h"

static struct smtp_queue *make(int64_t pace_ms)
{
	struct error err = ERROR_INIT;
	struct smtp_queue *queue = NULL;
	assert_int_equal(smtp_queue_new(pace_ms, 5000, 120000, &queue, &err), 0);
	return queue;
}

static void add(struct smtp_queue *queue, int64_t id, const char *provider)
{
	struct error err = ERROR_INIT;
	const struct smtp_job job = { .id = id, .provider = provider, .mail_from = "a@b", .rcpt = "c@d" };
	assert_int_equal(smtp_queue_add(queue, &job, &err), 0);
}

static void assert_next(struct smtp_queue *queue, int64_t now_ms, int64_t id)
{
	struct smtp_task *task = smtp_queue_next(queue, now_ms);
	if ((task ? task->job.id : 0) != id)
		fail_msg("at %d: job %d instead of %d", (int)now_ms, task ? (int)task->job.id : 0, (int)id);
}

static void without_pace_jobs_come_as_they_were_added(void **state)
{
	struct smtp_queue *queue = make(0);
	for (int i = 1; i <= 3; i++)
		add(queue, i, "alpha");
	assert_int_equal(smtp_queue_ready(queue, 0, 10), 3);
	assert_int_equal(smtp_queue_ready(queue, 0, 2), 2);
	for (int i = 1; i <= 3; i++)
		assert_next(queue, 0, i);
	assert_next(queue, 0, 0);
	assert_true(smtp_queue_due(queue, 0) == INT64_MAX);
	assert_int_equal(smtp_queue_count(queue), 3);
	smtp_queue_free(queue);
}

static void pace_holds_for_each_provider_alone(void **state)
{
	struct smtp_queue *queue = make(100);
	add(queue, 1, "alpha");
	add(queue, 2, "alpha");
	add(queue, 3, "beta");
	assert_int_equal(smtp_queue_ready(queue, 1000, 10), 2);
	assert_next(queue, 1000, 1);
	assert_next(queue, 1010, 3);
	assert_next(queue, 1010, 0);
	assert_int_equal(smtp_queue_ready(queue, 1010, 10), 0);
	assert_int_equal(smtp_queue_due(queue, 1010), 1100);
	assert_next(queue, 1099, 0);
	assert_next(queue, 1100, 2);
	smtp_queue_free(queue);
}

/* In the order of due times and then of their adding, whatever came back in between, against a plain search. */
static void order_holds_among_many(void **state)
{
	enum { COUNT = 500, STEPS = 5000 };
	struct smtp_queue *queue = make(0);
	const struct smtp_result result = { .class = SMTP_TEMPORARY };
	int64_t due_ms[COUNT + 1] = { 0 };
	bool gone[COUNT + 1] = { false };
	unsigned random = 1;
	for (int i = 1; i <= COUNT; i++)
		add(queue, i, (const char *[]){ "alpha", "beta", "gamma" }[i % 3]);
	for (int64_t now_ms = 1; now_ms <= STEPS; now_ms++) {
		size_t best = 0, ready = 0;
		for (size_t i = 1; i <= COUNT; i++) {
			if (gone[i] || due_ms[i] > now_ms)
				continue;
			ready++;
			best = !best || due_ms[i] < due_ms[best] ? i : best;
		}
		assert_int_equal(smtp_queue_ready(queue, now_ms, COUNT), ready);
		assert_int_equal(smtp_queue_ready(queue, now_ms, 7), ready < 7 ? ready : 7);
		struct smtp_task *task = smtp_queue_next(queue, now_ms);
		assert_int_equal(task ? task->job.id : 0, best);
		random = random * 1103515245 + 12345;
		if (!task)
			continue;
		due_ms[best] = now_ms + (random >> 16) % 300;
		gone[best] = (random >> 24) % 16 == 0;
		if (gone[best])
			smtp_queue_done(queue, task);
		else
			smtp_queue_defer(queue, task, due_ms[best], &result);
	}
	smtp_queue_free(queue);
}

/* Half a million messages: what takes longer the more wait would take hours. */
static void a_large_queue_costs_no_more_for_each_message(void **state)
{
	enum { COUNT = 500 * 1000, ACTIVE = 16 };
	struct smtp_queue *queue = make(0);
	struct smtp_task *active[ACTIVE] = { NULL };
	for (int i = 1; i <= COUNT; i++)
		add(queue, i, "alpha");
	for (int i = 1; i <= COUNT; i++) {
		struct smtp_task **slot = &active[i % ACTIVE];
		if (*slot)
			smtp_queue_done(queue, *slot);
		assert_int_equal(smtp_queue_ready(queue, 0, ACTIVE), COUNT - i + 1 < ACTIVE ? COUNT - i + 1 : ACTIVE);
		*slot = smtp_queue_next(queue, 0);
		assert_int_equal((*slot)->job.id, i);
		assert_true(smtp_queue_due(queue, 0) == INT64_MAX);
	}
	assert_int_equal(smtp_queue_count(queue), ACTIVE);
	smtp_queue_free(queue);
}

static void waits_grow_to_their_cap(void **state)
{
	struct smtp_queue *queue = make(0);
	static const int64_t waits[] = { 5000, 15000, 45000, 120000, 120000 };
	int64_t now_ms = 1000;
	const struct smtp_result result = { .class = SMTP_TEMPORARY, .reply_code = 451, .text = "later", .peer = "p" };
	add(queue, 1, "alpha");
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		struct smtp_task *task = smtp_queue_next(queue, now_ms);
		assert_non_null(task);
		assert_int_equal(task->tries, i + 1);
		int64_t retry_ms = smtp_queue_retry_at(queue, task, now_ms);
		assert_int_equal(retry_ms - now_ms, waits[i]);
		smtp_queue_defer(queue, task, retry_ms, &result);
		assert_string_equal(task->last.text, "later");
		assert_null(task->last.enhanced);
		assert_next(queue, retry_ms - 1, 0);
		assert_int_equal(smtp_queue_due(queue, now_ms), retry_ms);
		now_ms = retry_ms;
	}
	smtp_queue_free(queue);
}

static void returned_job_is_due_at_once_and_no_try(void **state)
{
	struct smtp_queue *queue = make(0);
	add(queue, 1, "alpha");
	struct smtp_task *task = smtp_queue_next(queue, 10);
	smtp_queue_return(queue, task, 20);
	assert_ptr_equal(smtp_queue_next(queue, 20), task);
	assert_int_equal(task->tries, 1);
	smtp_queue_free(queue);
}

static void draining_gives_out_what_is_not_active(void **state)
{
	struct smtp_queue *queue = make(100);
	for (int i = 1; i <= 3; i++)
		add(queue, i, "alpha");
	struct smtp_task *active = smtp_queue_next(queue, 0);
	struct smtp_task *second = smtp_queue_drain(queue), *third = smtp_queue_drain(queue);
	assert_int_equal(second->job.id, 2);
	assert_int_equal(third->job.id, 3);
	assert_int_equal(third->tries, 0);
	assert_null(smtp_queue_drain(queue));
	smtp_queue_done(queue, second);
	smtp_queue_done(queue, active);
	assert_int_equal(smtp_queue_count(queue), 1);
	smtp_queue_done(queue, third);
	assert_int_equal(smtp_queue_count(queue), 0);
	smtp_queue_free(queue);
}

static void pauses_between_connections_grow_until_the_server_counts_as_unreachable(void **state)
{
	static const int64_t waits[] = { 1000, 2000, 4000, 8000, 10000 };
	struct smtp_reopen r = { 0 };
	int64_t now_ms = 50000;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		smtp_reopen_begun(&r, now_ms);
		/* 1, 3, 7 and 15 s behind the first are within 20 s; 25 s are not. */
		assert_int_equal(smtp_reopen_failed(&r, now_ms, false, 5000, 20000), i == 4);
		assert_int_equal(r.at_ms - now_ms, waits[i]);
		/* The others that were opened together with it. */
		assert_int_equal(smtp_reopen_failed(&r, now_ms + 1, false, 5000, 20000), i == 4);
		assert_int_equal(r.at_ms - now_ms, waits[i]);
		now_ms = r.at_ms;
	}
}

static void server_with_a_connection_that_is_up_is_not_unreachable(void **state)
{
	struct smtp_reopen r = { 0 };
	smtp_reopen_begun(&r, 1000);
	assert_false(smtp_reopen_failed(&r, 900000, true, 10, 100));
	assert_int_equal(r.at_ms, 900010);
	/* From here on it is counted anew. */
	assert_false(smtp_reopen_failed(&r, 900010, false, 10, 100));
	assert_int_equal(r.since_ms, 900010);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_pace_jobs_come_as_they_were_added),
		cmocka_unit_test(pace_holds_for_each_provider_alone),
		cmocka_unit_test(order_holds_among_many),
		cmocka_unit_test(a_large_queue_costs_no_more_for_each_message),
		cmocka_unit_test(waits_grow_to_their_cap),
		cmocka_unit_test(returned_job_is_due_at_once_and_no_try),
		cmocka_unit_test(draining_gives_out_what_is_not_active),
		cmocka_unit_test(pauses_between_connections_grow_until_the_server_counts_as_unreachable),
		cmocka_unit_test(server_with_a_connection_that_is_up_is_not_unreachable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
