/* The wall between facts and verdicts: this program is linked without the libraries by which anything could be fetched,
 * sent or read (local.mk of assess), and a stored run becomes a verdict in it nonetheless. Where something below assess
 * or judge needs one of them it does not link, whatever the includes say. */
#include "tests/unit/unit.h"

#include <link.h>
#include <string.h>

#include "harness/assess/assess.h"
#include "harness/base/ini.h"
#include "harness/config/config_stored.h"
#include "harness/judge/posture.h"

enum { ACCEPTED_MS = 1000000, SEEN_MS = 1002000 };

static const char header[] = "Return-Path: <b@service.example>\r\n"
			     "Authentication-Results: mx.alpha.test; spf=pass smtp.mailfrom=service.example;\r\n"
			     "\tdkim=pass header.d=service.example; dmarc=pass header.from=service.example\r\n"
			     "Received: from mail.service.example (mail.service.example [192.0.2.1])\r\n"
			     "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
			     "\tby mx.alpha.test (Postfix) with ESMTPS id 1; Tue, 24 Nov 2026 02:00:00 +0000\r\n"
			     "From: Service <hello@service.example>\r\n\r\n";

static struct config *stored_config(void)
{
	static const char *const stored[][3] = {
		{ "service", "from", "Service <hello@service.example>" },
		{ "smtp", "url", "smtps://mail.service.example" },
		{ "expect", "placement", "inbox" },
		{ "provider alpha", "host", "imap.alpha.test" },
		{ "provider alpha", "authserv_id", "mx.alpha.test" },
		{ "provider alpha", "received_by", "mx.alpha.test" },
	};
	struct setting settings[ARRAY_LEN(stored)];
	struct error err = ERROR_INIT;
	struct config *config = NULL;
	for (size_t i = 0; i < ARRAY_LEN(stored); i++)
		settings[i] = (struct setting){ fact_lend(stored[i][0]), fact_lend(stored[i][1]),
						fact_lend(stored[i][2]) };
	if (config_from_settings(settings, ARRAY_LEN(settings), &config, &err) < 0)
		fail_msg("%s", err.text);
	return config;
}

static int body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	(void)user, (void)observation;
	*ret = strdup("hello\r\n");
	*ret_len = strlen(*ret);
	return *ret ? 1 : error_memory(err);
}

static struct dns_fact spf_fact(const char *record)
{
	struct error err = ERROR_INIT;
	struct dns_fact fact = { .name = fact_lend("service.example"),
				 .type = DNS_TXT,
				 .answer = { .state = DNS_ANSWERED, .ttl = 300 } };
	unsigned char rdata[256] = { (unsigned char)strlen(record) };
	size_t cap = 0;
	memcpy(rdata + 1, record, strlen(record));
	assert_int_equal(dns_answer_add(&fact.answer, &cap, rdata, strlen(record) + 1, &err), 0);
	return fact;
}

/* Loads nothing, asks nobody: facts and configuration in, matrix out. */
static void judge_facts(const struct config *config, enum folder_role role, struct dns_fact *dns, struct matrix *ret)
{
	struct error err = ERROR_INIT;
	struct send_event sends[] = {
		{ .kind = SEND_INTENT, .at_ms = 1 },
		{ .kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = ACCEPTED_MS - 5, .attempt = 1 },
		{ .kind = SEND_REPLY,
		  .stage = STAGE_END_OF_DATA,
		  .at_ms = ACCEPTED_MS,
		  .attempt = 1,
		  .reply_code = 250,
		  .text = fact_lend("queued") },
	};
	struct observation seen = { .id = 77,
				    .at_ms = SEEN_MS,
				    .folder = fact_lend(role == FOLDER_INBOX ? "INBOX" : "Spam"),
				    .role = role,
				    .header = fact_lend(header),
				    .header_len = strlen(header),
				    .found_by = fact_lend("watch") };
	struct probe probe = { .seed = fact_lend("u@alpha.test"),
			       .provider = fact_lend("alpha"),
			       .message = fact_lend("m"),
			       .tag = fact_lend("00000000000000000000000000000001"),
			       .sends = sends,
			       .send_count = ARRAY_LEN(sends),
			       .observations = &seen,
			       .observation_count = 1 };
	struct seed_event ready = { .kind = SEED_SWEPT, .seed = fact_lend("u@alpha.test"), .at_ms = 2 };
	const struct run_facts facts = { .summary = { .id = 1, .finished = true },
					 .probes = &probe,
					 .probe_count = 1,
					 .seed_events = &ready,
					 .seed_event_count = 1,
					 .dns = dns,
					 .dns_count = 1 };
	const struct assess_bodies bodies = { body, NULL };
	if (assess(&facts, config, &bodies, ret, &err) < 0)
		fail_msg("%s", err.text);
}

static void stored_facts_become_a_verdict(void **state)
{
	(void)state;
	static const struct {
		const char *label, *spf_record;
		enum folder_role role;
		enum auth_result spf;
		enum verdict verdict;
		int exit_status;
	} rows[] = {
		{ "where it was wanted", "v=spf1 ip4:192.0.2.1 -all", FOLDER_INBOX, AUTH_PASS, VERDICT_PASS, 0 },
		{ "among spam", "v=spf1 ip4:192.0.2.1 -all", FOLDER_SPAM, AUTH_PASS, VERDICT_FAIL, 1 },
		{ "by an address that the record lacks", "v=spf1 -all", FOLDER_INBOX, AUTH_FAIL, VERDICT_PASS, 0 },
	};
	struct config *config = stored_config();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dns_fact dns = spf_fact(rows[i].spf_record);
		struct matrix matrix = { 0 };
		judge_facts(config, rows[i].role, &dns, &matrix);
		const struct matrix_row *got = &matrix.rows[0];
		ROW_ASSERT(rows[i].label, got->evaluated);
		ROW_ASSERT(rows[i].label, got->evidence.ours[METHOD_SPF].result == rows[i].spf);
		ROW_ASSERT(rows[i].label, got->judgement.verdict == rows[i].verdict);
		ROW_ASSERT(rows[i].label, matrix_exit_status(&matrix) == rows[i].exit_status);
		matrix_fini(&matrix);
		dns_answer_fini(&dns.answer);
	}
	config_free(config);
}

static void stored_findings_become_a_verdict(void **state)
{
	(void)state;
	static const char pack[] = "[rule own.tls]\ntext = T\nsince = 2024-02-01\nseverity = fail\nsource = S\n"
				   "findings = mx.starttls\n";
	const struct finding bad = { fact_lend("mx.starttls"), fact_lend("mx"), FINDING_BAD,
				     fact_lend("seen"),        fact_lend(""),   1 };
	_cleanup_(findings_fini) struct findings findings = { 0 };
	_cleanup_(rules_fini) struct rules rules = { 0 };
	const struct waivers waivers = { 0 };
	struct posture_judgement judgement = { 0 };
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	assert_int_equal(ini_read_span("own.ini", span_of(pack), &ini, &err), 0);
	assert_int_equal(rules_add(&rules, ini, &err), 0);
	ini_free(ini);
	assert_int_equal(findings_add(&findings, &bad, &err), 0);
	assert_int_equal(judge_posture(&findings, &rules, &waivers, INT64_MAX, &judgement, &err), 0);
	assert_int_equal(posture_exit_status(&judgement), 1);
	posture_judgement_fini(&judgement);
}

static int note_outside(struct dl_phdr_info *info, size_t size, void *user)
{
	static const char *const outside[] = { "libcurl", "libetpan", "libsqlite3", "libssl", "libunbound" };
	(void)size;
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		if (strstr(info->dlpi_name, outside[i]))
			*(const char **)user = outside[i];
	return 0;
}

/* Else the two above would show nothing. */
static void no_library_of_the_outside_is_loaded(void **state)
{
	const char *found = NULL;
	(void)state;
	dl_iterate_phdr(note_outside, &found);
	if (found)
		fail_msg("linked with %s", found);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(stored_facts_become_a_verdict),
					    cmocka_unit_test(stored_findings_become_a_verdict),
					    cmocka_unit_test(no_library_of_the_outside_is_loaded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
