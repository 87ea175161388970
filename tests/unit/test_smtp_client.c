/* The dialogue against scripted servers: what is said, what comes of each way in which a server misbehaves. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/net/smtp_client.h"
#include "tests/unit/peer.h"

static struct test_ca *ca;

/* What a server of this test says and has heard. */
struct scene {
	const char *greeting;
	const char *const (*answers)[2]; /* start of a command, reply; anything else is answered by `250 ok` */
	SSL_CTX *tls;                    /* begins where the reply to STARTTLS is 220 */
	pthread_mutex_t lock;
	char heard[2000]; /* lines */
};

static const char *answer_to(const struct scene *scene, const char *line)
{
	for (size_t i = 0; scene->answers && scene->answers[i][0]; i++)
		if (strncmp(line, scene->answers[i][0], strlen(scene->answers[i][0])) == 0)
			return scene->answers[i][1];
	return "250 ok\r\n";
}

static void hear(struct scene *scene, const char *line)
{
	pthread_mutex_lock(&scene->lock);
	size_t len = strlen(scene->heard);
	snprintf(scene->heard + len, sizeof(scene->heard) - len, "%s\n", line);
	pthread_mutex_unlock(&scene->lock);
}

static void play(struct test_peer *peer)
{
	struct scene *scene = peer->user;
	char line[200];
	bool content = false;
	if (!peer_send(peer, scene->greeting))
		return;
	while (peer_read_line(peer, line, sizeof(line))) {
		hear(scene, line);
		content = content && strcmp(line, ".") != 0;
		if (content)
			continue;
		const char *reply = answer_to(scene, line);
		content = strcmp(line, "DATA") == 0 && strncmp(reply, "354", 3) == 0;
		if (!reply[0] || !peer_send(peer, reply))
			return;
		if (strcmp(line, "STARTTLS") != 0 || strncmp(reply, "220", 3) != 0)
			continue;
		if (!scene->tls)
			peer_wait_for_end(peer);
		else if (!peer_start_tls(peer, scene->tls))
			return;
	}
}

struct bench {
	struct scene scene;
	struct test_server *server;
	struct smtp_client *client;
	struct smtp_reply reply;
	struct error err;
};

static int begin(struct bench *b, const char *greeting, const char *const (*answers)[2], SSL_CTX *tls, int64_t ms)
{
	*b = (struct bench){ .scene = { greeting, answers, tls, .lock = PTHREAD_MUTEX_INITIALIZER } };
	b->server = test_server_new(false, play, &b->scene);
	const struct smtp_client_params params = { .address = "127.0.0.1",
						   .port = test_server_port(b->server),
						   .host = "mx.test",
						   .ca_file = test_ca_file(ca),
						   .helo = "probe.test",
						   .deadline = deadline_in(ms),
						   .cancel_fd = -1 };
	smtp_reply_init(&b->reply);
	return smtp_client_new(&params, &b->client, &b->reply, &b->err);
}

static void end(struct bench *b)
{
	smtp_client_free(b->client);
	smtp_reply_fini(&b->reply);
	test_server_free(b->server);
}

static const char *const taking[][2] = { { "EHLO", "250-mx.test\r\n250-SIZE 1000\r\n250-starttls\r\n250 SMTPUTF8\r\n" },
					 { "RCPT TO:<no@", "550 5.1.1 nobody\r\n" },
					 { "DATA", "354 go ahead\r\n" },
					 { NULL, NULL } };

static void whole_dialogue_is_led(void **state)
{
	struct bench b;
	assert_int_equal(begin(&b, "220-mx.test\r\n220 ready\r\n", taking, NULL, 10000), 0);
	assert_int_equal(b.reply.code, 220);
	assert_string_equal(buf_str(&b.reply.text), "mx.test ready");
	assert_non_null(strstr(smtp_client_peer(b.client), "127.0.0.1:"));
	assert_false(smtp_client_offers(b.client, "SIZE"));
	assert_int_equal(smtp_client_hello(b.client, &b.reply, &b.err), 0);
	assert_true(smtp_client_offers(b.client, "SIZE"));
	assert_true(smtp_client_offers(b.client, "STARTTLS"));
	assert_false(smtp_client_offers(b.client, "mx.test"));
	assert_false(smtp_client_offers(b.client, "SIZ"));
	assert_int_equal(smtp_client_command(b.client, &b.reply, &b.err, "MAIL FROM:<%s>", ""), 0);
	assert_int_equal(smtp_client_command(b.client, &b.reply, &b.err, "RCPT TO:<%s>", "no@mx.test"), 0);
	assert_int_equal(b.reply.code, 550);
	assert_string_equal(b.reply.enhanced, "5.1.1");
	assert_string_equal(buf_str(&b.reply.text), "nobody");
	assert_int_equal(smtp_client_data(b.client, SPAN_LIT("Subject: x\r\n\r\n.dot\r\n.\r\nend"), &b.reply, &b.err),
			 0);
	assert_int_equal(b.reply.code, 250);
	smtp_client_quit(b.client);
	b.client = NULL;
	end(&b);
	assert_string_equal(b.scene.heard, "EHLO probe.test\nMAIL FROM:<>\nRCPT TO:<no@mx.test>\nDATA\nSubject: x\n\n"
					   "..dot\n..\nend\n.\nQUIT\n");
}

static void old_server_is_greeted_by_helo(void **state)
{
	static const char *const answers[][2] = { { "EHLO", "502 what?\r\n" }, { NULL, NULL } };
	struct bench b;
	assert_int_equal(begin(&b, "220 old\r\n", answers, NULL, 10000), 0);
	assert_int_equal(smtp_client_hello(b.client, &b.reply, &b.err), 0);
	assert_int_equal(b.reply.code, 250);
	assert_false(smtp_client_offers(b.client, "STARTTLS"));
	end(&b);
	assert_string_equal(b.scene.heard, "EHLO probe.test\nHELO probe.test\n");
}

static void refused_data_sends_no_content(void **state)
{
	static const char *const answers[][2] = { { "DATA", "554 5.7.1 no\r\n" }, { NULL, NULL } };
	struct bench b;
	assert_int_equal(begin(&b, "220 x\r\n", answers, NULL, 10000), 0);
	assert_int_equal(smtp_client_data(b.client, SPAN_LIT("a\r\n"), &b.reply, &b.err), 0);
	assert_int_equal(b.reply.code, 554);
	end(&b);
	assert_string_equal(b.scene.heard, "DATA\n");
}

static void command_has_one_line(void **state)
{
	static const char *const addresses[] = { "a@b>\r\nRCPT TO:<c@d", "a\n@b", "a\r@b" };
	struct bench b;
	assert_int_equal(begin(&b, "220 x\r\n", NULL, NULL, 10000), 0);
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		ROW_ASSERT(addresses[i],
			   smtp_client_command(b.client, &b.reply, &b.err, "RCPT TO:<%s>", addresses[i]) == -1);
		ROW_ASSERT(addresses[i], b.err.kind == ERROR_CONFIG);
	}
	assert_int_equal(smtp_client_command(b.client, &b.reply, &b.err, "%5000s", "long"), -1);
	assert_int_equal(b.err.kind, ERROR_CONFIG);
	end(&b);
	assert_string_equal(b.scene.heard, "");
}

#define TEN(text) text text text text text text text text text text

static const struct {
	const char *label, *greeting;
	const char *answers[2][2];
	enum error_kind kind;
	const char *says;
} hostile[] = {
	{ "no SMTP", "SSH-2.0-OpenSSH\r\n", {}, ERROR_PROTOCOL, "does not speak SMTP" },
	{ "silence", "", {}, ERROR_TIMEOUT, "in time" },
	{ "half a greeting", "220-x\r\n", {}, ERROR_TIMEOUT, "in time" },
	{ "reply before the command", "220 x\r\n250 y\r\n", {}, ERROR_PROTOCOL, "out of turn" },
	{ "endless line", "220 " TEN(TEN(TEN("0123456789"))), {}, ERROR_LIMIT, "too long" },
	{ "hangs up", "220 x\r\n", { { "EHLO", "" } }, ERROR_NETWORK, "closed the connection" },
	{ "code of two digits", "220 x\r\n", { { "EHLO", "25 x\r\n" } }, ERROR_PROTOCOL, "does not speak SMTP" },
	{ "waits behind EHLO", "220 x\r\n", { { "EHLO", "250-x\r\n" } }, ERROR_TIMEOUT, "in time" },
	{ "plaintext behind STARTTLS",
	  "220 x\r\n",
	  { { "STARTTLS", "220 go ahead\r\n250 injected\r\n" } },
	  ERROR_PROTOCOL,
	  "in plaintext behind its reply to STARTTLS" },
	{ "no TLS behind STARTTLS", "220 x\r\n", { { "STARTTLS", "220-go\r\n220 go\r\n" } }, ERROR_TIMEOUT, "in time" },
	{ "takes DATA without content",
	  "220 x\r\n",
	  { { "STARTTLS", "454 no\r\n" }, { "DATA", "250 ok\r\n" } },
	  ERROR_PROTOCOL,
	  "without waiting for the content" },
};

static void server_that_misbehaves_ends_the_dialogue(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const char *const answers[][2] = { { hostile[i].answers[0][0], hostile[i].answers[0][1] },
						   { hostile[i].answers[1][0], hostile[i].answers[1][1] },
						   { NULL, NULL } };
		struct bench b;
		int64_t before = clock_mono_ms();
		bool well = begin(&b, hostile[i].greeting, answers, NULL, 400) == 0 &&
			    smtp_client_hello(b.client, &b.reply, &b.err) == 0 &&
			    smtp_client_starttls(b.client, &b.reply, &b.err) == 0 &&
			    smtp_client_data(b.client, SPAN_LIT("x\r\n"), &b.reply, &b.err) == 0;
		ROW_ASSERT(hostile[i].label, !well);
		if (b.err.kind != hostile[i].kind || !strstr(b.err.text, hostile[i].says))
			fail_msg("%s: %s: %s", hostile[i].label, error_kind_name(b.err.kind), b.err.text);
		ROW_ASSERT(hostile[i].label, clock_mono_ms() - before < 5000);
		end(&b);
	}
}

static void drip(struct test_peer *peer)
{
	while (peer_send(peer, "2"))
		usleep(20000);
}

static void dripping_server_is_left_at_the_deadline(void **state)
{
	struct test_server *server = test_server_new(false, drip, NULL);
	const struct smtp_client_params params = { .address = "127.0.0.1",
						   .port = test_server_port(server),
						   .helo = "probe.test",
						   .deadline = deadline_in(300),
						   .cancel_fd = -1 };
	struct smtp_client *client = NULL;
	struct smtp_reply reply;
	struct error err = ERROR_INIT;
	smtp_reply_init(&reply);
	assert_int_equal(smtp_client_new(&params, &client, &reply, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_null(client);
	smtp_reply_fini(&reply);
	test_server_free(server);
}

static void quit_is_not_waited_for_long(void **state)
{
	static const char *const answers[][2] = { { "QUIT", "221-wait\r\n" }, { NULL, NULL } };
	struct bench b;
	assert_int_equal(begin(&b, "220 x\r\n", answers, NULL, 60000), 0);
	int64_t before = clock_mono_ms();
	smtp_client_quit(b.client);
	b.client = NULL;
	assert_true(clock_mono_ms() - before < 5000);
	end(&b);
	assert_string_equal(b.scene.heard, "QUIT\n");
}

static const char *const with_tls[][2] = { { "EHLO", "250-mx.test\r\n250 STARTTLS\r\n" },
					   { "STARTTLS", "220 go\r\n" },
					   { NULL, NULL } };

static void certificate_must_hold_but_for_an_inspection(void **state)
{
	static const struct {
		const char *label, *names;
		bool holds;
	} rows[] = { { "right name", "DNS:mx.test", true }, { "wrong name", "DNS:other.test", false } };
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		bool inspects = i % 2, holds = rows[i / 2].holds;
		const struct test_cert cert = { .names = rows[i / 2].names };
		SSL_CTX *context = test_ca_context(ca, &cert, 0);
		struct tls_inspection seen = { 0 };
		struct bench b;
		assert_int_equal(begin(&b, "220 x\r\n", with_tls, context, 10000), 0);
		assert_int_equal(smtp_client_hello(b.client, &b.reply, &b.err), 0);
		int result = inspects ? smtp_client_inspect_tls(b.client, &seen, &b.reply, &b.err)
				      : smtp_client_starttls(b.client, &b.reply, &b.err);
		ROW_ASSERT(rows[i / 2].label, (result == 0) == (holds || inspects));
		ROW_ASSERT(rows[i / 2].label, result == 0 || b.err.code == TLS_WRONG_NAME);
		ROW_ASSERT(rows[i / 2].label, !inspects || (seen.refusal.kind == ERROR_NONE) == holds);
		if (result == 0) {
			/* What was offered before TLS is forgotten. */
			assert_false(smtp_client_offers(b.client, "STARTTLS"));
			assert_int_equal(smtp_client_hello(b.client, &b.reply, &b.err), 0);
			assert_true(smtp_client_offers(b.client, "STARTTLS"));
		}
		tls_inspection_fini(&seen);
		end(&b);
		SSL_CTX_free(context);
	}
}

static void refused_starttls_is_a_reply(void **state)
{
	static const char *const answers[][2] = { { "STARTTLS", "454 4.7.0 not now\r\n" }, { NULL, NULL } };
	struct tls_inspection seen = { 0 };
	struct bench b;
	assert_int_equal(begin(&b, "220 x\r\n", answers, NULL, 10000), 0);
	assert_int_equal(smtp_client_inspect_tls(b.client, &seen, &b.reply, &b.err), 0);
	assert_int_equal(b.reply.code, 454);
	assert_int_equal(seen.chain_count, 0);
	end(&b);
}

static int make_ca(void **state)
{
	ca = test_ca_new();
	return 0;
}

static int drop_ca(void **state)
{
	test_ca_free(ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_dialogue_is_led),
		cmocka_unit_test(old_server_is_greeted_by_helo),
		cmocka_unit_test(refused_data_sends_no_content),
		cmocka_unit_test(command_has_one_line),
		cmocka_unit_test(server_that_misbehaves_ends_the_dialogue),
		cmocka_unit_test(quit_is_not_waited_for_long),
		cmocka_unit_test(dripping_server_is_left_at_the_deadline),
		cmocka_unit_test(certificate_must_hold_but_for_an_inspection),
		cmocka_unit_test(refused_starttls_is_a_reply),
	};
	return cmocka_run_group_tests(tests, make_ca, drop_ca);
}
