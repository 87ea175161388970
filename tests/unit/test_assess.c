/* Assessment: stored facts become evidence, and what a sender could have written is not believed. */
#include "harness/run/assess.h"

#include <stdlib.h>
#include <string.h>

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
	if (assess(&facts, config, &matrix, &err) < 0)
		fail_msg("%s: %s", row->label, err.text);
	const struct matrix_row *got = &matrix.rows[0];
	ROW_ASSERT(row->label, got->judgement.outcome == row->outcome);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_SPF].result == row->spf);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_DKIM].result == row->dkim);
	ROW_ASSERT(row->label, got->evidence.theirs[METHOD_DMARC].result == row->dmarc);
	ROW_ASSERT(row->label, got->evidence.tls == row->tls);
	ROW_ASSERT(row->label, got->evidence.no_own_hop == (row->header && !strstr(row->header, OWN_HOP)));
	ROW_ASSERT(row->label, got->judgement.latency_ms == row->latency_ms);
	matrix_fini(&matrix);
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
		  HOP_TLS_1_3, 3000 },
		{ "found by the sweep, arrived before it was sent: never negative",
		  RESULTS("pass", "pass", "pass") OWN_HOP REST, "sweep", ACCEPTED_MS + 900000, ACCEPTED_MS - 3000, 250,
		  OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, 0 },
		{ "found by the sweep with a date in the future: the sight counts",
		  RESULTS("pass", "pass", "pass") OWN_HOP REST, "sweep", ACCEPTED_MS + 1000, ACCEPTED_MS + 900000, 250,
		  OUTCOME_DELIVERED, AUTH_PASS, AUTH_PASS, AUTH_PASS, HOP_TLS_1_3, 1000 },
		{ "late by the watch is delayed", RESULTS("pass", "pass", "pass") OWN_HOP REST, "watch",
		  ACCEPTED_MS + 900000, ACCEPTED_MS + 3000, 250, OUTCOME_DELAYED, AUTH_PASS, AUTH_PASS, AUTH_PASS,
		  HOP_TLS_1_3, 900000 },
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(facts_become_evidence) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
