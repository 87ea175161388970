/* The ledger of a run, over a real store: what is settled, awaited and known. */
#include "harness/ledger/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "store/run.h"
#include "tests/unit/unit.h"

enum { SETTLE_MS = 1000 };

struct fixture {
	char folder[64], path[96];
	struct store *store;
	struct run_facts facts;
	struct ledger *ledger;
	size_t told[PROGRESS_TICK + 1];
	struct progress_counts last;
};

static void on_event(void *user, const struct progress_event *e, const struct progress_counts *counts, size_t count)
{
	struct fixture *f = user;
	f->told[e->kind]++;
	if (count)
		f->last = counts[0];
}

static void reload(struct fixture *f)
{
	struct error err = ERROR_INIT;
	ledger_free(f->ledger);
	run_facts_fini(&f->facts);
	assert_int_equal(store_run_load(f->store, 1, STORE_LOAD_ALL, &f->facts, &err), 1);
	const struct ledger_params params = { f->store, &f->facts, SETTLE_MS, { on_event, f }, NULL };
	assert_int_equal(ledger_new(&f->ledger, &params, &err), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	char label[] = "test", seed[] = "a@alpha.test", other[] = "b@alpha.test", provider[] = "alpha", message[] = "m";
	char first[] = "00000000000000000000000000000001", second[] = "00000000000000000000000000000002";
	struct probe probes[] = {
		{ .seed = seed, .provider = provider, .message = message, .tag = second },
		{ .seed = other, .provider = provider, .message = message, .tag = first },
	};
	const struct run_facts plan = { .summary = { .label = label, .created_ms = 1 },
					.probes = probes,
					.probe_count = 2 };
	int64_t id;
	snprintf(f->folder, sizeof(f->folder), "/tmp/postproof-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/store.sqlite", f->folder);
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_run_create(f->store, &plan, &id, &err), 0);
	assert_int_equal(id, 1);
	reload(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[160];
	ledger_free(f->ledger);
	run_facts_fini(&f->facts);
	store_close(f->store);
	unlink(f->path);
	snprintf(command, sizeof(command), "%s-wal", f->path);
	unlink(command);
	snprintf(command, sizeof(command), "%s-shm", f->path);
	unlink(command);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void intend(struct fixture *f, size_t probe)
{
	struct error err = ERROR_INIT;
	const struct ledger_intent intent = {
		probe, { .at_ms = 2, .message_id = "pp.x@y", .mail_from = "b@y", .composed = SPAN_LIT("octets\r\n") }
	};
	assert_int_equal(ledger_intents(f->ledger, &intent, 1, &err), 0);
}

static void send(struct fixture *f, size_t probe, enum send_event_kind kind, int code)
{
	struct error err = ERROR_INIT;
	const struct send_event event = {
		.kind = kind, .stage = STAGE_END_OF_DATA, .at_ms = 3, .attempt = 1, .reply_code = code
	};
	assert_int_equal(ledger_send_events(f->ledger, &(struct ledger_step){ probe, &event }, 1, &err), 0);
}

static void see(struct fixture *f, size_t probe, const char *folder, enum folder_role role, uint32_t uid, bool gone)
{
	struct error err = ERROR_INIT;
	const struct observation o = { .at_ms = 4,
				       .gone = gone,
				       .folder = fact_lend(folder),
				       .role = role,
				       .uidvalidity = 7,
				       .uid = uid,
				       .found_by = fact_lend("watch"),
				       .header = gone ? NULL : fact_lend("A: b\r\n\r\n"),
				       .header_len = gone ? 0 : 8,
				       .body = gone ? NULL : fact_lend(""),
				       .body_len = 0 };
	assert_int_equal(ledger_observed(f->ledger, probe, &o, &err), 0);
}

static size_t unsettled(struct fixture *f, int64_t later_ms)
{
	int64_t next;
	return ledger_unsettled(f->ledger, clock_mono_ms() + later_ms, &next);
}

static void tags_are_found_whatever_their_order(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(ledger_find_tag(f->ledger, SPAN_LIT("00000000000000000000000000000002")), 0);
	assert_int_equal(ledger_find_tag(f->ledger, SPAN_LIT("00000000000000000000000000000001")), 1);
	assert_int_equal(ledger_find_tag(f->ledger, SPAN_LIT("00000000000000000000000000000003")), -1);
	assert_int_equal(ledger_find_tag(f->ledger, SPAN_LIT("")), -1);
}

static void found_message_settles_after_it_stayed(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	send(f, 0, SEND_HANDING_OVER, 0);
	assert_int_equal(ledger_send_state(f->ledger, 0), SENDING_IN_DOUBT);
	send(f, 0, SEND_REPLY, 250);
	assert_int_equal(ledger_send_state(f->ledger, 0), SENDING_ACCEPTED);
	assert_true(ledger_awaits(f->ledger, "a@alpha.test"));
	see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
	assert_false(ledger_awaits(f->ledger, "a@alpha.test"));
	assert_int_equal(unsettled(f, 0), 2);
	assert_int_equal(unsettled(f, SETTLE_MS + 1), 1);
	assert_true(ledger_knows(f->ledger, 0, "INBOX", 7, 5));
	assert_false(ledger_knows(f->ledger, 0, "INBOX", 7, 6));
	assert_int_equal(f->last.inbox, 1);
}

/* Seen elsewhere, it may be in both: it has moved when it is known to have left the first place. */
static void message_has_moved_when_it_has_left_the_first_place(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	send(f, 0, SEND_HANDING_OVER, 0);
	send(f, 0, SEND_REPLY, 250);
	see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
	see(f, 0, "Junk", FOLDER_SPAM, 1, false);
	struct whereabouts w = ledger_whereabouts(f->ledger, 0);
	assert_true(w.seen && !w.gone);
	assert_string_equal(w.folder, "Junk");
	assert_int_equal(f->told[PROGRESS_FOUND], 1);
	assert_int_equal(f->told[PROGRESS_MOVED], 0);
	see(f, 0, "INBOX", FOLDER_INBOX, 5, true);
	assert_int_equal(f->told[PROGRESS_MOVED], 1);
	assert_int_equal(f->told[PROGRESS_GONE], 0);
	assert_int_equal(f->last.spam, 1);
	assert_int_equal(f->last.inbox, 0);
	assert_true(ledger_place(f->ledger, 0, 0, &w) && w.gone);
	assert_true(ledger_place(f->ledger, 0, 1, &w) && !w.gone);
	assert_false(ledger_place(f->ledger, 0, 2, &w));
}

/* Also after the run was loaded anew: one sight that was wrong is not for ever. */
static void message_that_is_there_again_is_not_gone(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	send(f, 0, SEND_HANDING_OVER, 0);
	send(f, 0, SEND_REPLY, 250);
	for (int round = 0; round < 3; round++) {
		see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
		assert_false(ledger_whereabouts(f->ledger, 0).gone);
		reload(f);
		assert_false(ledger_whereabouts(f->ledger, 0).gone);
		assert_false(ledger_awaits(f->ledger, "a@alpha.test"));
		see(f, 0, "INBOX", FOLDER_INBOX, 5, true);
		reload(f);
		assert_true(ledger_whereabouts(f->ledger, 0).gone);
		assert_true(ledger_awaits(f->ledger, "a@alpha.test"));
	}
}

static void message_that_is_gone_is_awaited_again(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	send(f, 0, SEND_HANDING_OVER, 0);
	send(f, 0, SEND_REPLY, 250);
	see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
	see(f, 0, "INBOX", FOLDER_INBOX, 5, true);
	assert_true(ledger_awaits(f->ledger, "a@alpha.test"));
	assert_true(ledger_whereabouts(f->ledger, 0).gone);
}

static void rejected_and_bounced_probes_are_settled(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const struct bounce bounce = { .at_ms = 5, .action = fact_lend("failed"), .raw = fact_lend("x"), .raw_len = 1 };
	intend(f, 0);
	send(f, 0, SEND_REPLY, 550);
	intend(f, 1);
	send(f, 1, SEND_HANDING_OVER, 0);
	send(f, 1, SEND_REPLY, 250);
	assert_int_equal(unsettled(f, 0), 1);
	assert_int_equal(ledger_bounced(f->ledger, 1, &bounce, &err), 0);
	assert_int_equal(unsettled(f, 0), 0);
	assert_int_equal(f->told[PROGRESS_BOUNCED], 1);
	assert_int_equal(f->last.refused, 2);
}

static void temporary_refusal_settles_nothing(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	assert_false(ledger_all_attempted(f->ledger));
	send(f, 0, SEND_REPLY, 451);
	assert_int_equal(ledger_send_state(f->ledger, 0), SENDING_TEMPORARY);
	assert_int_equal(unsettled(f, 100 * SETTLE_MS), 2);
}

static void unreadable_seed_is_settled_unless_it_was_sent_to(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const struct seed_event failed = {
		.kind = SEED_FAILED, .seed = fact_lend("b@alpha.test"), .at_ms = 2, .detail = fact_lend("no")
	};
	assert_int_equal(ledger_seed_event(f->ledger, &failed, &err), 0);
	assert_int_equal(unsettled(f, 0), 1);
	assert_int_equal(f->last.not_tested, 1);
	assert_int_equal(f->told[PROGRESS_PROBLEM], 1);
}

static void reloaded_ledger_knows_what_the_old_one_knew(void **state)
{
	struct fixture *f = *state;
	intend(f, 0);
	send(f, 0, SEND_HANDING_OVER, 0);
	reload(f);
	assert_int_equal(ledger_send_state(f->ledger, 0), SENDING_IN_DOUBT);
	assert_int_equal(ledger_send_state(f->ledger, 1), SENDING_NOT_COMPOSED);
	see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
	reload(f);
	assert_true(ledger_knows(f->ledger, 0, "INBOX", 7, 5));
	see(f, 0, "INBOX", FOLDER_INBOX, 5, false);
	assert_int_equal(f->told[PROGRESS_FOUND], 1);
	assert_string_equal(f->facts.probes[0].message_id, "pp.x@y");
}

/* Something that can happen in a run: no reply after a final one, and nothing is seen again that was gone. */
static void one_step(struct fixture *f, unsigned random, uint32_t uid)
{
	static const int codes[] = { 250, 451, 451, 550 };
	size_t probe = random % 2;
	struct error err = ERROR_INIT;
	const struct bounce bounce = { .at_ms = 5, .action = fact_lend("failed"), .raw = fact_lend("x"), .raw_len = 1 };
	const struct whereabouts w = ledger_whereabouts(f->ledger, probe);
	bool inbox = random / 16 % 2, may_send = ledger_send_state(f->ledger, probe) < SENDING_REJECTED;
	switch (random / 2 % 4) {
	case 0:
		if (may_send)
			send(f, probe, SEND_REPLY, codes[random / 16 % 4]);
		break;
	case 1:
		if (w.seen && !w.gone)
			see(f, probe, w.folder, FOLDER_INBOX, w.uid, true);
		break;
	case 2:
		if (random / 16 % 8 == 0)
			assert_true(ledger_bounced(f->ledger, probe, &bounce, &err) >= 0);
		break;
	default:
		see(f, probe, inbox ? "INBOX" : "Junk", inbox ? FOLDER_INBOX : FOLDER_SPAM, uid, false);
	}
}

/* Sums are kept, never counted anew: a ledger that is made of the same facts has the same. */
static void sums_stay_those_of_all_probes(void **state)
{
	struct fixture *f = *state;
	unsigned random = 7;
	intend(f, 0);
	intend(f, 1);
	for (int step = 0; step < 150; step++) {
		random = random * 1103515245 + 12345;
		one_step(f, random >> 12, (uint32_t)step + 1);
		size_t left = unsettled(f, 2 * SETTLE_MS);
		bool first = ledger_awaits(f->ledger, "a@alpha.test"),
		     second = ledger_awaits(f->ledger, "b@alpha.test");
		ledger_notify(f->ledger, &(struct progress_event){ .kind = PROGRESS_TICK });
		const struct progress_counts kept = f->last;
		reload(f);
		assert_int_equal(unsettled(f, 2 * SETTLE_MS), left);
		assert_int_equal(ledger_awaits(f->ledger, "a@alpha.test"), first);
		assert_int_equal(ledger_awaits(f->ledger, "b@alpha.test"), second);
		ledger_notify(f->ledger, &(struct progress_event){ .kind = PROGRESS_TICK });
		if (kept.probes != f->last.probes || kept.sent != f->last.sent || kept.delivered != f->last.delivered ||
		    kept.inbox != f->last.inbox || kept.spam != f->last.spam || kept.refused != f->last.refused ||
		    kept.waiting != f->last.waiting)
			fail_msg("step %d: other sums than those of the same facts", step);
	}
}

/* The seed comes to be read, and is lost, and what was not sent to it counts each time. */
static void seeds_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	for (int step = 0; step < 6; step++) {
		const struct seed_event event = { .kind = step % 2 ? SEED_READY : SEED_FAILED,
						  .seed = fact_lend(step / 2 % 2 ? "a@alpha.test" : "b@alpha.test"),
						  .at_ms = 2 };
		assert_int_equal(ledger_seed_event(f->ledger, &event, &err), 0);
		assert_int_equal(f->last.not_tested, step % 2 ? 0 : 1);
		assert_int_equal(unsettled(f, 0), step % 2 ? 2 : 1);
		assert_false(ledger_all_attempted(f->ledger));
	}
	const struct seed_event bounces = { .kind = SEED_FAILED, .seed = fact_lend(""), .at_ms = 2 };
	assert_int_equal(ledger_seed_event(f->ledger, &bounces, &err), 0);
	assert_int_equal(unsettled(f, 0), 2);
	assert_false(ledger_awaits(f->ledger, ""));
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(tags_are_found_whatever_their_order),
		LEDGER_TEST(found_message_settles_after_it_stayed),
		LEDGER_TEST(message_has_moved_when_it_has_left_the_first_place),
		LEDGER_TEST(message_that_is_there_again_is_not_gone),
		LEDGER_TEST(message_that_is_gone_is_awaited_again),
		LEDGER_TEST(rejected_and_bounced_probes_are_settled),
		LEDGER_TEST(temporary_refusal_settles_nothing),
		LEDGER_TEST(unreadable_seed_is_settled_unless_it_was_sent_to),
		LEDGER_TEST(reloaded_ledger_knows_what_the_old_one_knew),
		LEDGER_TEST(sums_stay_those_of_all_probes),
		LEDGER_TEST(seeds_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
