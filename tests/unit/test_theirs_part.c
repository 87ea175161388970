/* What can be the provider's, and what is forged. */
#include <stdio.h>
#include <string.h>

#include "harness/mail/sender.h"
#include "harness/mail/theirs.h"
#include "tests/unit/unit.h"

static const char *const hops[] = { "mx.x", "mx?.x", NULL };
static const char *const ids[] = { "mx.x", "*.mx.x", NULL };
static const struct theirs_profile either = { .own_hops = hops, .authserv_ids = ids };
static const struct theirs_profile above = { .own_hops = hops, .authserv_ids = ids, .above_only = true };
static const struct theirs_profile microsoft = { .own_hops = hops, .no_authserv_id = true };

#define INNER  "Received: from mx2.x (mx2.x [10.0.0.2]) by mx.x with ESMTPS id 2\n"
#define HOP    "Received: from m.s.example (m.s.example [192.0.2.1]) by mx.x with ESMTPS id 1\n"
#define SENDER "Received: from app.s.example (app.s.example [192.0.2.7]) by m.s.example with ESMTP id 0\n"
#define FROM   "From: A <a@s.example>\nSubject: x\n\n"
#define DKIM   "DKIM-Signature: v=1; d=s.example; s=s1; h=from; bh=AA==; b=QUJD\n REVG\n"
#define AR     "Authentication-Results: mx.x; "
#define FAIL   AR "spf=fail smtp.mailfrom=s.example; dkim=fail header.d=s.example; dmarc=fail\n"
#define FORGED AR "spf=pass smtp.mailfrom=s.example; dkim=pass header.d=s.example; dmarc=pass\n"
#define NONE   "not-reported not-reported not-reported"

static void add_results(const struct theirs *t, char *out, size_t size)
{
	snprintf(out, size, "%s %s %s", auth_result_name(t->spf), auth_result_name(t->dkim),
		 auth_result_name(t->dmarc));
}

static void check(const char *label, const struct theirs_profile *profile, const char *header, const char *sent,
		  const char *expected)
{
	struct error err = ERROR_INIT;
	struct header h, s;
	struct theirs t;
	char seen[100];
	assert_int_equal(header_parse(&h, span_of(header), &err), 0);
	assert_int_equal(header_parse(&s, span_of(sent ? sent : ""), &err), 0);
	assert_int_equal(theirs_read(&t, &h, profile, sent ? &s : NULL, &err), 0);
	add_results(&t, seen, sizeof(seen));
	ROW_ASSERT_STRING(label, seen, expected);
	theirs_fini(&t);
	header_fini(&s);
	header_fini(&h);
}

static void the_block_below_the_hop_is_the_providers(void **state)
{
	static const struct {
		const char *label, *header, *expected;
	} rows[] = {
		{ "directly below", HOP FAIL FROM, "fail fail fail" },
		{ "one field each",
		  HOP AR "dmarc=fail\n" AR "spf=softfail\n" AR "dkim=neutral header.d=s.example\n" FROM,
		  "softfail neutral fail" },
		{ "a name for each method",
		  HOP
		  "Authentication-Results: dmarc.mx.x; dmarc=fail\nAuthentication-Results: spf.mx.x; spf=fail\n" FROM,
		  "fail not-reported fail" },
		{ "other fields of the provider's between", HOP "X-Y: 1\nReturn-Path: <a@b>\n" FAIL "X-Z: 2\n" FROM,
		  "fail fail fail" },
		{ "below inner hops", INNER HOP FAIL FROM, "fail fail fail" },
		{ "above, and another method below", AR "spf=fail\n" HOP AR "dkim=fail\n" FROM,
		  "fail fail not-reported" },
		{ "between own hops", INNER FAIL HOP FROM, "fail fail fail" },
		{ "Received-SPF", HOP "Received-SPF: softfail (x) client-ip=192.0.2.1\n" FROM,
		  "softfail not-reported not-reported" },
		{ "Received-SPF for the envelope sender behind that for HELO",
		  HOP "Received-SPF: fail identity=helo;\nReceived-SPF: softfail identity=mailfrom;\n" FROM,
		  "softfail not-reported not-reported" },
		{ "a field for each signature",
		  HOP AR "dkim=pass header.d=esp.example header.b=\"WFla\"\n" AR
			 "dkim=fail header.d=s.example header.b=QUJDRE\n" DKIM
			 "DKIM-Signature: d=esp.example; b = WFlaWFla\n" FROM,
		  "not-reported fail not-reported" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check(rows[i].label, &either, rows[i].header, NULL, rows[i].expected);
		check(rows[i].label, &either, rows[i].header, "From: A <a@s.example>\r\nSubject: x\r\n",
		      rows[i].expected);
	}
	check("Microsoft's form", &microsoft,
	      HOP "Authentication-Results: spf=fail (sender IP is 192.0.2.1); dkim=none\n" FROM, NULL,
	      "fail none not-reported");
}

/* What a sender writes, at every place that it can reach. */
static void forged_results_change_nothing(void **state)
{
	static const struct {
		const char *label, *header, *sent, *expected;
	} rows[] = {
		{ "below the provider's own", HOP FAIL FORGED FROM, NULL, "fail fail fail" },
		{ "below, with other fields between", HOP FAIL "X-A: 1\n" FORGED FROM, NULL, "fail fail fail" },
		{ "below a name of its own for each method",
		  HOP FAIL "Authentication-Results: z.mx.x; dmarc=pass\n" FROM, NULL, "fail fail fail" },
		{ "behind a hop of the sender's", HOP FAIL SENDER FORGED FROM, NULL, "fail fail fail" },
		{ "behind a hop of the sender's, the provider silent", HOP SENDER FORGED FROM, NULL, NONE },
		{ "behind a hop of Google's, the provider silent", HOP "X-Received: by 2002:a::1\n" FORGED FROM, NULL,
		  NONE },
		{ "behind a signature, the provider silent", HOP DKIM FORGED FROM, NULL, NONE },
		{ "behind an old signature, the provider silent", HOP "DomainKey-Signature: a=rsa-sha1\n" FORGED FROM,
		  NULL, NONE },
		{ "behind a Gmail user's signature, the provider silent",
		  HOP "X-Google-DKIM-Signature: v=1; b=x\n" FORGED FROM, NULL, NONE },
		{ "behind From, the provider silent", HOP "From: a@s.example\n" FORGED "\n", NULL, NONE },
		{ "behind Subject, the provider silent", HOP "subject : x\n" FORGED FROM, NULL, NONE },
		{ "behind To, the provider silent", HOP "To: u@x\n" FORGED FROM, NULL, NONE },
		{ "in what was sent, the provider silent", HOP FORGED FROM, FORGED FROM, NONE },
		{ "in what was sent, folded anew", HOP AR "\n\tspf=pass;\n dkim=pass\n" FROM,
		  "authentication-results:mx.x; spf=pass; dkim=pass\r\n" FROM, NONE },
		{ "behind a field that was sent", HOP "X-A: 1\n" FORGED FROM, "X-A: 1\r\n" FROM, NONE },
		{ "in what was sent, the provider silent about a method", HOP AR "spf=fail\n" FORGED FROM, FORGED FROM,
		  "fail not-reported not-reported" },
		{ "between a hop that was sent and that of the provider", INNER FORGED HOP FROM, FORGED HOP FROM,
		  NONE },
		{ "a hop that was sent does not move the boundary",
		  "Received: by mx.x\n" FORGED "Received: by mx2.x\n" FROM, "Received: by mx2.x\r\n" FROM, NONE },
		{ "a forged hop in the provider's name", HOP FAIL INNER FORGED HOP FROM, NULL, "fail fail fail" },
		{ "a forged hop in the provider's name, the provider silent", HOP INNER FORGED HOP FROM, NULL, NONE },
		{ "Received-SPF in what was sent", HOP "Received-SPF: pass x\n" FROM, "Received-SPF: pass x\r\n" FROM,
		  NONE },
		{ "Received-SPF below the provider's", HOP "Received-SPF: fail x\nReceived-SPF: pass x\n" FROM, NULL,
		  "fail not-reported not-reported" },
		{ "Received-SPF below a word that is none", HOP "Received-SPF: perhaps x\nReceived-SPF: pass x\n" FROM,
		  NULL, NONE },
		{ "a signature that is not there",
		  HOP AR "dkim=fail header.d=s.example header.b=QUJD\n" AR
			 "dkim=pass header.d=s.example header.b=Zm9y\n" DKIM FROM,
		  NULL, "not-reported fail not-reported" },
		{ "a signature that the provider has spoken of",
		  HOP AR "dkim=fail header.d=s.example header.b=QUJD\n" AR
			 "dkim=pass header.d=s.example header.b=QUJD\n" DKIM FROM,
		  NULL, "not-reported fail not-reported" },
		{ "a signature, where the provider does not say which it speaks of",
		  HOP AR "dkim=fail header.d=s.example\n" AR "dkim=pass header.d=s.example header.b=QUJD\n" DKIM FROM,
		  NULL, "not-reported fail not-reported" },
		{ "less of a signature that the provider has spoken of",
		  HOP AR "dkim=fail header.d=s.example header.b=QUJD\n" AR
			 "dkim=pass header.d=s.example header.b=QU\n" DKIM FROM,
		  NULL, "not-reported fail not-reported" },
		{ "more of a signature that the provider has spoken of",
		  HOP AR "dkim=fail header.d=s.example header.b=QU\n" AR
			 "dkim=pass header.d=s.example header.b=QUJDREVG\n" DKIM FROM,
		  NULL, "not-reported fail not-reported" },
		{ "SPF, of which the provider has spoken in Received-SPF",
		  HOP "Received-SPF: fail x\n" AR "dkim=fail\n" AR "spf=pass\n" FROM, NULL, "fail fail not-reported" },
		{ "SPF, of which the provider has spoken in Received-SPF above",
		  "Received-SPF: softfail x\n" HOP AR "spf=pass\n" FROM, NULL, "softfail not-reported not-reported" },
		{ "ARC results without a seal", HOP "ARC-Authentication-Results: i=1; mx.x; spf=pass\n" FROM, NULL,
		  NONE },
		{ "another's name", HOP "Authentication-Results: s.example; spf=pass\n" FROM, NULL, NONE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(rows[i].label, &either, rows[i].header, rows[i].sent, rows[i].expected);
	for (size_t i = 0; i < 2; i++) {
		const struct theirs_profile *profile = i ? &above : &either;
		check("no hop of the provider's", profile, FORGED SENDER FROM, NULL, NONE);
		check("a hop that ends inside", profile, INNER FORGED FROM, NULL, NONE);
	}
	check("directly below, and nothing of the provider's stands there", &above, HOP FORGED FROM, NULL, NONE);
	check("below the provider's own, which stand above", &above, FAIL HOP FORGED FROM, NULL, "fail fail fail");
	check("below the provider's own, which stand above", &either, FAIL HOP FORGED FROM, NULL, "fail fail fail");
}

static void the_sender_is_read_from_the_block(void **state)
{
	static const struct {
		const char *label, *header, *mail_from;
	} rows[] = {
		{ "Return-Path", HOP "X-Y: 1\nReturn-Path: <b@s.example>\n" FROM, "b@s.example" },
		{ "Return-Path without brackets", HOP "Return-Path: b@s.example\n" FROM, "b@s.example" },
		{ "Return-Path of the sender's", HOP SENDER "Return-Path: <b@s.example>\n" FROM, "-" },
		{ "Received-SPF", HOP "Received-SPF: pass envelope-from=b@s.example\n" FROM, "b@s.example" },
		{ "the first Received-SPF alone",
		  HOP "Received-SPF: pass\nReceived-SPF: pass envelope-from=evil@s.example\n" FROM, "-" },
		{ "Yandex", HOP AR "spf=pass smtp.mail=b@s.example\n" FROM, "b@s.example" },
		{ "the first results alone", HOP AR "spf=pass\n" AR "spf=pass smtp.mailfrom=evil@s.example\n" FROM,
		  "-" },
		{ "above before below",
		  AR "spf=pass smtp.mailfrom=b@s.example\n" HOP AR "spf=pass smtp.mailfrom=evil@s.example\n" FROM,
		  "b@s.example" },
		{ "of a hop that ends inside", INNER "Return-Path: <b@s.example>\n" FROM, "-" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header h;
		struct theirs t;
		struct sender s;
		char seen[100];
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		assert_int_equal(theirs_read(&t, &h, &either, NULL, &err), 0);
		sender_find(&h, &t, &s);
		snprintf(seen, sizeof(seen), "%.*s", SPAN_ARG(s.has_mail_from ? s.mail_from : SPAN_LIT("-")));
		ROW_ASSERT_STRING(rows[i].label, seen, rows[i].mail_from);
		ROW_ASSERT(rows[i].label, t.outside == s.has_client);
		theirs_fini(&t);
		header_fini(&h);
	}
}

static void what_does_not_fit_is_named(void **state)
{
	static const struct theirs_profile nobody = { 0 };
	static const struct {
		const char *label;
		const struct theirs_profile *profile;
		const char *header;
		enum theirs_trouble trouble;
		const char *with;
	} rows[] = {
		{ "nothing", &either, HOP FAIL FROM, THEIRS_NO_TROUBLE, "" },
		{ "the provider says nothing", &either, HOP FROM, THEIRS_NO_TROUBLE, "" },
		{ "no patterns", &nobody, HOP FROM, THEIRS_NO_PATTERNS, "" },
		{ "no Received field", &either, FROM, THEIRS_NO_RECEIVED, "" },
		{ "a mistyped pattern", &either, "Received: from a by nx.x\n" HOP FROM, THEIRS_NO_OWN_HOP, "nx.x" },
		{ "a hop without a name", &either, "Received: from a\n" FROM, THEIRS_NO_OWN_HOP, "" },
		{ "the hop from outside is not known", &either,
		  INNER "Received: from m.s.example ([192.0.2.1]) by edge7 with ESMTP\n" FROM, THEIRS_ENDS_INSIDE,
		  "edge7" },
		{ "no hop from outside", &either, INNER FROM, THEIRS_ONLY_INSIDE, "mx.x" },
		{ "a mistyped authserv-id, above", &above, "Authentication-Results: my.x; spf=fail\n" HOP FROM,
		  THEIRS_OTHER_ID, "my.x" },
		{ "a mistyped authserv-id, below", &either, HOP "Authentication-Results: my.x; spf=fail\n" FROM,
		  THEIRS_OTHER_ID, "my.x" },
		{ "another's beside the provider's own", &either,
		  "Authentication-Results: my.x; spf=fail\n" HOP FAIL FROM, THEIRS_NO_TROUBLE, "" },
		{ "no authserv-id", &either, "Authentication-Results: spf=fail\n" HOP FROM, THEIRS_WITHOUT_ID, "" },
		{ "an authserv-id where there should be none", &microsoft, FAIL HOP FROM, THEIRS_OTHER_ID, "mx.x" },
		{ "below, and the profile says above", &above, HOP FAIL FROM, THEIRS_RESULTS_BELOW, "mx.x" },
		{ "the sender's own are nobody's trouble", &above, HOP SENDER FAIL FROM, THEIRS_NO_TROUBLE, "" },
		{ "nor is ARC", &either, HOP "ARC-Authentication-Results: i=1; my.x; spf=pass\n" FROM,
		  THEIRS_NO_TROUBLE, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header h;
		struct theirs t;
		char with[100];
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		assert_int_equal(theirs_read(&t, &h, rows[i].profile, NULL, &err), 0);
		ROW_ASSERT(rows[i].label, t.trouble == rows[i].trouble);
		snprintf(with, sizeof(with), "%.*s", SPAN_ARG(t.trouble_with));
		ROW_ASSERT_STRING(rows[i].label, with, rows[i].with);
		theirs_fini(&t);
		header_fini(&h);
	}
}

#define SEALED "ARC-Authentication-Results: i=2; mx.x; spf=fail; dkim=none; dmarc=fail\n"

static void a_sealed_set_counts_where_nothing_else_does(void **state)
{
	static const struct {
		const char *label, *header;
		unsigned instance;
		bool taken;
		const char *expected;
	} rows[] = {
		{ "nothing else", SEALED HOP FROM, 2, true, "fail none fail" },
		{ "below the hop", HOP SEALED FROM, 2, true, "fail none fail" },
		{ "one method else", AR "spf=pass\n" SEALED HOP FROM, 2, true, "pass none fail" },
		{ "Received-SPF", "Received-SPF: pass\n" SEALED HOP FROM, 2, true, "pass none fail" },
		{ "another instance", SEALED HOP FROM, 1, false, NONE },
		{ "no instance", "ARC-Authentication-Results: mx.x; spf=fail\n" HOP FROM, 0, false, NONE },
		{ "in the sender's part", HOP SENDER SEALED FROM, 2, false, NONE },
		{ "in the sender's part, behind a signature", HOP DKIM SEALED FROM, 2, false, NONE },
		{ "no hop is known", "Received: by mx.other\n" SEALED SENDER FROM, 2, true, "fail none fail" },
		{ "no hop is known, in the message", "Received: by mx.other\nFrom: a@s.example\n" SEALED "\n", 2, false,
		  NONE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header h;
		struct theirs t;
		char seen[100];
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		assert_int_equal(theirs_read(&t, &h, &either, NULL, &err), 0);
		ROW_ASSERT(rows[i].label, theirs_take_sealed(&t, rows[i].instance) == rows[i].taken);
		ROW_ASSERT(rows[i].label, (t.sealed >= 0) == rows[i].taken);
		ROW_ASSERT(rows[i].label, !rows[i].taken || t.sealed_results[METHOD_SPF] == AUTH_FAIL);
		add_results(&t, seen, sizeof(seen));
		ROW_ASSERT_STRING(rows[i].label, seen, rows[i].expected);
		theirs_fini(&t);
		header_fini(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_block_below_the_hop_is_the_providers),
		cmocka_unit_test(forged_results_change_nothing),
		cmocka_unit_test(the_sender_is_read_from_the_block),
		cmocka_unit_test(what_does_not_fit_is_named),
		cmocka_unit_test(a_sealed_set_counts_where_nothing_else_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
