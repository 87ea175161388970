/* The way to a mailbox: what settings make of it, signing in, and what keeps one out. */
#include "harness/connect/connect_mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "providers/profile.h"

enum { LOG_MAX = 16384 };

/* Mailboxes of the configuration: two seeds, the second one's provider takes no password, [bounces] and [inbound]. */
enum which { OF_SEED, OF_OAUTH_SEED, OF_BOUNCES, OF_INBOUND };

static struct imap_mailbox server;
static struct run_bench bench;
static struct connect_context context;
static int log_fd;

static int set_up(void **state)
{
	mailbox_start(&server);
	const struct run_bench_seed seeds[] = { { .port = mailbox_port(&server) },
						{ .port = mailbox_port(&server), .keys = "auth = oauth2\n" } };
	bench_start(&bench, seeds, 2, mailbox_port(&server));
	struct inbound_settings *inbound = &bench.config->inbound;
	struct error err = ERROR_INIT;
	inbound->address = strdup("me@shop.test");
	inbound->host = strdup("127.0.0.1");
	inbound->user = strdup("me");
	inbound->port = mailbox_port(&server);
	inbound->security = IMAP_PLAIN;
	assert_int_equal(secret_ref_new(SPAN_LIT("env:POSTPROOF_TEST_PASSWORD"), NULL, &inbound->password, &err), 0);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(log_fd >= 0);
	context = (struct connect_context){ .config = bench.config, .cancel_fd = -1 };
	assert_int_equal(log_new(log_fd, LOG_LEVEL_TRANSCRIPTS, &context.log, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	log_free(context.log);
	close(log_fd);
	bench_end(&bench);
	mailbox_stop(&server);
	return 0;
}

static struct connect_mailbox mailbox_of(enum which which)
{
	struct connect_mailbox mailbox = { 0 };
	struct error err = ERROR_INIT;
	int result = 0;
	switch (which) {
	case OF_SEED:
	case OF_OAUTH_SEED:
		result = connect_mailbox_seed(&context, &bench.config->seeds.seeds[which], &mailbox, &err);
		break;
	case OF_BOUNCES:
		result = connect_mailbox_bounces(&context, &mailbox, &err);
		break;
	case OF_INBOUND:
		result = connect_mailbox_inbound(&context, &mailbox, &err);
		break;
	}
	if (result < 0)
		fail_msg("%s", err.text);
	return mailbox;
}

static const struct {
	const char *label;
	enum which which;
	const char *name, *user, *provider;
} mailboxes[] = {
	{ "seed", OF_SEED, "s0@provider0.test", "s0@provider0.test", "provider0" },
	{ "bounces", OF_BOUNCES, "bounces", "b", NULL },
	{ "inbound", OF_INBOUND, "me@shop.test", "me", NULL },
};

static void settings_say_where_a_mailbox_is_and_who_signs_in(void **state)
{
	context.cancel_fd = log_fd;
	for (size_t i = 0; i < ARRAY_LEN(mailboxes); i++) {
		const char *label = mailboxes[i].label;
		struct connect_mailbox m = mailbox_of(mailboxes[i].which);
		ROW_ASSERT_STRING(label, m.name, mailboxes[i].name);
		ROW_ASSERT_STRING(label, m.user, mailboxes[i].user);
		ROW_ASSERT_STRING(label, m.profile ? m.profile->name : "-",
				  mailboxes[i].provider ? mailboxes[i].provider : "-");
		ROW_ASSERT_STRING(label, m.imap.host, "127.0.0.1");
		ROW_ASSERT(label, m.imap.port == mailbox_port(&server));
		ROW_ASSERT(label, m.imap.security == IMAP_PLAIN);
		ROW_ASSERT(label, m.imap.login_timeout_ms == 2000);
		ROW_ASSERT(label, m.imap.command_timeout_ms == 2000);
		ROW_ASSERT(label, m.imap.cancel_fd == log_fd);
		ROW_ASSERT_STRING(label, secret_ref_text(m.password), "env:POSTPROOF_TEST_PASSWORD");
		connect_mailbox_fini(&m);
	}
	context.cancel_fd = -1;
}

static void mechanism_of_a_seed_is_its_own_or_that_of_its_provider(void **state)
{
	static const struct {
		const char *label;
		enum sasl_mechanism seed, provider, expected;
	} rows[] = {
		{ "none", SASL_AUTO, SASL_AUTO, SASL_AUTO },
		{ "of the provider", SASL_AUTO, SASL_CRAM_MD5, SASL_CRAM_MD5 },
		{ "of the seed", SASL_LOGIN, SASL_AUTO, SASL_LOGIN },
		{ "the seed's own counts", SASL_LOGIN, SASL_CRAM_MD5, SASL_LOGIN },
	};
	struct seed *seed = &bench.config->seeds.seeds[OF_SEED];
	struct profile *profile = config_provider(bench.config, seed->provider)->profile;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		seed->mechanism = rows[i].seed;
		profile->mechanism = rows[i].provider;
		struct connect_mailbox m = mailbox_of(OF_SEED);
		ROW_ASSERT(rows[i].label, m.imap.mechanism == rows[i].expected);
		connect_mailbox_fini(&m);
	}
	seed->mechanism = profile->mechanism = SASL_AUTO;
}

static void read_log(char out[LOG_MAX])
{
	ssize_t len = pread(log_fd, out, LOG_MAX - 1, 0);
	assert_true(len >= 0);
	out[len] = '\0';
}

static void every_mailbox_is_signed_in_to_in_the_same_way(void **state)
{
	char said[LOG_MAX], login[256], dialogue[256];
	for (size_t i = 0; i < ARRAY_LEN(mailboxes); i++) {
		const char *label = mailboxes[i].label;
		struct connect_mailbox m = mailbox_of(mailboxes[i].which);
		struct imap_session *session = NULL;
		struct imap_folder_list list = { 0 };
		struct error err = ERROR_INIT;
		if (connect_mailbox_open(&m, CONNECT_NO_LIMIT, &session, &err) < 0 ||
		    imap_session_list(session, &list, &err) < 0)
			fail_msg("%s: %s", label, err.text);
		ROW_ASSERT(label, mailbox_logins(&server) == i + 1);
		ROW_ASSERT(label, list.count == 1);
		imap_folder_list_fini(&list);
		imap_session_logout(session);
		imap_session_free(session);
		connect_mailbox_fini(&m);
		read_log(said);
		snprintf(login, sizeof(login), "imap %s: logged in to 127.0.0.1 port %u as %s, no TLS",
			 mailboxes[i].name, mailbox_port(&server), mailboxes[i].user);
		snprintf(dialogue, sizeof(dialogue), "imap %s > ", mailboxes[i].name);
		if (!strstr(said, login) || !strstr(said, dialogue))
			fail_msg("%s: neither \"%s\" nor \"%s\" may be missing in:\n%s", label, login, dialogue, said);
		ROW_ASSERT(label, !strstr(said, "pass word"));
	}
}

static void forget_password(struct connect_mailbox *m)
{
	m->password = NULL;
}

static void unset_password(struct connect_mailbox *m)
{
	unsetenv("POSTPROOF_TEST_PASSWORD");
}

static void refuse_password(struct connect_mailbox *m)
{
	mailbox_refuse_login(&server, "NO [AUTHENTICATIONFAILED] no");
}

static void close_port(struct connect_mailbox *m)
{
	m->imap.port = test_closed_port();
}

static void cut_at_login(struct connect_mailbox *m)
{
	mailbox_close_at(&server, "LOGIN", 1, "* BYE\r\n");
}

static void cancel(struct connect_mailbox *m)
{
	m->imap.cancel_fd = log_fd; /* a file is readable */
}

static void what_keeps_one_out_is_an_error(void **state)
{
	static const struct {
		const char *label;
		enum which which;
		void (*spoil)(struct connect_mailbox *mailbox);
		enum error_kind kind;
		int code; /* -1: any */
		unsigned connections;
		const char *says;
	} rows[] = {
		{ "OAuth 2 only", OF_OAUTH_SEED, NULL, ERROR_UNSUPPORTED, IMAP_CAUSE_OAUTH, 0, "OAuth 2 only" },
		{ "OAuth 2 only, without a password", OF_OAUTH_SEED, forget_password, ERROR_UNSUPPORTED,
		  IMAP_CAUSE_OAUTH, 0, "OAuth 2 only" },
		{ "no password", OF_INBOUND, forget_password, ERROR_UNSUPPORTED, IMAP_CAUSE_OAUTH, 0,
		  "me@shop.test has no password" },
		{ "secret that cannot be had", OF_BOUNCES, unset_password, ERROR_CONFIG, -1, 0,
		  "password: env:POSTPROOF_TEST_PASSWORD" },
		{ "wrong password", OF_SEED, refuse_password, ERROR_AUTH, IMAP_CAUSE_CREDENTIALS, 1,
		  "login name s0@provider0.test: " },
		{ "wrong password of bounces", OF_BOUNCES, refuse_password, ERROR_AUTH, IMAP_CAUSE_CREDENTIALS, 1,
		  "login name b: " },
		{ "nobody listens", OF_SEED, close_port, ERROR_NETWORK, -1, 0, "127.0.0.1" },
		{ "server ends at LOGIN", OF_INBOUND, cut_at_login, ERROR_NETWORK, -1, 1, "" },
		{ "cancelled", OF_SEED, cancel, ERROR_INTERRUPTED, -1, 0, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct connect_mailbox m = mailbox_of(rows[i].which);
		struct imap_session *session = NULL;
		struct error err = ERROR_INIT;
		unsigned before = test_server_connections(server.server);
		setenv("POSTPROOF_TEST_PASSWORD", "pass word", 1);
		mailbox_refuse_login(&server, NULL);
		if (rows[i].spoil)
			rows[i].spoil(&m);
		ROW_ASSERT(rows[i].label, connect_mailbox_open(&m, CONNECT_NO_LIMIT, &session, &err) == -1);
		ROW_ASSERT(rows[i].label, session == NULL);
		ROW_ASSERT_STRING(rows[i].label, error_kind_name(err.kind), error_kind_name(rows[i].kind));
		ROW_ASSERT(rows[i].label, rows[i].code < 0 || err.code == rows[i].code);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].label, err.text, rows[i].says);
		if (rows[i].kind != ERROR_INTERRUPTED)
			ROW_ASSERT(rows[i].label,
				   test_server_connections(server.server) - before == rows[i].connections);
		connect_mailbox_fini(&m);
	}
}

static void say_nothing(struct test_peer *peer)
{
	peer_wait_for_end(peer);
}

static void deadline_ends_the_sign_in_before_its_own_time(void **state)
{
	struct test_server *silent = test_server_new(false, say_nothing, NULL);
	struct connect_mailbox m = mailbox_of(OF_SEED);
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	assert_non_null(silent);
	m.imap.port = test_server_port(silent);
	m.imap.login_timeout_ms = 600000;
	assert_int_equal(connect_mailbox_open(&m, deadline_in(300), &session, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	connect_mailbox_fini(&m);
	test_server_free(silent);
}

static void deadline_ends_what_follows_as_well(void **state)
{
	struct connect_mailbox m = mailbox_of(OF_SEED);
	struct imap_session *session = NULL;
	struct imap_folder_list list = { 0 };
	struct error err = ERROR_INIT;
	struct deadline deadline = deadline_in(2500);
	if (connect_mailbox_open(&m, deadline, &session, &err) < 0)
		fail_msg("%s", err.text);
	while (!deadline_passed(deadline))
		usleep(50000);
	assert_int_equal(imap_session_list(session, &list, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	imap_session_free(session);
	connect_mailbox_fini(&m);
}

#define MAILBOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAILBOX_TEST(settings_say_where_a_mailbox_is_and_who_signs_in),
		MAILBOX_TEST(mechanism_of_a_seed_is_its_own_or_that_of_its_provider),
		MAILBOX_TEST(every_mailbox_is_signed_in_to_in_the_same_way),
		MAILBOX_TEST(what_keeps_one_out_is_an_error),
		MAILBOX_TEST(deadline_ends_the_sign_in_before_its_own_time),
		MAILBOX_TEST(deadline_ends_what_follows_as_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
