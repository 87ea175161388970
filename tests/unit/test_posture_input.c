/* What a look at the sending domain is told: by the configuration, by the messages, by stored runs. */
#include "tests/unit/store_fixture.h"

#include "harness/base/ip.h"
#include "harness/config/config_load.h"
#include "harness/run/plan.h"
#include "harness/run_posture/posture_input.h"
#include "tests/unit/shipped.h"
#include "tests/unit/unit.h"

enum { NOW_MS = 2000000000 };

#define SERVICE                                                                                                        \
	"[service]\nfrom = Service <hello@service.example>\nenvelope_sender = b+{tag}@bounces.service.example\n"       \
	"[smtp]\nurl = smtp://127.0.0.1\nstarttls = none\n"                                                            \
	"[message m]\ntemplate = m.eml\nstream = marketing\nvar.word = Hello\n"                                        \
	"[provider alpha]\nhost = imap.alpha.test\nauthserv_id = mx.alpha.test\nreceived_by = mx.alpha.test\n"         \
	"[seed u@alpha.test]\nprovider = alpha\npassword = env:X\n"
#define CHECK                                                                                                          \
	"[check]\nselectors = s0, s1\naddress_blocklists = zen.example, b.example\nspamassassin = localhost:783\n"     \
	"helo = check.example\ntimeout = 4s\n[dns]\ntimeout = 1s\n"                                                    \
	"[outbound mail.service.example]\nown = yes\nprobe_to = u@alpha.test\nconnections = 2\n"                       \
	"[outbound foreign.example]\n"                                                                                 \
	"[inbound]\naddress = in@service.example\nhost = imap.service.example\nuser = in\npassword = env:X\n"          \
	"probe_to = u@alpha.test\nconnections = 3\nwait = 20s\n"

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[FIXTURE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static struct config *load(const struct fixture *f, const char *text)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char path[FIXTURE_PATH_MAX];
	use_shipped_data(NULL);
	write_file(f, "m.eml", "To: {{to}}\nSubject: {{word}}\nReply-To: Office <office@service.example>\n\nHello.\n");
	write_file(f, "pp.ini", text);
	snprintf(path, sizeof(path), "%s/pp.ini", f->folder);
	assert_done(config_load(path, &config, &problems, &err), err);
	if (problems.errors)
		fail_msg("%s", problems.list[0].text);
	config_problems_fini(&problems);
	return config;
}

static int await_nothing(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
			 struct deadline deadline, struct error *err)
{
	return 0;
}

static const struct posture_mailbox mailbox = { await_nothing, NULL };

static struct posture_input *gather(const struct config *config, const char *domain, struct store *store)
{
	const struct posture_sources sources = {
		.config = config, .domain = domain, .store = store, .mailbox = &mailbox, .now_ms = NOW_MS
	};
	struct error err = ERROR_INIT;
	struct posture_input *input = NULL;
	assert_done(posture_input_new(&sources, &input, &err), err);
	return input;
}

static void a_configuration_tells_all_of_the_service(void **state)
{
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE CHECK);
	_cleanup_(posture_input_free_p) struct posture_input *input = gather(config, NULL, NULL);
	const struct posture_params *p = posture_input_params(input);
	assert_string_equal(p->domain, "service.example");
	assert_string_equal(p->from_address, "hello@service.example");
	assert_string_equal(p->from_name, "Service");
	assert_string_equal(p->reply_to, "office@service.example");
	assert_string_equal(p->envelope_domain, "bounces.service.example");
	assert_int_equal(p->selector_count, 2);
	assert_string_equal(p->selectors[1], "s1");
	assert_int_equal(p->address_blocklist_count, 2);
	assert_string_equal(p->address_blocklists[1], "b.example");
	assert_int_equal(p->domain_blocklist_count, 0);
	assert_string_equal(p->spamd, "localhost:783");
	assert_null(p->rspamd);
	assert_string_equal(p->helo, "check.example");
	assert_int_equal(p->timeout_ms, 4000);
	assert_int_equal(p->question_ms, 1000);
	assert_int_equal(p->outbound_count, 1); /* the other is not declared as own */
	assert_string_equal(p->outbounds[0].host, "mail.service.example");
	assert_int_equal(p->outbounds[0].port, 25);
	assert_string_equal(p->outbounds[0].probe_to, "u@alpha.test");
	assert_int_equal(p->outbounds[0].connections, 2);
	assert_ptr_equal(p->mailbox, &mailbox);
	assert_string_equal(p->inbound->address, "in@service.example");
	assert_int_equal(p->inbound->port, 25);
	assert_string_equal(p->inbound->probe_to, "u@alpha.test");
	assert_int_equal(p->inbound->connections, 3);
	assert_int_equal(p->inbound->wait_ms, 20000);
	assert_int_equal(p->message_count, 1);
	assert_string_equal(p->messages[0].name, "m");
	assert_int_equal(p->messages[0].stream, STREAM_MARKETING);
	assert_true(span_find(p->messages[0].octets, SPAN_LIT("To: u@alpha.test\r\nSubject: Hello\r\n"), 0) >= 0);
	assert_true(span_find(p->messages[0].template, SPAN_LIT("To: {{to}}\n"), 0) >= 0);
	assert_null(p->reply);
	assert_int_equal(p->sender_count, 0);
}

static void a_question_may_take_half_of_the_time_at_most(void **state)
{
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE "[check]\ntimeout = 3s\n");
	_cleanup_(posture_input_free_p) struct posture_input *input = gather(config, NULL, NULL);
	assert_int_equal(posture_input_params(input)->question_ms, 1500);
}

static void another_domain_leaves_out_what_is_the_services(void **state)
{
	struct store *store = fixture_open(*state, STORE_WRITE);
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE CHECK);
	const struct config *configs[] = { config, NULL };
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		_cleanup_(posture_input_free_p) struct posture_input *input = gather(configs[i], "Other.Example",
										     store);
		const struct posture_params *p = posture_input_params(input);
		assert_string_equal(p->domain, "other.example");
		assert_null(p->from_address);
		assert_null(p->reply_to);
		assert_null(p->envelope_domain);
		assert_int_equal(p->selector_count, 0);
		assert_int_equal(p->message_count, 0);
		assert_int_equal(p->outbound_count, 0);
		assert_null(p->inbound);
		assert_null(p->mailbox);
		assert_null(p->spamd);
		assert_non_null(p->helo);
		assert_int_equal(p->address_blocklist_count, i == 0 ? 2 : 0);
		assert_int_equal(p->timeout_ms, i == 0 ? 4000 : 30000);
	}
	store_close(store);
}

static void a_domain_that_is_none_is_an_error(void **state)
{
	const struct posture_sources sources = { .domain = "a..b", .now_ms = NOW_MS };
	struct error err = ERROR_INIT;
	struct posture_input *input = NULL;
	assert_int_equal(posture_input_new(&sources, &input, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text, "\"a..b\" is no domain name");
}

/* A run whose message was found: signed, and sent from this address. */
static int64_t store_run_of(struct store *store, const struct config *config, const char *ip, const char *selector)
{
	char header[1024];
	struct error err = ERROR_INIT;
	struct run_facts plan = { 0 };
	int64_t run = 0;
	const struct plan_choice choice = { .label = "" };
	assert_done(plan_make(config, &choice, 1000, &plan, &err), err);
	assert_done(store_run_create(store, &plan, &run, &err), err);
	run_facts_fini(&plan);
	snprintf(header, sizeof(header),
		 "Return-Path: <b@bounces.service.example>\r\n"
		 "Received: from mail.service.example (mail.service.example [%s])\r\n"
		 "\tby mx.alpha.test (Postfix) with ESMTPS id 1; Tue, 24 Nov 2026 02:00:00 +0000\r\n"
		 "DKIM-Signature: v=1; a=rsa-sha256; d=foreign.test; s=other; h=from; bh=AA==; b=AA==\r\n"
		 "DKIM-Signature: v=1; a=rsa-sha256; d=Service.example; s=%s; h=from; bh=AA==; b=AA==\r\n"
		 "From: Service <hello@service.example>\r\n\r\n",
		 ip, selector);
	const struct observation seen = { .at_ms = 2000,
					  .folder = fact_lend("INBOX"),
					  .role = FOLDER_INBOX,
					  .uidvalidity = 1,
					  .uid = 1,
					  .size = 100,
					  .header = header,
					  .header_len = strlen(header),
					  .body = fact_lend("Hello.\r\n"),
					  .body_len = 8,
					  .found_by = fact_lend("watch") };
	assert_int_equal(store_observation_add(store, fixture_probe(store, run, 0), &seen, &err), 1);
	const struct dns_fact fact = { .name = fact_lend("service.example"),
				       .type = DNS_TXT,
				       .answer = { .state = DNS_ANSWERED } };
	assert_done(store_dns_add(store, run, &fact, &err), err);
	return run;
}

static void stored_runs_tell_selectors_senders_and_earlier_findings(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = fixture_open(*state, STORE_WRITE);
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE CHECK);
	struct finding rows[] = { { fact_lend("mx.starttls"), fact_lend("mx"), FINDING_GOOD, fact_lend("seen"),
				    fact_lend(""), 5 } };
	const struct findings findings = { rows, 1, 1 };
	int64_t first = store_run_of(store, config, "192.0.2.1", "s1");
	store_run_of(store, config, "192.0.2.2", "s2");
	store_run_of(store, config, "192.0.2.1", "s2");
	assert_done(store_findings_add(store, first, &findings, &err), err);
	_cleanup_(posture_input_free_p) struct posture_input *input = gather(config, NULL, store);
	const struct posture_params *p = posture_input_params(input);
	assert_int_equal(p->selector_count, 3); /* two configured, one of them seen; `other` is of a foreign domain */
	assert_string_equal(p->selectors[2], "s2");
	assert_int_equal(p->sender_count, 2);
	char ip[IP_TEXT_MAX];
	assert_string_equal(ip_format(&p->senders[0].ip, ip), "192.0.2.1");
	assert_string_equal(p->senders[0].helo, "mail.service.example");
	assert_string_equal(ip_format(&p->senders[1].ip, ip), "192.0.2.2");
	assert_int_equal(p->evaluation_count, 1); /* of the newest run */
	assert_string_equal(p->evaluations[0]->dkim.signatures[1].selector, "s2");
	assert_string_equal(p->evaluation_messages[0], "m");
	assert_int_equal(p->previous->count, 1);
	assert_string_equal(p->previous->v[0].evidence, "seen");
	store_close(store);
}

static void runs_of_another_service_tell_nothing(void **state)
{
	struct store *store = fixture_open(*state, STORE_WRITE);
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE);
	store_run_of(store, config, "192.0.2.1", "s1");
	_cleanup_(posture_input_free_p) struct posture_input *input = gather(config, "other.example", store);
	const struct posture_params *p = posture_input_params(input);
	assert_int_equal(p->selector_count, 0);
	assert_int_equal(p->sender_count, 0);
	assert_int_equal(p->evaluation_count, 0);
	store_close(store);
}

static void the_word_of_a_reader_is_that_of_the_reply_address(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = fixture_open(*state, STORE_WRITE);
	_cleanup_(config_free_p) struct config *config = load(*state, SERVICE);
	const struct reply_fact sent[] = {
		{ .code = fact_lend("AAAA-AAAA"), .address = fact_lend("hello@service.example"), .sent_ms = 1 },
		{ .code = fact_lend("BBBB-BBBB"), .address = fact_lend("office@service.example"), .sent_ms = 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(sent); i++)
		assert_done(store_reply_sent(store, &sent[i], &err), err);
	struct posture_input *input = gather(config, NULL, store);
	assert_false(posture_input_params(input)->reply->confirmed);
	assert_int_equal(posture_input_params(input)->reply->at_ms, 2);
	posture_input_free(input);
	const struct reply_fact word = { .id = 2, .confirmed_ms = 3, .until_ms = 4, .who = fact_lend("Ana") };
	assert_done(store_reply_confirmed(store, &word, &err), err);
	input = gather(config, NULL, store);
	const struct posture_reply *reply = posture_input_params(input)->reply;
	assert_true(reply->confirmed);
	assert_int_equal(reply->at_ms, 3);
	assert_int_equal(reply->until_ms, 4);
	assert_string_equal(reply->who, "Ana");
	posture_input_free(input);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_configuration_tells_all_of_the_service),
		STORE_TEST(a_question_may_take_half_of_the_time_at_most),
		STORE_TEST(another_domain_leaves_out_what_is_the_services),
		STORE_TEST(a_domain_that_is_none_is_an_error),
		STORE_TEST(stored_runs_tell_selectors_senders_and_earlier_findings),
		STORE_TEST(runs_of_another_service_tell_nothing),
		STORE_TEST(the_word_of_a_reader_is_that_of_the_reply_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
