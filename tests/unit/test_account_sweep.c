/* The last look into a mailbox, and what is said of each message after it. */
#include "harness/watch/account_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/account_bench.h"
#include "tests/unit/unit.h"

#include "harness/assess/assess.h"
#include "harness/config/config.h"
#include "harness/base/clock.h"
#include "store/run.h"

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

/* --- views ------------------------------------------------------------------------------------------------------ */

static void view_never_outranks_a_folder(void **state)
{
	static const struct {
		const char *label, *flags; /* of the folder "View", which is listed before all others */
		const char *in[2];         /* besides the view; NULL: nowhere else */
		const char *place;
	} rows[] = {
		{ "in the inbox, and in all mail", "\\All", { "INBOX" }, "INBOX" },
		{ "in the inbox, and starred", "\\HasNoChildren \\Flagged", { "INBOX" }, "INBOX" },
		{ "in the inbox, and important", "\\Important", { "INBOX" }, "INBOX" },
		{ "in a folder of a filter, and in all mail", "\\All", { "Filed" }, "Filed" },
		{ "in a folder of a filter, and important", "\\Important", { "Filed" }, "Filed" },
		{ "in the spam folder, and starred", "\\Flagged", { "Junk" }, "Junk" },
		{ "in all mail alone", "\\All", { NULL }, "View" },
		{ "starred alone", "\\Flagged", { NULL }, "View" },
		{ "in a folder that is no view, and in the inbox", "", { "INBOX" }, "INBOX" },
		{ "in a folder that is no view", "\\Archive", { NULL }, "View" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool complete = false;
		if (i > 0)
			anew();
		mailbox_add_folder(&bench.mailbox, "View", rows[i].flags);
		mailbox_add_folder(&bench.mailbox, "Filed", "");
		mailbox_add_folder(&bench.mailbox, "Junk", "\\Junk");
		account_bench_connect(&bench);
		mailbox_deliver(&bench.mailbox, "View", bench.message[0], 0);
		for (size_t k = 0; k < 2 && rows[i].in[k]; k++)
			mailbox_deliver(&bench.mailbox, rows[i].in[k], bench.message[0], 0);
		account_bench_read(&bench);
		/* Another message of the seed is missing, so that every folder is read. */
		ROW_ASSERT(rows[i].label, account_bench_sweep(&bench, &complete) == 0 && complete);
		ROW_ASSERT_STRING(rows[i].label, account_bench_place(&bench, 0, place), rows[i].place);
	}
}

/* --- looking again ---------------------------------------------------------------------------------------------- */

static struct {
	const char *command, *answer;
	unsigned times;
} refusal;

static const char *refuse(struct imap_mailbox *m, const char *command, struct buf *out)
{
	if (refusal.times == 0 || strncmp(command, refusal.command, strlen(refusal.command)) != 0)
		return NULL;
	refusal.times--;
	return refusal.answer;
}

static void refusal_does_not_say_that_a_message_is_gone(void **state)
{
	static const struct {
		const char *label, *answer;
		unsigned times;
		bool deleted;
		const char *place;
	} rows[] = {
		{ "out of order for a moment", "NO [UNAVAILABLE] try later", 1, false, "INBOX" },
		{ "out of order", "NO [UNAVAILABLE] try later", 100, false, "INBOX" },
		{ "a bug of the server", "NO [SERVERBUG] oops", 2, false, "INBOX" },
		{ "in use", "NO [INUSE] locked by another session", 100, false, "INBOX" },
		{ "without a code", "NO Server Unavailable. 15", 1, false, "INBOX" },
		{ "words of a folder that is not there", "NO Mailbox does not exist", 2, false, "INBOX" },
		{ "code of a folder that is not there, though it is listed", "NO [NONEXISTENT] no", 100, false,
		  "INBOX" },
		{ "not permitted", "NO [NOPERM] no", 100, false, "INBOX" },
		{ "not understood", "BAD Command Argument Error. 11", 100, false, "INBOX" },
		{ "too often", "NO [LIMIT] slow down", 2, false, "INBOX" },
		{ "deleted", "NO [NONEXISTENT] no", 100, true, "" },
		{ "deleted, told without a code", "NO what?", 100, true, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool complete;
		if (i > 0)
			anew();
		account_bench_connect(&bench);
		mailbox_deliver(&bench.mailbox, "INBOX", bench.message[0], 0);
		account_bench_read(&bench);
		ROW_ASSERT_STRING(rows[i].label, account_bench_place(&bench, 0, place), "INBOX");
		refusal.command = "EXAMINE";
		refusal.answer = rows[i].answer;
		refusal.times = rows[i].times;
		bench.mailbox.habit = refuse;
		if (rows[i].deleted)
			mailbox_delete_folder(&bench.mailbox, "INBOX");
		account_bench_sweep(&bench, &complete);
		ROW_ASSERT_STRING(rows[i].label, account_bench_place(&bench, 0, place), rows[i].place);
		/* Nothing is said of a folder that could not be read; one that is not there holds nothing. */
		ROW_ASSERT(rows[i].label, complete == (rows[i].deleted || rows[i].times < 100));
	}
}

static void every_place_is_asked_at_the_end(void **state)
{
	static const struct {
		const char *label;
		bool junk_first;       /* of the two sights */
		const char *leaves[2]; /* before the sweep */
		const char *place;
		bool renumber; /* the inbox, before the sweep */
	} rows[] = {
		{ "in both", false, { NULL }, "Junk" },
		{ "in both, the spam folder first", true, { NULL }, "Junk" },
		{ "moved to the spam folder", false, { "INBOX" }, "Junk" },
		{ "moved to the inbox", true, { "Junk" }, "INBOX" },
		{ "taken out of the spam folder again", false, { "Junk" }, "INBOX" },
		{ "taken out of both", false, { "INBOX", "Junk" }, "" },
		{ "in both, UIDs anew", false, { NULL }, "Junk", .renumber = true },
		{ "taken out of the spam folder, UIDs anew", false, { "Junk" }, "INBOX", .renumber = true },
		{ "taken out of both, UIDs anew", false, { "INBOX", "Junk" }, "", .renumber = true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool complete;
		if (i > 0)
			anew();
		mailbox_add_folder(&bench.mailbox, "Junk", "\\Junk");
		mailbox_add_folder(&bench.mailbox, "Bin", "\\Trash");
		account_bench_connect(&bench);
		mailbox_deliver(&bench.mailbox, rows[i].junk_first ? "Junk" : "INBOX", bench.message[0], 0);
		account_bench_read(&bench);
		mailbox_deliver(&bench.mailbox, rows[i].junk_first ? "INBOX" : "Junk", bench.message[0], 0);
		account_bench_read(&bench);
		for (size_t k = 0; k < 2 && rows[i].leaves[k]; k++)
			mailbox_expunge(&bench.mailbox, rows[i].leaves[k], 1);
		if (rows[i].renumber)
			mailbox_renumber(&bench.mailbox, "INBOX");
		account_bench_sweep(&bench, &complete);
		ROW_ASSERT_STRING(rows[i].label, account_bench_place(&bench, 0, place), rows[i].place);
	}
}

/* --- the invariant ---------------------------------------------------------------------------------------------- */

/* What becomes of a message: drawn from few words, so that stories of one length are many. */
enum fate {
	FATE_NOWHERE,
	FATE_INBOX,
	FATE_SPAM,
	FATE_FILED,
	FATE_INBOX_AND_VIEW,
	FATE_VIEW,
	FATE_INBOX_AND_FILED,
	FATE_INBOX_AND_SPAM,
	FATE_INBOX_TO_SPAM,
	FATE_INBOX_TO_FILED,
	FATE_TWICE,
	FATE_NEW_FOLDER,
	FATE_COUNT
};

static const char *const fate_names[FATE_COUNT] = {
	"nowhere",         "inbox",          "spam",          "filed",          "inbox and view", "view",
	"inbox and filed", "inbox and spam", "inbox to spam", "inbox to filed", "twice",          "new folder",
};

/* The places of a fate, in the order of delivery, and the folder to which the first one is moved. */
static const struct {
	const char *in[3], *moved_to;
} fates[FATE_COUNT] = {
	[FATE_INBOX] = { { "INBOX" }, NULL },
	[FATE_SPAM] = { { "Junk" }, NULL },
	[FATE_FILED] = { { "Filed" }, NULL },
	[FATE_INBOX_AND_VIEW] = { { "INBOX", "All" }, NULL },
	[FATE_VIEW] = { { "All" }, NULL },
	[FATE_INBOX_AND_FILED] = { { "INBOX", "Filed" }, NULL },
	[FATE_INBOX_AND_SPAM] = { { "INBOX", "Junk" }, NULL },
	[FATE_INBOX_TO_SPAM] = { { "INBOX" }, "Junk" },
	[FATE_INBOX_TO_FILED] = { { "INBOX" }, "Filed" },
	[FATE_TWICE] = { { "INBOX", "INBOX" }, NULL },
	[FATE_NEW_FOLDER] = { { "New" }, NULL },
};

/* Whatever else a server may do in a story: all of it is survived, so that it must change no cell either. */
struct story {
	enum fate fates[ACCOUNT_PROBES];
	bool renumber, rewind, silent, unavailable, read_between;
	const char *close_at;
};

static unsigned long draw_state;

static unsigned draw(unsigned below)
{
	draw_state = draw_state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(draw_state >> 33) % below;
}

static struct story draw_story(void)
{
	static const char *const breaks[] = { NULL, NULL, "LIST", "EXAMINE", "UID FETCH", "FETCH 1:" };
	struct story story = { .renumber = draw(4) == 0,
			       .rewind = draw(4) == 0,
			       .silent = draw(4) == 0,
			       .unavailable = draw(4) == 0,
			       .read_between = draw(2) == 0,
			       .close_at = breaks[draw(ARRAY_LEN(breaks))] };
	for (size_t i = 0; i < ACCOUNT_PROBES; i++)
		story.fates[i] = (enum fate)draw(FATE_COUNT);
	return story;
}

static void add_folders(void)
{
	mailbox_add_folder(&bench.mailbox, "All", "\\All");
	mailbox_add_folder(&bench.mailbox, "Filed", "");
	mailbox_add_folder(&bench.mailbox, "Junk", "\\Junk");
}

static void tell_fate(size_t probe, enum fate fate)
{
	bool made = fate == FATE_NEW_FOLDER;
	for (size_t i = 0; i < bench.mailbox.folder_count; i++)
		made = made && strcmp(bench.mailbox.folders[i].name, "New") != 0;
	if (made)
		mailbox_add_folder(&bench.mailbox, "New", "");
	for (size_t k = 0; k < ARRAY_LEN(fates[fate].in) && fates[fate].in[k]; k++) {
		uint32_t uid = mailbox_deliver(&bench.mailbox, fates[fate].in[k], bench.message[probe], 0);
		if (k > 0 || !fates[fate].moved_to)
			continue;
		account_bench_read(&bench);
		mailbox_move(&bench.mailbox, fates[fate].in[k], uid, fates[fate].moved_to);
	}
}

static void play(const struct story *story)
{
	bool complete;
	add_folders();
	mailbox_rewind(&bench.mailbox, "INBOX", (uint32_t)-100);
	mailbox_deliver(&bench.mailbox, "INBOX", "Subject: old\r\n\r\n", 0);
	bench.mailbox.silent_uidnext = story->silent;
	account_bench_connect(&bench);
	if (story->rewind)
		mailbox_rewind(&bench.mailbox, "INBOX", 50);
	for (size_t i = 0; i < ACCOUNT_PROBES; i++) {
		tell_fate(i, story->fates[i]);
		if (story->read_between)
			account_bench_read(&bench);
	}
	if (story->renumber)
		mailbox_renumber(&bench.mailbox, "INBOX");
	account_bench_read(&bench);
	refusal.command = "EXAMINE \"INBOX\"";
	refusal.answer = "NO [UNAVAILABLE] not now";
	refusal.times = story->unavailable;
	bench.mailbox.habit = refuse;
	if (story->close_at)
		mailbox_close_at(&bench.mailbox, story->close_at, 1, "");
	account_bench_sweep(&bench, &complete);
}

/* What is said of a probe: its outcome, placement, reason of the placement. */
static void cell_of(size_t probe, char *out, size_t size)
{
	const struct assess_bodies none = { 0 };
	struct error err = ERROR_INIT;
	struct matrix matrix;
	bench_reload(&bench.run);
	if (assess(&bench.run.facts, bench.run.config, &none, &matrix, &err) < 0)
		fail_msg("%s", err.text);
	const struct probe_judgement *j = &matrix.rows[probe].judgement;
	const struct cell *cell = judgement_cell(j, EXPECT_PLACEMENT);
	snprintf(out, size, "%s, %s, %s", outcome_name(j->outcome), j->placement_text, cell ? cell->reason : "");
	matrix_fini(&matrix);
}

static void tell_story(const struct story *s, char *out, size_t size)
{
	int n = snprintf(out, size, "%s%s%s%s%s%s ", s->renumber ? "renumber, " : "", s->rewind ? "rewind, " : "",
			 s->silent ? "silent, " : "", s->unavailable ? "unavailable, " : "",
			 s->read_between ? "read between, " : "", s->close_at ? s->close_at : "");
	for (size_t i = 0; i < ACCOUNT_PROBES; i++)
		n += snprintf(out + n, size - (size_t)n, "[%s]", fate_names[s->fates[i]]);
}

/* The same server does the same to one message, and something else becomes of all others. */
static void cell_of_a_delivered_message_depends_on_no_other_message(void **state)
{
	const char *more = getenv("POSTPROOF_STORIES"), *seed = getenv("POSTPROOF_STORIES_SEED");
	unsigned stories = more ? (unsigned)strtoul(more, NULL, 10) : 40;
	draw_state = seed ? strtoul(seed, NULL, 10) : 20261130;
	for (unsigned i = 0; i < stories; i++) {
		char first[2048], second[2048], told[512];
		struct story story = draw_story(), other = story;
		size_t probe = draw(ACCOUNT_PROBES);
		if (story.fates[probe] == FATE_NOWHERE)
			story.fates[probe] = other.fates[probe] = FATE_INBOX;
		for (size_t k = 0; k < ACCOUNT_PROBES; k++)
			if (k != probe)
				other.fates[k] = (enum fate)draw(FATE_COUNT);
		anew();
		play(&story);
		cell_of(probe, first, sizeof(first));
		anew();
		play(&other);
		cell_of(probe, second, sizeof(second));
		if (strcmp(first, second) != 0 || !span_starts(span_of(first), SPAN_LIT("delivered"))) {
			tell_story(&story, told, sizeof(told));
			print_error("story %u, message %zu: %s\n  %s\n", i, probe, told, first);
			tell_story(&other, told, sizeof(told));
			fail_msg("%s\n  %s", told, second);
		}
	}
}

#define SWEEP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SWEEP_TEST(view_never_outranks_a_folder),
		SWEEP_TEST(refusal_does_not_say_that_a_message_is_gone),
		SWEEP_TEST(every_place_is_asked_at_the_end),
		SWEEP_TEST(cell_of_a_delivered_message_depends_on_no_other_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
