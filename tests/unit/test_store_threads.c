/* One handle, many threads: meant for the thread sanitizer (--enable-sanitizers=thread) as well. */
#include "tests/unit/store_fixture.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 40 };

struct worker {
	pthread_t thread;
	struct store *store;
	int64_t run, probe;
	uint32_t number;
	struct error err;
	bool failed;
};

static void *work(void *argument)
{
	struct worker *w = argument;
	for (uint32_t i = 0; i < ROUNDS && !w->failed; i++) {
		const struct observation own = { .folder = "INBOX",
						 .found_by = "watch",
						 .uidvalidity = w->number,
						 .uid = i,
						 .header = "X: y\r\n\r\n",
						 .header_len = 8 };
		const struct observation shared = { .folder = "Spam", .found_by = "watch", .uid = i };
		struct run_facts facts = { 0 };
		w->failed = store_observation_add(w->store, w->probe, &own, &w->err) != 1 ||
			    store_observation_add(w->store, w->probe, &shared, &w->err) < 0 ||
			    store_run_load(w->store, w->run, STORE_LOAD_HEADERS, &facts, &w->err) != 1;
		run_facts_fini(&facts);
	}
	return NULL;
}

static void calls_of_many_threads_wait_for_each_other(void **state)
{
	struct error err = ERROR_INIT;
	struct probe probe = { 0 };
	struct worker workers[THREADS] = { 0 };
	int64_t run = 0;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .store = store, .run = run, .probe = id, .number = i };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	for (uint32_t i = 0; i < THREADS; i++)
		if (workers[i].failed)
			fail_msg("thread %u: %s", i, workers[i].err.text);
	assert_int_equal(store_probe_load(store, id, STORE_LOAD_HEADERS, &probe, &err), 1);
	assert_int_equal(probe.observation_count, THREADS * ROUNDS + ROUNDS);
	probe_fini(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = { STORE_TEST(calls_of_many_threads_wait_for_each_other) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
