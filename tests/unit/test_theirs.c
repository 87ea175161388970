/* What the provider said of a message. */
#include "tests/unit/unit.h"

#include "harness/mail/theirs.h"

static const char *const hops[] = { "mx.x", "*.outlook.com", NULL };
static const char *const ids[] = { "mx.x", "*.icloud.com", NULL };
static const struct theirs_profile profile = { .own_hops = hops, .authserv_ids = ids, .above_only = true };
static const struct theirs_profile microsoft = { .own_hops = hops, .no_authserv_id = true, .above_only = true };

#define HOP  "Received: from m.s.example (m.s.example [192.0.2.1]) by mx.x with ESMTPS\n (using TLSv1.2 with cipher C)\n"
#define FROM "From: A <a@s.example>\n\n"
#define AR   "Authentication-Results: mx.x; "

static void results_are_those_above_the_boundary(void **state)
{
	static const struct {
		const char *label;
		const struct theirs_profile *profile;
		const char *header;
		const char *expected; /* spf dkim dmarc */
	} rows[] = {
		{ "all in one", &profile,
		  AR "spf=pass smtp.mailfrom=s.example; dkim=pass header.d=s.example; dmarc=pass "
		     "header.from=s.example\n" HOP FROM,
		  "pass pass pass" },
		{ "one header each", &profile,
		  "Authentication-Results: spf.icloud.com; spf=softfail smtp.mailfrom=s.example\n"
		  "Authentication-Results: dkim-verifier.icloud.com; dkim=hardfail\n"
		  "Authentication-Results: dmarc.icloud.com; dmarc=fail\n" HOP FROM,
		  "softfail fail fail" },
		{ "absent is not reported", &profile, AR "dkim=pass\n" HOP FROM, "not-reported pass not-reported" },
		{ "none at all", &profile, HOP FROM, "not-reported not-reported not-reported" },
		{ "below the boundary", &profile, HOP AR "spf=pass; dkim=pass; dmarc=pass\n" FROM,
		  "not-reported not-reported not-reported" },
		{ "between own hops", &profile,
		  "Received: from mx.x ([127.0.0.1]) by mx.x with LMTP\n" AR "spf=pass\n" HOP FROM,
		  "pass not-reported not-reported" },
		{ "below a forged own hop", &profile,
		  HOP "Received: from mx.x ([127.0.0.1]) by mx.x\n" AR "dmarc=pass\nReceived: by mx.x\n" FROM,
		  "not-reported not-reported not-reported" },
		{ "no own hop", &profile, AR "spf=pass\nReceived: from a by mx.other\n" FROM,
		  "not-reported not-reported not-reported" },
		{ "another's authserv-id", &profile, "Authentication-Results: s.example; dkim=pass\n" HOP FROM,
		  "not-reported not-reported not-reported" },
		{ "authserv-id wanted", &profile, "Authentication-Results: spf=pass\n" HOP FROM,
		  "not-reported not-reported not-reported" },
		{ "Microsoft's form", &microsoft,
		  "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=s.example;\n"
		  " dkim=none (message not signed);dmarc=bestguesspass action=none;compauth=pass reason=109\n" HOP FROM,
		  "pass none none" },
		{ "an authserv-id where there should be none", &microsoft, AR "dkim=none\n" HOP FROM,
		  "not-reported not-reported not-reported" },
		{ "ARC is kept apart", &profile, "ARC-Authentication-Results: i=1; mx.x; spf=pass\n" HOP FROM,
		  "not-reported not-reported not-reported" },
		{ "aligned failure outranks another's pass", &profile,
		  AR "dkim=pass header.d=esp.example; dkim=fail header.d=s.example\n" HOP FROM,
		  "not-reported fail not-reported" },
		{ "best of the aligned ones", &profile,
		  AR "dkim=fail header.d=s.example; dkim=pass header.i=@mail.s.example; dkim=temperror "
		     "header.d=s.example\n" HOP FROM,
		  "not-reported pass not-reported" },
		{ "best where none is aligned", &profile,
		  AR "dkim=none; dkim=pass header.d=esp.example; dkim=fail header.d=other.example\n" HOP FROM,
		  "not-reported pass not-reported" },
		{ "HELO result stands back", &profile,
		  AR "spf=none smtp.helo=m.s.example; spf=fail smtp.mailfrom=s.example\n" HOP FROM,
		  "fail not-reported not-reported" },
		{ "Received-SPF stands in", &profile, "Received-SPF: SoftFail (x) client-ip=192.0.2.1;\n" HOP FROM,
		  "softfail not-reported not-reported" },
		{ "Received-SPF stands back", &profile, "Received-SPF: fail\n" AR "spf=pass\n" HOP FROM,
		  "pass not-reported not-reported" },
		{ "Received-SPF below the boundary", &profile, HOP "Received-SPF: pass\n" FROM,
		  "not-reported not-reported not-reported" },
		{ "Received-SPF of the HELO name", &profile,
		  "Received-SPF: fail (x) identity=helo;\nReceived-SPF: pass (x) identity=mailfrom;\n" HOP FROM,
		  "pass not-reported not-reported" },
		{ "broken header keeps what it has", &profile, AR "spf=pass; dkim=pass ((\n" HOP FROM,
		  "pass pass not-reported" },
		{ "From cannot be read", &profile, AR "dkim=fail header.d=s.example; dkim=pass\n" HOP "From: a@\n\n",
		  "not-reported pass not-reported" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header h;
		struct theirs t;
		char seen[100];
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		assert_int_equal(theirs_read(&t, &h, rows[i].profile, NULL, &err), 0);
		snprintf(seen, sizeof(seen), "%s %s %s", auth_result_name(t.spf), auth_result_name(t.dkim),
			 auth_result_name(t.dmarc));
		if (strcmp(seen, rows[i].expected))
			fail_msg("%s: %s", rows[i].label, seen);
		theirs_fini(&t);
		header_fini(&h);
	}
}

static void evidence_is_kept_with_the_results(void **state)
{
	static const char text[] = "Return-Path: <b+1@s.example>\n" AR
				   "dkim=pass header.d=esp.example; dkim=pass (k) header.d=s.example\n"
				   "Received-SPF: pass\n" HOP "ARC-Authentication-Results: i=1; mx.x; spf=fail\n"
				   "Authentication-Results: evil; dkim=pass\nMessage-ID: <1@s.example>\n" FROM;
	struct error err = ERROR_INIT;
	struct header h;
	struct theirs t;
	assert_int_equal(header_parse(&h, span_of(text), &err), 0);
	assert_int_equal(theirs_read(&t, &h, &profile, NULL, &err), 0);
	assert_int_equal(t.tls, HOP_TLS_1_2);
	assert_true(span_is(t.return_path, "b+1@s.example"));
	assert_true(span_is(t.message_id, "1@s.example"));
	assert_true(span_is(t.from_domain, "s.example"));
	assert_true(t.dkim_aligned);
	assert_true(span_is(t.dkim_method->comment, "k"));
	assert_null(t.spf_method);
	assert_int_equal(t.received_spf, 2);
	assert_int_equal(t.header_count, 3);
	assert_true(t.headers[0].trusted);
	assert_true(t.headers[1].results.arc);
	assert_false(t.headers[1].trusted);
	assert_false(t.headers[2].trusted);
	assert_int_equal(t.headers[2].results.method_count, 1);
	theirs_fini(&t);
	header_fini(&h);
}

static void addresses_are_read_as_they_are_written(void **state)
{
	static const char text[] = "Return-Path: <@r.example:b+1@s.example> (x)\n" AR
				   "dkim=fail header.d=esp.example; dkim=pass header.d=s.example\n" HOP
				   "From: Example, Inc. <a..b@s.example.>\n\n";
	struct error err = ERROR_INIT;
	struct header h;
	struct theirs t;
	assert_int_equal(header_parse(&h, span_of(text), &err), 0);
	assert_int_equal(theirs_read(&t, &h, &profile, NULL, &err), 0);
	assert_true(span_is(t.return_path, "b+1@s.example"));
	assert_true(span_is(t.from_domain, "s.example"));
	assert_true(t.dkim_aligned);
	theirs_fini(&t);
	header_fini(&h);
}

static void absent_fields_are_told_from_empty_ones(void **state)
{
	struct error err = ERROR_INIT;
	struct header h;
	struct theirs t;
	assert_int_equal(header_parse(&h, SPAN_LIT("Return-Path: <>\n\n"), &err), 0);
	assert_int_equal(theirs_read(&t, &h, &profile, NULL, &err), 0);
	assert_non_null(t.return_path.p);
	assert_int_equal(t.return_path.len, 0);
	assert_null(t.message_id.p);
	assert_int_equal(t.from_domain.len, 0);
	assert_int_equal(t.boundary, -1);
	assert_int_equal(t.tls, HOP_TLS_UNKNOWN);
	theirs_fini(&t);
	header_fini(&h);
}

static void alignment_goes_by_labels(void **state)
{
	assert_true(theirs_aligned(SPAN_LIT("s.example"), SPAN_LIT("S.Example")));
	assert_true(theirs_aligned(SPAN_LIT("mail.s.example"), SPAN_LIT("s.example")));
	assert_true(theirs_aligned(SPAN_LIT("s.example"), SPAN_LIT("mail.s.example")));
	assert_false(theirs_aligned(SPAN_LIT("mails.example"), SPAN_LIT("s.example")));
	assert_false(theirs_aligned(SPAN_LIT("a.s.example"), SPAN_LIT("b.s.example")));
	assert_false(theirs_aligned(SPAN_LIT(""), SPAN_LIT("s.example")));
	assert_false(theirs_aligned(SPAN_LIT(""), SPAN_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_above_the_boundary),
		cmocka_unit_test(evidence_is_kept_with_the_results),
		cmocka_unit_test(addresses_are_read_as_they_are_written),
		cmocka_unit_test(absent_fields_are_told_from_empty_ones),
		cmocka_unit_test(alignment_goes_by_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
