/* One account, on the thread of the test: what connecting needs, what is read, what a sweep says. */
#include "harness/watch/account_read.h"
#include "harness/watch/account_sweep.h"

#include <string.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "providers/profile.h"

static struct imap_mailbox mailbox;
static struct run_bench bench;
static struct account_environment environment;
static struct account account;
static struct account_session session;
static char message[BENCH_MESSAGE_MAX];

static int set_up(void **state)
{
	mailbox_start(&mailbox);
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&mailbox) }, 1, 0);
	bench_message(&bench, 0, message);
	environment = (struct account_environment){
		.store = bench.store, .ledger = bench.ledger, .facts = &bench.facts, .since_ms = clock_wall_ms() - 60000
	};
	account = (struct account){ .environment = &environment, .seed = bench.facts.probes[0].seed };
	const struct connect_context context = { .config = bench.config, .cancel_fd = -1 };
	struct error err = ERROR_INIT;
	bench.config->seeds.seeds[0].user = strdup("ana");
	assert_int_equal(connect_mailbox_seed(&context, &bench.config->seeds.seeds[0], &account.mailbox, &err), 0);
	session = (struct account_session){ .account = &account, .selected = -1 };
	return 0;
}

static int tear_down(void **state)
{
	account_disconnect(&session);
	account_fini(&account);
	bench_end(&bench);
	mailbox_stop(&mailbox);
	return 0;
}

static void connect_account(void)
{
	struct error err = ERROR_INIT;
	if (account_connect(&session, &err) < 0)
		fail_msg("%s", err.text);
	session.folder_count = 0;
	for (size_t i = 0; i < account.folder_count; i++)
		if (account.folders[i].watched)
			session.folders[session.folder_count++] = i;
}

static void read_account(void)
{
	struct error err = ERROR_INIT;
	if (account_read(&session, &err) < 0)
		fail_msg("%s", err.text);
}

static void roles_and_baselines_come_with_the_first_connection(void **state)
{
	mailbox_add_folder(&mailbox, "Sent", "\\Sent");
	mailbox_add_folder(&mailbox, "Bin", "\\Noselect");
	mailbox_add_folder(&mailbox, "Spam", ""); /* by its name */
	mailbox_deliver(&mailbox, "INBOX", "Subject: old\r\n\r\n", 0);
	connect_account();
	assert_int_equal(account.folder_count, 3);
	assert_int_equal(account.folders[0].role, FOLDER_INBOX);
	assert_int_equal(account.folders[0].uidnext, 2);
	assert_true(account.folders[0].watched);
	assert_int_equal(account.folders[1].role, FOLDER_SENT);
	assert_false(account.folders[1].watched);
	assert_int_equal(account.folders[2].role, FOLDER_SPAM);
	assert_true(account.folders[2].watched);
}

static void mailbox_that_cannot_be_watched_is_an_error(void **state)
{
	static const struct {
		const char *label, *close_at, *close_with, *refuse_login, *bounce_folder;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{ "wrong password", NULL, NULL, "NO [AUTHENTICATIONFAILED] no", NULL, ERROR_AUTH, "login name ana: " },
		{ "ends at LIST", "LIST", "* BYE\r\n", NULL, NULL, ERROR_NETWORK, "LIST" },
		{ "ends at STATUS", "STATUS", "", NULL, NULL, ERROR_NETWORK, "folder INBOX: " },
		{ "no such bounce folder", NULL, NULL, NULL, "Returned", ERROR_REFUSED, "no folder Returned" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		if (rows[i].close_at)
			mailbox_close_at(&mailbox, rows[i].close_at, 1, rows[i].close_with);
		mailbox_refuse_login(&mailbox, rows[i].refuse_login);
		account.bounce_folder = rows[i].bounce_folder;
		ROW_ASSERT(rows[i].label, account_connect(&session, &err) < 0);
		ROW_ASSERT_STRING(rows[i].label, error_kind_name(err.kind), error_kind_name(rows[i].kind));
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].label, err.text, rows[i].says);
		ROW_ASSERT(rows[i].label, account.folder_count == 0);
		account_disconnect(&session);
	}
	/* Nothing of a failed attempt hinders the next one. */
	account.bounce_folder = NULL;
	connect_account();
	assert_int_equal(account.folder_count, 1);
}

static void secret_that_cannot_be_had_is_an_error_of_the_configuration(void **state)
{
	struct error err = ERROR_INIT;
	unsetenv("POSTPROOF_TEST_PASSWORD");
	assert_int_equal(account_connect(&session, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_int_equal(mailbox_logins(&mailbox), 0);
}

static void each_message_is_fetched_once(void **state)
{
	connect_account();
	for (int round = 0; round < 3; round++) {
		mailbox_deliver(&mailbox, "INBOX", "Subject: other\r\n\r\n", 0);
		if (round == 0)
			mailbox_deliver(&mailbox, "INBOX", message, 0);
		read_account();
	}
	assert_int_equal(mailbox_whole_fetches(&mailbox), 1);
	assert_int_equal(mailbox_looks(&mailbox), 4);
	assert_int_equal(bench_told(&bench, PROGRESS_FOUND), 1);
	/* The same message a second time in the folder is another sight of it. */
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	read_account();
	assert_int_equal(mailbox_whole_fetches(&mailbox), 2);
	assert_int_equal(bench_told(&bench, PROGRESS_MOVED), 0);
}

static void uids_given_anew_are_read_by_date(void **state)
{
	mailbox_deliver(&mailbox, "INBOX", message, 86400000); /* long before the run */
	connect_account();
	mailbox_renumber(&mailbox, "INBOX");
	read_account();
	assert_int_equal(mailbox_whole_fetches(&mailbox), 0);
	mailbox_deliver(&mailbox, "INBOX", message, 0);
	mailbox_renumber(&mailbox, "INBOX");
	read_account();
	assert_int_equal(mailbox_whole_fetches(&mailbox), 1);
	assert_int_equal(bench_told(&bench, PROGRESS_FOUND), 1);
}

static void parking_needs_a_silent_server(void **state)
{
	struct error err = ERROR_INIT;
	connect_account();
	read_account();
	assert_int_equal(account_park(&session, &err), 1);
	assert_true(session.idling);
	assert_int_equal(account_unpark(&session, &err), 0);
	assert_false(session.idling);
	assert_int_equal(account_unpark(&session, &err), 0);
}

static void sweep_says_what_it_read(void **state)
{
	static const struct {
		const char *label, *in; /* the folder with the message; NULL: nowhere */
		bool sent, other_deleted;
		int result;
		size_t found;
	} rows[] = {
		{ "nothing is awaited", NULL, false, false, 1, 0 },
		{ "nowhere", NULL, true, false, 0, 0 },
		{ "in another folder", "Work", true, false, 0, 1 },
		{ "nowhere, and a folder was deleted", NULL, true, true, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		bool complete = false;
		if (i > 0) {
			tear_down(NULL);
			set_up(NULL);
		}
		mailbox_add_folder(&mailbox, "Work", "");
		connect_account();
		if (rows[i].sent)
			bench_sent(&bench, 0);
		if (rows[i].in)
			mailbox_deliver(&mailbox, rows[i].in, message, 0);
		if (rows[i].other_deleted)
			mailbox_delete_folder(&mailbox, "Work");
		ROW_ASSERT(rows[i].label, account_sweep(&session, &complete, &err) == rows[i].result);
		ROW_ASSERT(rows[i].label, complete);
		ROW_ASSERT(rows[i].label, bench_told(&bench, PROGRESS_FOUND) == rows[i].found);
	}
}

/* It is listed, and cannot be opened: the message may be in it. */
static void folder_that_cannot_be_opened_makes_the_sweep_incomplete(void **state)
{
	struct error err = ERROR_INIT;
	bool complete = true;
	mailbox_add_folder(&mailbox, "Shared", "");
	connect_account();
	bench_sent(&bench, 0);
	mailbox_lock_folder(&mailbox, "Shared");
	assert_int_equal(account_sweep(&session, &complete, &err), 0);
	assert_false(complete);
}

#define ACCOUNT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCOUNT_TEST(roles_and_baselines_come_with_the_first_connection),
		ACCOUNT_TEST(mailbox_that_cannot_be_watched_is_an_error),
		ACCOUNT_TEST(secret_that_cannot_be_had_is_an_error_of_the_configuration),
		ACCOUNT_TEST(each_message_is_fetched_once),
		ACCOUNT_TEST(uids_given_anew_are_read_by_date),
		ACCOUNT_TEST(parking_needs_a_silent_server),
		ACCOUNT_TEST(sweep_says_what_it_read),
		ACCOUNT_TEST(folder_that_cannot_be_opened_makes_the_sweep_incomplete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
