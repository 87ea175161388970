/* The worker pool: every job runs, and no group takes more than its share. */
#include "harness/watch/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

/* The linker puts this in the place of pthread_create (--wrap). */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument);

static size_t threads_left = SIZE_MAX; /* that the machine has */

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *argument)
{
	if (threads_left == 0)
		return EAGAIN;
	threads_left--;
	return __real_pthread_create(thread, attr, fn, argument);
}

/* A gate that jobs wait at, so that a test knows how many are inside. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t change;
	size_t inside, passed, most;
	bool open;
};

#define GATE_INIT                                                                                                      \
	{                                                                                                              \
		.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER                                  \
	}

static void pass_gate(void *argument)
{
	struct gate *gate = argument;
	pthread_mutex_lock(&gate->lock);
	gate->inside++;
	if (gate->inside > gate->most)
		gate->most = gate->inside;
	pthread_cond_broadcast(&gate->change);
	while (!gate->open)
		pthread_cond_wait(&gate->change, &gate->lock);
	gate->inside--;
	gate->passed++;
	pthread_cond_broadcast(&gate->change);
	pthread_mutex_unlock(&gate->lock);
}

static void wait_inside(struct gate *gate, size_t count)
{
	pthread_mutex_lock(&gate->lock);
	while (gate->inside < count)
		pthread_cond_wait(&gate->change, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->change);
	pthread_mutex_unlock(&gate->lock);
}

static void group_holds_no_more_than_its_share(void **state)
{
	(void)state;
	const struct {
		const char *label;
		size_t threads, groups, share;
	} rows[] = {
		{ "one group has all", 4, 1, 4 },
		{ "two groups have half", 8, 2, 4 },
		{ "more groups than threads have one each", 2, 5, 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct pool *pool = NULL;
		struct gate gate = GATE_INIT;
		assert_int_equal(pool_new(&pool, rows[i].threads, rows[i].groups, &err), 0);
		for (size_t k = 0; k < 3 * rows[i].share; k++)
			assert_int_equal(pool_submit(pool, 0, pass_gate, &gate, &err), 0);
		wait_inside(&gate, rows[i].share);
		open_gate(&gate);
		pool_free(pool);
		if (gate.most != rows[i].share || gate.passed != 3 * rows[i].share)
			fail_msg("%s: %zu at once and %zu in all", rows[i].label, gate.most, gate.passed);
	}
}

static void stalled_group_delays_no_other(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct pool *pool = NULL;
	struct gate stalled = GATE_INIT, free_way = GATE_INIT;
	assert_int_equal(pool_new(&pool, 4, 2, &err), 0);
	for (size_t k = 0; k < 50; k++)
		assert_int_equal(pool_submit(pool, 0, pass_gate, &stalled, &err), 0);
	wait_inside(&stalled, 2);
	free_way.open = true;
	for (size_t k = 0; k < 50; k++)
		assert_int_equal(pool_submit(pool, 1, pass_gate, &free_way, &err), 0);
	/* All of the other group passes while the first group still stands at its gate. */
	pthread_mutex_lock(&free_way.lock);
	while (free_way.passed < 50)
		pthread_cond_wait(&free_way.change, &free_way.lock);
	pthread_mutex_unlock(&free_way.lock);
	pthread_mutex_lock(&stalled.lock);
	assert_int_equal(stalled.passed, 0);
	assert_int_equal(stalled.most, 2);
	pthread_mutex_unlock(&stalled.lock);
	open_gate(&stalled);
	pool_free(pool);
	assert_int_equal(stalled.passed, 50);
}

struct order {
	pthread_mutex_t lock;
	size_t next;
	bool wrong;
};

struct ordered_job {
	struct order *order;
	size_t number;
};

static void take_turn(void *argument)
{
	struct ordered_job *job = argument;
	pthread_mutex_lock(&job->order->lock);
	job->order->wrong = job->order->wrong || job->order->next != job->number;
	job->order->next++;
	pthread_mutex_unlock(&job->order->lock);
}

static void jobs_of_a_group_start_in_order(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct pool *pool = NULL;
	struct order order = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct ordered_job jobs[200];
	assert_int_equal(pool_new(&pool, 1, 1, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = (struct ordered_job){ &order, i };
		assert_int_equal(pool_submit(pool, 0, take_turn, &jobs[i], &err), 0);
	}
	pool_free(pool);
	assert_false(order.wrong);
	assert_int_equal(order.next, ARRAY_LEN(jobs));
}

/* The workers that did start are ended, or this would not end. */
static void a_machine_without_threads_has_no_pool(void **state)
{
	static const struct {
		const char *text;
		size_t has, wants;
	} rows[] = {
		{ "worker 1 of 1: cannot start a thread", 0, 1 },
		{ "worker 1 of 8: cannot start a thread", 0, 8 },
		{ "worker 4 of 8: cannot start a thread", 3, 8 },
		{ "worker 64 of 64: cannot start a thread", 63, 64 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pool *pool = NULL;
		struct error err = ERROR_INIT;
		threads_left = rows[i].has;
		int result = pool_new(&pool, rows[i].wants, 2, &err);
		threads_left = SIZE_MAX;
		ROW_ASSERT(rows[i].text, result == -1 && !pool);
		ROW_ASSERT(rows[i].text, err.kind == ERROR_ENVIRONMENT && err.code == EAGAIN);
		ROW_ASSERT(rows[i].text, strncmp(err.text, rows[i].text, strlen(rows[i].text)) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(group_holds_no_more_than_its_share),
		cmocka_unit_test(stalled_group_delays_no_other),
		cmocka_unit_test(jobs_of_a_group_start_in_order),
		cmocka_unit_test(a_machine_without_threads_has_no_pool),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
