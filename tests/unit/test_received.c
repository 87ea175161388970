/* Received fields in the dialects of servers. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/mail/received.h"

static void describe(const struct received *r, struct buf *out)
{
	char time[TIME_TEXT_MAX];
	const struct {
		const char *key;
		struct span value;
	} parts[] = { { "helo", r->from_helo },  { "name", r->from_name },
		      { "ip", r->from_ip },      { "by", r->by },
		      { "with", r->with },       { "id", r->id },
		      { "for", r->for_ },        { "env", r->envelope_from },
		      { "ver", r->tls_version }, { "cipher", r->tls_cipher } };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].value.len > 0)
			buf_addf(out, "%s=%.*s ", parts[i].key, SPAN_ARG(parts[i].value));
	buf_addf(out, "tls=%s", hop_tls_name(r->tls));
	if (r->has_time)
		buf_addf(out, " at=%s", time_rfc3339(r->time_ms, time));
}

static void dialects_are_understood(void **state)
{
	static const struct {
		const char *label, *value, *expected;
	} rows[] = {
		{ "Postfix",
		  "from mail.s.example (mail.s.example [198.51.100.10])\r\n\t(using TLSv1.3 with cipher "
		  "TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature ECDSA (prime256v1) "
		  "server-digest SHA256)\r\n\t(No client certificate requested)\r\n\tby mx.alpha.test (Postfix) with "
		  "ESMTPS "
		  "id 928CE51B\r\n\tfor <u1@alpha.test>; Tue, 24 Nov 2026 00:38:29 +0000 (UTC)",
		  "helo=mail.s.example name=mail.s.example ip=198.51.100.10 by=mx.alpha.test with=ESMTPS id=928CE51B "
		  "for=u1@alpha.test ver=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 tls=TLSv1.3 "
		  "at=2026-11-24T00:38:29.000Z" },
		{ "Postfix, no reverse name, plain",
		  "from x (unknown [IPv6:2001:db8::1]) by mx (Postfix) with ESMTP id 1; 1 Jan 2026 00:00:00 +0000",
		  "helo=x ip=2001:db8::1 by=mx with=ESMTP id=1 tls=none at=2026-01-01T00:00:00.000Z" },
		{ "Postfix, local",
		  "by mail.s.example (Postfix, from userid 33) id 2D11F703; 1 Jan 2026 00:00:00 +0000",
		  "by=mail.s.example id=2D11F703 tls=unknown at=2026-01-01T00:00:00.000Z" },
		{ "Exim",
		  "from mail.s.example ([2001:db8:51::10])\r\n\tby mx.bravo.test with esmtps  (TLS1.3) tls "
		  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\r\n\t(Exim 4.96)\r\n\t(envelope-from <b+1@s.example>)\r\n\tid "
		  "1xVeYI-00002G-1U\r\n\tfor u1@bravo.test;\r\n\tTue, 24 Nov 2026 00:38:30 +0000",
		  "helo=mail.s.example name=mail.s.example ip=2001:db8:51::10 by=mx.bravo.test with=esmtps "
		  "id=1xVeYI-00002G-1U for=u1@bravo.test env=b+1@s.example ver=TLS1.3 "
		  "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 tls=TLSv1.3 at=2026-11-24T00:38:30.000Z" },
		{ "Exim, other HELO, no reverse name", "from [192.0.2.1] (helo=x) by mx with esmtp (Exim 4.96) id 1",
		  "helo=x ip=192.0.2.1 by=mx with=esmtp id=1 tls=none" },
		{ "Sendmail",
		  "from s.example (mail.s.example [192.0.2.1] (may be forged)) by mx (8.17.1/8.17.1) with ESMTPS id 1 "
		  "(version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO) for <u@x>; 1 Jan 2026 "
		  "00:00:00 GMT",
		  "helo=s.example name=mail.s.example ip=192.0.2.1 by=mx with=ESMTPS id=1 for=u@x ver=TLSv1.2 "
		  "cipher=ECDHE-RSA-AES256-GCM-SHA384 tls=TLSv1.2 at=2026-01-01T00:00:00.000Z" },
		{ "Gmail",
		  "from mail.s.example (mail.s.example. [192.0.2.1])\r\n        by mx.google.com with ESMTPS id "
		  "a1-2si3.4.2026.01.01\r\n        for <u@gmail.com>\r\n        (version=TLS1_3 "
		  "cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Thu, 01 Jan 2026 00:00:00 -0800 (PST)",
		  "helo=mail.s.example name=mail.s.example ip=192.0.2.1 by=mx.google.com with=ESMTPS "
		  "id=a1-2si3.4.2026.01.01 "
		  "for=u@gmail.com ver=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 tls=TLSv1.3 at=2026-01-01T08:00:00.000Z" },
		{ "Gmail, inside",
		  "by 2002:a05:6402:1c04:b0:5d0:1 with SMTP id x1csp1; Thu, 1 Jan 2026 00:00:00 -0800 (PST)",
		  "by=2002:a05:6402:1c04:b0:5d0:1 with=SMTP id=x1csp1 tls=none at=2026-01-01T08:00:00.000Z" },
		{ "Exchange Online",
		  "from mail.s.example (192.0.2.1) by\r\n AM6EUR05FT035.mail.protection.outlook.com (10.233.240.92) "
		  "with "
		  "Microsoft SMTP Server\r\n (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id "
		  "15.20.1.1 via "
		  "Frontend\r\n Transport; Thu, 1 Jan 2026 00:00:00 +0000",
		  "helo=mail.s.example ip=192.0.2.1 by=AM6EUR05FT035.mail.protection.outlook.com with=Microsoft SMTP "
		  "Server "
		  "id=15.20.1.1 ver=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 tls=TLSv1.2 "
		  "at=2026-01-01T00:00:00.000Z" },
		{ "Exchange Online, inside",
		  "from DB9PR04.eurprd04.prod.outlook.com (2603:10a6:10:2::3) by AM0PR04.eurprd04.prod.outlook.com "
		  "with HTTPS; "
		  "Thu, 1 Jan 2026 00:00:00 +0000",
		  "helo=DB9PR04.eurprd04.prod.outlook.com ip=2603:10a6:10:2::3 by=AM0PR04.eurprd04.prod.outlook.com "
		  "with=HTTPS tls=unknown at=2026-01-01T00:00:00.000Z" },
		{ "Yahoo",
		  "from 192.0.2.1 (EHLO mail.s.example)\r\n by 10.253.239.206 with SMTPs\r\n (version=TLS1_2 "
		  "cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);\r\n Thu, 01 Jan 2026 00:00:00 +0000",
		  "helo=mail.s.example ip=192.0.2.1 by=10.253.239.206 with=SMTPs ver=TLS1_2 "
		  "cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 tls=TLSv1.2 at=2026-01-01T00:00:00.000Z" },
		{ "Courier",
		  "from x (mail.s.example [::ffff:192.0.2.1])\r\n  (TLS: TLSv1.3,256bits,TLS_AES_256_GCM_SHA384)\r\n  "
		  "by mx with "
		  "ESMTPS; Thu, 01 Jan 2026 00:00:00 +0000\r\n  id 0001.6954.0001",
		  "helo=x name=mail.s.example ip=192.0.2.1 by=mx with=ESMTPS id=0001.6954.0001 ver=TLSv1.3 "
		  "cipher=TLS_AES_256_GCM_SHA384 tls=TLSv1.3 at=2026-01-01T00:00:00.000Z" },
		{ "OpenSMTPD",
		  "from mail.s.example (mail.s.example [192.0.2.1])\r\n\tby mx.delta.test (OpenSMTPD) with ESMTPS id "
		  "415af771 "
		  "(TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\r\n\tfor <u1@delta.test>;\r\n\tThu, 1 Jan 2026 00:00:00 "
		  "+0000 (UTC)",
		  "helo=mail.s.example name=mail.s.example ip=192.0.2.1 by=mx.delta.test with=ESMTPS id=415af771 "
		  "for=u1@delta.test ver=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 tls=TLSv1.3 "
		  "at=2026-01-01T00:00:00.000Z" },
		{ "chasquid",
		  "from [198.51.100.10] (mail.s.example)\r\n\tby mx.echo.test (chasquid) with ESMTPS\r\n\ttls "
		  "TLS_AES_128_GCM_SHA256\r\n\t(over SMTP, TLS-1.3, envelope from \"b+1@s.example\")\r\n\t; Thu, 1 Jan "
		  "2026 "
		  "00:00:00 +0000",
		  "helo=mail.s.example ip=198.51.100.10 by=mx.echo.test with=ESMTPS env=b+1@s.example ver=TLS-1.3 "
		  "cipher=TLS_AES_128_GCM_SHA256 tls=TLSv1.3 at=2026-01-01T00:00:00.000Z" },
		{ "qmail",
		  "from unknown (HELO x) (ident@192.0.2.1)\n  by mx with (DHE-RSA-AES256-SHA encrypted) SMTP; 1 Jan "
		  "2026 "
		  "00:00:00 -0000",
		  "helo=x ip=192.0.2.1 by=mx with=SMTP tls=yes at=2026-01-01T00:00:00.000Z" },
		{ "qmail, local", "(qmail 10681 invoked by uid 404); 1 Jan 2026 00:00:00 -0000",
		  "tls=unknown at=2026-01-01T00:00:00.000Z" },
		{ "Dovecot",
		  "from mx.alpha.test ([127.0.0.1])\r\n\tby mx.alpha.test with LMTP\r\n\tid vaBg\r\n\t(envelope-from "
		  "<b+1@s.example>)\r\n\tfor <u1@alpha.test>; Thu, 1 Jan 2026 00:00:00 +0000",
		  "helo=mx.alpha.test ip=127.0.0.1 by=mx.alpha.test with=LMTP id=vaBg for=u1@alpha.test "
		  "env=b+1@s.example "
		  "tls=none at=2026-01-01T00:00:00.000Z" },
		{ "Cyrus",
		  "from localhost ([unix socket])\r\n\t by mx.delta.test (Cyrus 3.6.1) with LMTPA;\r\n\t Thu, 1 Jan "
		  "2026 "
		  "00:00:00 +0000",
		  "helo=localhost by=mx.delta.test with=LMTPA tls=none at=2026-01-01T00:00:00.000Z" },
		{ "old OpenSSL says nothing",
		  "from x (y [192.0.2.1]) by mx with ESMTP (version=TLSv1/SSLv3 cipher=RC4-MD5)",
		  "helo=x name=y ip=192.0.2.1 by=mx with=ESMTP ver=TLSv1/SSLv3 cipher=RC4-MD5 tls=yes" },
		{ "protocol word alone", "from x (y [192.0.2.1]) by mx with UTF8SMTPSA",
		  "helo=x name=y ip=192.0.2.1 by=mx "
		  "with=UTF8SMTPSA tls=yes" },
		{ "no date", "from x by y; garbage", "helo=x by=y tls=unknown" },
		{ "empty", "", "tls=unknown" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct received r;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		received_parse(&r, span_of(rows[i].value));
		describe(&r, &seen);
		if (strcmp(buf_str(&seen), rows[i].expected))
			fail_msg("%s: %s", rows[i].label, buf_str(&seen));
	}
}

static void words_of_the_client_are_not_words_of_the_server(void **state)
{
	static const struct {
		const char *label, *value, *expected;
	} rows[] = {
		{ "HELO is a TLS version", "from TLSv1.3 (TLSv1.3 [192.0.2.1]) by mx with ESMTP", "mx none" },
		{ "HELO comment", "from unknown (HELO TLSv1.3) (192.0.2.1) by mx with SMTP", "mx none" },
		{ "helo=", "from x ([192.0.2.1] helo=TLSv1.3) by mx with esmtp (Exim 4.96)", "mx none" },
		{ "envelope sender", "from x (y [192.0.2.1]) by mx with ESMTP (envelope-from <TLSv1.3@x>)", "mx none" },
		{ "chasquid's envelope sender",
		  "from [192.0.2.1] (x) by mx with ESMTP (over SMTP, plain text!, envelope from \"TLS-1.3\")",
		  "mx none" },
		{ "HELO is a keyword", "from by (evil [192.0.2.1]) by mx with ESMTP", "mx none" },
		{ "HELO is a clause in a comment", "from unknown (HELO x by y with ESMTPS) (192.0.2.1) by mx with SMTP",
		  "mx none" },
		{ "recipient", "from x (y [192.0.2.1]) by mx with ESMTP for <\"a by b with ESMTPS\"@c>", "mx none" },
		{ "second by", "from x (y [192.0.2.1]) by mx with ESMTP by z with ESMTPS", "mx none" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct received r;
		char seen[256];
		received_parse(&r, span_of(rows[i].value));
		snprintf(seen, sizeof(seen), "%.*s %s", SPAN_ARG(r.by), hop_tls_name(r.tls));
		if (strcmp(seen, rows[i].expected))
			fail_msg("%s: %s", rows[i].label, seen);
	}
}

static void a_megabyte_of_opening_characters_is_read_in_one_go(void **state)
{
	static const char *const units[] = { "(", "<", "[", "\"", "< ", "( ", "from ", ";", "a@", "by (x) " };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		_cleanup_(buf_fini) struct buf value = BUF_INIT(1 << 20);
		struct received r;
		buf_add_str(&value, "from x (y ");
		while (buf_add_str(&value, units[i]) == 0)
			;
		int64_t start = clock_mono_ms();
		received_parse(&r, buf_span(&value));
		if (clock_mono_ms() - start > 5000)
			fail_msg("%s takes too long", units[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects_are_understood),
		cmocka_unit_test(words_of_the_client_are_not_words_of_the_server),
		cmocka_unit_test(a_megabyte_of_opening_characters_is_read_in_one_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
