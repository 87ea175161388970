/* Hops, delays and the trust boundary. */
#include "tests/unit/unit.h"

#include "harness/mail/hops.h"

static const char *const own[] = { "*.google.com", "mx.alpha.test", "2002:a*", "*.outlook.com", NULL };

static void patterns_are_globs_over_hosts(void **state)
{
	static const struct {
		const char *text, *pattern;
		bool fits;
	} rows[] = {
		{ "mx.google.com", "*.google.com", true },
		{ "MX.Google.Com", "mx.google.com", true },
		{ "mx.google.com.", "mx.google.com", true },
		{ "google.com", "*.google.com", false },
		{ "mx.google.com.evil.example", "*.google.com", false },
		{ "evilgoogle.com", "*.google.com", false },
		{ "mx1.x", "mx?.x", true },
		{ "mx.x", "mx?.x", false },
		{ "a.b.c", "a*b*c", true },
		{ "anything", "*", true },
		{ "", "*", false },
		{ "ab", "a", false },
		{ "a", "ab", false },
		{ "a[b]", "a[b]", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const patterns[] = { "other", rows[i].pattern, NULL };
		if (hops_match(span_of(rows[i].text), patterns) != rows[i].fits)
			fail_msg("%s ~ %s", rows[i].text, rows[i].pattern);
	}
	assert_false(hops_match(SPAN_LIT("a"), NULL));
	char long_host[HOPS_HOST_MAX + 1];
	memset(long_host, 'a', sizeof(long_host));
	const char *const stars[] = { "*a*a*a*a*b", "*", NULL };
	assert_true(hops_match(span_make(long_host, HOPS_HOST_MAX), stars));
	assert_false(hops_match(span_make(long_host, HOPS_HOST_MAX + 1), stars));
}

static void delays_are_differences_and_may_be_negative(void **state)
{
	static const char text[] = "Received: from a by b; 1 Jan 2026 00:00:07 +0000\n"
				   "Received: from c by d; 1 Jan 2026 01:00:09 +0100\n"
				   "Received: from e by f\n"
				   "Received: from g by h; 1 Jan 2026 00:00:00 +0000\n\n";
	struct error err = ERROR_INIT;
	struct header h;
	struct hops hops;
	assert_int_equal(header_parse(&h, span_of(text), &err), 0);
	assert_int_equal(hops_parse(&hops, &h, &err), 0);
	assert_int_equal(hops.count, 4);
	assert_true(hops.v[0].has_delay);
	assert_int_equal(hops.v[0].delay_ms, -2000);
	assert_false(hops.v[1].has_delay);
	assert_false(hops.v[2].has_delay);
	assert_false(hops.v[3].has_delay);
	assert_true(span_is(hops.v[3].received.by, "h"));
	hops_fini(&hops);
	header_fini(&h);
}

static void hops_beyond_the_cap_are_left_out(void **state)
{
	_cleanup_(buf_fini) struct buf m = BUF_INIT(1 << 16);
	struct error err = ERROR_INIT;
	struct header h;
	struct hops hops;
	for (int i = 0; i < HOPS_MAX + 1; i++)
		buf_add_str(&m, "Received: by mx.google.com\n");
	assert_int_equal(header_parse(&h, buf_span(&m), &err), 0);
	assert_int_equal(hops_parse(&hops, &h, &err), 0);
	assert_int_equal(hops.count, HOPS_MAX);
	assert_true(hops.capped);
	bool outside;
	assert_int_equal(hops_boundary(&hops, own, SIZE_MAX, &outside), HOPS_MAX - 1);
	assert_false(outside);
	hops_fini(&hops);
	header_fini(&h);
}

#define OUTSIDE "Received: from x (mail.s.example [192.0.2.1]) by mx.google.com with ESMTPS\n"
#define FORGED  "Received: from y (mail.google.com [192.0.2.2]) by mx.google.com with ESMTPS\n"

static void boundary_is_the_own_hop_that_received_from_outside(void **state)
{
	static const struct {
		const char *label, *header;
		ptrdiff_t boundary;
		bool inside; /* the run ends inside: the hop from outside is not known */
	} rows[] = {
		{ "no hop", "Subject: x\n\n", -1, true },
		{ "one own hop", OUTSIDE "\n", 0 },
		{ "newest hop is another's", "Received: from a by mx.s.example\n" OUTSIDE "\n", -1, true },
		{ "hop within the provider", "Received: by 2002:a05:6402::1 with SMTP\n" OUTSIDE "\n", 1 },
		{ "delivery over LMTP",
		  "Received: from mx.alpha.test ([127.0.0.1]) by mx.alpha.test with LMTP\n"
		  "Received: from x (mail.s.example [192.0.2.1]) by mx.alpha.test (Postfix) with ESMTPS\n\n",
		  1 },
		{ "delivery over a socket",
		  "Received: from localhost ([unix socket]) by mx.alpha.test (Cyrus 3) with LMTPA\n"
		  "Received: from x (mail.s.example [192.0.2.1]) by mx.alpha.test (OpenSMTPD) with ESMTP\n\n",
		  1 },
		{ "content filter",
		  "Received: from localhost (localhost [127.0.0.1]) by mx.alpha.test (Postfix)\n" OUTSIDE "\n", 1 },
		{ "own client by its reverse name",
		  "Received: from a (a.google.com. [192.0.2.9]) by mx.google.com with ESMTP\n" OUTSIDE "\n", 1 },
		{ "Exchange has its own names",
		  "Received: from DB.eurprd04.prod.outlook.com (2603:10a6::3) by AM.eurprd04.prod.outlook.com with "
		  "HTTPS\n"
		  "Received: from FT.eop-EUR05.prod.outlook.com (2603:10a6::4) by DB.eurprd04.prod.outlook.com with "
		  "Microsoft SMTP\n"
		  " Server (version=TLS1_2, cipher=X) id 15.20\n"
		  "Received: from mail.s.example (192.0.2.1) by FT.mail.protection.outlook.com (10.1.2.3) with "
		  "Microsoft SMTP Server\n\n",
		  2 },
		{ "sender forged an own hop below", OUTSIDE FORGED "\n", 0 },
		{ "sender borrows the name in HELO",
		  "Received: from mx.google.com (unknown [192.0.2.1]) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "sender borrows the name in its reverse zone",
		  "Received: from a (mx.google.com [192.0.2.1] (may be forged)) by mx.google.com with ESMTP\n" FORGED
		  "\n",
		  0 },
		{ "sender is called localhost in its reverse zone",
		  "Received: from a (localhost [192.0.2.1]) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "sender's HELO is a keyword",
		  "Received: from by (mail.s.example [192.0.2.1]) by mx.google.com\n" FORGED "\n", 0 },
		{ "client is not shown", "Received: from <hidden> by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "client is not understood",
		  "Received: from localhost (peer 192.0.2.1/32) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "client is not understood, private literal in front",
		  "Received: from [10.0.0.1] (peer 192.0.2.1/32) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "client without a name, private literal in front",
		  "Received: from [10.0.0.1] (unverified) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "private literal in front of the address, in the comment",
		  "Received: from h ([10.0.0.1] [192.0.2.1]) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "private literal as HELO name",
		  "Received: from h ([192.0.2.1]:99 \"EHLO [127.0.0.1]\") by mx.google.com with ESMTP\n" FORGED "\n",
		  0 },
		{ "every hop is within", "Received: by mx.google.com\nReceived: by mx.google.com\n\n", 1, true },
		{ "run ends in another's hop", "Received: by mx.google.com\nReceived: from a by mx.s.example\n\n", 0,
		  true },
		{ "private client with another's name",
		  "Received: from a (mail.s.example [10.0.0.1]) by mx.google.com with ESMTP\n" FORGED "\n", 0 },
		{ "private client without a name",
		  "Received: from a ([10.0.0.1]) by mx.google.com with ESMTP\n" OUTSIDE "\n", 1 },
		{ "IPv6 loopback", "Received: from a ([IPv6:::1]) by mx.google.com with ESMTP\n" OUTSIDE "\n", 1 },
		{ "IPv6 unique local", "Received: from a ([fd00::1]) by mx.google.com with ESMTP\n" OUTSIDE "\n", 1 },
		{ "shared address space", "Received: from a ([100.64.0.1]) by mx.google.com with ESMTP\n" OUTSIDE "\n",
		  1 },
		{ "beside the shared address space", "Received: from a ([100.128.0.1]) by mx.google.com\n" OUTSIDE "\n",
		  0 },
		{ "172.32 is public", "Received: from a ([172.32.0.1]) by mx.google.com\n" OUTSIDE "\n", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header h;
		struct hops hops;
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		assert_int_equal(hops_parse(&hops, &h, &err), 0);
		bool outside;
		ptrdiff_t boundary = hops_boundary(&hops, own, SIZE_MAX, &outside);
		if (boundary != rows[i].boundary || outside == rows[i].inside)
			fail_msg("%s: %td %d", rows[i].label, boundary, outside);
		assert_int_equal(hops_boundary(&hops, NULL, SIZE_MAX, &outside), -1);
		hops_fini(&hops);
		header_fini(&h);
	}
}

static void hops_that_were_sent_are_the_senders(void **state)
{
	static const char text[] = "Received: by mx.google.com\nX-Sent: 1\n" OUTSIDE "\n";
	static const struct {
		size_t end;
		ptrdiff_t boundary;
		bool outside;
	} rows[] = { { 0, -1, false }, { 1, 0, false }, { 2, 0, false }, { 3, 1, true } };
	struct error err = ERROR_INIT;
	struct header h;
	struct hops hops;
	assert_int_equal(header_parse(&h, span_of(text), &err), 0);
	assert_int_equal(hops_parse(&hops, &h, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool outside;
		if (hops_boundary(&hops, own, rows[i].end, &outside) != rows[i].boundary || outside != rows[i].outside)
			fail_msg("sent from field %zu", rows[i].end);
	}
	hops_fini(&hops);
	header_fini(&h);
}

static void only_what_stands_above_the_boundary_is_trusted(void **state)
{
	static const char text[] = "X-Above: 1\nReceived: by mx.google.com\nX-Between: 1\n" OUTSIDE "X-Below: 1\n\n";
	struct error err = ERROR_INIT;
	struct header h;
	struct hops hops;
	assert_int_equal(header_parse(&h, span_of(text), &err), 0);
	assert_int_equal(hops_parse(&hops, &h, &err), 0);
	bool outside;
	ptrdiff_t boundary = hops_boundary(&hops, own, SIZE_MAX, &outside);
	assert_true(hops_trusted(&hops, boundary, 0));
	assert_true(hops_trusted(&hops, boundary, 2));
	assert_false(hops_trusted(&hops, boundary, 3));
	assert_false(hops_trusted(&hops, boundary, 4));
	assert_false(hops_trusted(&hops, -1, 0));
	hops_fini(&hops);
	header_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_globs_over_hosts),
		cmocka_unit_test(delays_are_differences_and_may_be_negative),
		cmocka_unit_test(hops_beyond_the_cap_are_left_out),
		cmocka_unit_test(boundary_is_the_own_hop_that_received_from_outside),
		cmocka_unit_test(hops_that_were_sent_are_the_senders),
		cmocka_unit_test(only_what_stands_above_the_boundary_is_trusted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
