/* Assessment: stored facts become evidence, and what a sender could have written is not believed. */
#include "harness/assess/assess.h"

#include <stdlib.h>
#include <string.h>

#include "harness/config/config_load.h"
#include "tests/unit/unit.h"

static const char configuration[] = "[service]\n"
				    "from = Service <hello@service.example>\n"
				    "[smtp]\n"
				    "url = smtp://127.0.0.1\n"
				    "starttls = none\n"
				    "[message m]\n"
				    "template = m.eml\n"
				    "[seed u@alpha.test]\n"
				    "provider = alpha\n"
				    "password = env:X\n"
				    "[provider alpha]\n"
				    "host = imap.alpha.test\n"
				    "authserv_id = mx.alpha.test\n"
				    "results_stand = above\n"
				    "received_by = mx.alpha.test\n";

#define OWN_HOP                                                                                                        \
	"Received: from mail.service.example (mail.service.example [192.0.2.1])\r\n"                                   \
	"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"                                      \
	"\tby mx.alpha.test (Postfix) with ESMTPS id 1; Tue, 24 Nov 2026 02:00:00 +0000\r\n"
#define RESULTS(spf, dkim, dmarc)                                                                                      \
	"Authentication-Results: mx.alpha.test; spf=" spf " smtp.mailfrom=service.example;\r\n"                        \
	"\tdkim=" dkim " header.d=service.example; dmarc=" dmarc " header.from=service.example\r\n"
#define REST "From: Service <hello@service.example>\r\n\r\n"

enum { ACCEPTED_MS = 1000000, SEEN_MS = 1002000 };

struct row {
	const char *label;
	const char *header;
	const char *found_by;
	int64_t at_ms, internal_ms;
	int reply_code;
	enum outcome outcome;
	enum auth_result spf, dkim, dmarc;
	enum hop_tls tls;
	int64_t latency_ms;
	int64_t absent_ms;
};

static struct config *load(void)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	assert_int_equal(config_parse("test.ini", span_of(configuration), &config, &problems, &err), 0);
	if (problems.errors)
		fail_msg("%s", problems.list[0].text);
	config_problems_fini(&problems);
	return config;
}

static int no_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "a body was asked for");
}

static const struct assess_bodies no_bodies = { no_body, NULL };

static void check_row(const struct config *config, const struct row *row)
{
	struct error err = ERROR_INIT;
	struct matrix matrix = { 0 };
	struct send_event sends[] = {
		{ .kind = SEND_INTENT, .at_ms = 1 },
		{ .kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = ACCEPTED_MS - 5, .attempt = 1 },
		{ .kind = SEND_REPLY,
		  .stage = STAGE_END_OF_DATA,
		  .at_ms = ACCEPTED_MS,
		  .attempt = 1,
		  .reply_code = row->reply_code,
		  .text = fact_lend("said") },
	};
	struct observation seen = { .at_ms = row->at_ms,
				    .folder = fact_lend("INBOX"),
				    .role = FOLDER_INBOX,
				    .uidvalidity = 1,
				    .uid = 1,
				    .internal_ms = row->internal_ms,
				    .absent_ms = row->absent_ms,
				    .header = fact_lend(row->header),
				    .header_len = row->header ? strlen(row->header) : 0,
				    .found_by = fact_lend(row->found_by) };
	struct probe probe = { .seed = fact_lend("u@alpha.test"),
			       .provider = fact_lend("alpha"),
			       .message = fact_lend("m"),
			       .tag = fact_lend("00000000000000000000000000000001"),
			       .sends = sends,
			       .send_count = row->reply_code ? ARRAY_LEN(sends) : 2,
			       .observations = &seen,
			       .observation_count = row->header ? 1 : 0 };
	struct seed_event ready = { .kind = SEED_SWEPT, .seed = fact_lend("u@alpha.test"), .at_ms = 2 };
	const struct run_facts facts = { .summary = { .id = 1, .finished = true },
					 .probes = &probe,
					 .probe_count = 1,
					 .seed_events = &ready,
					 .seed_event_count = 1 };
	if (assess(&facts, config, &no_bodies, &matrix, &err) < 0)
		fail_msg("%s: %s", row->label, err.text);
	const struct matrix_row *got = &matrix.rows[0];
	ROW_ASSERT(row->label, got->judgement.outcome == row->outcome);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_SPF].result == row->spf);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_DKIM].result == row->dkim);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_DMARC].result == row->dmarc);
	ROW_ASSERT(row->label, got->evidence.tls == row->tls);
	ROW_ASSERT(row->label, (got->evidence.hop_trouble != NULL) == (row->header && !strstr(row->header, OWN_HOP)));
	ROW_ASSERT(row->label, got->judgement.latency_ms == row->latency_ms);
	matrix_fini(&matrix);
}

static void mailbox_without_spam_folder_leaves_missing_open(void **state)
{
	static const struct {
		const char *label, *other;
		enum folder_role role;
		bool none;
		enum outcome outcome;
	} rows[] = {
		{ "none", "u@alpha.test", FOLDER_ALL, true, OUTCOME_UNKNOWN },
		{ "one", "u@alpha.test", FOLDER_SPAM, false, OUTCOME_MISSING },
		{ "one of another seed", "v@alpha.test", FOLDER_SPAM, true, OUTCOME_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct matrix matrix = { 0 };
		struct config *config = load();
		struct send_event sends[] = {
			{ .kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = ACCEPTED_MS - 5, .attempt = 1 },
			{ .kind = SEND_REPLY,
			  .stage = STAGE_END_OF_DATA,
			  .at_ms = ACCEPTED_MS,
			  .attempt = 1,
			  .reply_code = 250 },
		};
		struct baseline baselines[] = {
			{ .seed = fact_lend("u@alpha.test"), .folder = fact_lend("INBOX"), .role = FOLDER_INBOX },
			{ .seed = fact_lend(rows[i].other), .folder = fact_lend("x"), .role = rows[i].role },
		};
		struct probe probe = { .seed = fact_lend("u@alpha.test"),
				       .provider = fact_lend("alpha"),
				       .message = fact_lend("m"),
				       .tag = fact_lend("00000000000000000000000000000001"),
				       .sends = sends,
				       .send_count = ARRAY_LEN(sends) };
		struct seed_event ready = { .kind = SEED_SWEPT, .seed = fact_lend("u@alpha.test"), .at_ms = 2 };
		const struct run_facts facts = { .summary = { .id = 1, .finished = true },
						 .probes = &probe,
						 .probe_count = 1,
						 .seed_events = &ready,
						 .seed_event_count = 1,
						 .baselines = baselines,
						 .baseline_count = ARRAY_LEN(baselines) };
		if (assess(&facts, config, &no_bodies, &matrix, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT(rows[i].label, matrix.rows[0].evidence.no_spam_folder == rows[i].none);
		ROW_ASSERT(rows[i].label, matrix.rows[0].judgement.outcome == rows[i].outcome);
		matrix_fini(&matrix);
		config_free(config);
	}
}

static void facts_become_evidence(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "what the provider says above its hop counts", RESULTS("pass", "fail", "pass") OWN_HOP REST, "watch",
		  SEEN_MS, 0, 250, OUTCOME_DELIVERED, AUTH_PASS, AUTH_FAIL, AUTH_PASS, HOP_TLS_1_3, 2000 },
		{ "what stands below its hop is nobody's word", OWN_HOP RESULTS("pass", "pass", "pass") REST, "watch",
		  SEEN_MS, 0, 250, OUTCOME_DELIVERED, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED,
		  HOP_TLS_1_3, 2000 },
		{ "a message without a hop of the provider proves nothing", RESULTS("pass", "pass", "pass") REST,
		  "watch", SEEN_MS, 0, 250, OUTCOME_DELIVERED, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED,
		  HOP_TLS_UNKNOWN, 2000 },
		{ "found by the sweep: its arrival counts", RESULTS("pass", "pass", "pass") OWN_HOP REST, "sweep",
		  ACCEPTED_MS + 900000, ACCEPTED_MS + 3000, 250, OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS,
		  HOP_TLS_1_3, 3999 },
		{ "found by the sweep, arrived before it was sent: never negative",
		  RESULTS("pass", "pass", "pass") OWN_HOP REST, "sweep", ACCEPTED_MS + 900000, ACCEPTED_MS - 3000, 250,
		  OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, 0 },
		{ "found by the sweep with a date in the future: the sight counts",
		  RESULTS("pass", "pass", "pass") OWN_HOP REST, "sweep", ACCEPTED_MS + 1000, ACCEPTED_MS + 900000, 250,
		  OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, 1000 },
		{ "read late, and its date says that it came in time", RESULTS("pass", "pass", "pass") OWN_HOP REST,
		  "watch", ACCEPTED_MS + 900000, ACCEPTED_MS + 3000, 250, OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS,
		  AUTH_PASS, HOP_TLS_1_3, 3999 },
		{ "read late, and its date says that it came late", RESULTS("pass", "pass", "pass") OWN_HOP REST,
		  "watch", ACCEPTED_MS + 900000, ACCEPTED_MS + 600000, 250, OUTCOME_DELAYED, AUTH_PASS, AUTH_PASS,
		  AUTH_PASS, HOP_TLS_1_3, 600999 },
		{ "seen late by who had read the folder after the limit", RESULTS("pass", "pass", "pass") OWN_HOP REST,
		  "watch", ACCEPTED_MS + 900000, 0, 250, OUTCOME_DELAYED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3,
		  900000, .absent_ms = ACCEPTED_MS + 890000 },
		{ "seen late, and nobody had looked since", RESULTS("pass", "pass", "pass") OWN_HOP REST, "watch",
		  ACCEPTED_MS + 900000, 0, 250, OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, 900000,
		  .absent_ms = 5 },
		{ "accepted, swept, not there", NULL, "watch", 0, 0, 250, OUTCOME_MISSING, AUTH_NOT_REPORTED,
		  AUTH_NOT_REPORTED, AUTH_NOT_REPORTED, HOP_TLS_UNKNOWN, -1 },
		{ "no reply to the handing over, not there", NULL, "watch", 0, 0, 0, OUTCOME_UNKNOWN, AUTH_NOT_REPORTED,
		  AUTH_NOT_REPORTED, AUTH_NOT_REPORTED, HOP_TLS_UNKNOWN, -1 },
		{ "refused", NULL, "watch", 0, 0, 550, OUTCOME_REJECTED, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED,
		  AUTH_NOT_REPORTED, HOP_TLS_UNKNOWN, -1 },
		{ "no reply, and found", RESULTS("pass", "pass", "pass") OWN_HOP REST, "watch", SEEN_MS, 0, 0,
		  OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, -1 },
	};
	struct config *config = load();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(config, &rows[i]);
	config_free(config);
}

/* Of two messages in one mailbox the first was seen at once, the second an hour after it had been accepted, in the same
 * second of the mailbox's clock as that. */
static void arrivals_are_dated_by_what_the_whole_run_knows(void **state)
{
	static const struct {
		const char *label;
		int64_t first_internal_ms;
		struct run_event event;
		enum verdict verdict;
		const char *says;
	} rows[] = {
		{ "the clock of the mailbox is right",
		  ACCEPTED_MS,
		  { RUN_STARTED },
		  VERDICT_PASS,
		  "Time: there within a second after the service's server had accepted it, by the mailbox's clock "
		  "(first "
		  "read 1 h after the acceptance)." },
		{ "the first message shows it to be ten minutes slow",
		  ACCEPTED_MS - 600000,
		  { RUN_STARTED },
		  VERDICT_UNKNOWN,
		  "Time: there at most 1 h after the service's server had accepted it (the mailbox was first read 1 h "
		  "after the "
		  "acceptance); the mailbox's clock does not agree with this machine's, so that its date does not "
		  "count; "
		  "whether it came in time is not known, expected within 5 min." },
		{ "or ten minutes fast",
		  ACCEPTED_MS + 600000,
		  { RUN_STARTED },
		  VERDICT_UNKNOWN,
		  "the mailbox's clock does not agree with this machine's" },
		{ "our clock was set back meanwhile",
		  ACCEPTED_MS,
		  { RUN_CLOCK_SET, ACCEPTED_MS + 1800000, NULL, -600000 },
		  VERDICT_UNKNOWN,
		  "; this machine's clock was set back by 10 min meanwhile; whether it came in time is not known" },
		{ "this machine slept",
		  ACCEPTED_MS,
		  { RUN_SLEPT, ACCEPTED_MS + 1800000, NULL, 1700000 },
		  VERDICT_PASS,
		  "by the mailbox's clock" },
	};
	struct config *config = load();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct matrix matrix = { 0 };
		struct send_event sends[] = {
			{ .kind = SEND_HANDING_OVER, .at_ms = ACCEPTED_MS - 5, .attempt = 1 },
			{ .kind = SEND_REPLY, .at_ms = ACCEPTED_MS, .attempt = 1, .reply_code = 250 },
		};
		struct observation seen[2] = {
			{ .at_ms = ACCEPTED_MS + 400, .internal_ms = rows[i].first_internal_ms },
			{ .at_ms = ACCEPTED_MS + 3600000,
			  .internal_ms = ACCEPTED_MS,
			  .absent_ms = ACCEPTED_MS - 60000 },
		};
		struct probe probes[2];
		for (size_t k = 0; k < 2; k++) {
			seen[k].folder = fact_lend("INBOX");
			seen[k].header = fact_lend(OWN_HOP REST);
			seen[k].header_len = strlen(OWN_HOP REST);
			seen[k].found_by = fact_lend("watch");
			probes[k] = (struct probe){ .seed = fact_lend("u@alpha.test"),
						    .provider = fact_lend("alpha"),
						    .message = fact_lend("m"),
						    .tag = fact_lend("00000000000000000000000000000001"),
						    .sends = sends,
						    .send_count = ARRAY_LEN(sends),
						    .observations = &seen[k],
						    .observation_count = 1 };
		}
		struct run_event event = rows[i].event;
		const struct run_facts facts = { .summary = { .id = 1, .finished = true },
						 .events = &event,
						 .event_count = 1,
						 .probes = probes,
						 .probe_count = 2 };
		if (assess(&facts, config, &no_bodies, &matrix, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		const struct cell *first = judgement_cell(&matrix.rows[0].judgement, EXPECT_WITHIN),
				  *second = judgement_cell(&matrix.rows[1].judgement, EXPECT_WITHIN);
		ROW_ASSERT(rows[i].label, first->verdict == VERDICT_PASS);
		ROW_ASSERT(rows[i].label, second->verdict == rows[i].verdict);
		if (!strstr(second->reason, rows[i].says))
			fail_msg("%s: %s", rows[i].label, second->reason);
		matrix_fini(&matrix);
	}
	config_free(config);
}

static int lend_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	assert_int_equal(observation, 77);
	*ret = strdup(user);
	*ret_len = strlen(*ret);
	return 1;
}

/* A TXT record of one string. */
static struct dns_fact txt_fact(const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	struct dns_fact fact = { .name = fact_lend(name),
				 .type = DNS_TXT,
				 .answer = { .state = DNS_ANSWERED, .ttl = 300 } };
	unsigned char rdata[256] = { (unsigned char)strlen(text) };
	size_t cap = 0;
	memcpy(rdata + 1, text, strlen(text));
	assert_int_equal(dns_answer_add(&fact.answer, &cap, rdata, strlen(text) + 1, &err), 0);
	return fact;
}

static void a_found_message_is_evaluated_from_the_snapshot(void **state)
{
	static const char header[] = "Return-Path: <b@service.example>\r\n" RESULTS("pass", "none", "fail")
	    OWN_HOP REST;
	const struct {
		const char *label, *spf_record;
		enum auth_result spf, dmarc;
		enum agreement spf_agreement;
	} rows[] = {
		{ "the hop's address is in the record", "v=spf1 ip4:192.0.2.1 -all", AUTH_PASS, AUTH_PASS,
		  AGREEMENT_AGREE },
		{ "it is not", "v=spf1 ip4:192.0.2.2 -all", AUTH_FAIL, AUTH_FAIL, AGREEMENT_DISAGREE },
		{ "the snapshot does not hold the record", NULL, AUTH_UNKNOWN, AUTH_UNKNOWN, AGREEMENT_UNKNOWN },
	};
	struct config *config = load();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct matrix matrix = { 0 };
		struct dns_fact dns[] = { txt_fact("_dmarc.service.example", "v=DMARC1; p=reject"),
					  txt_fact("_dmarc.example", "nothing"),
					  txt_fact("service.example", rows[i].spf_record ? rows[i].spf_record : "") };
		struct observation seen = { .id = 77,
					    .at_ms = SEEN_MS,
					    .folder = fact_lend("INBOX"),
					    .role = FOLDER_INBOX,
					    .header = fact_lend(header),
					    .header_len = strlen(header),
					    .found_by = fact_lend("watch") };
		struct probe probe = { .seed = fact_lend("u@alpha.test"),
				       .provider = fact_lend("alpha"),
				       .message = fact_lend("m"),
				       .tag = fact_lend("00000000000000000000000000000001"),
				       .observations = &seen,
				       .observation_count = 1 };
		const struct run_facts facts = { .summary = { .id = 1, .finished = true },
						 .probes = &probe,
						 .probe_count = 1,
						 .dns = dns,
						 .dns_count = rows[i].spf_record ? 3 : 2 };
		const struct assess_bodies bodies = { lend_body, fact_lend("hello\r\n") };
		if (assess(&facts, config, &bodies, &matrix, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		const struct matrix_row *got = &matrix.rows[0];
		ROW_ASSERT(rows[i].label, got->evaluated);
		ROW_ASSERT(rows[i].label, got->evaluation.spf.source == SENDER_RECEIVED);
		ROW_ASSERT(rows[i].label, got->evidence.ours[METHOD_SPF].result == rows[i].spf);
		ROW_ASSERT(rows[i].label, got->evidence.ours[METHOD_DKIM].result == AUTH_NONE);
		ROW_ASSERT(rows[i].label, got->evidence.ours[METHOD_DMARC].result == rows[i].dmarc);
		ROW_ASSERT(rows[i].label, got->judgement.agreement[METHOD_SPF] == rows[i].spf_agreement);
		ROW_ASSERT(rows[i].label, got->judgement.agreement[METHOD_DKIM] == AGREEMENT_AGREE);
		matrix_fini(&matrix);
		for (size_t k = 0; k < ARRAY_LEN(dns); k++)
			dns_answer_fini(&dns[k].answer);
	}
	config_free(config);
}

#define NOTICE(what, whom)                                                                                             \
	{                                                                                                              \
		.action = fact_lend(what), .status = fact_lend("5.7.1"), .recipient = fact_lend(whom)                  \
	}

static void what_came_back_becomes_evidence(void **state)
{
	const struct {
		const char *label;
		struct bounce bounces[3]; /* oldest first; those with an action */
		bool found;
		enum outcome outcome;
		bool failed, other, returned;
	} rows[] = {
		{ "failure", { NOTICE("failed", "u@alpha.test") }, false, OUTCOME_BOUNCED, true, false, false },
		{ "failure of nobody named", { NOTICE("failed", NULL) }, false, OUTCOME_BOUNCED, true, false, false },
		{ "another case", { NOTICE("failed", "U@Alpha.TEST") }, true, OUTCOME_BOUNCED, true, false, false },
		{ "another recipient, delivered",
		  { NOTICE("failed", "x@y.test") },
		  true,
		  OUTCOME_DELIVERED,
		  true,
		  true,
		  false },
		{ "another recipient, not delivered",
		  { NOTICE("failed", "x@y.test") },
		  false,
		  OUTCOME_BOUNCED,
		  true,
		  true,
		  false },
		{ "the seed's counts before a newer one about another",
		  { NOTICE("failed", "u@alpha.test"), NOTICE("failed", "x@y.test") },
		  true,
		  OUTCOME_BOUNCED,
		  true,
		  false,
		  false },
		{ "delay", { NOTICE("delayed", "u@alpha.test") }, false, OUTCOME_DEFERRED, false, false, false },
		{ "delivered", { NOTICE("delivered", "u@alpha.test") }, false, OUTCOME_MISSING, false, false, false },
		{ "automatic reply", { NOTICE("auto-reply", NULL) }, false, OUTCOME_MISSING, false, false, true },
		{ "any message, and a delay",
		  { NOTICE("message", NULL), NOTICE("delayed", NULL) },
		  false,
		  OUTCOME_DEFERRED,
		  false,
		  false,
		  true },
	};
	static const char header[] = OWN_HOP REST;
	struct config *config = load();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct matrix matrix = { 0 };
		struct send_event sends[] = { { .kind = SEND_INTENT, .at_ms = 1 },
					      { .kind = SEND_REPLY, .at_ms = ACCEPTED_MS, .reply_code = 250 } };
		struct observation seen = { .at_ms = SEEN_MS,
					    .folder = fact_lend("INBOX"),
					    .role = FOLDER_INBOX,
					    .header = fact_lend(header),
					    .header_len = strlen(header),
					    .found_by = fact_lend("watch") };
		struct bounce bounces[3];
		struct probe probe = { .seed = fact_lend("u@alpha.test"),
				       .provider = fact_lend("alpha"),
				       .message = fact_lend("m"),
				       .sends = sends,
				       .send_count = 2,
				       .observations = &seen,
				       .observation_count = rows[i].found,
				       .bounces = bounces };
		struct seed_event ready = { .kind = SEED_SWEPT, .seed = fact_lend("u@alpha.test"), .at_ms = 2 };
		const struct run_facts facts = { .summary = { .id = 1, .finished = true },
						 .probes = &probe,
						 .probe_count = 1,
						 .seed_events = &ready,
						 .seed_event_count = 1 };
		memcpy(bounces, rows[i].bounces, sizeof(bounces));
		while (probe.bounce_count < 3 && bounces[probe.bounce_count].action)
			probe.bounce_count++;
		assert_int_equal(assess(&facts, config, &no_bodies, &matrix, &err), 0);
		const struct matrix_row *got = &matrix.rows[0];
		ROW_ASSERT_STRING(rows[i].label, outcome_name(got->judgement.outcome), outcome_name(rows[i].outcome));
		ROW_ASSERT(rows[i].label, got->evidence.failed.seen == rows[i].failed);
		ROW_ASSERT(rows[i].label, got->evidence.failed.other == rows[i].other);
		ROW_ASSERT(rows[i].label, got->evidence.returned.seen == rows[i].returned);
		matrix_fini(&matrix);
	}
	config_free(config);
}

static void a_refusal_is_held_against_the_message_that_arrived_elsewhere(void **state)
{
	static const char header[] = "Return-Path: <b@service.example>\r\n" OWN_HOP REST;
	struct error err = ERROR_INIT;
	struct matrix matrix = { 0 };
	struct config *config = load();
	struct dns_fact dns[] = { txt_fact("service.example", "v=spf1 ip4:192.0.2.1 -all") };
	struct observation seen = { .id = 77,
				    .at_ms = SEEN_MS,
				    .folder = fact_lend("INBOX"),
				    .role = FOLDER_INBOX,
				    .header = fact_lend(header),
				    .header_len = strlen(header),
				    .found_by = fact_lend("watch") };
	struct bounce refused = { .action = fact_lend("failed"),
				  .status = fact_lend("5.7.26"),
				  .diagnostic = fact_lend("550 5.7.26 support.google.com") };
	struct probe probes[] = { { .seed = fact_lend("u@alpha.test"), .message = fact_lend("m") },
				  { .seed = fact_lend("v@alpha.test"), .message = fact_lend("m") } };
	probes[0].provider = probes[1].provider = fact_lend("alpha");
	probes[0].bounces = &refused;
	probes[0].bounce_count = 1;
	probes[1].observations = &seen;
	probes[1].observation_count = 1;
	const struct run_facts facts = {
		.summary = { .id = 1, .finished = true }, .probes = probes, .probe_count = 2, .dns = dns, .dns_count = 1
	};
	const struct assess_bodies bodies = { lend_body, fact_lend("hello\r\n") };
	assert_int_equal(assess(&facts, config, &bodies, &matrix, &err), 0);
	assert_non_null(
	    strstr(matrix.rows[0].judgement.reason,
		   "Our own check disagrees: SPF passes for the same message as it arrived at v@alpha.test."));
	matrix_fini(&matrix);
	dns_answer_fini(&dns[0].answer);
	config_free(config);
}

#define SENDER_AS(mailfrom)                                                                                            \
	"Authentication-Results: mx.alpha.test; spf=pass smtp.mailfrom=" mailfrom "; dkim=none; dmarc=none\r\n"

/* mail.service.example, the HELO name of OWN_HOP, sends no mail itself. */
static void spf_is_that_of_the_envelope_sender(void **state)
{
	static const struct {
		const char *label, *header, *sender; /* of the run; NULL: not known */
		enum auth_result spf;
		const char *mail_from; /* that was evaluated; NULL: nothing was */
	} rows[] = {
		{ "nowhere in the header", OWN_HOP REST, "b@service.example", AUTH_PASS, "b@service.example" },
		{ "in Return-Path", "Return-Path: <c@service.example>\r\n" OWN_HOP REST, "b@service.example", AUTH_PASS,
		  "c@service.example" },
		{ "rewritten on the way", "Return-Path: <srs@mail.service.example>\r\n" OWN_HOP REST,
		  "b@service.example", AUTH_FAIL, "srs@mail.service.example" },
		{ "null reverse-path", "Return-Path: <>\r\n" OWN_HOP REST, "b@service.example", AUTH_FAIL,
		  "postmaster@mail.service.example" },
		{ "null reverse-path of the run", OWN_HOP REST, "", AUTH_FAIL, "postmaster@mail.service.example" },
		{ "source route", "Return-Path: <@r.example:c@service.example>\r\n" OWN_HOP REST, NULL, AUTH_PASS,
		  "c@service.example" },
		{ "its domain alone", SENDER_AS("service.example") OWN_HOP REST, "b@service.example", AUTH_PASS,
		  "b@service.example" },
		{ "another domain alone", SENDER_AS("mail.service.example") OWN_HOP REST, "b@service.example",
		  AUTH_FAIL, "postmaster@mail.service.example" },
		{ "forged below", OWN_HOP "Return-Path: <x@evil.example>\r\n" REST, "b@service.example", AUTH_PASS,
		  "b@service.example" },
		{ "not known at all", OWN_HOP REST, NULL, AUTH_UNKNOWN, NULL },
	};
	struct config *config = load();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct matrix matrix = { 0 };
		struct dns_fact dns[] = { txt_fact("service.example", "v=spf1 ip4:192.0.2.1 -all"),
					  txt_fact("mail.service.example", "v=spf1 -all") };
		struct observation seen = { .id = 77,
					    .at_ms = SEEN_MS,
					    .folder = fact_lend("INBOX"),
					    .role = FOLDER_INBOX,
					    .header = fact_lend(rows[i].header),
					    .header_len = strlen(rows[i].header),
					    .found_by = fact_lend("watch") };
		struct probe probe = { .seed = fact_lend("u@alpha.test"),
				       .provider = fact_lend("alpha"),
				       .message = fact_lend("m"),
				       .tag = fact_lend("00000000000000000000000000000001"),
				       .mail_from = rows[i].sender ? fact_lend(rows[i].sender) : NULL,
				       .observations = &seen,
				       .observation_count = 1 };
		const struct run_facts facts = { .summary = { .id = 1, .finished = true },
						 .probes = &probe,
						 .probe_count = 1,
						 .dns = dns,
						 .dns_count = ARRAY_LEN(dns) };
		const struct assess_bodies bodies = { lend_body, fact_lend("hello\r\n") };
		if (assess(&facts, config, &bodies, &matrix, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		const struct spf_evaluation *spf = &matrix.rows[0].evaluation.spf;
		ROW_ASSERT(rows[i].label, spf->result == rows[i].spf);
		ROW_ASSERT(rows[i].label, spf->evaluated == (rows[i].mail_from != NULL));
		ROW_ASSERT_STRING(rows[i].label, spf->mail_from ? spf->mail_from : "",
				  rows[i].mail_from ? rows[i].mail_from : "");
		matrix_fini(&matrix);
		for (size_t k = 0; k < ARRAY_LEN(dns); k++)
			dns_answer_fini(&dns[k].answer);
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(facts_become_evidence),
					    cmocka_unit_test(mailbox_without_spam_folder_leaves_missing_open),
					    cmocka_unit_test(arrivals_are_dated_by_what_the_whole_run_knows),
					    cmocka_unit_test(a_found_message_is_evaluated_from_the_snapshot),
					    cmocka_unit_test(spf_is_that_of_the_envelope_sender),
					    cmocka_unit_test(what_came_back_becomes_evidence),
					    cmocka_unit_test(
						a_refusal_is_held_against_the_message_that_arrived_elsewhere) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
