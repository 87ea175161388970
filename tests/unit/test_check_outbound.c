/* Hosts that relay, refuse, discard, defer, hang up: told apart, each by its findings and no other. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/posture/relay/checks.h"
#include "harness/posture/relay/outbound.h"
#include "harness/posture/relay/relay_forms.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/peer.h"
#include "tests/unit/smtp_server.h"

static struct test_ca *ca;
static SSL_CTX *tls;

/* A server, and the mailbox that its messages may come to. */
struct host {
	const char *label;
	const char *greeting; /* NULL: 220 */
	const char *mail;     /* reply to MAIL; NULL: 250 */
	const char *rcpt;     /* reply to RCPT; NULL: 250 */
	const char *only;     /* a recipient with this in it is accepted all the same */
	const char *data;     /* reply to the end of data; NULL: 250 */
	int hang_up_after;    /* refusals in a session, by 421; 0: never */
	bool forgets;         /* a refusal ends the transaction: 503 to the next RCPT */
	bool wants_tls;       /* 530 to MAIL without it */
	bool silent;          /* never says anything */
	bool delivers;        /* what is accepted comes to the mailbox */
	bool unreadable;      /* the mailbox cannot be read */
	bool no_probe_to, is_mx;
	enum finding_state relay, refuses, inbound;
	const char *evidence; /* part of what outbound.open-relay says */
};

struct scene {
	const struct host *host;
	pthread_mutex_t lock;
	size_t recipients, contents;
	char tokens[64][40];
	size_t token_count;
};

static void keep_token(struct scene *scene, const char *line)
{
	pthread_mutex_lock(&scene->lock);
	if (strncmp(line, "X-Postproof-Tag: ", 17) == 0 && scene->token_count < ARRAY_LEN(scene->tokens))
		span_copy(span_of(line + 17), scene->tokens[scene->token_count++], sizeof(scene->tokens[0]));
	pthread_mutex_unlock(&scene->lock);
}

static bool take_content(struct test_peer *peer, struct scene *scene)
{
	char line[600];
	peer_send(peer, "354 go on\r\n");
	while (peer_read_line(peer, line, sizeof(line)) && strcmp(line, ".") != 0)
		keep_token(scene, line);
	pthread_mutex_lock(&scene->lock);
	scene->contents++;
	pthread_mutex_unlock(&scene->lock);
	return peer_send(peer, scene->host->data ? scene->host->data : "250 ok\r\n");
}

static const char *reply_to_rcpt(struct scene *scene, const char *line)
{
	pthread_mutex_lock(&scene->lock);
	scene->recipients++;
	pthread_mutex_unlock(&scene->lock);
	if (!scene->host->rcpt || (scene->host->only && strstr(line, scene->host->only)))
		return "250 ok\r\n";
	return scene->host->rcpt;
}

static void play(struct test_peer *peer)
{
	struct scene *scene = peer->user;
	const struct host *h = scene->host;
	char line[3000];
	int refusals = 0;
	bool open = false;
	if (h->silent) {
		peer_wait_for_end(peer);
		return;
	}
	peer_send(peer, h->greeting ? h->greeting : "220 relay.test\r\n");
	while (peer_read_line(peer, line, sizeof(line))) {
		const char *reply = "250 ok\r\n";
		if (strncmp(line, "EHLO", 4) == 0) {
			reply = h->wants_tls && !peer->ssl ? "250-relay.test\r\n250 STARTTLS\r\n"
							   : "250 relay.test\r\n";
		} else if (strcmp(line, "STARTTLS") == 0) {
			if (!peer_send(peer, "220 go on\r\n") || !peer_start_tls(peer, tls))
				return;
			continue;
		} else if (strncmp(line, "MAIL", 4) == 0) {
			reply = h->wants_tls && !peer->ssl ? "530 5.7.0 Must issue a STARTTLS command first\r\n"
				: h->mail                  ? h->mail
							   : reply;
			open = true;
		} else if (strncmp(line, "RCPT", 4) == 0) {
			reply = open ? reply_to_rcpt(scene, line) : "503 5.5.1 need MAIL\r\n";
			refusals += reply[0] != '2';
			open = reply[0] == '2' || !h->forgets;
			if (h->hang_up_after && refusals > h->hang_up_after)
				reply = "421 4.7.0 too many errors\r\n";
		} else if (strcmp(line, "DATA") == 0) {
			if (!take_content(peer, scene))
				return;
			continue;
		} else if (strcmp(line, "QUIT") == 0) {
			reply = "221 bye\r\n";
		}
		if (!peer_send(peer, reply) || strncmp(reply, "421", 3) == 0)
			return;
	}
}

static int look_into_mailbox(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
			     struct deadline deadline, struct error *err)
{
	struct scene *scene = user;
	(void)deadline;
	assert_string_equal(address, "ana@elsewhere.test");
	if (scene->host->unreadable)
		return error_set(err, ERROR_AUTH, RETRY_NEVER, 0, "the password is wrong");
	pthread_mutex_lock(&scene->lock);
	for (size_t i = 0; i < count && scene->host->delivers; i++)
		for (size_t j = 0; j < scene->token_count; j++)
			arrivals[i].arrived = arrivals[i].arrived || strcmp(arrivals[i].token, scene->tokens[j]) == 0;
	pthread_mutex_unlock(&scene->lock);
	return 0;
}

static const struct check_entry entries[] = { { "outbound", check_outbound } };

static void look(struct scene *scene, uint16_t port, unsigned connections, struct findings *ret,
		 struct posture_cost *cost)
{
	struct fake_dns *dns = fake_dns_new();
	struct error err = ERROR_INIT;
	fake_dns_add_lines(dns, "relay.test A 127.0.0.1");
	fake_dns_add_lines(dns, scene->host->is_mx ? "service.test MX 10 relay.test" : "service.test MX 10 mx.test");
	const struct posture_outbound outbound = { .host = "relay.test",
						   .port = port,
						   .probe_to = scene->host->no_probe_to ? NULL : "ana@elsewhere.test",
						   .connections = connections };
	const struct posture_mailbox mailbox = { look_into_mailbox, scene };
	const struct posture_params params = { .domain = "service.test",
					       .from_address = "hello@service.test",
					       .helo = "probe.test",
					       .outbounds = &outbound,
					       .outbound_count = 1,
					       .mailbox = &mailbox,
					       .resolver = &dns->base,
					       .timeout_ms = scene->host->silent ? 500 : 10000 };
	assert_int_equal(check_run(entries, 1, &params, ret, cost, &err), 0);
	resolver_free(&dns->base);
}

static const struct finding *finding_of(const struct findings *findings, const char *id)
{
	const struct finding *found = NULL;
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0) {
			assert_null(found);
			found = &findings->v[i];
		}
	assert_non_null(found);
	return found;
}

#define G FINDING_GOOD
#define B FINDING_BAD
#define O FINDING_OPEN

static const struct host hosts[] = {
	{ "closed", .rcpt = "554 5.7.1 Relay access denied\r\n", .relay = G, .refuses = G, .inbound = G,
	  .evidence =
	      "refused <postproof@[127.0.0.1]> to <elsewhere.test!ana@relay.test>: 554 5.7.1 Relay access denied" },
	{ "open relay", .delivers = true, .relay = B, .refuses = B, .inbound = B,
	  .evidence =
	      "it relays: 23 of 23 address forms came to ana@elsewhere.test; RELAYED <> to <ana@elsewhere.test>" },
	{ "accepts and discards", .relay = O, .refuses = B, .inbound = B, .evidence = "it discards them, or is slow" },
	{ "relays by the percent hack alone", .rcpt = "554 5.7.1 no\r\n", .only = "%elsewhere.test@relay.test",
	  .delivers = true, .relay = B, .refuses = B, .inbound = G,
	  .evidence = "it relays: 1 of 23 address forms came to ana@elsewhere.test; RELAYED <postproof@[127.0.0.1]> to "
		      "<ana%elsewhere.test@relay.test>: DATA: 250 ok; refused" },
	{ "relays by a source route alone", .rcpt = "554 5.7.1 no\r\n", .only = "<@relay.test:", .delivers = true,
	  .relay = B, .refuses = B, .inbound = G, .evidence = "<@relay.test:ana@elsewhere.test>: DATA: 250 ok" },
	{ "takes mail for the service", .rcpt = "554 5.7.1 no\r\n", .only = "hello@service.test", .relay = G,
	  .refuses = G, .inbound = B, .evidence = "it refuses all of 23 address forms" },
	{ "an MX that takes mail for the service", .rcpt = "554 5.7.1 no\r\n", .only = "hello@service.test",
	  .is_mx = true, .relay = G, .refuses = G, .inbound = G, .evidence = "it refuses all of 23" },
	{ "defers", .rcpt = "450 4.2.0 Greylisted\r\n", .relay = O, .refuses = O, .inbound = O,
	  .evidence = "23 of 23 address forms have no final answer; deferred <> to <ana@elsewhere.test>: 450 4.2.0" },
	{ "refuses by Postfix's safety net", .rcpt = "454 4.7.1 Relay access denied\r\n", .relay = G, .refuses = G,
	  .inbound = G, .evidence = "it refuses all of 23" },
	{ "refuses every sender", .mail = "550 5.7.1 no\r\n", .relay = G, .refuses = G, .inbound = G,
	  .evidence = "MAIL: 550 5.7.1 no" },
	{ "refuses at the greeting", .greeting = "554 5.7.1 no mail here\r\n", .relay = G, .refuses = G, .inbound = G,
	  .evidence = "554 5.7.1 no mail here" },
	{ "is busy", .greeting = "421 4.3.2 busy\r\n", .relay = O, .refuses = O, .inbound = O,
	  .evidence = "421 4.3.2 busy" },
	{ "refuses the content", .data = "550 5.7.1 no\r\n", .relay = G, .refuses = G, .inbound = B,
	  .evidence = "DATA: 550 5.7.1 no" },
	{ "hangs up after some refusals", .rcpt = "554 5.7.1 no\r\n", .hang_up_after = 3, .relay = G, .refuses = G,
	  .inbound = G, .evidence = "it refuses all of 23" },
	{ "hangs up at every sender", .mail = "421 4.7.0 go away\r\n", .relay = O, .refuses = O, .inbound = O,
	  .evidence = "421 go away" },
	{ "ends the transaction by a refusal", .rcpt = "554 5.7.1 no\r\n", .forgets = true, .only = "<@relay.test:",
	  .delivers = true, .relay = B, .refuses = B, .inbound = G, .evidence = "it relays: 1 of 23" },
	{ "takes mail under TLS only", .wants_tls = true, .delivers = true, .relay = B, .refuses = B, .inbound = B,
	  .evidence = "it relays: 23 of 23" },
	{ "says nothing", .silent = true, .relay = O, .refuses = O, .inbound = O, .evidence = "no final answer" },
	{ "accepts, with nowhere to send to", .no_probe_to = true, .relay = O, .refuses = B, .inbound = B,
	  .evidence = "without probe_to nothing was sent; accepted <> to <postproof@example.com>" },
	{ "accepts, and the mailbox cannot be read", .unreadable = true, .relay = O, .refuses = B, .inbound = B,
	  .evidence = "whether they came to ana@elsewhere.test is not known: the password is wrong" },
};

static void check_row(const struct host *host, const struct findings *findings)
{
	const struct {
		const char *id;
		enum finding_state state;
	} wanted[] = { { "outbound.no-inbound", host->inbound },
		       { "outbound.open-relay", host->relay },
		       { "outbound.refuses", host->refuses } };
	ROW_ASSERT(host->label, findings->count == ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct finding *f = finding_of(findings, wanted[i].id);
		if (f->state != wanted[i].state)
			fail_msg("%s: %s is %s: %s", host->label, f->id, finding_state_name(f->state), f->evidence);
		ROW_ASSERT(host->label, f->state != (f->mend[0] ? FINDING_GOOD : FINDING_BAD));
	}
	const char *evidence = finding_of(findings, "outbound.open-relay")->evidence;
	if (!strstr(evidence, host->evidence))
		fail_msg("%s: \"%s\" is not in \"%s\"", host->label, host->evidence, evidence);
}

static void each_kind_of_host_is_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct scene scene = { .host = &hosts[i], .lock = PTHREAD_MUTEX_INITIALIZER };
		struct test_server *server = test_server_new(false, play, &scene);
		struct findings findings = { 0 };
		struct posture_cost cost;
		look(&scene, test_server_port(server), 1, &findings, &cost);
		check_row(&hosts[i], &findings);
		ROW_ASSERT(hosts[i].label, cost.connections >= (hosts[i].is_mx || hosts[i].silent ? 1 : 3));
		ROW_ASSERT(hosts[i].label, !hosts[i].no_probe_to || scene.contents == 0);
		findings_fini(&findings);
		test_server_free(server);
	}
}

static void closed_port_takes_no_mail(void **state)
{
	const struct host closed = { .label = "closed port", .evidence = "connection refused" };
	struct scene scene = { .host = &closed, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct findings findings = { 0 };
	struct posture_cost cost;
	(void)state;
	look(&scene, test_closed_port(), 2, &findings, &cost);
	check_row(&closed, &findings);
	findings_fini(&findings);
}

static void no_more_connections_than_configured(void **state)
{
	const struct host closed = { .label = "closed", .evidence = "it refuses all" };
	const struct smtp_server_params params = { .rules = { { "RCPT", 0, "554 5.7.1 no", 0 } } };
	(void)state;
	for (unsigned connections = 1; connections <= 2; connections++) {
		struct scene scene = { .host = &closed, .lock = PTHREAD_MUTEX_INITIALIZER };
		struct smtp_server *server = smtp_server_start(&params);
		struct findings findings = { 0 };
		struct posture_cost cost;
		look(&scene, (uint16_t)smtp_server_port(server), connections, &findings, &cost);
		check_row(&closed, &findings);
		assert_int_equal(cost.connections, 3);
		assert_true(smtp_server_wait(server, "QUIT", 3));
		for (int n = (int)connections + 1; n <= 3; n++) {
			struct smtp_seen begun, quit;
			assert_true(smtp_server_seen(server, "EHLO", n, &begun));
			assert_true(smtp_server_seen(server, "QUIT", n - (int)connections, &quit));
			assert_true(begun.at_ms >= quit.at_ms);
		}
		findings_fini(&findings);
		smtp_server_stop(server);
	}
}

static void plan_names_hosts_and_mailboxes(void **state)
{
	const struct posture_outbound outbounds[] = { { "a.test", 25, "ana@elsewhere.test", 1 },
						      { "b.test", 587, NULL, 3 } };
	const struct posture_params params = { .outbounds = outbounds, .outbound_count = 2 };
	struct buf out = BUF_INIT(4000);
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(outbound_plan(&params, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "a.test port 25: "));
	assert_non_null(
	    strstr(buf_str(&out), "at most 1 connection at once; what it accepts is sent, to ana@elsewhere.test\n"));
	assert_non_null(strstr(buf_str(&out), "b.test port 587: "));
	assert_non_null(strstr(buf_str(&out), "at most 3 connections at once; nothing is sent\n"));
	buf_fini(&out);
}

static void forms_are_filled_in_and_capped(void **state)
{
	char out[RELAY_PATH_MAX], longest[RELAY_PATH_MAX + 1];
	struct relay_words words = {
		"ana", "elsewhere.test", "mx.test", "IPv6:::1", "hello@service.test", "probe.test"
	};
	(void)state;
	assert_true(relay_form_fill("<@{host},@{domain}:{user}@{domain}>", &words, out));
	assert_string_equal(out, "<@mx.test,@elsewhere.test:ana@elsewhere.test>");
	assert_true(relay_form_fill("<\"{user}@{domain}\"@[{ip}]>", &words, out));
	assert_string_equal(out, "<\"ana@elsewhere.test\"@[IPv6:::1]>");
	memset(longest, 'a', sizeof(longest));
	longest[RELAY_PATH_MAX - 1] = '\0';
	words.user = longest;
	assert_true(relay_form_fill("{user}", &words, out));
	assert_false(relay_form_fill("<{user}>", &words, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_host_is_told_apart),     cmocka_unit_test(closed_port_takes_no_mail),
		cmocka_unit_test(no_more_connections_than_configured), cmocka_unit_test(plan_names_hosts_and_mailboxes),
		cmocka_unit_test(forms_are_filled_in_and_capped),
	};
	const struct test_cert cert = { .names = "DNS:relay.test" };
	ca = test_ca_new();
	tls = test_ca_context(ca, &cert, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	SSL_CTX_free(tls);
	test_ca_free(ca);
	return failed;
}
