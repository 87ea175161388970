/* How far a folder was read: what servers say of their counters, and messages that they do not hand over. */
#include "harness/watch/account_read.h"

#include <inttypes.h>
#include <string.h>

#include "tests/unit/account_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "store/run.h"

enum { LONG_AGO_MS = 86400000 };

static struct account_bench bench;
static char place[512];

static int set_up(void **state)
{
	account_bench_start(&bench);
	return 0;
}

static int tear_down(void **state)
{
	account_bench_end(&bench);
	return 0;
}

static void anew(void)
{
	account_bench_end(&bench);
	account_bench_start(&bench);
}

static void deliver_old(const char *folder, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mailbox_deliver(&bench.mailbox, folder, "Message-ID: <old@x>\r\nSubject: old\r\n\r\n", LONG_AGO_MS);
}

/* --- counters --------------------------------------------------------------------------------------------------- */

static const char *status_without_uidnext(struct imap_mailbox *m, const char *command, struct buf *out)
{
	const struct mailbox_folder *f = &m->folders[0];
	if (strncmp(command, "STATUS ", 7) != 0)
		return NULL;
	buf_addf(out, "* STATUS INBOX (MESSAGES %zu UIDVALIDITY %" PRIu32 ")\r\n", f->count, f->uidvalidity);
	return "OK done";
}

static const char *uidnext_is_zero(struct imap_mailbox *m, const char *command, struct buf *out)
{
	const struct mailbox_folder *f = &m->folders[0];
	if (strncmp(command, "STATUS ", 7) != 0)
		return NULL;
	buf_addf(out, "* STATUS INBOX (MESSAGES %zu UIDNEXT 0 UIDVALIDITY %" PRIu32 ")\r\n", f->count, f->uidvalidity);
	return "OK done";
}

static const char *status_says_nothing(struct imap_mailbox *m, const char *command, struct buf *out)
{
	if (strncmp(command, "STATUS ", 7) != 0)
		return NULL;
	buf_add_str(out, "* STATUS INBOX ()\r\n");
	return "OK done";
}

static const char *status_has_another_uidvalidity(struct imap_mailbox *m, const char *command, struct buf *out)
{
	const struct mailbox_folder *f = &m->folders[0];
	if (strncmp(command, "STATUS ", 7) != 0)
		return NULL;
	buf_addf(out, "* STATUS INBOX (MESSAGES %zu UIDNEXT %" PRIu32 " UIDVALIDITY 99)\r\n", f->count, f->uidnext);
	return "OK done";
}

/* The first answers show no message, though EXISTS has counted it. */
static unsigned blind_times;

static const char *blind_for_a_while(struct imap_mailbox *m, const char *command, struct buf *out)
{
	if (!strstr(command, "FETCH ") || blind_times == 0)
		return NULL;
	blind_times--;
	return "OK done";
}

static const struct counters_row {
	const char *label;
	imap_mailbox_habit *habit;
	uint32_t rewind; /* before the message comes */
	bool renumber;   /* after it has come */
	unsigned blind;
	bool late; /* it is found by the sweep, not before */
	bool silent;
	uint32_t stale;
} counters[] = {
	{ "a server as it should be", NULL, 0, false, 0, false },
	{ "UIDNEXT is set back", NULL, 60, false, 0, false },
	{ "UIDNEXT is set back below everything", NULL, 120, false, 0, false },
	{ "STATUS does not tell UIDNEXT", status_without_uidnext, 0, false, 0, false },
	{ "UIDNEXT is never told", NULL, 0, false, 0, false, .silent = true },
	{ "UIDNEXT is never told, and set back", NULL, 60, false, 0, false, .silent = true },
	{ "UIDNEXT is never told, and UIDs are given anew", NULL, 0, true, 0, false, .silent = true },
	{ "UIDNEXT is always 1", NULL, 0, false, 0, false, .stale = 1 },
	{ "UIDNEXT is always the same", NULL, 0, false, 0, false, .stale = 131 },
	{ "UIDNEXT is always 1, and set back", NULL, 60, false, 0, false, .stale = 1 },
	{ "UIDNEXT is 0", uidnext_is_zero, 0, false, 0, false },
	{ "UIDNEXT is 0, and set back", uidnext_is_zero, 60, false, 0, false },
	{ "STATUS tells nothing", status_says_nothing, 0, false, 0, false },
	{ "STATUS has another UIDVALIDITY", status_has_another_uidvalidity, 0, false, 0, false },
	{ "UIDs are given anew", NULL, 0, true, 0, false },
	{ "UIDs are given anew after UIDNEXT was set back", NULL, 60, true, 0, false },
	{ "the message is not shown the first time", blind_for_a_while, 0, false, 1, false },
	{ "the message is not shown for long", blind_for_a_while, 0, false, 2, true },
};

static void message_is_found_whatever_counters_say(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		const struct counters_row *row = &counters[i];
		bool complete = false;
		if (i > 0)
			anew();
		mailbox_rewind(&bench.mailbox, "INBOX", (uint32_t)-100); /* room for lower UIDs */
		deliver_old("INBOX", 30);
		bench.mailbox.habit = row->habit;
		bench.mailbox.silent_uidnext = row->silent;
		bench.mailbox.stale_uidnext = row->stale;
		blind_times = 0;
		account_bench_connect(&bench);
		account_bench_read(&bench);
		mailbox_rewind(&bench.mailbox, "INBOX", row->rewind);
		mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
		deliver_old("INBOX", 20); /* behind it, so that it is not in the last chunk */
		if (row->renumber)
			mailbox_renumber(&bench.mailbox, "INBOX");
		blind_times = row->blind;
		account_bench_read(&bench);
		ROW_ASSERT_STRING(row->label, account_bench_place(&bench, 0, place), row->late ? "" : "INBOX");
		account_bench_sweep(&bench, &complete);
		ROW_ASSERT_STRING(row->label, account_bench_place(&bench, 0, place), "INBOX");
		ROW_ASSERT(row->label, complete);
		ROW_ASSERT(row->label, mailbox_whole_fetches(&bench.mailbox) >= 1);
	}
}

/* The clock of the server is an hour behind, so that the message looks older than the run. */
static void date_is_not_relied_upon_at_the_end(void **state)
{
	bool complete = false;
	deliver_old("INBOX", 3);
	account_bench_connect(&bench);
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], clock_wall_ms() - 3600000);
	mailbox_renumber(&bench.mailbox, "INBOX");
	account_bench_read(&bench);
	assert_string_equal(account_bench_place(&bench, 0, place), "");
	assert_int_equal(account_bench_sweep(&bench, &complete), 0);
	assert_string_equal(account_bench_place(&bench, 0, place), "INBOX");
	assert_true(complete);
}

static void messages_that_cannot_be_seen_make_the_sweep_incomplete(void **state)
{
	bool complete = true;
	account_bench_connect(&bench);
	bench.mailbox.habit = blind_for_a_while;
	blind_times = 100;
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
	assert_int_equal(account_bench_sweep(&bench, &complete), 0);
	assert_false(complete);
	assert_int_equal(bench.session.unread, 0);
}

/* --- breaks ----------------------------------------------------------------------------------------------------- */

static void position_moves_only_after_everything_was_stored(void **state)
{
	static const struct {
		const char *label, *close_at;
		bool renumber;
	} rows[] = {
		{ "while UIDs are told", "UID FETCH 1:* (UID)", false },
		{ "while headers are told", "UID FETCH 1 (UID INTERNALDATE", false },
		{ "while the message is told", "UID FETCH 1 (UID BODY.PEEK[]", false },
		{ "UIDs anew: while dates are told", "FETCH 1:", true },
		{ "UIDs anew: while headers are told", "UID FETCH 1001 (UID INTERNALDATE", true },
		{ "UIDs anew: while the message is told", "UID FETCH 1001 (UID BODY.PEEK[]", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (i > 0)
			anew();
		account_bench_connect(&bench);
		mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
		if (rows[i].renumber)
			mailbox_renumber(&bench.mailbox, "INBOX");
		mailbox_close_at(&bench.mailbox, rows[i].close_at, 2, "* 1 FETCH (UID 1");
		ROW_ASSERT(rows[i].label, !account_bench_read(&bench));
		ROW_ASSERT(rows[i].label, !account_bench_read(&bench));
		ROW_ASSERT(rows[i].label, account_bench_read(&bench));
		ROW_ASSERT_STRING(rows[i].label, account_bench_place(&bench, 0, place), "INBOX");
	}
}

/* The folder is made by the first message that a filter puts into it. */
static void folder_that_was_made_by_the_message_is_read_after_a_break(void **state)
{
	static const char *const breaks[] = { "FETCH 1:", "UID FETCH 1 (UID INTERNALDATE",
					      "UID FETCH 1 (UID BODY.PEEK[]", "EXAMINE \"Junk\"", "LIST" };
	for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
		bool complete = false;
		if (i > 0)
			anew();
		account_bench_connect(&bench);
		mailbox_add_folder(&bench.mailbox, "Junk", "\\Junk");
		mailbox_deliver(&bench.mailbox, "Junk", bench.message[0], 0);
		mailbox_close_at(&bench.mailbox, breaks[i], 1, "");
		ROW_ASSERT(breaks[i], account_bench_sweep(&bench, &complete) == 0);
		ROW_ASSERT_STRING(breaks[i], account_bench_place(&bench, 0, place), "Junk");
		ROW_ASSERT(breaks[i], complete && mailbox_logins(&bench.mailbox) == 2);
	}
}

/* --- messages that are not handed over -------------------------------------------------------------------------- */

static struct {
	const char
	    *says; /* in place of the octets, behind `BODY[] `; NULL: no answer at all; "" the item without them */
	unsigned times;
} withheld;

static const char *withhold(struct imap_mailbox *m, const char *command, struct buf *out)
{
	unsigned uid;
	if (!strstr(command, "BODY.PEEK[]") || sscanf(command, "UID FETCH %u", &uid) != 1 || withheld.times == 0)
		return NULL;
	withheld.times--;
	if (withheld.says && !withheld.says[0])
		buf_addf(out, "* 1 FETCH (UID %u)\r\n", uid);
	else if (withheld.says)
		buf_addf(out, "* 1 FETCH (UID %u BODY[] %s)\r\n", uid, withheld.says);
	return "OK FETCH completed.";
}

#define PLACEHOLDER                                                                                                    \
	"{87}\r\nFrom: Mail Server <server@x.test>\r\nSubject: Retrieval of the message failed\r\n\r\nSorry.\r\n"

static const struct {
	const char *label, *says;
} withholdings[] = {
	{ "no answer", NULL },           { "without octets", "" },       { "NIL", "NIL" },
	{ "empty string", "\"\"" },      { "empty literal", "{0}\r\n" }, { "a placeholder", PLACEHOLDER },
	{ "a line end", "{2}\r\n\r\n" },
};

static const struct observation *stored(size_t *ret_count)
{
	bench_reload(&bench.run);
	*ret_count = bench.run.facts.probes[0].observation_count;
	return bench.run.facts.probes[0].observations;
}

static void message_that_is_not_handed_over_is_asked_for_again(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(withholdings); i++)
		for (unsigned times = 1; times <= 4; times++) {
			size_t count;
			if (i + times > 1)
				anew();
			account_bench_connect(&bench);
			bench.mailbox.habit = withhold;
			withheld.says = withholdings[i].says;
			withheld.times = times;
			mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
			account_bench_read(&bench);
			/* What was not stored is not behind us: another reading asks again. */
			account_bench_read(&bench);
			const struct observation *o = stored(&count);
			ROW_ASSERT(withholdings[i].label, count == 1);
			ROW_ASSERT(withholdings[i].label, o->header_len + o->body_len == strlen(bench.message[0]));
		}
}

static void message_that_is_never_handed_over_is_seen_all_the_same(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(withholdings); i++) {
		bool complete = false;
		size_t count;
		if (i > 0)
			anew();
		account_bench_connect(&bench);
		bench.mailbox.habit = withhold;
		withheld.says = withholdings[i].says;
		withheld.times = 1000;
		mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
		account_bench_read(&bench);
		ROW_ASSERT_STRING(withholdings[i].label, account_bench_place(&bench, 0, place), "");
		account_bench_sweep(&bench, &complete);
		ROW_ASSERT(withholdings[i].label, complete);
		const struct observation *o = stored(&count);
		ROW_ASSERT(withholdings[i].label, count == 1 && !o->gone && !o->header);
		ROW_ASSERT_STRING(withholdings[i].label, o->folder, "INBOX");
	}
}

static unsigned short_times;

static const char *hand_over_half(struct imap_mailbox *m, const char *command, struct buf *out)
{
	unsigned uid;
	if (!strstr(command, "BODY.PEEK[]") || sscanf(command, "UID FETCH %u", &uid) != 1 || short_times == 0)
		return NULL;
	short_times--;
	size_t len = strlen(bench.message[0]) - 3;
	buf_addf(out, "* 1 FETCH (UID %u BODY[] {%zu}\r\n%.*s)\r\n", uid, len, (int)len, bench.message[0]);
	return "OK done";
}

static void message_that_is_shorter_than_its_size_is_asked_for_again(void **state)
{
	for (unsigned times = 1; times < 6; times++) {
		size_t count;
		if (times > 1)
			anew();
		account_bench_connect(&bench);
		bench.mailbox.habit = hand_over_half;
		short_times = times;
		mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
		account_bench_read(&bench);
		const struct observation *o = stored(&count);
		assert_int_equal(count, 1);
		assert_int_equal(o->truncated, times >= 3);
	}
}

static bool asks_for_first(const char *command)
{
	unsigned uid;
	return strstr(command, "BODY.PEEK[]") && sscanf(command, "UID FETCH %u", &uid) == 1 && uid == 1;
}

/* A literal that nobody can take: the session ends each time. */
static const char *answer_unreadably(struct imap_mailbox *m, const char *command, struct buf *out)
{
	if (!asks_for_first(command))
		return NULL;
	buf_add_str(out, "* 1 FETCH (UID 1 BODY[] {4294967295}\r\nFrom:)\r\n");
	return "OK done";
}

/* In another form than was asked for, and too short. */
static const char *answer_in_another_form(struct imap_mailbox *m, const char *command, struct buf *out)
{
	if (!asks_for_first(command))
		return NULL;
	buf_add_str(out, "* 1 FETCH (UID 1 BODY[]<0.4194304> {5}\r\nFrom:)\r\n");
	return "OK done";
}

static void message_whose_answer_cannot_be_read_costs_neither_itself_nor_others(void **state)
{
	bool complete = false;
	size_t count;
	account_bench_connect(&bench);
	bench.mailbox.habit = answer_unreadably;
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[1], 0);
	assert_false(account_bench_read(&bench));
	assert_true(account_bench_read(&bench));
	assert_string_equal(account_bench_place(&bench, 1, place), "INBOX");
	account_bench_sweep(&bench, &complete);
	assert_true(complete);
	assert_int_equal(mailbox_logins(&bench.mailbox), 2);
	const struct observation *o = stored(&count);
	assert_true(count == 1 && !o->header);
}

static void message_answered_in_another_form_costs_not_even_the_session(void **state)
{
	bool complete = false;
	size_t count;
	account_bench_connect(&bench);
	bench.mailbox.habit = answer_in_another_form;
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
	mailbox_deliver(&bench.mailbox, "INBOX", bench.message[1], 0);
	assert_true(account_bench_read(&bench));
	assert_string_equal(account_bench_place(&bench, 1, place), "INBOX");
	account_bench_sweep(&bench, &complete);
	assert_true(complete);
	assert_int_equal(mailbox_logins(&bench.mailbox), 1);
	const struct observation *o = stored(&count);
	assert_true(count == 1 && !o->header);
}

/* --- the bounce mailbox ----------------------------------------------------------------------------------------- */

static void notice_that_is_not_handed_over_is_asked_for_again(void **state)
{
	char notice[BENCH_MESSAGE_MAX];
	for (size_t i = 0; i < ARRAY_LEN(withholdings); i++)
		for (unsigned times = 1; times < 1001; times += 999) {
			bool complete = false;
			if (i > 0 || times > 1)
				anew();
			bench.account.bounce_folder = "INBOX";
			bench.account.seed = "";
			account_bench_connect(&bench);
			bench.mailbox.habit = withhold;
			withheld.says = withholdings[i].says;
			withheld.times = times;
			mailbox_deliver(&bench.mailbox, "INBOX",
					bench_notice(bench.run.facts.probes[0].tag, "failed", notice), 0);
			account_bench_read(&bench);
			ROW_ASSERT(withholdings[i].label,
				   bench_told(&bench.run, PROGRESS_BOUNCED) == (times == 1 ? 1 : 0));
			ROW_ASSERT(withholdings[i].label, account_bench_sweep(&bench, &complete) == (times == 1));
			ROW_ASSERT(withholdings[i].label, complete == (times == 1));
		}
}

/* --- news ------------------------------------------------------------------------------------------------------- */

static const char *news_at; /* a message comes while this command is answered */

static const char *deliver_meanwhile(struct imap_mailbox *m, const char *command, struct buf *out)
{
	struct mailbox_folder *f = &m->folders[0];
	if (!news_at || strncmp(command, news_at, strlen(news_at)) != 0)
		return NULL;
	news_at = NULL;
	/* The answer is that of before. */
	size_t before = f->count;
	f->messages[f->count++] = (struct mailbox_message){ f->uidnext++, clock_wall_ms(), strdup(bench.message[0]) };
	if (strncmp(command, "UID FETCH 3:*", 13) == 0)
		buf_addf(out, "* %zu FETCH (UID 2)\r\n", before);
	buf_addf(out, "* %zu EXISTS\r\n", f->count);
	return strncmp(command, "UID FETCH 3:*", 13) == 0 ? "OK done" : NULL;
}

/* Parks as a worker does: reads until nothing more was told of. */
static void read_until_parked(void)
{
	struct error err = ERROR_INIT;
	for (int round = 0; round < 4; round++) {
		assert_int_equal(account_read(&bench.session, &err), 0);
		int parked = account_park(&bench.session, &err);
		if (parked < 0)
			fail_msg("%s", err.text);
		if (parked > 0)
			return;
	}
	fail_msg("it is never parked");
}

static void message_that_is_told_of_in_another_answer_is_read_before_parking(void **state)
{
	static const char *const commands[] = { "UID FETCH 3:*", "UID FETCH 4:*", "UID FETCH 3 (UID INTERNALDATE",
						"UID FETCH 3 (UID BODY.PEEK[]" };
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct error err = ERROR_INIT;
		if (i > 0)
			anew();
		deliver_old("INBOX", 2);
		account_bench_connect(&bench);
		bench.session.may_idle = true;
		read_until_parked();
		assert_int_equal(account_unpark(&bench.session, &err), 0);
		bench.mailbox.habit = deliver_meanwhile;
		news_at = commands[i];
		if (i > 0)
			mailbox_deliver(&bench.mailbox, "INBOX", bench.message[1], 0);
		read_until_parked();
		ROW_ASSERT_STRING(commands[i], account_bench_place(&bench, 0, place), i == 1 ? "" : "INBOX");
		account_unpark(&bench.session, &err);
	}
}

#define READ_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		READ_TEST(message_is_found_whatever_counters_say),
		READ_TEST(date_is_not_relied_upon_at_the_end),
		READ_TEST(messages_that_cannot_be_seen_make_the_sweep_incomplete),
		READ_TEST(position_moves_only_after_everything_was_stored),
		READ_TEST(folder_that_was_made_by_the_message_is_read_after_a_break),
		READ_TEST(message_that_is_not_handed_over_is_asked_for_again),
		READ_TEST(message_that_is_never_handed_over_is_seen_all_the_same),
		READ_TEST(message_that_is_shorter_than_its_size_is_asked_for_again),
		READ_TEST(message_whose_answer_cannot_be_read_costs_neither_itself_nor_others),
		READ_TEST(message_answered_in_another_form_costs_not_even_the_session),
		READ_TEST(notice_that_is_not_handed_over_is_asked_for_again),
		READ_TEST(message_that_is_told_of_in_another_answer_is_read_before_parking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
