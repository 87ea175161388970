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
		  "helo=x ip=192.0.2.1 by=mx with=SMTP cipher=DHE-RSA-AES256-SHA tls=yes at=2026-01-01T00:00:00.000Z" },
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

#define BY  " by mx.x.example with ESMTP id 1; Mon, 30 Nov 2026 09:00:00 +0000"
#define IP4 "192.0.2.10"

/* `helo|name|ip`, `?` where the field is unclear. */
static void clients_are_told_from_what_they_say(void **state)
{
	static const struct {
		const char *label, *value, *expected;
	} rows[] = {
		{ "brackets joined to the name", "from m.s (h.isp[" IP4 "])" BY, "m.s|h.isp|" IP4 },
		{ "to unknown", "from m.s (unknown[" IP4 "])" BY, "m.s||" IP4 },
		{ "to a name in angle brackets", "from m.s (<h.isp>[" IP4 "])" BY, "m.s||" IP4 },
		{ "to a user", "from m.s (user@[" IP4 "])" BY, "m.s||" IP4 },
		{ "to an ident name", "from m.s (IDENT:u@h.isp[" IP4 "])" BY, "m.s||" IP4 },
		{ "MDaemon without from", "m.s [(" IP4 ")] by mx.x.example (MDaemon PRO v19.0.2)", "m.s||" IP4 },
		{ "MDaemon, address in brackets", "from m.s [" IP4 "]" BY, "m.s||" IP4 },
		{ "joined to the comment", "from h.isp(" IP4 ", HELO m.s)" BY, "m.s|h.isp|" IP4 },
		{ "claim", "from h.isp(" IP4 "), claiming to be \"m.s\" via SMTP by mx.x.example", "m.s|h.isp|" IP4 },
		{ "address twice", "from [10.9.8.7] (" IP4 " [" IP4 "])" BY, "[10.9.8.7]||" IP4 },
		{ "a name that looks like an address", "from m.s (203.0.113.9 [" IP4 "])" BY, "m.s||" IP4 },
		{ "HELO literal in front, in the comment", "from h.isp ([10.9.8.7] [" IP4 "])" BY, "h.isp||" IP4 },
		{ "HELO behind the address", "from h.isp ([" IP4 "] HELO [10.9.8.7])" BY, "[10.9.8.7]|h.isp|" IP4 },
		{ "HELO in quotes", "from h.isp ([" IP4 "]:55031 \"EHLO [10.9.8.7]\" rhost-flags-OK)" BY,
		  "[10.9.8.7]|h.isp|" IP4 },
		{ "ident is the client's", "from h.isp ([" IP4 "] ident=[10.9.8.7])" BY, "h.isp||" IP4 },
		{ "ident alone", "from h.isp (ident=[10.9.8.7])" BY, "h.isp||" },
		{ "nested comment in front", "from m.s (h.isp (unverified) [" IP4 "])" BY, "m.s|h.isp|" IP4 },
		{ "IPv6", "from m.s ([IPv6:2001:db8::1])" BY, "m.s||2001:db8::1" },
		{ "IPv6, lower case", "from m.s (h.isp [ipv6:2001:db8::1])" BY, "m.s|h.isp|2001:db8::1" },
		{ "IPv6, no prefix, port", "from m.s ([2001:db8::1]:4711)" BY, "m.s||2001:db8::1" },
		{ "IPv6, port behind a dot", "from m.s ([2001:db8::1.4711])" BY, "m.s||2001:db8::1" },
		{ "IPv6, joined", "from m.s (h.isp[IPv6:2001:db8::1])" BY, "m.s|h.isp|2001:db8::1" },
		{ "IPv6, long", "from m.s (h.isp [2001:0db8:0:0:0:0:0:1])" BY, "m.s|h.isp|2001:0db8:0:0:0:0:0:1" },
		{ "IPv6, scope", "from m.s ([fe80::1%eth0])" BY, "m.s||fe80::1" },
		{ "IPv4 in IPv6", "from m.s (h.isp [IPv6:::ffff:" IP4 "])" BY, "m.s|h.isp|" IP4 },
		{ "literal in front, odd comment", "from [10.9.8.7] (peer of some other kind)" BY, "?[10.9.8.7]||" },
		{ "address in front, odd comment", "from 10.9.8.7 (peer: h.isp/" IP4 ")" BY, "?10.9.8.7||" },
		{ "literal in front, a name in the comment", "from [10.9.8.7] (h.isp)" BY, "?[10.9.8.7]||" },
		{ "literal in front, not looked up", "from [10.9.8.7] (unverified)" BY, "?[10.9.8.7]||" },
		{ "literal in front, empty comment", "from [10.9.8.7] ()" BY, "?[10.9.8.7]||" },
		{ "literal in front, an address behind HELO", "from [10.9.8.7] (HELO x [" IP4 "])" BY, "?x||" },
		{ "an address behind helo=", "from h.isp (helo=m.s [" IP4 "])" BY, "m.s|h.isp|" IP4 },
		{ "one behind it, one in front", "from h.isp ([" IP4 "] helo=m.s [10.9.8.7])" BY, "m.s|h.isp|" IP4 },
		{ "one behind it, one in the next comment", "from h.isp (HELO x [10.9.8.7]) ([" IP4 "])" BY,
		  "x|h.isp|" IP4 },
		{ "space in the brackets", "from m.s (h.isp [" IP4 " ])" BY, "m.s|h.isp|" IP4 },
		{ "space in front of them", "from m.s (h.isp [ " IP4 "])" BY, "m.s|h.isp|" IP4 },
		{ "literal in front, pairs that are not known", "from [10.9.8.7] (rdns=h.isp ip=" IP4 ")" BY,
		  "?[10.9.8.7]||" },
		{ "a value that is not known", "from h.isp (user=[10.9.8.7] [" IP4 "])" BY, "h.isp||" IP4 },
		{ "a value that is not known, behind", "from h.isp ([" IP4 "] user=[10.9.8.7])" BY, "h.isp||" IP4 },
		{ "a value that is not known, alone", "from h.isp (user=[10.9.8.7])" BY, "?h.isp||" },
		{ "literal in front, name and address joined", "from [10.9.8.7] (h.isp:" IP4 ")" BY, "?[10.9.8.7]||" },
		{ "an account and an address", "from [10.9.8.7] (account u@s [" IP4 "] verified)" BY,
		  "[10.9.8.7]||" IP4 },
		{ "no name", "from m.s (Unknown_Domain [" IP4 "])" BY, "m.s||" IP4 },
		{ "localhost, odd comment", "from localhost (it is " IP4 "/32)" BY, "?localhost||" },
		{ "localhost, not known", "from localhost (unknown)" BY, "?localhost||" },
		{ "localhost, socket", "from localhost ([unix socket])" BY, "localhost||" },
		{ "OpenSMTPD, local", "from localhost (m.s [local])" BY, "localhost||" },
		{ "chasquid", "from [" IP4 "] (m.s) by mx.x.example (chasquid) with ESMTPS", "m.s||" IP4 },
		{ "an account", "from [" IP4 "] (account u@s HELO m.s)" BY, "m.s||" IP4 },
		{ "s/qmail",
		  "from h.isp (HELO m.s) (" IP4 ") de/crypted with TLSv1.3: X-Y-Z [256/256] DN=unknown by mx",
		  "m.s|h.isp|" IP4 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct received r;
		char seen[512];
		received_parse(&r, span_of(rows[i].value));
		snprintf(seen, sizeof(seen), "%s%.*s|%.*s|%.*s", r.from_unclear ? "?" : "", SPAN_ARG(r.from_helo),
			 SPAN_ARG(r.from_name), SPAN_ARG(r.from_ip));
		ROW_ASSERT_STRING(rows[i].label, seen, rows[i].expected);
	}
}

#define FROM "from m.s (h.isp [192.0.2.10]) by mx.x.example "

static void tls_is_read_in_every_form(void **state)
{
	static const struct {
		const char *label, *value, *expected; /* `tls cipher` */
	} rows[] = {
		{ "Exchange", FROM "with Microsoft SMTP Server (TLS) id 15.1", "yes " },
		{ "Exchange, plain", FROM "with Microsoft SMTP Server id 15.1", "unknown " },
		{ "Exchange, suite alone", FROM "with Microsoft SMTP Server (cipher=TLS_RSA_WITH_AES_128_CBC_SHA)",
		  "yes TLS_RSA_WITH_AES_128_CBC_SHA" },
		{ "(SSL)", FROM "with ESMTP (SSL) id 1", "yes " },
		{ "(STARTTLS)", FROM "with ESMTP (STARTTLS) id 1", "yes " },
		{ "(no TLS)", FROM "with ESMTP (no TLS) id 1", "none " },
		{ "(TLS=no)", FROM "with ESMTP (TLS=no) id 1", "none " },
		{ "(version=NONE)", FROM "with ESMTP (version=NONE cipher=NONE)", "none " },
		{ "number apart", FROM "with ESMTPS (using TLS 1.2 with cipher AES256-SHA)", "TLSv1.2 AES256-SHA" },
		{ "number apart, v", FROM "with ESMTPS (TLS v1.3)", "TLSv1.3 " },
		{ "Symantec", FROM "with SMTP (using TLS with cipher AES256-SHA (256/256 bits))", "yes AES256-SHA" },
		{ "MessageLabs", FROM "with ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP; 30 Nov 2026 09:00:00 -0000",
		  "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384" },
		{ "netqmail", FROM "with (TLS_AES_256_GCM_SHA384 encrypted) SMTP", "TLSv1.3 TLS_AES_256_GCM_SHA384" },
		{ "Axigen", FROM "with (AES256-SHA encrypted) ESMTPSA id 1", "yes AES256-SHA" },
		{ "encrypted, version", FROM "with (TLSv1.2 encrypted) SMTP", "TLSv1.2 " },
		{ "encrypted, version and suite", FROM "with (TLSv1.3 TLS_AES_256_GCM_SHA384 encrypted) SMTP",
		  "TLSv1.3 TLS_AES_256_GCM_SHA384" },
		{ "Cisco", FROM "with ESMTP/TLS/ECDHE-RSA-AES256-SHA384; 30 Nov 2026 09:00:00 +0000",
		  "yes ECDHE-RSA-AES256-SHA384" },
		{ "Cisco, suite of TLS 1.2", FROM "with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
		  "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384" },
		{ "Cisco, suite of TLS 1.3", FROM "with ESMTP/TLS/TLS_CHACHA20_POLY1305_SHA256",
		  "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256" },
		{ "Cisco, SMTP", FROM "with SMTP/TLS/RC4-SHA", "yes RC4-SHA" },
		{ "version behind a slash", FROM "with ESMTP/TLSv1.2", "TLSv1.2 " },
		{ "CommuniGate", FROM "with ESMTP-TLS id 1", "yes " },
		{ "ESMTP/SSL", FROM "with ESMTP/SSL id 1", "yes " },
		{ "an unknown suffix", FROM "with ESMTP/X id 1", "none " },
		{ "Exim 3", FROM "with esmtp (Cipher TLSv1:DES-CBC3-SHA:168)", "TLSv1 DES-CBC3-SHA" },
		{ "Exim, Cipher",
		  FROM "with utf8esmtpsa (Cipher TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256)",
		  "TLSv1.3 ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM" },
		{ "Exim, tls_cipher", FROM "with local-esmtps (tls_cipher TLS-1.0:RSA_AES_256_CBC_SHA:32)",
		  "TLSv1 RSA_AES_256_CBC_SHA" },
		{ "Exim, local", FROM "with local-esmtps (Exim 4.96)", "yes " },
		{ "Exim, utf8esmtps", FROM "with utf8esmtps (Exim 4.96)", "yes " },
		{ "Exim, utf8esmtp", FROM "with utf8esmtp (Exim 4.96)", "none " },
		{ "Exim, asmtp", FROM "with asmtp", "none " },
		{ "maddy", FROM "with UTF8ESMTPS id 1", "yes " },
		{ "Microsoft SMTPSVC",
		  FROM "over TLS secured channel with Microsoft SMTPSVC(7.5.7601.1); 30 Nov 2026 09:00:00 Z", "yes " },
		{ "Exchange, folded", FROM "with Microsoft SMTP\r\n\tServer id 14.03", "unknown " },
		{ "Microsoft SMTPSVC, plain", FROM "with Microsoft SMTPSVC(7.5.7601.1)", "unknown " },
		{ "Postini", "from source ([192.0.2.10]) (using TLSv1) by mx; Mon, 30 Nov 2026 09:00:00 PST",
		  "TLSv1 " },
		{ "SmarterMail", FROM "with SMTP\r\n (version=Tls12\r\n cipher=Aes256 bits=256)", "TLSv1.2 Aes256" },
		{ "SmarterMail, older", FROM "with SMTP (version=TLS\\Tls13 cipher=Aes128 bits=128)",
		  "TLSv1.3 Aes128" },
		{ "SmarterMail, oldest", FROM "with SMTP (version=TLS\\Tls cipher=Aes128)", "yes Aes128" },
		{ "s/qmail",
		  "from h.isp (HELO m.s) (192.0.2.10) de/crypted with TLSv1.3: TLS_AES_256_GCM_SHA384 [256/256] "
		  "DN=unknown by mx with ESMTPS",
		  "TLSv1.3 TLS_AES_256_GCM_SHA384" },
		{ "Mimecast", FROM "with ESMTP with STARTTLS id 1", "yes " },
		{ "Stalwart's name of a suite", FROM "with ESMTPS (using TLS with cipher TLS13_AES_256_GCM_SHA384)",
		  "yes TLS13_AES_256_GCM_SHA384" },
		{ "date joined", FROM "with ESMTPS;Mon, 30 Nov 2026 09:00:00 +0000", "yes " },
		{ "date without a semicolon", FROM "with SMTP Mon, 30 Nov 2026 09:00:00 +0000", "none " },
		{ "MailEnable", FROM "with MailEnable ESMTP; Mon, 30 Nov 2026 09:00:00 +0000", "none " },
		{ "more words", FROM "with ESMTP AUTH id 1", "none " },
		{ "words around", FROM "with Mail2000 ESMTPS Server V4", "yes " },
		{ "the client's: name", "from m.s (TLS) by mx.x.example with ESMTP", "none " },
		{ "the client's: HELO", "from unknown (HELO x encrypted) (192.0.2.10) by mx with SMTP", "none " },
		{ "the client's: user", FROM "(Authenticated sender: x encrypted) with SMTP", "none " },
		{ "the client's: certificate", FROM "(Client CN \"TLSv1.3 encrypted\") with SMTP", "none " },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct received r;
		char seen[256];
		received_parse(&r, span_of(rows[i].value));
		snprintf(seen, sizeof(seen), "%s %.*s", hop_tls_name(r.tls), SPAN_ARG(r.tls_cipher));
		ROW_ASSERT_STRING(rows[i].label, seen, rows[i].expected);
	}
}

static void the_date_is_found(void **state)
{
	static const struct {
		const char *label, *value;
		bool found;
	} rows[] = {
		{ "semicolon", FROM "id 1; Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "none", FROM "id 1 Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "none, no day", FROM "with SMTP id 1 30 Nov 2026 09:00:00 -0000", true },
		{ "none, behind the recipient", FROM "for <u@x.example> Mon, 30 Nov 2026 09:00:00 +0000 (UTC)", true },
		{ "none, behind a comment", FROM "id 1 (x y) Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "none, asctime", FROM "id 1 Mon Nov 30 09:00:00 2026", true },
		{ "comma", FROM "id 1, Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "two semicolons", FROM "id 1; ; Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "semicolon behind", FROM "id 1; Mon, 30 Nov 2026 09:00:00 +0000; x=y", true },
		{ "joined", FROM "with ESMTPS;Mon, 30 Nov 2026 09:00:00 +0000", true },
		{ "Courier", FROM "with ESMTPS; Mon, 30 Nov 2026 09:00:00 +0000\r\n  id 0001.6954.0001", true },
		{ "comment without an end", "from m.s (x) (Jetsend 0.1 with ESMTP; Mon Nov 30 09:00:00 EST 2026",
		  true },
		{ "in a comment", FROM "id 1 (; Mon, 30 Nov 2026 09:00:00 +0000)", false },
		{ "the client's", "from x Mon, 30 Nov 2026 09:00:00 +0000 by mx", false },
		{ "in the recipient", FROM "for <\"; 30 Nov 2026 09:00:00 +0000\"@x>", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct received r;
		received_parse(&r, span_of(rows[i].value));
		ROW_ASSERT(rows[i].label, r.has_time == rows[i].found);
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
		cmocka_unit_test(clients_are_told_from_what_they_say),
		cmocka_unit_test(tls_is_read_in_every_form),
		cmocka_unit_test(the_date_is_found),
		cmocka_unit_test(words_of_the_client_are_not_words_of_the_server),
		cmocka_unit_test(a_megabyte_of_opening_characters_is_read_in_one_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
