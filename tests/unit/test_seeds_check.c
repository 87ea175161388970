/* The look at every account: what is told of one that can be read, and of one that cannot. */
#include "harness/watch/seeds_check.h"

#include <string.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

static struct imap_mailbox good, refusing, bounces;
static struct run_bench bench;
static struct seed_check *checks;
static size_t check_count;

static int set_up(void **state)
{
	mailbox_start(&good);
	mailbox_start(&refusing);
	mailbox_start(&bounces);
	const struct run_bench_seed seeds[] = { { .port = mailbox_port(&good) },
						{ .port = mailbox_port(&refusing) },
						{ .port = mailbox_port(&good), .keys = "auth = oauth2\n" } };
	mailbox_add_folder(&good, "Junk", "\\Junk");
	mailbox_refuse_login(&refusing, "NO [AUTHENTICATIONFAILED] wrong");
	bench_start(&bench, seeds, 3, mailbox_port(&bounces));
	return 0;
}

static int tear_down(void **state)
{
	seed_checks_free(checks, check_count);
	checks = NULL;
	bench_end(&bench);
	mailbox_stop(&bounces);
	mailbox_stop(&refusing);
	mailbox_stop(&good);
	return 0;
}

static void check(bool first, bool second, bool third)
{
	const bool chosen[] = { first, second, third };
	struct error err = ERROR_INIT;
	if (seeds_check(bench.config, chosen, -1, NULL, &checks, &check_count, &err) < 0)
		fail_msg("%s", err.text);
}

static void each_account_is_told_of_in_its_own_right(void **state)
{
	static const struct {
		const char *name, *provider;
		bool ok;
		enum error_kind kind;
		const char *says, *mend;
		size_t folders;
	} rows[] = {
		{ "s0@provider0.test", "provider0", true, ERROR_NONE, "", "", 2 },
		{ "s1@provider1.test", "provider1", false, ERROR_AUTH,
		  "login name s1@provider1.test: ", "[seed s1@provider1.test]", 0 },
		{ "s2@provider2.test", "provider2", false, ERROR_UNSUPPORTED, "OAuth 2 only", "OAuth 2", 0 },
		{ "[bounces]", "", true, ERROR_NONE, "", "", 1 },
	};
	check(true, true, true);
	assert_int_equal(check_count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct seed_check *c = &checks[i];
		ROW_ASSERT_STRING(rows[i].name, c->name, rows[i].name);
		ROW_ASSERT_STRING(rows[i].name, c->provider, rows[i].provider);
		ROW_ASSERT(rows[i].name, c->ok == rows[i].ok);
		ROW_ASSERT_STRING(rows[i].name, error_kind_name(c->error.kind), error_kind_name(rows[i].kind));
		ROW_ASSERT(rows[i].name, strstr(c->error.text, rows[i].says));
		ROW_ASSERT(rows[i].name, strstr(c->mend, rows[i].mend));
		ROW_ASSERT(rows[i].name, (c->mend[0] == '\0') == rows[i].ok);
		ROW_ASSERT(rows[i].name, c->folders.count == rows[i].folders);
		ROW_ASSERT_STRING(rows[i].name, c->tls ? c->tls : "-", rows[i].ok ? "none" : "-");
	}
	assert_int_equal(checks[0].folders.folders[1].role, FOLDER_SPAM);
	assert_non_null(strstr(checks[0].capabilities, "IDLE"));
	assert_int_equal(checks[3].folders.folders[0].role, FOLDER_INBOX);
}

static void only_chosen_seeds_are_looked_at(void **state)
{
	check(false, false, true);
	assert_int_equal(check_count, 2); /* and the bounce mailbox */
	assert_string_equal(checks[0].name, "s2@provider2.test");
	assert_int_equal(mailbox_logins(&good), 0);
	assert_int_equal(test_server_connections(refusing.server), 0);
	assert_int_equal(mailbox_logins(&bounces), 1);
}

static void bounce_folder_that_is_not_there_is_told(void **state)
{
	mailbox_delete_folder(&bounces, "INBOX");
	mailbox_add_folder(&bounces, "Returned", "");
	check(true, false, false);
	assert_int_equal(check_count, 2);
	assert_true(checks[0].ok);
	assert_false(checks[1].ok);
	assert_int_equal(checks[1].error.code, IMAP_CAUSE_NO_FOLDER);
	assert_non_null(strstr(checks[1].error.text, "no folder INBOX"));
	assert_non_null(strstr(checks[1].mend, "[bounces]"));
}

#define CHECK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* As a run does: a folder that is not shown costs no more than itself. */
static void folder_that_is_not_shown_is_named(void **state)
{
	mailbox_add_folder(&good, "Calendar", "");
	mailbox_hide_folder(&good, "Calendar", "NO [NOPERM] not yours");
	check(true, false, false);
	assert_true(checks[0].ok);
	assert_int_equal(checks[0].folders.count, 3);
	assert_int_equal(checks[0].left_out.count, 1);
	assert_non_null(strstr(checks[0].left_out.v[0], "folder Calendar: "));
	assert_non_null(strstr(checks[0].left_out.v[0], "[NOPERM] not yours"));
}

static void inbox_that_is_not_shown_fails(void **state)
{
	mailbox_hide_folder(&good, "INBOX", "NO [NOPERM] not yours");
	check(true, false, false);
	assert_false(checks[0].ok);
	assert_non_null(strstr(checks[0].error.text, "folder INBOX: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK_TEST(each_account_is_told_of_in_its_own_right),
		CHECK_TEST(only_chosen_seeds_are_looked_at),
		CHECK_TEST(bounce_folder_that_is_not_there_is_told),
		CHECK_TEST(folder_that_is_not_shown_is_named),
		CHECK_TEST(inbox_that_is_not_shown_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
