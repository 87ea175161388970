/* What a receiving server makes of each message: one fault at a time, and what an ordinary message says of the others.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/posture/relay/inbound.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/peer.h"

enum { ORDINARY, EICAR, GTUBE, FORGED, SPF, DKIM, KINDS };

static const char *const ids[KINDS] = { "inbound.delivery", "inbound.eicar",    "inbound.gtube",
					"inbound.forged",   "inbound.spf-fail", "inbound.dkim-broken" };
static const char *const words[KINDS] = { "an ordinary message", "EICAR",        "GTUBE", "forged",
					  "fails SPF",           "does not hold" };

/* What becomes of a message: the reply to its end of data (NULL: 250), where it is then (NULL: nowhere). */
struct fate {
	const char *reply, *folder, *header;
};

struct row {
	const char *label;
	int changed; /* the one kind whose fate is not that at a good server */
	struct fate fate;
	enum finding_state states[KINDS];
	const char *evidence; /* part of what the finding of that kind says */
	bool unreadable;
	const char *rcpt; /* reply to RCPT at this mailbox; NULL: 250 */
};

static const struct fate good[KINDS] = {
	[ORDINARY] = { NULL, "INBOX", "Authentication-Results: mx.test; spf=none\r\n\r\n" },
	[EICAR] = { "550 5.7.1 virus\r\n", NULL, NULL },
	[GTUBE] = { NULL, "Junk", "X-Spam-Flag: YES\r\n\r\n" },
	[FORGED] = { "550 5.7.1 DMARC\r\n", NULL, NULL },
	[SPF] = { NULL, "INBOX", "Authentication-Results: mx.test; spf=fail smtp.mailfrom=service.test\r\n\r\n" },
	[DKIM] = { NULL, "INBOX", "Authentication-Results: mx.test; dkim=permerror\r\n\r\n" },
};

struct scene {
	const struct row *row;
	pthread_mutex_t lock;
	char tokens[KINDS][40];
	char senders[KINDS][200], froms[KINDS][200];
	bool has_eicar[KINDS], has_gtube[KINDS], has_signature[KINDS];
	size_t relayed; /* recipients of other domains that were asked for */
};

static struct fate fate_of(const struct scene *scene, int kind)
{
	return kind == scene->row->changed ? scene->row->fate : good[kind];
}

/* What a message holds, as far as these tests ask for it. */
struct content {
	char token[40], from[200];
	bool eicar, gtube, signature;
	int kind;
};

static void read_line_of(struct content *c, const char *line)
{
	if (strncmp(line, "X-Postproof-Tag: ", 17) == 0)
		span_copy(span_of(line + 17), c->token, sizeof(c->token));
	if (strncmp(line, "From: ", 6) == 0)
		span_copy(span_of(line + 6), c->from, sizeof(c->from));
	for (int kind = 0; kind < KINDS && strncmp(line, "Subject: ", 9) == 0; kind++)
		if (strstr(line, words[kind]))
			c->kind = kind;
	/* The beginning of the test file in Base64, as scanners look for it. */
	c->eicar = c->eicar || strncmp(line, "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FS", 44) == 0;
	c->gtube = c->gtube || strstr(line, "*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*");
	c->signature = c->signature ||
		       strstr(line, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=service.test; "
				    "s=s1;");
}

static bool take_content(struct test_peer *peer, struct scene *scene, const char *sender)
{
	struct content c = { .kind = -1 };
	char line[1200];
	if (!peer_send(peer, "354 go on\r\n"))
		return false;
	while (peer_read_line(peer, line, sizeof(line)) && strcmp(line, ".") != 0)
		read_line_of(&c, line);
	if (c.kind < 0)
		return false;
	pthread_mutex_lock(&scene->lock);
	memcpy(scene->tokens[c.kind], c.token, sizeof(c.token));
	memcpy(scene->froms[c.kind], c.from, sizeof(c.from));
	span_copy(span_of(sender), scene->senders[c.kind], sizeof(scene->senders[0]));
	scene->has_eicar[c.kind] = c.eicar;
	scene->has_gtube[c.kind] = c.gtube;
	scene->has_signature[c.kind] = c.signature;
	pthread_mutex_unlock(&scene->lock);
	struct fate fate = fate_of(scene, c.kind);
	return peer_send(peer, fate.reply ? fate.reply : "250 2.0.0 queued\r\n");
}

static void play(struct test_peer *peer)
{
	struct scene *scene = peer->user;
	char line[3000], sender[200] = "";
	peer_send(peer, "220 mx.test\r\n");
	while (peer_read_line(peer, line, sizeof(line))) {
		const char *reply = "250 ok\r\n";
		if (strncmp(line, "MAIL", 4) == 0) {
			span_copy(span_of(line), sender, sizeof(sender));
		} else if (strcmp(line, "RCPT TO:<me@shop.test>") == 0) {
			reply = scene->row->rcpt ? scene->row->rcpt : reply;
		} else if (strncmp(line, "RCPT", 4) == 0) {
			pthread_mutex_lock(&scene->lock);
			scene->relayed++;
			pthread_mutex_unlock(&scene->lock);
			reply = "554 5.7.1 no relaying\r\n";
		} else if (strcmp(line, "DATA") == 0) {
			if (!take_content(peer, scene, sender))
				return;
			continue;
		}
		if (!peer_send(peer, reply))
			return;
	}
}

static int look_into_mailbox(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
			     struct deadline deadline, struct error *err)
{
	struct scene *scene = user;
	(void)deadline;
	assert_string_equal(address, "me@shop.test");
	if (scene->row->unreadable)
		return error_set(err, ERROR_AUTH, RETRY_NEVER, 0, "the password is wrong");
	pthread_mutex_lock(&scene->lock);
	for (size_t i = 0; i < count; i++)
		for (int kind = 0; kind < KINDS; kind++) {
			struct fate fate = fate_of(scene, kind);
			if (strcmp(arrivals[i].token, scene->tokens[kind]) != 0 || !fate.folder)
				continue;
			arrivals[i].arrived = true;
			arrivals[i].folder = strdup(fate.folder);
			arrivals[i].inbox = strcmp(fate.folder, "INBOX") == 0;
			arrivals[i].header = strdup(fate.header);
		}
	pthread_mutex_unlock(&scene->lock);
	return 0;
}

static void look(struct scene *scene, const char *zone, uint16_t port, struct findings *ret)
{
	static const char *const selectors[] = { "s1" };
	struct fake_dns *dns = fake_dns_new();
	struct posture_cost cost;
	struct error err = ERROR_INIT;
	fake_dns_add_lines(dns, zone);
	const struct posture_inbound inbound = {
		.address = "me@shop.test", .port = port, .connections = 1, .wait_ms = 1000
	};
	const struct posture_mailbox mailbox = { look_into_mailbox, scene };
	const struct posture_params params = { .domain = "service.test",
					       .from_address = "hello@service.test",
					       .helo = "probe.test",
					       .selectors = selectors,
					       .selector_count = 1,
					       .inbound = &inbound,
					       .mailbox = &mailbox,
					       .resolver = &dns->base,
					       .timeout_ms = 10000 };
	assert_int_equal(inbound_run(&params, ret, &cost, &err), 0);
	resolver_free(&dns->base);
}

static const struct finding *finding_of(const struct findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0)
			return &findings->v[i];
	fail_msg("%s is missing", id);
	return NULL;
}

#define G FINDING_GOOD
#define B FINDING_BAD
#define O FINDING_OPEN

static const struct row rows[] = {
	{ "a good server", -1, { 0 }, { G, G, G, G, G, G }, "" },
	{ "virus in the inbox",
	  EICAR,
	  { NULL, "INBOX", "\r\n" },
	  { G, B, G, G, G, G },
	  "neither refused nor filed nor marked: it is in INBOX; no authentication results" },
	{ "virus is taken and thrown away",
	  EICAR,
	  { 0 },
	  { G, G, G, G, G, G },
	  "not delivered within 1.0 s, as an ordinary message is" },
	{ "virus is filed", EICAR, { NULL, "Quarantine", "\r\n" }, { G, G, G, G, G, G }, "filed: it is in Quarantine" },
	{ "virus is deferred",
	  EICAR,
	  { "451 4.7.1 later\r\n", NULL, NULL },
	  { G, O, G, G, G, G },
	  "deferred for 1.0 s: 451 4.7.1 later (DATA)" },
	{ "spam in the inbox",
	  GTUBE,
	  { NULL, "INBOX", "Authentication-Results: mx.test; spf=fail\r\n\r\n" },
	  { G, G, B, G, G, G },
	  "it is in INBOX; spf=fail" },
	{ "spam is refused",
	  GTUBE,
	  { "554 5.7.1 spam\r\n", NULL, NULL },
	  { G, G, G, G, G, G },
	  "refused: 554 5.7.1 spam (DATA)" },
	{ "forgery in the inbox",
	  FORGED,
	  { NULL, "INBOX", "Authentication-Results: mx.test; spf=none; dmarc=none\r\n\r\n" },
	  { G, G, G, B, G, G },
	  "it is in INBOX; spf=none dmarc=none" },
	{ "forgery is marked",
	  FORGED,
	  { NULL, "INBOX", "Authentication-Results: mx.test; dmarc=fail\r\n\r\n" },
	  { G, G, G, G, G, G },
	  "marked: it is in INBOX; dmarc=fail" },
	{ "SPF is not evaluated",
	  SPF,
	  { NULL, "INBOX", "Authentication-Results: mx.test; dmarc=fail\r\n\r\n" },
	  { G, G, G, G, B, G },
	  "it is in INBOX; dmarc=fail" },
	{ "SPF is reported in its own field",
	  SPF,
	  { NULL, "INBOX", "Received-SPF: Softfail (x) y\r\n\r\n" },
	  { G, G, G, G, G, G },
	  "Received-SPF: Softfail" },
	{ "broken signature is overlooked",
	  DKIM,
	  { NULL, "INBOX", "Authentication-Results: mx.test; dkim=none\r\n\r\n" },
	  { G, G, G, G, G, B },
	  "it is in INBOX; dkim=none" },
	{ "broken signature is called neutral",
	  DKIM,
	  { NULL, "INBOX", "Authentication-Results: mx.test; dkim=neutral\r\n\r\n" },
	  { G, G, G, G, G, G },
	  "marked" },
	{ "an ordinary message is filed", ORDINARY, { NULL, "Junk", "\r\n" }, { G, G, O, G, G, G }, "it is in Junk" },
	{ "an ordinary message is refused",
	  ORDINARY,
	  { "550 5.7.1 your address\r\n", NULL, NULL },
	  { O, O, O, O, G, G },
	  "an ordinary message has not arrived: 550 5.7.1 your address (DATA)" },
	{ "an ordinary message does not come",
	  ORDINARY,
	  { 0 },
	  { O, G, O, G, G, G },
	  "an ordinary message has not arrived: 250 2.0.0 queued (DATA)" },
	{ "the mailbox cannot be read", -1, { 0 }, { O, G, O, G, O, O }, "", .unreadable = true },
	{ "no mailbox of that name", -1, { 0 }, { O, O, O, O, O, O }, "", .rcpt = "550 5.1.1 unknown\r\n" },
};

static void check_row(const struct row *row, const struct findings *findings)
{
	ROW_ASSERT(row->label, findings->count == KINDS + 1);
	for (int kind = 0; kind < KINDS; kind++) {
		const struct finding *f = finding_of(findings, ids[kind]);
		if (f->state != row->states[kind])
			fail_msg("%s: %s is %s: %s", row->label, f->id, finding_state_name(f->state), f->evidence);
		ROW_ASSERT(row->label, f->state != (f->mend[0] ? G : B));
		if (kind == row->changed && !strstr(f->evidence, row->evidence))
			fail_msg("%s: \"%s\" is not in \"%s\"", row->label, row->evidence, f->evidence);
	}
	const struct finding *relay = finding_of(findings, "inbound.open-relay");
	ROW_ASSERT_STRING(row->label, relay->subject, "mx.shop.test [127.0.0.1]");
	ROW_ASSERT(row->label, relay->state == G);
}

static void each_message_is_judged_beside_an_ordinary_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene = { .row = &rows[i], .lock = PTHREAD_MUTEX_INITIALIZER };
		struct test_server *server = test_server_new(false, play, &scene);
		struct findings findings = { 0 };
		look(&scene, "shop.test MX 10 mx.shop.test\nmx.shop.test A 127.0.0.1", test_server_port(server),
		     &findings);
		check_row(&rows[i], &findings);
		ROW_ASSERT(rows[i].label, scene.relayed >= 20);
		findings_fini(&findings);
		test_server_free(server);
	}
}

static void messages_are_what_they_are_called(void **state)
{
	struct scene scene = { .row = &rows[0], .lock = PTHREAD_MUTEX_INITIALIZER };
	struct test_server *server = test_server_new(false, play, &scene);
	struct findings findings = { 0 };
	(void)state;
	look(&scene, "shop.test MX 10 mx.shop.test\nmx.shop.test A 127.0.0.1", test_server_port(server), &findings);
	for (int kind = 0; kind < KINDS; kind++) {
		const char *sender = kind == FORGED || kind == SPF ? "MAIL FROM:<hello@service.test>"
								   : "MAIL FROM:<postproof@probe.test>";
		const char *from = kind == FORGED ? "<hello@service.test>" : "<postproof@probe.test>";
		ROW_ASSERT_STRING(words[kind], scene.senders[kind], sender);
		ROW_ASSERT_STRING(words[kind], scene.froms[kind], from);
		ROW_ASSERT(words[kind], scene.has_eicar[kind] == (kind == EICAR));
		ROW_ASSERT(words[kind], scene.has_gtube[kind] == (kind == GTUBE));
		ROW_ASSERT(words[kind], scene.has_signature[kind] == (kind == DKIM));
	}
	findings_fini(&findings);
	test_server_free(server);
}

static void servers_that_are_not_there_leave_all_open(void **state)
{
	static const char *const zones[] = { "shop.test MX 0 .", "shop.test FAILED", "shop.test MX 10 mx.shop.test",
					     "shop.test MX 10 mx.shop.test\nmx.shop.test A 127.0.0.1" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct scene scene = { .row = &rows[0], .lock = PTHREAD_MUTEX_INITIALIZER };
		struct findings findings = { 0 };
		look(&scene, zones[i], test_closed_port(), &findings);
		ROW_ASSERT(zones[i], findings.count == KINDS + 1);
		for (int kind = 0; kind < KINDS; kind++)
			ROW_ASSERT(zones[i], finding_of(&findings, ids[kind])->state == O);
		findings_fini(&findings);
	}
}

static void preferred_server_is_tried_first_and_the_next_where_it_is_away(void **state)
{
	struct scene scene = { .row = &rows[0], .lock = PTHREAD_MUTEX_INITIALIZER };
	struct test_server *server = test_server_new(false, play, &scene);
	struct findings findings = { 0 };
	(void)state;
	/* Nobody listens on 127.0.0.2 and 127.0.0.3. */
	look(&scene,
	     "shop.test MX 20 b.shop.test\nshop.test MX 10 a.shop.test\nshop.test MX 30 c.shop.test\n"
	     "a.shop.test A 127.0.0.2\nb.shop.test A 127.0.0.1\nc.shop.test A 127.0.0.3",
	     test_server_port(server), &findings);
	assert_int_equal(findings.count, KINDS + 3);
	assert_int_equal(finding_of(&findings, "inbound.delivery")->state, G);
	findings_fini(&findings);
	test_server_free(server);
}

static void plan_names_mailbox_and_messages(void **state)
{
	const struct posture_inbound inbound = { .address = "me@shop.test", .connections = 4 };
	const struct posture_params params = { .inbound = &inbound };
	struct buf out = BUF_INIT(4000);
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(inbound_plan(&params, &out, &err), 0);
	assert_non_null(
	    strstr(buf_str(&out), "me@shop.test: its MX are sent an ordinary message, a message with the EICAR"));
	assert_non_null(strstr(buf_str(&out), "at most 4 connections at once; none of those is sent\n"));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_judged_beside_an_ordinary_one),
		cmocka_unit_test(messages_are_what_they_are_called),
		cmocka_unit_test(servers_that_are_not_there_leave_all_open),
		cmocka_unit_test(preferred_server_is_tried_first_and_the_next_where_it_is_away),
		cmocka_unit_test(plan_names_mailbox_and_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
