/* SpamAssassin and Rspamd: what their answers mean, and servers that do not keep to the protocol. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/posture/content/rspamd.h"
#include "harness/posture/content/spamd.h"
#include "tests/unit/peer.h"

#define SPAM_LINE "Spam: True ; 6.4 / 5.0\r\n"
#define REPORT                                                                                                         \
	"Spam detection software has identified this:\r\n 1.0 NOT_YET\r\n\r\n"                                         \
	"Content analysis details:   (6.4 points, 5.0 required)\r\n\r\n"                                               \
	" pts rule name              description\r\n"                                                                  \
	"---- ---------------------- -----------------------\r\n"                                                      \
	" 1.4 MISSING_DATE           Missing Date: header\r\n"                                                         \
	"-0.0 NO_RELAYS              Informational: message was not\r\n"                                               \
	"                            relayed via SMTP\r\n"                                                             \
	"                            [1.0 points]\r\n"                                                                 \
	" 5.0 GTUBE!                 no name of a rule\r\n"                                                            \
	" 5.0 BODY_8BITS             BODY: includes 8 consecutive\r\n"

struct reply_row {
	const char *label, *text;
	const char *expected; /* `spam 6.4/5.0 action: rules`, or a part of the error */
	enum error_kind kind;
};

static const struct reply_row spamd_rows[] = {
	{ "spam", "SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\n" SPAM_LINE "\r\n" REPORT,
	  "spam 6.4/5.0 : MISSING_DATE 1.4, NO_RELAYS -0.0, BODY_8BITS 5.0", ERROR_NONE },
	{ "ham", "SPAMD/1.1 0 EX_OK\nSpam: False ; -1.5 / 5.0\n\n", "ham -1.5/5.0 : ", ERROR_NONE },
	{ "cut", "SPAMD/1.1 0 EX_OK\r\n" SPAM_LINE, "spam 6.4/5.0 : ", ERROR_NONE },
	{ "refused", "SPAMD/1.0 76 Bad header line: x\r\n", "spamd says SPAMD/1.0 76 Bad header line", ERROR_REFUSED },
	{ "no verdict", "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n\r\n", "no response of spamd", ERROR_PROTOCOL },
	{ "no number", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; nan / 5.0\r\n\r\n", "no response of spamd", ERROR_PROTOCOL },
	{ "another number", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1.2.3 / 5.0\r\n\r\n", "no response", ERROR_PROTOCOL },
	{ "verdict in the body", "SPAMD/1.1 0 EX_OK\r\n\r\n" SPAM_LINE, "no response of spamd", ERROR_PROTOCOL },
	{ "another protocol", "220 mx.test ESMTP\r\n", "no response of spamd: 220 mx.test", ERROR_PROTOCOL },
	{ "nothing", "", "no response of spamd", ERROR_PROTOCOL },
};

static const struct reply_row rspamd_rows[] = {
	{ "add header",
	  "{\"score\":7.25,\"required_score\":15,\"action\":\"add header\",\"symbols\":{\"MISSING_DATE\":{\"name\":"
	  "\"MISSING_DATE\",\"score\":1.0},\"HFILTER\":{\"score\":6.25},\"A_ZERO\":{\"score\":0},\"GOOD\":{\"score\":-"
	  "1}}}",
	  "spam 7.2/15.0 add header: HFILTER 6.2, MISSING_DATE 1.0, A_ZERO 0.0, GOOD -1.0", ERROR_NONE },
	{ "no action", "{\"score\":0,\"required_score\":15.0,\"action\":\"no action\",\"symbols\":{}}",
	  "ham 0.0/15.0 no action: ", ERROR_NONE },
	{ "symbols of another shape",
	  "{\"score\":0,\"required_score\":15.0,\"action\":\"reject\",\"symbols\":{\"A\":1,\"B\":[],\"C\":{\"score\":"
	  "\"x\"}}}",
	  "spam 0.0/15.0 reject: A 0.0, B 0.0, C 0.0", ERROR_NONE },
	{ "symbols as a list", "{\"score\":0,\"required_score\":15.0,\"action\":\"reject\",\"symbols\":[1]}",
	  "spam 0.0/15.0 reject: ", ERROR_NONE },
	{ "no score", "{\"required_score\":15.0,\"action\":\"reject\"}", "no response of Rspamd", ERROR_PROTOCOL },
	{ "a score in words", "{\"score\":\"1\",\"required_score\":15.0,\"action\":\"reject\"}", "no response",
	  ERROR_PROTOCOL },
	{ "no action at all", "{\"score\":1,\"required_score\":15.0}", "no response of Rspamd", ERROR_PROTOCOL },
	{ "a list", "[1]", "no response of Rspamd: [1]", ERROR_PROTOCOL },
	{ "no JSON", "<html>", "no response of Rspamd: <html>", ERROR_PROTOCOL },
	{ "nothing", "", "no response of Rspamd", ERROR_PROTOCOL },
};

static void describe(const struct spam_score *score, struct buf *out)
{
	buf_addf(out, "%s %.1f/%.1f %s: %s", score->is_spam ? "spam" : "ham", score->score, score->threshold,
		 score->action, buf_str(&score->rules));
}

static void read_rows(const struct reply_row *rows, size_t count,
		      int (*read)(struct span text, struct spam_score *ret, struct error *err))
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(1000);
		struct spam_score score = { .is_spam = false };
		struct error err = ERROR_INIT;
		if (read(span_of(rows[i].text), &score, &err) == 0)
			describe(&score, &seen);
		else
			buf_add_str(&seen, err.text);
		ROW_ASSERT(rows[i].label, err.kind == rows[i].kind);
		if (rows[i].kind == ERROR_NONE)
			ROW_ASSERT_STRING(rows[i].label, buf_str(&seen), rows[i].expected);
		else if (!strstr(buf_str(&seen), rows[i].expected))
			fail_msg("%s: %s", rows[i].label, buf_str(&seen));
		buf_fini(&score.rules);
	}
}

static void answers_of_spamd_are_read(void **state)
{
	read_rows(spamd_rows, ARRAY_LEN(spamd_rows), spamd_read);
}

static void answers_of_rspamd_are_read(void **state)
{
	read_rows(rspamd_rows, ARRAY_LEN(rspamd_rows), rspamd_read);
}

/* --- servers ---------------------------------------------------------------------------------------------------- */

#define MESSAGE "Subject: x\n\nbody\n"

struct scene {
	const char *response;
	bool drips, stays; /* octet by octet for ever; open behind the response */
	char request[200], body[200];
	size_t length;
};

static void play(struct test_peer *peer)
{
	struct scene *scene = peer->user;
	char line[200];
	while (peer_read_line(peer, line, sizeof(line)) && line[0]) {
		if (!scene->request[0])
			snprintf(scene->request, sizeof(scene->request), "%s", line);
		if (strncasecmp(line, "Content-length: ", 16) == 0)
			scene->length = (size_t)strtoul(line + 16, NULL, 10);
	}
	while (strlen(scene->body) + 1 < scene->length && peer_read_line(peer, line, sizeof(line))) {
		size_t len = strlen(scene->body);
		snprintf(scene->body + len, sizeof(scene->body) - len, "%s\n", line);
	}
	if (!scene->drips)
		peer_send(peer, scene->response);
	for (size_t i = 0; scene->drips && i < 1000 && peer_send(peer, "x"); i++)
		usleep(20000);
	if (scene->stays)
		peer_wait_for_end(peer);
}

static int ask(struct scene *scene, bool rspamd, int64_t timeout_ms, struct spam_score *ret, struct error *err)
{
	struct test_server *server = test_server_new(false, play, scene);
	char address[100];
	snprintf(address, sizeof(address), "%s127.0.0.1:%u", rspamd ? "http://" : "", test_server_port(server));
	int rc = (rspamd ? rspamd_ask : spamd_ask)(address, SPAN_LIT(MESSAGE), deadline_in(timeout_ms), ret, err);
	test_server_free(server);
	return rc;
}

static void servers_are_asked_under_the_deadline(void **state)
{
#define JSON "{\"score\":1,\"required_score\":15,\"action\":\"no action\"}"
	static const struct {
		const char *label;
		bool rspamd;
		struct scene scene;
		int64_t timeout_ms;
		const char *request;
		enum error_kind kind; /* ERROR_NONE: ham */
	} rows[] = {
		{ "spamd closes",
		  false,
		  { "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 1.0 / 5.0\r\n\r\n" },
		  10000,
		  "REPORT SPAMC/1.5",
		  ERROR_NONE },
		{ "spamd stays open",
		  false,
		  { "SPAMD/1.1 0 EX_OK\r\nContent-length: 4\r\nSpam: False ; 1.0 / 5.0\r\n\r\nabcd", .stays = true },
		  10000,
		  "REPORT SPAMC/1.5",
		  ERROR_NONE },
		{ "spamd refuses",
		  false,
		  { "SPAMD/1.1 69 Service unavailable\r\n" },
		  10000,
		  "REPORT SPAMC/1.5",
		  ERROR_REFUSED },
		{ "spamd says nothing", false, { "" }, 10000, "REPORT SPAMC/1.5", ERROR_NETWORK },
		{ "spamd never ends",
		  false,
		  { "SPAMD/1.1 0 EX_OK\r\n", .stays = true },
		  300,
		  "REPORT SPAMC/1.5",
		  ERROR_TIMEOUT },
		{ "spamd drips", false, { "", .drips = true }, 300, "REPORT SPAMC/1.5", ERROR_TIMEOUT },
		{ "rspamd",
		  true,
		  { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" JSON },
		  10000,
		  "POST /checkv2 HTTP/1.1",
		  ERROR_NONE },
		{ "rspamd refuses",
		  true,
		  { "HTTP/1.1 403 No\r\nConnection: close\r\n\r\n" JSON },
		  10000,
		  "POST /checkv2 HTTP/1.1",
		  ERROR_REFUSED },
		{ "rspamd never ends",
		  true,
		  { "HTTP/1.1 200 OK\r\n", .stays = true },
		  300,
		  "POST /checkv2 HTTP/1.1",
		  ERROR_TIMEOUT },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene = rows[i].scene;
		struct spam_score score = { .is_spam = true };
		struct error err = ERROR_INIT;
		int64_t begun_ms = clock_mono_ms();
		int rc = ask(&scene, rows[i].rspamd, rows[i].timeout_ms, &score, &err);
		ROW_ASSERT(rows[i].label, clock_mono_ms() - begun_ms < 5000);
		if (err.kind != rows[i].kind)
			fail_msg("%s: %s: %s", rows[i].label, error_kind_name(err.kind), err.text);
		ROW_ASSERT(rows[i].label, rc < 0 || (!score.is_spam && score.score > 0.9 && score.score < 1.1));
		ROW_ASSERT_STRING(rows[i].label, scene.request, rows[i].request);
		ROW_ASSERT_STRING(rows[i].label, scene.body, MESSAGE);
		buf_fini(&score.rules);
	}
}

static void a_server_that_is_none_says_so(void **state)
{
	char closed[100];
	snprintf(closed, sizeof(closed), "127.0.0.1:%u", test_closed_port());
	const struct {
		const char *address;
		enum error_kind kind;
	} rows[] = { { closed, ERROR_NETWORK }, { "", ERROR_CONFIG }, { "127.0.0.1:99999", ERROR_CONFIG } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spam_score score;
		struct error err = ERROR_INIT;
		ROW_ASSERT(rows[i].address,
			   spamd_ask(rows[i].address, SPAN_LIT(MESSAGE), deadline_in(5000), &score, &err) == -1);
		ROW_ASSERT(rows[i].address, err.kind == rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_spamd_are_read),
		cmocka_unit_test(answers_of_rspamd_are_read),
		cmocka_unit_test(servers_are_asked_under_the_deadline),
		cmocka_unit_test(a_server_that_is_none_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
