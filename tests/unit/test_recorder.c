/* The steps of sending: committed together, in their order, and no handing over without a commit. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/thread.h"
#include "harness/run/recorder.h"
#include "store/run.h"
#include "tests/unit/run_bench.h"

enum { DEADLINE_MS = 60000 };

struct fixture {
	struct run_bench bench;
	int wake_fd;
	struct recorder *recorder;
	sqlite3 *other; /* a second connection, which can hold the store up */
};

static void wake(void *user)
{
	thread_wake(((struct fixture *)user)->wake_fd);
}

static int set_up(void **state)
{
	static const struct run_bench_seed seeds[BENCH_SEEDS_MAX] = { { .port = 1 }, { .port = 1 }, { .port = 1 } };
	struct error err = ERROR_INIT;
	struct fixture *f = calloc(1, sizeof(*f));
	bench_start(&f->bench, seeds, BENCH_SEEDS_MAX, 0);
	assert_int_equal(thread_wake_open(&f->wake_fd, &err), 0);
	assert_int_equal(recorder_start(&f->recorder, f->bench.ledger, wake, f, &err), 0);
	assert_int_equal(sqlite3_open(f->bench.store_path, &f->other), SQLITE_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	recorder_free(f->recorder);
	sqlite3_close(f->other);
	close(f->wake_fd);
	bench_end(&f->bench);
	free(f);
	return 0;
}

static void other_does(struct fixture *f, const char *sql)
{
	if (sqlite3_exec(f->other, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(f->other));
}

static void intend(struct fixture *f, size_t probe)
{
	struct error err = ERROR_INIT;
	const struct ledger_intent intent = {
		probe, { .at_ms = 1, .message_id = "m", .mail_from = "f", .composed = SPAN_LIT("x") }
	};
	assert_int_equal(ledger_intents(f->bench.ledger, &intent, 1, &err), 0);
}

static int hand_over(struct fixture *f, size_t probe, struct error *err)
{
	const struct send_event event = { .kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = 2, .attempt = 1 };
	return recorder_await(f->recorder, probe, &event, err);
}

static void reply(struct fixture *f, size_t probe, const char *text)
{
	struct error err = ERROR_INIT;
	char words[32]; /* gone when the step is committed */
	snprintf(words, sizeof(words), "%s", text);
	const struct send_event event = { .kind = SEND_REPLY,
					  .stage = STAGE_END_OF_DATA,
					  .at_ms = 3,
					  .attempt = 1,
					  .reply_code = 250,
					  .text = words };
	assert_int_equal(recorder_add(f->recorder, probe, &event, &err), 0);
	memset(words, '?', sizeof(words) - 1);
}

/* Until it is committed (0) or was not (-1). */
static int settle(struct fixture *f, size_t probe, struct error *err)
{
	struct pollfd fd = { .fd = f->wake_fd, .events = POLLIN };
	for (;;) {
		int result = hand_over(f, probe, err);
		if (result != 1)
			return result;
		assert_int_equal(poll(&fd, 1, DEADLINE_MS), 1);
		thread_wake_drain(f->wake_fd);
	}
}

static void facts_of(struct fixture *f, struct run_facts *facts)
{
	struct error err = ERROR_INIT;
	assert_int_equal(store_run_load(f->bench.store, f->bench.facts.summary.id, STORE_LOAD_ALL, facts, &err), 1);
}

static void handing_over_is_committed_before_it_may_happen(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	intend(f, 0);
	assert_int_equal(settle(f, 0, &err), 0);
	facts_of(f, &facts);
	assert_int_equal(facts.probes[0].send_count, 2);
	assert_int_equal(facts.probes[0].sends[1].kind, SEND_HANDING_OVER);
	assert_int_equal(ledger_send_state(f->bench.ledger, 0), SENDING_IN_DOUBT);
	run_facts_fini(&facts);
}

/* While the store is held up by another process, steps gather; none may happen, and then one commit has them all. */
static void what_waits_is_committed_together_and_in_order(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	for (size_t i = 0; i < 3; i++)
		intend(f, i);
	assert_int_equal(settle(f, 0, &err), 0);
	other_does(f, "BEGIN IMMEDIATE");
	reply(f, 0, "first");
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(hand_over(f, i, &err), 1);
	struct pollfd fd = { .fd = f->wake_fd, .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 100), 0);
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(hand_over(f, i, &err), 1);
	other_does(f, "ROLLBACK");
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(settle(f, i, &err), 0);
	reply(f, 2, "third");
	reply(f, 1, "second");
	assert_int_equal(recorder_finish(f->recorder, &err), 0);
	facts_of(f, &facts);
	static const char *const texts[] = { "first", "second", "third" };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(facts.probes[i].send_count, 3);
		assert_int_equal(facts.probes[i].sends[2].kind, SEND_REPLY);
		assert_string_equal(facts.probes[i].sends[2].text, texts[i]);
		assert_int_equal(ledger_send_state(f->bench.ledger, i), SENDING_ACCEPTED);
	}
	run_facts_fini(&facts);
}

/* The schema refuses the second handing over of a probe. */
static void failed_commit_lets_nothing_be_handed_over_and_keeps_replies(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT, first = ERROR_INIT;
	struct run_facts facts = { 0 };
	for (size_t i = 0; i < 3; i++)
		intend(f, i);
	assert_int_equal(settle(f, 0, &err), 0);
	assert_int_equal(settle(f, 1, &err), 0);
	other_does(f, "BEGIN IMMEDIATE");
	const struct send_event delay = {
		.kind = SEND_REPLY, .stage = STAGE_RCPT, .at_ms = 2, .attempt = 1, .reply_code = 451
	};
	assert_int_equal(recorder_add(f->recorder, 2, &delay, &err), 0); /* whatever the thread takes first */
	reply(f, 0, "taken");
	assert_int_equal(hand_over(f, 1, &err), 1); /* once more */
	assert_int_equal(hand_over(f, 2, &err), 1);
	other_does(f, "ROLLBACK");
	assert_int_equal(settle(f, 1, &first), -1);
	assert_int_equal(first.kind, ERROR_STORE);
	assert_int_equal(settle(f, 2, &err), -1);
	assert_int_equal(hand_over(f, 2, &err), -1); /* nor later */
	assert_string_equal(err.text, first.text);
	assert_int_equal(recorder_finish(f->recorder, &err), -1);
	assert_string_equal(err.text, first.text);
	facts_of(f, &facts);
	assert_int_equal(facts.probes[0].send_count, 3);
	assert_int_equal(facts.probes[1].send_count, 2);
	assert_int_equal(facts.probes[2].send_count, 2);
	run_facts_fini(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handing_over_is_committed_before_it_may_happen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_waits_is_committed_together_and_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failed_commit_lets_nothing_be_handed_over_and_keeps_replies, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
