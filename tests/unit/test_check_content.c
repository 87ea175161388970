/* What messages say: one fault at a time in a message where all is right. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/posture/engine/check.h"
#include "harness/base/buf.h"
#include "harness/posture/content/checks.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/peer.h"
#include "tests/unit/unit.h"

static const struct check_entry check_entries[] = { { "content", check_content } };
static const size_t check_entry_count = ARRAY_LEN(check_entries);

#define HOST      "www.example.service.gov.uk"
#define URL       "https://" HOST ":@"
#define TEN(text) text text text text text text text text text text

/* `@` in a URL stands for the port of the server. */
static const char good[] = "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\n"
			   "From: =?utf-8?q?Example_Service?= <hello@example.service.gov.uk>\r\n"
			   "To: seed@alpha.test\r\n"
			   "Subject: Your application for a licence\r\n"
			   "Message-ID: <1.abc@example.service.gov.uk>\r\n"
			   "List-Unsubscribe: <mailto:stop@example.service.gov.uk>,\r\n <" URL "/stop>\r\n"
			   "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: multipart/alternative; boundary=b\r\n"
			   "\r\n"
			   "--b\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: quoted-printable\r\n"
			   "\r\n"
			   "We have your application, and will answer it within ten days of work.\r\n"
			   "The caf=C3=A9 is open. Read (" URL "/start).\r\n"
			   "--b\r\n"
			   "Content-Type: text/html; charset=utf-8\r\n"
			   "\r\n"
			   "<html><head><title>[TITLE]</title></head><body>\r\n"
			   "<p>We have your application, and will answer it within ten days of work.</p>\r\n"
			   "<p>Read <a href=\"" URL "/start\">" URL "/start</a></p>\r\n"
			   "<img src=\"" URL "/logo.png\" alt=\"Example\" width=100>\r\n"
			   "</body></html>\r\n"
			   "--b--\r\n";

static const char zone[] = HOST " A 127.0.0.1\n"
				"example.service.gov.uk A 127.0.0.1\n"
				"bit.ly A 127.0.0.1\n"
				"u1.ct.sendgrid.net A 127.0.0.1\n"
				"other.example.org A 127.0.0.1\n"
				"silent.service.gov.uk FAILED\n";

static const struct row {
	const char *label, *from, *to; /* what is put in place of what */
	const char *changed;           /* `id state` that differ from the good message, in the order of findings */
	const char *evidence, *mend;   /* parts of those of the first of them */
} rows[] = {
	{ "no date", "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\n", "", "content.date bad", "0 Date fields",
	  "`Date: Thu, 26 Nov 2026 12:00:00 +0000`" },
	{ "two dates", "To: ", "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nTo: ", "content.date bad", "2 Date fields",
	  "one Date field" },
	{ "no date in Date", "Thu, 26 Nov 2026 10:00:00 +0000", "today", "content.date bad", "`today` is no date",
	  "`Date: " },
	{ "date of long ago", "26 Nov 2026", "24 Nov 2026", "content.date bad", "from now", "`Date: " },
	{ "no Message-ID", "Message-ID: <1.abc@example.service.gov.uk>\r\n", "", "content.message-id bad",
	  "0 Message-ID fields", "`Message-ID: <UNIQUE@example.service.gov.uk>`" },
	{ "Message-ID without brackets", "<1.abc@example.service.gov.uk>", "1.abc@example.service.gov.uk",
	  "content.message-id bad", "1.abc@", "`Message-ID: <" },
	{ "Message-ID of a machine", "1.abc@example.service.gov.uk", "1.abc@localhost", "content.message-id bad",
	  "1.abc@localhost", "`Message-ID: <" },
	{ "two addresses", "<hello@example.service.gov.uk>", "<hello@example.service.gov.uk>, x@example.service.gov.uk",
	  "content.from-single bad, content.visible-name gone", "2 addresses", "one address" },
	{ "two From fields", "To: ", "From: x@example.service.gov.uk\r\nTo: ",
	  "content.from-single bad, content.visible-name gone", "2 From fields", "one From field" },
	{ "no address", "<hello@example.service.gov.uk>", "<hello",
	  "content.from-single bad, content.visible-name gone", "Example Service", "one address" },
	{ "name with another address", "=?utf-8?q?Example_Service?=", "\"pay@bank.example.com\"",
	  "content.visible-name bad", "names pay@bank.example.com", "display name" },
	{ "name with an encoded address", "Example_Service", "Example_=3Cpay=40bank.com=3E", "content.visible-name bad",
	  "names pay@bank.com", "display name" },
	{ "name of another host", "Example_Service", "Example_bank.com", "content.visible-name bad", "names bank.com",
	  "display name" },
	{ "name that turns the text", "Example_Service", "Example=E2=80=AEecivreS", "content.visible-name bad",
	  "Example", "display name" },
	{ "name of the own host", "Example_Service", "GOV.UK_example.service.gov.uk_Dr.Smith", "", NULL, NULL },
	{ "no one-click", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", "content.one-click bad",
	  "List-Unsubscribe-Post: ", "`List-Unsubscribe-Post: List-Unsubscribe=One-Click`" },
	{ "one-click by mail only", " <" URL "/stop>", " <http://" HOST ":@/stop>", "content.one-click bad",
	  "mailto:stop", "`List-Unsubscribe: <https://example.service.gov.uk/" },
	{ "placeholder of Mustache", "have your", "have {{your}}", "content.placeholders bad", "1 left: {{your}}",
	  "give each placeholder a value" },
	{ "placeholder of Notify", "for a licence", "for a ((licence))", "content.placeholders bad", "((licence))",
	  "give each" },
	{ "placeholder of a shell", "within ten", "within ${DAYS}", "content.placeholders bad", "${DAYS}",
	  "give each" },
	{ "placeholder in percents", "within ten", "within %%days%%", "content.placeholders bad", "%%days%%",
	  "give each" },
	{ "placeholder in brackets", "<p>We", "<p>Dear [FIRST NAME], we", "content.placeholders bad", "[FIRST NAME]",
	  "give each" },
	{ "placeholder in a link", "/start\">", "/start#*|ID|*\">", "content.placeholders bad", "*|ID|*", "give each" },
	{ "what is no placeholder", "within ten", "within [1] [ten] (see (here)) 5% of {x} $5", "", NULL, NULL },
	{ "subject of a test", "Your application for a licence", "This is a test email", "content.not-a-test bad",
	  "Subject: This is a test email", "real text" },
	{ "subject with the word", "Your application for a licence", "Your driving test", "", NULL, NULL },
	{ "lorem ipsum", "<p>We have", "<p>Lorem ipsum dolor we have", "content.not-a-test bad", "lorem ipsum",
	  "real text" },
	{ "body of a test",
	  "We have your application, and will answer it within ten days of work.</p>\r\n<p>Read <a href=\"" URL
	  "/start\">" URL "/start</a></p>",
	  "Testing the mail, one two three.</p>", "content.not-a-test bad, content.not-image-only bad",
	  "the text is \"Testing the mail", "real text" },
	{ "no text",
	  "<p>We have your application, and will answer it within ten days of work.</p>\r\n<p>Read <a href=\"" URL
	  "/start\">" URL "/start</a></p>",
	  "", "content.not-a-test bad, content.not-image-only bad", "there is no text", "real text" },
	{ "image without text", " alt=\"Example\"", "", "content.images-have-text bad",
	  "1 of 1 images have no alt attribute: " URL "/logo.png", "alt attribute" },
	{ "attachment", "--b--",
	  "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a "
	  "b.pdf\"\r\n\r\n%PDF\r\n"
	  "--b--",
	  "content.no-attachments bad", "1 attachments: application/pdf a b.pdf", "link to a page" },
	{ "HTML alone", "--b\r\nContent-Type: text/plain;", "--b\r\nContent-Type: text/x-old;",
	  "content.html-has-text bad", "an HTML part, no text part", "multipart/alternative" },
	{ "no MIME-Version", "MIME-Version: 1.0\r\n", "", "content.mime bad", "MIME-Version", "RFC 2045" },
	{ "never closed", "--b--\r\n", "", "content.mime bad", "no closing delimiter", "RFC 2046" },
	{ "no boundary", "; boundary=b", "", "content.mime bad, content.not-a-test bad", "has no boundary",
	  "RFC 2046" },
	{ "unknown transfer encoding", "Encoding: quoted-printable", "Encoding: uuencode", "content.mime bad",
	  "`uuencode` is no transfer encoding", "RFC 2045" },
	{ "no charset", "text/plain; charset=utf-8", "text/plain", "content.mime bad", "declares no charset",
	  "charset=utf-8" },
	{ "no media type", "text/plain; charset=utf-8", "text; charset=utf-8",
	  "content.html-has-text bad, content.mime bad", "no text part", "multipart/alternative" },
	{ "not UTF-8", "caf=C3=A9", "caf=E9", "content.utf8 bad", "not of its charset", "charset=utf-8" },
	{ "unknown charset", "text/plain; charset=utf-8", "text/plain; charset=x-none", "content.utf8 bad",
	  "nobody knows", "charset=utf-8" },
	{ "lost characters", "caf=C3=A9", "caf=EF=BF=BD", "content.utf8 bad", "U+FFFD", "UTF-8" },
	{ "header of another charset", "for a licence", "for a licence \xe9", "content.utf8 bad",
	  "the header is not UTF-8", "UTF-8" },
	{ "long line", "</body>", "<!-- " TEN(TEN(TEN("x"))) " --></body>", "content.line-length bad",
	  "the longest line has 1", "quoted-printable" },
	{ "link by http", "Read (" URL "/start)", "Read (http://" HOST ":@/start)",
	  "content.links-answer open, content.links-https bad", "http://" HOST, NULL },
	{ "text of another host", ">" URL "/start</a>", ">www.gov.uk/start</a>",
	  "content.links-in-full bad, content.links-shown bad", "shown as \"www.gov.uk/start\"", "whole URL" },
	{ "text of the domain above", ">" URL "/start</a>", ">GOV.UK</a>", "content.links-in-full bad",
	  "shown as \"GOV.UK\"", "whole URL" },
	{ "text of the host without www", ">" URL "/start</a>", ">example.service.gov.uk:@/start</a>", "", NULL, NULL },
	{ "text of a host below", ">" URL "/start</a>", ">https://a." HOST "</a>",
	  "content.links-in-full bad, content.links-shown bad", "shown as", "whole URL" },
	{ "text with the host in a sentence", ">" URL "/start</a>", ">Apply at www.example.service.gov.uk/start</a>",
	  "content.links-in-full bad", "shown as \"Apply at", "whole URL" },
	{ "text that is no URL", ">" URL "/start</a>", ">this page</a>", "content.links-in-full bad",
	  "shown as \"this page\"", "whole URL" },
	{ "link out of GOV.UK", "Read (" URL "/start)", "Read (https://other.example.org:@/start)",
	  "content.links-gov-uk bad", "1 of 3 links and images: https://other.example.org:", "GOV.UK only" },
	{ "shortener", "Read (" URL "/start)", "Read (https://bit.ly:@/start)",
	  "content.links-gov-uk bad, content.no-shorteners bad", "https://bit.ly:", "GOV.UK only" },
	{ "tracking host", "Read (" URL "/start)", "Read (https://u1.ct.sendgrid.net:@/start)",
	  "content.links-gov-uk bad, content.no-tracking bad", "sendgrid", "GOV.UK only" },
	{ "tracking parameter", "Read (" URL "/start)", "Read (" URL "/start?a=3Db&UTM_source=3Dx)",
	  "content.no-tracking bad", "UTM_source", "tracking" },
	{ "pixel", "alt=\"Example\" width=100", "alt=\"\" width=1 style='height:1px'", "content.no-tracking bad",
	  "/logo.png", "tracking" },
	{ "no such host", "Read (" URL "/start)", "Read (https://gone.service.gov.uk:@/start)",
	  "content.links-resolve bad", "gone.service.gov.uk: no such name", "publish addresses" },
	{ "host that is not known", "Read (" URL "/start)", "Read (https://silent.service.gov.uk:@/start)",
	  "content.links-resolve open", "silent.service.gov.uk: timed out", NULL },
	{ "no name of a host", "Read (" URL "/start)", "Read (https://a..gov.uk:@/start)", "content.links-resolve bad",
	  "a..gov.uk: no name", "publish addresses" },
	{ "redirect", "/start)", "/moved)", "content.links-answer bad", "301 redirects to https://www.gov.uk/x",
	  "without a redirect" },
	{ "page that is gone", "/start)", "/gone)", "content.links-answer bad", "/gone: 404", "link to the page" },
	{ "page of a port where nobody listens", "Read (" URL "/start)", "Read (https://" HOST ":1/start)",
	  "content.links-answer bad", "port 1", "link to the page" },
	{ "page that is busy", "/start)", "/busy)", "content.links-answer open", "/busy: 503", NULL },
	{ "page that refuses HEAD", "/start)", "/nohead)", "", NULL, NULL },
	{ "page for some", "/start)", "/login)", "", NULL, NULL },
	{ "certificate of another", "Read (" URL "/start)", "Read (https://example.service.gov.uk:@/start)",
	  "content.links-answer bad", "the certificate", "verified TLS" },
	{ "links that have no host", "Read (", "mailto:a@b.example tel:+44 https:// (", "", NULL, NULL },
};

/* --- the server of the links ------------------------------------------------------------------------------------ */

static void answer(struct test_peer *peer)
{
	char line[300], path[300] = "";
	bool head = false;
	if (!peer_start_tls(peer, peer->user))
		return;
	while (peer_read_line(peer, line, sizeof(line)) && line[0]) {
		if (!path[0]) {
			head = strncmp(line, "HEAD ", 5) == 0;
			sscanf(line, "%*s %299s", path);
		}
	}
	if (strstr(path, "/drip"))
		peer_send(peer, "HTTP/1.1 200 OK\r\nX: ");
	for (size_t i = 0; strstr(path, "/drip") && i < 1000 && peer_send(peer, "H"); i++)
		usleep(20000);
	const char *status = strstr(path, "/moved")            ? "301 Moved\r\nLocation: https://www.gov.uk/x"
			     : strstr(path, "/gone")           ? "404 Not Found"
			     : strstr(path, "/busy")           ? "503 Busy"
			     : strstr(path, "/login")          ? "403 Forbidden"
			     : strstr(path, "/nohead") && head ? "405 No"
							       : "200 OK";
	peer_sendf(peer, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
	SSL_shutdown(peer->ssl);
}

static struct test_ca *ca;
static SSL_CTX *context;
static struct test_server *server;

static int start(void **state)
{
	const struct test_cert cert = { .names = "DNS:" HOST
						 ",DNS:bit.ly,DNS:*.ct.sendgrid.net,DNS:other.example.org" };
	ca = test_ca_new();
	context = test_ca_context(ca, &cert, 0);
	server = test_server_new(false, answer, context);
	return server ? 0 : -1;
}

static int stop(void **state)
{
	test_server_free(server);
	SSL_CTX_free(context);
	test_ca_free(ca);
	return 0;
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

/* With the port for `:@`. */
static void add_text(struct buf *out, const char *text)
{
	const char *mark;
	for (; (mark = strstr(text, ":@")); text = mark + 2)
		buf_addf(out, "%.*s:%u", (int)(mark - text), text, (unsigned)test_server_port(server));
	buf_add_str(out, text);
}

/* The message with one part of it replaced. */
static void make_message(struct buf *out, const char *from, const char *to)
{
	const char *at = strstr(good, from);
	if (!at)
		fail_msg("not in the message: %s", from);
	char *before = strndup(good, (size_t)(at - good));
	add_text(out, before);
	add_text(out, to);
	add_text(out, at + strlen(from));
	free(before);
}

static struct dkim_signature signature = {
	.result = AUTH_PASS, .signed_fields = (char *)(uintptr_t) "from:list-unsubscribe:list-unsubscribe-post"
};
static const struct evaluation evaluation = { .dkim = { .signatures = &signature, .count = 1 } };
static const struct evaluation *const evaluations[] = { &evaluation };
static const char *const evaluation_messages[] = { "letter" };

static void look(const char *text, size_t len, struct posture_params *params, struct findings *ret)
{
	const struct posture_message message = { .name = "letter",
						 .stream = STREAM_MARKETING,
						 .octets = { text, len } };
	struct fake_dns *dns = fake_dns_new();
	struct posture_cost cost;
	struct error err = ERROR_INIT;
	fake_dns_add_lines(dns, zone);
	params->messages = &message;
	params->message_count = 1;
	params->resolver = &dns->base;
	params->now_ms = INT64_C(1795694400000); /* Thu, 26 Nov 2026 12:00:00 +0000 */
	params->timeout_ms = params->timeout_ms ? params->timeout_ms : 20000;
	params->ca_file = test_ca_file(ca);
	if (check_run(check_entries, check_entry_count, params, ret, &cost, &err) < 0)
		fail_msg("%s", err.text);
	resolver_free(&dns->base);
}

static const struct posture_params plain = { .domain = "example.service.gov.uk",
					     .evaluations = evaluations,
					     .evaluation_messages = evaluation_messages,
					     .evaluation_count = 1 };

/* NULL where there is none. */
static const struct finding *find(const struct findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0)
			return &findings->v[i];
	return NULL;
}

/* What differs from the good message, and the first of it. */
static const struct finding *differences(const struct findings *base, const struct findings *seen, struct buf *out)
{
	const struct finding *first = NULL;
	for (size_t i = 0; i < base->count; i++) {
		const struct finding *now = find(seen, base->v[i].id);
		if (now && now->state == base->v[i].state)
			continue;
		buf_addf(out, "%s%s %s", out->len ? ", " : "", base->v[i].id,
			 now ? finding_state_name(now->state) : "gone");
		first = first ? first : now;
	}
	return first;
}

static void each_fault_is_found_and_nothing_else(void **state)
{
	_cleanup_(findings_fini) struct findings base = { 0 };
	_cleanup_(buf_fini) struct buf whole = BUF_INIT(100000);
	struct posture_params params = plain;
	add_text(&whole, good);
	look(whole.p, whole.len, &params, &base);
	assert_int_equal(base.count, 25);
	for (size_t i = 0; i < base.count; i++)
		if (base.v[i].state != FINDING_GOOD || base.v[i].mend[0] || strcmp(base.v[i].subject, "letter") != 0)
			fail_msg("%s: %s", base.v[i].id, base.v[i].evidence);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings seen = { 0 };
		_cleanup_(buf_fini) struct buf message = BUF_INIT(100000), changed = BUF_INIT(2000),
					       evidence = BUF_INIT(2000);
		make_message(&message, rows[i].from, rows[i].to);
		add_text(&evidence, rows[i].evidence ? rows[i].evidence : "");
		look(message.p, message.len, &params, &seen);
		const struct finding *first = differences(&base, &seen, &changed);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&changed), rows[i].changed);
		ROW_ASSERT(rows[i].label, seen.count <= base.count);
		if (first && !strstr(first->evidence, buf_str(&evidence)))
			fail_msg("%s: %s %s: %s", rows[i].label, buf_str(&changed), first->id, first->evidence);
		if (first && !(rows[i].mend ? strstr(first->mend, rows[i].mend) != NULL : first->mend[0] == '\0'))
			fail_msg("%s: %s", rows[i].label, first->mend);
	}
}

static void both_fields_must_be_signed(void **state)
{
	static const struct {
		const char *label, *name, *fields;
		enum auth_result result;
		enum finding_state expected;
		const char *evidence;
	} cases[] = {
		{ "signed", "letter", "From:List-Unsubscribe-Post:List-Unsubscribe", AUTH_PASS, FINDING_GOOD,
		  "in 1 of 1 messages" },
		{ "one is not", "letter", "from:list-unsubscribe", AUTH_PASS, FINDING_BAD, "in 0 of 1 messages" },
		{ "signature fails", "letter", "list-unsubscribe:list-unsubscribe-post", AUTH_FAIL, FINDING_BAD,
		  "in 0 of 1 messages" },
		{ "signature not verified", "letter", "list-unsubscribe:list-unsubscribe-post", AUTH_UNKNOWN,
		  FINDING_OPEN, "of 1 could not be verified" },
		{ "signature unread", "letter", NULL, AUTH_PERMERROR, FINDING_BAD, "in 0 of 1 messages" },
		{ "another message", "bill", "list-unsubscribe:list-unsubscribe-post", AUTH_PASS, FINDING_OPEN,
		  "no run has found this message" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dkim_signature own = { .result = cases[i].result,
					      .signed_fields = (char *)(uintptr_t)cases[i].fields };
		const struct evaluation e = { .dkim = { .signatures = &own, .count = 1 } };
		const struct evaluation *const list[] = { &e };
		_cleanup_(findings_fini) struct findings seen = { 0 };
		struct posture_params params = plain;
		params.evaluations = list;
		params.evaluation_messages = &cases[i].name;
		look("\r\nx", 3, &params, &seen);
		const struct finding *f = find(&seen, "content.one-click-signed");
		ROW_ASSERT(cases[i].label, f && f->state == cases[i].expected);
		ROW_ASSERT(cases[i].label, strstr(f->evidence, cases[i].evidence));
		ROW_ASSERT(cases[i].label,
			   (f->state == FINDING_BAD) == (strstr(f->mend, "List-Unsubscribe-Post") != NULL));
	}
}

static void a_link_that_drips_ends_at_the_deadline(void **state)
{
	_cleanup_(findings_fini) struct findings seen = { 0 };
	_cleanup_(buf_fini) struct buf message = BUF_INIT(100000);
	struct posture_params params = plain;
	int64_t begun_ms = clock_mono_ms();
	params.timeout_ms = 700;
	make_message(&message, "/start).", "/drip).");
	look(message.p, message.len, &params, &seen);
	assert_true(clock_mono_ms() - begun_ms < 5000);
	const struct finding *link = find(&seen, "content.links-answer"), *name = find(&seen, "content.links-resolve");
	assert_true(link && link->state == FINDING_OPEN);
	assert_true(link && strstr(link->evidence, "/drip: " HOST " did not answer in time"));
	assert_true(name && name->state == FINDING_GOOD);
}

/* Messages of other kinds: what is not demanded of them, and what is. */
static void each_kind_of_message_has_its_findings(void **state)
{
	static const struct {
		const char *label, *domain, *head, *fill; /* the head, then many times the filling */
		size_t count;
		const char *expected; /* of those below */
	} kinds[] = {
		{ "text alone", "example.service.gov.uk", "Subject: x\r\n\r\nWords.", "", 0,
		  "html-has-text good, images-have-text good, links-gov-uk good, links-in-full good, mime good, "
		  "not-image-only good, size good, size-gmail good" },
		{ "no service of GOV.UK", "example.org",
		  "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\nWords <a href=https://example.org>here</a>", "",
		  0,
		  "html-has-text bad, images-have-text good, mime good, not-image-only good, size good, size-gmail "
		  "good" },
		{ "what Gmail clips", "example.org", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n",
		  "<p>Words</p>\r\n", 9000,
		  "html-has-text bad, images-have-text good, mime good, not-image-only good, size good, size-gmail "
		  "bad" },
		{ "more than 10 MB", "example.org", "Subject: x\r\n\r\n", TEN("word ") "\r\n", 200000,
		  "html-has-text good, images-have-text good, mime good, not-image-only good, size bad, size-gmail "
		  "bad" },
		{ "image alone", "example.org",
		  "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<img src=cid:a alt=''>", "", 0,
		  "html-has-text bad, images-have-text good, mime good, not-image-only bad, size good, size-gmail "
		  "good" },
		{ "multipart without parts", "example.org",
		  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n", "", 0,
		  "html-has-text good, images-have-text good, mime bad, not-image-only good, size good, size-gmail "
		  "good" },
		{ "no header", "example.org", "Words without a header\r\n", "", 0,
		  "html-has-text good, images-have-text good, mime bad, not-image-only good, size good, size-gmail "
		  "good" },
		{ "nothing", "example.org", "", "", 0,
		  "html-has-text good, images-have-text good, mime bad, not-image-only good, size good, size-gmail "
		  "good" },
		{ "more links than are looked at", "a.gov.uk", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n",
		  "<a href=https://www.gov.uk/a>https://www.gov.uk/a</a> ", 600,
		  "html-has-text bad, images-have-text good, links-gov-uk open, links-in-full open, mime good, "
		  "not-image-only good, size good, size-gmail good" },
		{ "too many parts", "example.org",
		  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", 300,
		  "html-has-text good, images-have-text good, mime open, not-image-only good, size good, size-gmail "
		  "good" },
	};
	static const char *const ids[] = { "html-has-text", "images-have-text", "links-gov-uk", "links-in-full",
					   "mime",          "not-image-only",   "size",         "size-gmail" };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		_cleanup_(findings_fini) struct findings seen = { 0 };
		_cleanup_(buf_fini) struct buf message = BUF_INIT(20000000), got = BUF_INIT(2000);
		struct posture_params params = { .domain = kinds[i].domain };
		buf_add_str(&message, kinds[i].head);
		for (size_t k = 0; k < kinds[i].count; k++)
			buf_add_str(&message, kinds[i].fill);
		look(message.p ? message.p : "", message.len, &params, &seen);
		for (size_t k = 0; k < ARRAY_LEN(ids); k++) {
			char id[100];
			snprintf(id, sizeof(id), "content.%s", ids[k]);
			const struct finding *f = find(&seen, id);
			if (f)
				buf_addf(&got, "%s%s %s", got.len ? ", " : "", ids[k], finding_state_name(f->state));
		}
		ROW_ASSERT_STRING(kinds[i].label, buf_str(&got), kinds[i].expected);
	}
}

static void a_transactional_stream_needs_no_unsubscribing(void **state)
{
	const struct posture_message message = { .name = "letter", .octets = SPAN_LIT("\r\nx") };
	struct fake_dns *dns = fake_dns_new();
	const struct posture_params params = { .domain = "example.org",
					       .messages = &message,
					       .message_count = 1,
					       .resolver = &dns->base,
					       .timeout_ms = 5000 };
	_cleanup_(findings_fini) struct findings seen = { 0 };
	struct posture_cost cost;
	struct error err = ERROR_INIT;
	assert_int_equal(check_run(check_entries, check_entry_count, &params, &seen, &cost, &err), 0);
	assert_non_null(find(&seen, "content.date"));
	assert_null(find(&seen, "content.one-click"));
	assert_null(find(&seen, "content.one-click-signed"));
	assert_int_equal(cost.connections, 0);
	resolver_free(&dns->base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found_and_nothing_else),
		cmocka_unit_test(both_fields_must_be_signed),
		cmocka_unit_test(a_link_that_drips_ends_at_the_deadline),
		cmocka_unit_test(each_kind_of_message_has_its_findings),
		cmocka_unit_test(a_transactional_stream_needs_no_unsubscribing),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
