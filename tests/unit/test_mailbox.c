/* Looking for tokens in a mailbox: where they are, when they come late, when the mailbox cannot be read. */
#include "harness/watch/mailbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"

#define SEED    "s0@provider0.test"
#define TOKEN_A "00000000000000000000000000000001"
#define TOKEN_B "00000000000000000000000000000002"
#define MESSAGE(token)                                                                                                 \
	"Authentication-Results: mx.test; spf=pass\r\nX-Postproof-Tag: " token "\r\nSubject: a\r\n\r\nbody\r\n"

static struct imap_mailbox mailbox;
static struct run_bench bench;
static struct mailbox_access access_to;
static struct posture_arrival arrivals[2];
static struct error err;

static void forget(void)
{
	for (size_t i = 0; i < ARRAY_LEN(arrivals); i++) {
		free(arrivals[i].folder);
		free(arrivals[i].header);
	}
	arrivals[0] = (struct posture_arrival){ .token = TOKEN_A };
	arrivals[1] = (struct posture_arrival){ .token = TOKEN_B };
	err = (struct error)ERROR_INIT;
}

static int set_up(void **state)
{
	(void)state;
	mailbox_start(&mailbox);
	bench_start(&bench, &(struct run_bench_seed){ .port = mailbox_port(&mailbox) }, 1, 0);
	access_to = (struct mailbox_access){ { bench.config, NULL, -1 }, clock_wall_ms() };
	forget();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	forget();
	bench_end(&bench);
	mailbox_stop(&mailbox);
	return 0;
}

static int look_for(const char *address, size_t count, int64_t ms)
{
	return mailbox_await(&access_to, address, arrivals, count, deadline_in(ms), &err);
}

static void found_messages_are_told_with_folder_and_header(void **state)
{
	(void)state;
	mailbox_add_folder(&mailbox, "All Mail", "\\All");
	mailbox_add_folder(&mailbox, "Spam", "\\Junk");
	mailbox_deliver(&mailbox, "All Mail", MESSAGE(TOKEN_A), 0);
	mailbox_deliver(&mailbox, "INBOX", "Subject: another\r\n\r\n", 0);
	mailbox_deliver(&mailbox, "INBOX", MESSAGE(TOKEN_B), 0);
	mailbox_deliver(&mailbox, "Spam", MESSAGE(TOKEN_A), 0);
	mailbox_deliver(&mailbox, "Spam", MESSAGE(TOKEN_A), 0);
	int64_t begun_ms = clock_mono_ms();
	assert_int_equal(look_for(SEED, 2, 10000), 0);
	assert_true(clock_mono_ms() - begun_ms < 5000);
	assert_true(arrivals[0].arrived && !arrivals[0].inbox);
	assert_string_equal(arrivals[0].folder, "Spam");
	assert_true(arrivals[1].arrived && arrivals[1].inbox);
	assert_string_equal(arrivals[1].folder, "INBOX");
	assert_non_null(strstr(arrivals[0].header, "Authentication-Results: mx.test; spf=pass\r\n"));
	assert_null(strstr(arrivals[0].header, "body"));
	assert_int_equal(mailbox_whole_fetches(&mailbox), 2);
}

static void *deliver_late(void *argument)
{
	(void)argument;
	usleep(300 * 1000);
	mailbox_deliver(&mailbox, "INBOX", MESSAGE(TOKEN_A), 0);
	return NULL;
}

static void message_that_comes_late_is_found(void **state)
{
	pthread_t thread;
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, deliver_late, NULL), 0);
	assert_int_equal(look_for(SEED, 1, 10000), 0);
	pthread_join(thread, NULL);
	assert_true(arrivals[0].arrived);
}

static void what_does_not_come_ends_with_the_deadline(void **state)
{
	(void)state;
	mailbox_deliver(&mailbox, "INBOX", MESSAGE(TOKEN_A), 0);
	/* As old as that it is none of ours, whatever it says. */
	mailbox_deliver(&mailbox, "INBOX", MESSAGE(TOKEN_B), access_to.since_ms - INT64_C(3600) * 1000);
	int64_t begun_ms = clock_mono_ms();
	assert_int_equal(look_for(SEED, 2, 1500), 0);
	assert_true(clock_mono_ms() - begun_ms >= 1500);
	assert_true(clock_mono_ms() - begun_ms < 5000);
	assert_true(arrivals[0].arrived);
	assert_false(arrivals[1].arrived);
}

static void mailbox_of_inbound_has_its_own_server(void **state)
{
	struct inbound_settings *inbound = &bench.config->inbound;
	(void)state;
	inbound->address = strdup("me@shop.test");
	inbound->host = strdup("127.0.0.1");
	inbound->user = strdup("me");
	inbound->port = mailbox_port(&mailbox);
	inbound->security = IMAP_PLAIN;
	assert_int_equal(look_for("me@shop.test", 1, 1000), -1);
	assert_int_equal(err.kind, ERROR_UNSUPPORTED); /* no password */
	forget();
	assert_int_equal(secret_ref_new(SPAN_LIT("secret"), NULL, &inbound->password, &err), 0);
	mailbox_deliver(&mailbox, "INBOX", MESSAGE(TOKEN_A), 0);
	assert_int_equal(look_for("me@shop.test", 1, 10000), 0);
	assert_true(arrivals[0].arrived);
}

static void mailbox_that_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(look_for("nobody@provider0.test", 1, 1000), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "mailbox nobody@provider0.test: "));
	forget();
	mailbox_close_at(&mailbox, "UID FETCH", 1, NULL);
	mailbox_close_at(&mailbox, "EXAMINE", 1, NULL);
	assert_int_equal(look_for(SEED, 1, 10000), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	forget();
	mailbox_refuse_login(&mailbox, "NO [AUTHENTICATIONFAILED] wrong");
	assert_int_equal(look_for(SEED, 1, 10000), -1);
	assert_int_equal(err.kind, ERROR_AUTH);
	assert_false(arrivals[0].arrived);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found_messages_are_told_with_folder_and_header, set_up, tear_down),
		cmocka_unit_test_setup_teardown(message_that_comes_late_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_does_not_come_ends_with_the_deadline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mailbox_of_inbound_has_its_own_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mailbox_that_cannot_be_read_is_an_error, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
