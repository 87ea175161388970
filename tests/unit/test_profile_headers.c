/* Every shipped profile against whole headers as its provider writes them: tests/data/headers. */
#include <stdio.h>
#include <string.h>

#include "harness/base/file.h"
#include "providers/profile.h"
#include "tests/unit/judged.h"
#include "tests/unit/shipped.h"
#include "tests/unit/unit.h"

#define OWN "[provider generic]\nhost = h.seed.test\nauthserv_id = mx.seed.test\nreceived_by = mx.seed.test\n"

struct row {
	const char *file; /* PROFILE-WHAT */
	const char *profile;
	const char *expected; /* spf dkim dmarc tls */
	const char *trouble;  /* a part of it; "": the hop from outside is known, and nothing does not fit */
};

static const struct row rows[] = {
	{ "gmail-below", "gmail", "pass pass pass TLSv1.3", "" },
	{ "gmail-temperror", "gmail", "softfail temperror fail none", "" },
	{ "google-workspace-below", "google-workspace", "pass pass pass TLSv1.3", "" },
	{ "google-workspace-gateway", "google-workspace", "fail fail fail TLSv1.2", "" },
	{ "outlook-between", "outlook", "pass pass pass TLSv1.3", "" },
	{ "outlook-fail", "outlook", "fail fail fail TLSv1.2", "" },
	{ "microsoft365-domain-between", "microsoft365", "pass fail pass TLSv1.3", "" },
	{ "microsoft365-exchangelabs", "microsoft365", "softfail none none unknown", "" },
	{ "yahoo-above", "yahoo", "pass pass pass TLSv1.3", "" },
	{ "yahoo-words", "yahoo", "pass permerror pass TLSv1.3", "" },
	{ "aol-above", "aol", "pass pass pass TLSv1.3", "" },
	{ "aol-unknown", "aol", "softfail temperror neutral TLSv1.2", "" },
	{ "sky-above", "sky", "pass pass pass TLSv1.3", "" },
	{ "sky-fail", "sky", "fail fail fail TLSv1.3", "" },
	{ "icloud-below", "icloud", "pass pass pass yes", "" },
	{ "icloud-two-signatures", "icloud", "softfail fail fail yes", "" },
	{ "fastmail-above", "fastmail", "pass pass pass TLSv1.3", "" },
	{ "fastmail-fail", "fastmail", "softfail fail fail TLSv1.3", "" },
	{ "gmx-above", "gmx", "not-reported pass not-reported yes", "" },
	{ "gmx-fail", "gmx", "not-reported permerror not-reported yes", "" },
	{ "webde-above", "webde", "not-reported pass not-reported yes", "" },
	{ "webde-silent", "webde", "not-reported not-reported not-reported none", "" },
	{ "zoho-above", "zoho", "pass pass pass yes", "" },
	{ "zoho-fail", "zoho", "softfail fail fail yes", "" },
	{ "zoho-eu-above", "zoho-eu", "pass pass pass yes", "" },
	{ "zoho-eu-fail", "zoho-eu", "fail none fail yes", "" },
	{ "proton-below", "proton", "softfail fail fail TLSv1.3", "" },
	{ "proton-above", "proton", "pass pass pass TLSv1.2", "" },
	{ "mailru-above", "mailru", "pass pass pass TLSv1.3", "" },
	{ "mailru-unsigned", "mailru", "softfail not-reported not-reported none", "" },
	{ "yandex-below", "yandex", "pass pass not-reported TLSv1.3", "" },
	{ "yandex-fail", "yandex", "softfail neutral not-reported none", "" },
	{ "bt-above", "bt", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "bt-fail", "bt", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "t-online-below", "t-online", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "t-online-above", "t-online", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "orange-fr-me", "orange-fr", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "orange-fr-opmta", "orange-fr", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "virginmedia-exim", "virginmedia", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "virginmedia-results", "virginmedia", "not-reported not-reported not-reported unknown", "set received_by" },
	{ "generic-opendkim", "generic", "softfail fail fail TLSv1.3", "" },
	{ "generic-exim", "generic", "pass pass pass TLSv1.3", "" },
};

static void check(const struct row *row, const char *text)
{
	struct judged j;
	char seen[200], client[IP_TEXT_MAX];
	judged_make(&j, &(struct judged_request){ .provider = row->profile,
						  .config = strcmp(row->profile, "generic") == 0 ? OWN : "",
						  .header = span_of(text),
						  .sent = "From",
						  .is_signed = true });
	const struct probe_evidence *e = &j.row->evidence;
	snprintf(seen, sizeof(seen), "%s %s %s %s", auth_result_name(e->theirs[METHOD_SPF].result),
		 auth_result_name(e->theirs[METHOD_DKIM].result), auth_result_name(e->theirs[METHOD_DMARC].result),
		 hop_tls_name(e->tls));
	ROW_ASSERT_STRING(row->file, seen, row->expected);
	const char *trouble = j.row->trace.trouble ? j.row->trace.trouble : "";
	ROW_ASSERT(row->file, strstr(trouble, row->trouble) && (trouble[0] == '\0') == (row->trouble[0] == '\0'));
	ROW_ASSERT(row->file, j.sender.has_client == (row->trouble[0] == '\0'));
	if (j.sender.has_client) {
		ROW_ASSERT_STRING(row->file, ip_format(&j.sender.client, client), "192.0.2.10");
		ROW_ASSERT(row->file, span_is(j.sender.helo, "mail.svc.test"));
	}
	/* Its own signature and SPF verify in any case: only what the provider says is in the way of a pass. */
	bool all_pass = strncmp(row->expected, "pass pass pass TLSv1.", strlen("pass pass pass TLSv1.")) == 0;
	ROW_ASSERT(row->file, !all_pass || j.row->judgement.verdict == VERDICT_PASS);
	ROW_ASSERT(row->file, !strstr(row->expected, "fail") || j.row->judgement.verdict == VERDICT_FAIL);
	judged_fini(&j);
}

static void every_provider_is_heard(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 16);
		struct error err = ERROR_INIT;
		char path[4096];
		snprintf(path, sizeof(path), "%s/tests/data/headers/%s.eml", getenv("top_srcdir"), rows[i].file);
		if (file_read(path, &text, &err) < 0)
			fail_msg("%s", err.text);
		check(&rows[i], buf_str(&text));
	}
}

#define GMAIL_HOP                                                                                                      \
	"Received: from mail.svc.test (mail.svc.test. [192.0.2.10]) by mx.google.com with ESMTPS id 1\n"               \
	" (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); Mon, 30 Nov 2026 09:27:18 -0800 (PST)\n"
#define OTHER_HOP "Received: from mail.svc.test ([192.0.2.10]) by mx.elsewhere.test with ESMTPS id 1\n"
#define REST      "From: Example Service <hello@svc.test>\nTo: @RCPT@\n"

static void sealed_results_are_proved(void **state)
{
	static const struct {
		const char *label, *profile, *header, *sealer;
		enum auth_result spf, dmarc;
		const char *said; /* in the reason of SPF */
	} seals[] = {
		{ "where there is nothing else", "gmail", GMAIL_HOP REST, "google.com", AUTH_FAIL, AUTH_FAIL,
		  "reports fail for b@svc.test, sealed by google.com" },
		{ "where no hop is known", "gmail", OTHER_HOP REST, "google.com", AUTH_FAIL, AUTH_FAIL,
		  "reports fail for b@svc.test, sealed by google.com" },
		{ "where the provider reports SPF", "gmail",
		  GMAIL_HOP "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=@MF@\n" REST, "google.com",
		  AUTH_PASS, AUTH_FAIL, "its ARC results, sealed by google.com, say fail" },
		{ "by another", "gmail", GMAIL_HOP REST, "esp.test", AUTH_NOT_REPORTED, AUTH_NOT_REPORTED,
		  "reports no result" },
		{ "by a domain below", "gmail", GMAIL_HOP REST, "x.google.com", AUTH_NOT_REPORTED, AUTH_NOT_REPORTED,
		  "reports no result" },
		{ "by one that is another provider's", "outlook", GMAIL_HOP REST, "google.com", AUTH_NOT_REPORTED,
		  AUTH_NOT_REPORTED, "unknown, because the newest Received field is by `mx.google.com`" },
	};
	for (size_t i = 0; i < ARRAY_LEN(seals); i++) {
		struct judged j;
		judged_make(&j, &(struct judged_request){
				    .provider = seals[i].profile,
				    .config = "",
				    .header = span_of(seals[i].header),
				    .sent = "From",
				    .sealer = seals[i].sealer,
				    .sealed = "mx.google.com; spf=fail smtp.mailfrom=b@svc.test; dmarc=fail",
				});
		const struct probe_evidence *e = &j.row->evidence;
		ROW_ASSERT(seals[i].label, j.row->evaluation.arc.result == AUTH_PASS);
		ROW_ASSERT(seals[i].label, e->theirs[METHOD_SPF].result == seals[i].spf);
		ROW_ASSERT(seals[i].label, e->theirs[METHOD_DMARC].result == seals[i].dmarc);
		const char *reason = judgement_cell(&j.row->judgement, EXPECT_SPF)->reason;
		if (!strstr(reason, seals[i].said))
			fail_msg("%s: %s", seals[i].label, reason);
		judged_fini(&j);
	}
}

static void mistakes_of_the_configuration_are_named(void **state)
{
	static const struct {
		const char *config, *spf, *tls; /* what the reasons begin with */
	} mistakes[] = {
		{ "authserv_id = mx.gogle.com\n",
		  "SPF: unknown, because the provider's part of the header has results by `mx.google.com`, which no "
		  "pattern of authserv_id fits",
		  "TLS: the last hop used TLSv1.3" },
		{ "received_by = mx.gogle.com\n",
		  "SPF: unknown, because the newest Received field is by `mx.google.com`, which no pattern of "
		  "received_by fits",
		  "TLS: unknown, because the newest Received field is by `mx.google.com`" },
		{ "results_stand = above\n",
		  "SPF: unknown, because results by `mx.google.com` stand directly below the provider's own Received "
		  "field: set results_stand = either",
		  "TLS: the last hop used TLSv1.3" },
		{ "reports = dkim\nauthserv_id = mx.gogle.com\n", "SPF: the provider reports no result", "TLS: " },
	};
	static const char header[] = "Return-Path: <@MF@>\n" GMAIL_HOP
				     "Authentication-Results: mx.google.com; spf=fail\n" REST;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct judged j;
		char config[300];
		snprintf(config, sizeof(config), "[provider gmail]\n%s", mistakes[i].config);
		judged_make(&j, &(struct judged_request){
				    .provider = "gmail", .config = config, .header = span_of(header), .sent = "From" });
		const struct cell *spf = judgement_cell(&j.row->judgement, EXPECT_SPF);
		const char *tls = judgement_cell(&j.row->judgement, EXPECT_TLS)->reason;
		if (strncmp(spf->reason, mistakes[i].spf, strlen(mistakes[i].spf)) != 0 ||
		    strncmp(tls, mistakes[i].tls, strlen(mistakes[i].tls)) != 0)
			fail_msg("%s: %s %s", mistakes[i].config, spf->reason, tls);
		/* Our own evaluation passes; it does not stand in for what the provider may say. */
		ROW_ASSERT(mistakes[i].config,
			   spf->verdict == (strstr(mistakes[i].config, "reports") ? VERDICT_PASS : VERDICT_UNKNOWN));
		judged_fini(&j);
	}
}

static void every_profile_has_two_headers(void **state)
{
	char **names;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_names(&names, &err), 0);
	for (size_t i = 0; names[i]; i++) {
		size_t count = 0;
		for (size_t k = 0; k < ARRAY_LEN(rows); k++)
			count += strcmp(rows[k].profile, names[i]) == 0;
		ROW_ASSERT(names[i], count >= 2);
	}
	profile_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_provider_is_heard),
		cmocka_unit_test(sealed_results_are_proved),
		cmocka_unit_test(mistakes_of_the_configuration_are_named),
		cmocka_unit_test(every_profile_has_two_headers),
	};
	return cmocka_run_group_tests(tests, use_shipped_data, NULL);
}
