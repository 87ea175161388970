/* The watch: mailboxes that change, servers that close, and what the ledger knows of it afterwards. */
#include "harness/watch/watch.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"

enum { SWEEP_MS = 8000 };

static struct imap_mailbox mailbox;
static struct run_bench bench;
static char message[BENCH_MESSAGE_MAX];

static bool is_idling(void *argument)
{
	return mailbox_idling(argument);
}

static void wait_for_idle(struct imap_mailbox *m)
{
	bench_until_true(&bench, is_idling, m, "a session is in IDLE");
}

/* One seed, sent to, its mailbox open. */
static int set_up(void **state)
{
	mailbox_start(&mailbox);
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&mailbox) }, 1, 0);
	bench_message(&bench, 0, message);
	return 0;
}

static int tear_down(void **state)
{
	bench_end(&bench);
	mailbox_stop(&mailbox);
	return 0;
}

static void watch_sent(void)
{
	bench_watch(&bench);
	bench_sent(&bench, 0);
}

/* The run as the store has it. */
static const struct probe *stored(void)
{
	bench_reload(&bench);
	return &bench.facts.probes[0];
}

static const struct seed_event *last_seed_event(void)
{
	assert_true(bench.facts.seed_event_count > 0);
	return &bench.facts.seed_events[bench.facts.seed_event_count - 1];
}

static void baseline_is_stored_and_what_was_there_is_not_looked_at(void **state)
{
	mailbox_add_folder(&mailbox, "Junk", "\\Junk");
	mailbox_deliver(&mailbox, "INBOX", message, 0); /* as if an earlier run had sent it */
	mailbox_deliver(&mailbox, "INBOX", "Subject: old\r\n\r\n", 0);
	watch_sent();
	bench_for(&bench, 200);
	assert_int_equal(mailbox_whole_fetches(&mailbox), 0);
	stored();
	assert_int_equal(bench.facts.baseline_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct baseline *b = &bench.facts.baselines[i];
		bool inbox = strcmp(b->folder, "INBOX") == 0;
		assert_true(b->watched);
		assert_int_equal(b->role, inbox ? FOLDER_INBOX : FOLDER_SPAM);
		assert_int_equal(b->uidvalidity, 7);
		assert_int_equal(b->uidnext, inbox ? 3 : 1);
		assert_int_equal(b->exists, inbox ? 2 : 0);
	}
	assert_int_equal(last_seed_event()->kind, SEED_READY);
}

static void message_is_found_by_idle(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_deliver(&mailbox, "INBOX", "Subject: not ours\r\n\r\n", 0);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	assert_string_equal(bench.last_text[PROGRESS_FOUND], "INBOX");
	assert_int_equal(mailbox_whole_fetches(&mailbox), 1);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 1);
	assert_int_equal(p->observations[0].uid, 2);
	assert_int_equal(p->observations[0].size, strlen(message));
	assert_int_equal(p->observations[0].header_len + p->observations[0].body_len, strlen(message));
	assert_memory_equal(p->observations[0].body, "Hello.\r\n", 8);
	assert_string_equal(p->observations[0].found_by, "watch");
	assert_true(p->observations[0].absent_ms >= bench.facts.baselines[0].at_ms);
	assert_true(p->observations[0].absent_ms <= p->observations[0].at_ms);
}

static void message_is_found_by_timed_scan_where_there_is_no_idle(void **state)
{
	mailbox.capabilities = "IMAP4rev1";
	watch_sent();
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	assert_false(mailbox_idling(&mailbox));
}

/* A message for another seed, of another run or without a tag is nobody's here. */
static void messages_of_others_are_not_fetched(void **state)
{
	static const char *const rows[] = {
		"Message-ID: <pp.0123456789abcdef0123456789abcdef@service.test>\r\n\r\nanother run\r\n",
		"Message-ID: <pp.0123@service.test>\r\n\r\nno tag\r\n",
		"\r\n\r\n",
		"Subject: [pp:\r\n\r\n",
	};
	watch_sent();
	wait_for_idle(&mailbox);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		mailbox_deliver(&mailbox, "INBOX", rows[i], 0);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	assert_int_equal(mailbox_whole_fetches(&mailbox), 1);
}

static void moved_message_is_seen_in_both_folders(void **state)
{
	mailbox_add_folder(&mailbox, "Junk", "\\Junk");
	watch_sent();
	uint32_t uid = mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	mailbox_move(&mailbox, "INBOX", uid, "Junk");
	bench_until(&bench, PROGRESS_MOVED, 1);
	struct whereabouts w = ledger_whereabouts(bench.ledger, 0);
	assert_string_equal(w.folder, "Junk");
	assert_false(w.gone);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 3);
	assert_int_equal(p->observations[0].role, FOLDER_INBOX);
	assert_int_equal(p->observations[1].role, FOLDER_SPAM);
	assert_true(p->observations[2].gone);
	assert_int_equal(p->observations[2].role, FOLDER_INBOX);
}

/* It has not moved: the first place is asked before that is said. */
static void copied_message_is_told_of_as_a_copy(void **state)
{
	mailbox_add_folder(&mailbox, "Junk", "\\Junk");
	watch_sent();
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	mailbox_deliver(&mailbox, "Junk", message, 0);
	bench_until(&bench, PROGRESS_COPIED, 1);
	assert_string_equal(bench.last_text[PROGRESS_COPIED], "INBOX");
	assert_int_equal(bench_told(&bench, PROGRESS_MOVED), 0);
	assert_string_equal(ledger_whereabouts(bench.ledger, 0).folder, "Junk");
	assert_int_equal(stored()->observation_count, 2);
}

static void message_that_comes_while_there_is_no_connection_is_found_after_it(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_cut(&mailbox);
	bench_until(&bench, PROGRESS_RETRY, 1);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	assert_int_equal(mailbox_logins(&mailbox), 2);
	assert_int_equal(stored()->observation_count, 1);
}

static void pauses_between_connections_grow(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_close_at(&mailbox, "LOGIN", 2, NULL);
	int64_t begun = clock_mono_ms();
	mailbox_cut(&mailbox);
	bench_until(&bench, PROGRESS_RETRY, 3);
	wait_for_idle(&mailbox);
	int64_t took = clock_mono_ms() - begun;
	if (took < 1000 + 2000 + 4000)
		fail_msg("three pauses took %lld ms", (long long)took);
	/* A session that is dropped soon after it was let in was no success. */
	begun = clock_mono_ms();
	mailbox_cut(&mailbox);
	bench_until(&bench, PROGRESS_RETRY, 4);
	wait_for_idle(&mailbox);
	took = clock_mono_ms() - begun;
	if (took < 8000)
		fail_msg("the fourth pause took %lld ms", (long long)took);
}

static void password_that_is_refused_in_between_is_not_sent_again(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	unsigned before = test_server_connections(mailbox.server);
	mailbox_refuse_login(&mailbox, "NO [AUTHENTICATIONFAILED] wrong");
	mailbox_cut(&mailbox);
	bench_until(&bench, PROGRESS_PROBLEM, 1);
	bench_for(&bench, 3000);
	bench_sweep(&bench, SWEEP_MS);
	assert_int_equal(test_server_connections(mailbox.server), before + 1);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_FAILED);
	assert_non_null(strstr(last_seed_event()->detail, "[AUTHENTICATIONFAILED]"));
}

static void idle_that_is_refused_leaves_a_scan_and_the_connection(void **state)
{
	mailbox_refuse_idle(&mailbox, "BAD no");
	watch_sent();
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	bench_for(&bench, 1500);
	assert_int_equal(test_server_connections(mailbox.server), 1);
	assert_int_equal(bench_told(&bench, PROGRESS_RETRY), 0);
}

static void folder_that_is_not_shown_does_not_cost_the_seed(void **state)
{
	mailbox_add_folder(&mailbox, "Calendar", "");
	mailbox_hide_folder(&mailbox, "Calendar", "NO [NOPERM] not yours");
	mailbox_add_folder(&mailbox, "Shared", "");
	mailbox_hide_folder(&mailbox, "Shared", "NO [LIMIT] later");
	watch_sent();
	bench_sweep(&bench, SWEEP_MS);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_FAILED);
	assert_non_null(strstr(last_seed_event()->detail, "folder Shared"));
	assert_null(strstr(last_seed_event()->detail, "Calendar"));
}

static void folder_of_others_leaves_a_sweep_complete(void **state)
{
	mailbox_add_folder(&mailbox, "Calendar", "");
	mailbox_hide_folder(&mailbox, "Calendar", "NO [NOPERM] not yours");
	watch_sent();
	bench_sweep(&bench, SWEEP_MS);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_SWEPT);
}

/* However many slow answers its opening takes, an account that needs longer than its time is not tested. */
static void slow_mailbox_ends_by_its_own_deadline(void **state)
{
	static const char *const names[] = { "1", "2", "3", "4", "5", "6", "7" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		mailbox_add_folder(&mailbox, names[i], "");
	mailbox_slow_down(&mailbox, "STATUS", 1800); /* a command has two seconds, the opening twelve */
	bench_watch(&bench);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_FAILED);
}

static void message_whose_literal_breaks_off_is_fetched_again(void **state)
{
	mailbox_close_at(&mailbox, "UID FETCH 1 (UID", 1, "* 1 FETCH (UID 1 BODY[]<0> {500}\r\nhalf of");
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_RETRY, 1);
	assert_int_equal(bench_told(&bench, PROGRESS_FOUND), 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 1);
	assert_int_equal(p->observations[0].header_len + p->observations[0].body_len, strlen(message));
}

/* The UIDs were given anew while the connection was gone: what was seen is known under its new number, without news;
 * what came meanwhile is found, though its UID says nothing. */
static void uids_given_anew_lose_no_message(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_deliver(&mailbox, "INBOX", "Subject: years old\r\n\r\n", 86400000);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	wait_for_idle(&mailbox);
	mailbox_cut(&mailbox);
	bench_until(&bench, PROGRESS_RETRY, 1);
	mailbox_renumber(&mailbox, "INBOX");
	wait_for_idle(&mailbox);
	assert_int_equal(bench_told(&bench, PROGRESS_FOUND), 1);
	assert_int_equal(bench_told(&bench, PROGRESS_MOVED), 0);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 2);
	assert_int_equal(p->observations[1].uidvalidity, 8);
	assert_int_equal(p->observations[1].uid, 1002);
	assert_int_equal(p->observations[1].absent_ms, 0);
}

static void sweep_finds_what_lies_in_another_folder(void **state)
{
	mailbox_add_folder(&mailbox, "Work", "");
	watch_sent();
	mailbox_deliver(&mailbox, "Work", message, 0);
	bench_for(&bench, 100);
	assert_int_equal(bench_told(&bench, PROGRESS_FOUND), 0);
	bench_sweep(&bench, SWEEP_MS);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 1);
	assert_string_equal(p->observations[0].folder, "Work");
	assert_string_equal(p->observations[0].found_by, "sweep");
	assert_int_equal(last_seed_event()->kind, SEED_SWEPT);
}

static void sweep_reads_folders_that_were_made_during_the_run(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	uint32_t uid = mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	mailbox_add_folder(&mailbox, "Made by a rule", "");
	mailbox_move(&mailbox, "INBOX", uid, "Made by a rule");
	bench_sweep(&bench, SWEEP_MS);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 3);
	assert_true(p->observations[1].gone);
	assert_string_equal(p->observations[2].folder, "Made by a rule");
	assert_false(ledger_whereabouts(bench.ledger, 0).gone);
}

static void sweep_without_what_is_missing_reads_no_folder(void **state)
{
	mailbox_add_folder(&mailbox, "Work", "");
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	mailbox_deliver(&mailbox, "Work", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	bench_sweep(&bench, SWEEP_MS);
	assert_int_equal(stored()->observation_count, 1);
	assert_int_equal(last_seed_event()->kind, SEED_READY);
}

/* A folder that is gone cannot hold the message: the mailbox was read whole all the same. */
static void folder_that_was_deleted_does_not_hinder_the_sweep(void **state)
{
	mailbox_add_folder(&mailbox, "Work", "");
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_delete_folder(&mailbox, "Work");
	bench_sweep(&bench, SWEEP_MS);
	assert_int_equal(stored()->observation_count, 0);
	assert_int_equal(last_seed_event()->kind, SEED_SWEPT);
}

static void watched_folder_that_was_deleted_is_told_and_its_message_is_gone(void **state)
{
	mailbox_add_folder(&mailbox, "Junk", "\\Junk");
	watch_sent();
	mailbox_deliver(&mailbox, "Junk", message, 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	mailbox_delete_folder(&mailbox, "Junk");
	bench_until(&bench, PROGRESS_RETRY, 1);
	assert_non_null(strstr(bench.last_text[PROGRESS_RETRY], "folder Junk: "));
	bench_sweep(&bench, SWEEP_MS);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 2);
	assert_true(p->observations[1].gone);
	assert_int_equal(last_seed_event()->kind, SEED_SWEPT);
}

static void server_that_closes_during_the_sweep_is_swept_again(void **state)
{
	mailbox_add_folder(&mailbox, "Work", "");
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_deliver(&mailbox, "Work", message, 0);
	mailbox_close_at(&mailbox, "LIST", 1, "* BYE\r\n");
	bench_sweep(&bench, SWEEP_MS);
	assert_int_equal(bench_told(&bench, PROGRESS_RETRY), 1);
	assert_int_equal(stored()->observation_count, 1);
	assert_int_equal(last_seed_event()->kind, SEED_SWEPT);
}

static void server_that_always_closes_during_the_sweep_cannot_be_read(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_close_at(&mailbox, "LIST", 100, "* BYE\r\n");
	bench_sweep(&bench, SWEEP_MS);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_FAILED);
	assert_string_not_equal(last_seed_event()->mend, "");
}

static void sweep_ends_at_its_deadline(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_close_at(&mailbox, "LIST", 100, "* BYE\r\n");
	int64_t begun = clock_mono_ms();
	bench_sweep(&bench, 500);
	assert_true(clock_mono_ms() - begun < 8000);
	stored();
	assert_int_equal(last_seed_event()->kind, SEED_FAILED);
	assert_non_null(strstr(last_seed_event()->detail, "did not end in the time"));
}

static void refused_login_is_not_tried_again(void **state)
{
	mailbox_refuse_login(&mailbox, "NO [AUTHENTICATIONFAILED] wrong");
	bench_watch(&bench);
	assert_false(watch_seed_ready(bench.watch, "s0@provider0.test"));
	bench_for(&bench, 1500);
	assert_int_equal(test_server_connections(mailbox.server), 1);
	assert_int_equal(bench_told(&bench, PROGRESS_PROBLEM), 1);
	stored();
	assert_non_null(strstr(last_seed_event()->detail, "login name s0@provider0.test: "));
	assert_non_null(strstr(last_seed_event()->mend, "[seed s0@provider0.test]"));
}

static void login_that_may_pass_is_tried_three_times(void **state)
{
	mailbox_close_at(&mailbox, "LOGIN", 100, "* BYE too busy\r\n");
	bench_watch(&bench);
	assert_int_equal(test_server_connections(mailbox.server), 3);
	assert_int_equal(bench_told(&bench, PROGRESS_RETRY), 2);
	assert_int_equal(bench_told(&bench, PROGRESS_PROBLEM), 1);
}

static char said[64 * 1024]; /* by the log */

static size_t count_said(int log_fd, const char *words)
{
	size_t count = 0;
	ssize_t len = pread(log_fd, said, sizeof(said) - 1, 0);
	assert_true(len >= 0);
	said[len] = '\0';
	for (const char *at = said; (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

static bool was_parked_twice(void *log_fd)
{
	return count_said(*(int *)log_fd, "reading -> parked") == 2;
}

/* What became of each session, from its opening to its goodbye. */
static void changes_of_state_are_lines_of_the_transcripts(void **state)
{
	static const char *const lines[] = {
		"session 1: resting -> reading (open)",
		"session 1: reading -> parked (idling)",
		"account: opening -> ready",
		"session 1: parked -> reading (heard)",
		"session 1: reading -> read-due (failed)",
		"session 1: read-due -> reading (due)",
		"session 1: reading -> parked (idling)",
		"account: ready -> sweeping",
		"session 1: parked -> resting (stop)",
		"session 1: resting -> sweeping (sweep)",
		"session 1: sweeping -> resting (swept)",
		"account: sweeping -> ended",
		"session 1: resting -> closing (close)",
		"session 1: closing -> resting (closed)",
	};
	struct error err = ERROR_INIT;
	int fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(log_new(fd, LOG_LEVEL_TRANSCRIPTS, &bench.log, &err), 0);
	watch_sent();
	wait_for_idle(&mailbox);
	mailbox_cut(&mailbox);
	bench_until_true(&bench, was_parked_twice, &fd, "the session is parked again");
	bench_sweep(&bench, SWEEP_MS);
	stored(); /* without the watch */
	assert_int_equal(count_said(fd, "session 2"), 0);
	const char *at = said;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char line[128];
		snprintf(line, sizeof(line), "imap s0@provider0.test * %s\n", lines[i]);
		const char *found = strstr(at, line);
		if (!found)
			fail_msg("\"%s\" does not come in its turn in:\n%s", line, said);
		at = found + strlen(line);
	}
	log_free(bench.log);
	bench.log = NULL;
	close(fd);
}

/* The run goes on from the baselines of its beginning, whatever has come since. */
static void continued_run_finds_what_came_between(void **state)
{
	mailbox_deliver(&mailbox, "INBOX", "Subject: old\r\n\r\n", 0);
	watch_sent();
	bench_reload(&bench);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	bench_watch(&bench);
	bench_until(&bench, PROGRESS_FOUND, 1);
	const struct probe *p = stored();
	assert_int_equal(p->observation_count, 1);
	assert_int_equal(p->observations[0].uid, 2);
	assert_int_equal(bench.facts.baseline_count, 1);
	assert_int_equal(bench.facts.baselines[0].uidnext, 2);
	/* Nobody has looked since: that is what dates it from below, and the server's note that dates it. */
	assert_int_equal(p->observations[0].absent_ms, bench.facts.baselines[0].at_ms);
}

/* Without IDLE a message lies there until the next reading: the one before, which did not find it, dates it from below.
 */
static void a_reading_that_finds_nothing_dates_what_the_next_one_finds(void **state)
{
	mailbox.capabilities = "IMAP4rev1";
	watch_sent();
	bench_for(&bench, 2500);
	int64_t begun_ms = clock_wall_ms();
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	int64_t delivered_ms = clock_wall_ms(); /* who reads after that finds it */
	bench_until(&bench, PROGRESS_FOUND, 1);
	const struct observation *o = &stored()->observations[0];
	assert_true(o->absent_ms > bench.facts.baselines[0].at_ms + 1000);
	assert_true(o->absent_ms <= delivered_ms);
	assert_true(o->at_ms >= begun_ms);
}

/* --- several accounts ------------------------------------------------------------------------------------------- */

static void account_that_fails_does_not_hinder_another(void **state)
{
	struct imap_mailbox good;
	mailbox_start(&good);
	const struct run_bench_seed seeds[] = { { .port = test_closed_port() },
						{ .port = mailbox_port(&good) },
						{ .port = 993, .keys = "auth = oauth2\n" } };
	bench_start(&bench, seeds, 3, 0);
	bench_watch(&bench);
	assert_false(watch_seed_ready(bench.watch, "s0@provider0.test"));
	assert_true(watch_seed_ready(bench.watch, "s1@provider1.test"));
	assert_false(watch_seed_ready(bench.watch, "s2@provider2.test"));
	assert_false(watch_seed_ready(bench.watch, "nobody@provider0.test"));
	bench_sent(&bench, 1);
	wait_for_idle(&good);
	mailbox_deliver(&good, "INBOX", bench_message(&bench, 0, message), 0); /* the other seed's */
	mailbox_deliver(&good, "INBOX", bench_message(&bench, 1, message), 0);
	bench_until(&bench, PROGRESS_FOUND, 1);
	bench_reload(&bench);
	assert_int_equal(bench.facts.probes[0].observation_count, 0);
	assert_int_equal(bench.facts.probes[1].observation_count, 1);
	bench_end(&bench);
	mailbox_stop(&good);
}

static void bounces_settle_only_probes_of_this_run(void **state)
{
	static const char foreign[] = "0123456789abcdef0123456789abcdef";
	struct imap_mailbox seed, bounces;
	char notice[BENCH_MESSAGE_MAX];
	mailbox_start(&seed);
	mailbox_start(&bounces);
	mailbox_add_folder(&bounces, "Junk", "\\Junk"); /* not the folder of [bounces] */
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&seed) }, 1, mailbox_port(&bounces));
	bench_watch(&bench);
	bench_sent(&bench, 0);
	wait_for_idle(&bounces);
	const char *tag = bench.facts.probes[0].tag;
	mailbox_deliver(&bounces, "Junk", bench_notice(tag, "failed", notice), 0);
	mailbox_deliver(&bounces, "INBOX", bench_notice(foreign, "failed", notice), 0);
	mailbox_deliver(&bounces, "INBOX", "Subject: spam\r\n\r\n", 0);
	mailbox_deliver(&bounces, "INBOX", bench_notice(tag, "delayed", notice), 0);
	bench_until(&bench, PROGRESS_DELAY, 1);
	assert_int_equal(bench_told(&bench, PROGRESS_BOUNCED), 0);
	int64_t next;
	assert_int_equal(ledger_unsettled(bench.ledger, clock_mono_ms(), &next), 1);
	mailbox_deliver(&bounces, "INBOX", bench_notice(tag, "failed", notice), 0);
	bench_until(&bench, PROGRESS_BOUNCED, 1);
	assert_int_equal(ledger_unsettled(bench.ledger, clock_mono_ms(), &next), 0);
	const struct probe *p = stored();
	assert_int_equal(p->bounce_count, 2);
	assert_string_equal(p->bounces[1].action, "failed");
	assert_string_equal(p->bounces[1].status, "5.1.1");
	assert_string_equal(p->bounces[1].remote_mta, "mx.far.test");
	assert_string_equal(p->bounces[1].diagnostic, "550 no such user");
	bench_end(&bench);
	mailbox_stop(&seed);
	mailbox_stop(&bounces);
}

static void bounce_that_comes_at_the_end_is_read_by_the_sweep(void **state)
{
	struct imap_mailbox seed, bounces;
	char notice[BENCH_MESSAGE_MAX];
	mailbox_start(&seed);
	mailbox_start(&bounces);
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&seed) }, 1, mailbox_port(&bounces));
	bench_watch(&bench);
	bench_sent(&bench, 0);
	wait_for_idle(&bounces);
	mailbox_cut(&bounces);
	bench_until(&bench, PROGRESS_RETRY, 1);
	mailbox_deliver(&bounces, "INBOX", bench_notice(bench.facts.probes[0].tag, "failed", notice), 0);
	bench_sweep(&bench, SWEEP_MS);
	assert_int_equal(stored()->bounce_count, 1);
	bench_end(&bench);
	mailbox_stop(&seed);
	mailbox_stop(&bounces);
}

/* The last event of the bounce mailbox; -1: there is none. */
static int last_of_bounces(void)
{
	int kind = -1;
	for (size_t i = 0; i < bench.facts.seed_event_count; i++)
		if (bench.facts.seed_events[i].seed[0] == '\0')
			kind = (int)bench.facts.seed_events[i].kind;
	return kind;
}

static void bounces_of_the_plan_that_the_configuration_lacks_are_told(void **state)
{
	struct imap_mailbox seed, bounces;
	mailbox_start(&seed);
	mailbox_start(&bounces);
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&seed) }, 1, mailbox_port(&bounces));
	bench_watch(&bench);
	bench_reload(&bench);
	assert_int_equal(last_of_bounces(), SEED_READY);
	char *host = bench.config->bounces.host;
	bench.config->bounces.host = NULL;
	bench_watch(&bench);
	bench_reload(&bench);
	assert_int_equal(last_of_bounces(), SEED_FAILED);
	bench.config->bounces.host = host; /* put back: all is well again */
	bench_watch(&bench);
	bench_reload(&bench);
	assert_int_equal(last_of_bounces(), SEED_READY);
	bench_end(&bench);
	/* A plan without bounces lacks none. */
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&seed) }, 1, 0);
	bench_watch(&bench);
	bench_reload(&bench);
	assert_int_equal(last_of_bounces(), -1);
	bench_end(&bench);
	mailbox_stop(&seed);
	mailbox_stop(&bounces);
}

static void cancel_ends_every_wait(void **state)
{
	watch_sent();
	wait_for_idle(&mailbox);
	int64_t begun = clock_mono_ms();
	watch_cancel(bench.watch);
	watch_free(bench.watch);
	bench.watch = NULL;
	assert_true(clock_mono_ms() - begun < 8000);
}

#define WATCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(baseline_is_stored_and_what_was_there_is_not_looked_at),
		WATCH_TEST(message_is_found_by_idle),
		WATCH_TEST(message_is_found_by_timed_scan_where_there_is_no_idle),
		WATCH_TEST(messages_of_others_are_not_fetched),
		WATCH_TEST(moved_message_is_seen_in_both_folders),
		WATCH_TEST(copied_message_is_told_of_as_a_copy),
		WATCH_TEST(message_that_comes_while_there_is_no_connection_is_found_after_it),
		WATCH_TEST(pauses_between_connections_grow),
		WATCH_TEST(password_that_is_refused_in_between_is_not_sent_again),
		WATCH_TEST(idle_that_is_refused_leaves_a_scan_and_the_connection),
		WATCH_TEST(folder_that_is_not_shown_does_not_cost_the_seed),
		WATCH_TEST(folder_of_others_leaves_a_sweep_complete),
		WATCH_TEST(slow_mailbox_ends_by_its_own_deadline),
		WATCH_TEST(message_whose_literal_breaks_off_is_fetched_again),
		WATCH_TEST(uids_given_anew_lose_no_message),
		WATCH_TEST(sweep_finds_what_lies_in_another_folder),
		WATCH_TEST(sweep_reads_folders_that_were_made_during_the_run),
		WATCH_TEST(sweep_without_what_is_missing_reads_no_folder),
		WATCH_TEST(folder_that_was_deleted_does_not_hinder_the_sweep),
		WATCH_TEST(watched_folder_that_was_deleted_is_told_and_its_message_is_gone),
		WATCH_TEST(server_that_closes_during_the_sweep_is_swept_again),
		WATCH_TEST(server_that_always_closes_during_the_sweep_cannot_be_read),
		WATCH_TEST(sweep_ends_at_its_deadline),
		WATCH_TEST(refused_login_is_not_tried_again),
		WATCH_TEST(login_that_may_pass_is_tried_three_times),
		WATCH_TEST(changes_of_state_are_lines_of_the_transcripts),
		WATCH_TEST(continued_run_finds_what_came_between),
		WATCH_TEST(a_reading_that_finds_nothing_dates_what_the_next_one_finds),
		cmocka_unit_test(account_that_fails_does_not_hinder_another),
		cmocka_unit_test(bounces_settle_only_probes_of_this_run),
		cmocka_unit_test(bounce_that_comes_at_the_end_is_read_by_the_sweep),
		cmocka_unit_test(bounces_of_the_plan_that_the_configuration_lacks_are_told),
		WATCH_TEST(cancel_ends_every_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
