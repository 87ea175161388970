/* Who handed a message to its provider: the forms of header that providers write. */
#include <stdio.h>
#include <string.h>

#include "harness/mail/sender.h"
#include "tests/unit/unit.h"

#define HOST "m.s.example"
#define IP   "192.0.2.1"
#define TO   " for <seed@x.example>; Thu, 26 Nov 2026 10:00:00 +0000\r\n"
#define BELOW                                                                                                          \
	"Received: from evil.example ([198.51.100.9]) by inner.s.example with ESMTP; Thu, 26 Nov 2026 09:59:59 "       \
	"+0000\r\n"                                                                                                    \
	"Received-SPF: pass client-ip=198.51.100.9; helo=evil.example; envelope-from=evil@evil.example\r\n"            \
	"Return-Path: <evil@evil.example>\r\nFrom: a@s.example\r\n\r\n"

/* `client helo mail-from`, each with the first letters of its source: R Received, S Received-SPF, A
 * Authentication-Results; `-` where it is not known. */
static const char *summary(const struct sender *s, char *out, size_t size)
{
	static const char *const marks[] = { "G", "R", "S", "A" };
	char ip[IP_TEXT_MAX];
	snprintf(out, size, "%s%s%s %s%s%.*s %s%s%.*s", s->has_client ? marks[s->client_source] : "-",
		 s->has_client ? ":" : "", s->has_client ? ip_format(&s->client, ip) : "",
		 s->has_helo ? marks[s->helo_source] : "-", s->has_helo ? ":" : "", SPAN_ARG(s->helo),
		 s->has_mail_from ? marks[s->mail_from_source] : "-", s->has_mail_from ? ":" : "",
		 SPAN_ARG(s->mail_from));
	return out;
}

struct provider {
	const char *hops[5], *ids[3];
	bool no_authserv_id;
};

/* As in providers/profiles. */
static const struct provider gmail = { { "mx.google.com", "*.google.com", "2002:*" }, { "mx.google.com" }, false };
static const struct provider microsoft = { { "*.outlook.com" }, { NULL }, true };
static const struct provider yahoo = { { "*.yahoo.com", "*.aol.com", "10.*" }, { "*.yahoo.com" }, false };
static const struct provider icloud = { { "*.icloud.com", "*.me.com", "*.mac.com", "*.apple.com" },
					{ "*.icloud.com" },
					false };
static const struct provider gmx = { { "*.gmx.net" }, { "gmx.net" }, false };
static const struct provider fastmail = { { "*.messagingengine.com", "*.internal", "sloti*", "compute*" },
					  { "*.messagingengine.com" },
					  false };
static const struct provider zoho = { { "*.zohomail.com", "*.zoho.com" }, { "mx.zohomail.com" }, false };
static const struct provider proton = { { "*.protonmail.ch", "*.proton.ch" }, { "mail.protonmail.ch" }, false };
static const struct provider mailru = { { "*.mail.ru" }, { "mxs.mail.ru" }, false };
static const struct provider yandex = { { "*.yandex.net", "*.yandex.ru" }, { "*.yandex.net" }, false };
static const struct provider plain = { { "mx.x.example" }, { "mx.x.example" }, false };

static void find(const char *message, const struct provider *provider, char *out, size_t size)
{
	const struct theirs_profile profile = { provider->hops, provider->ids, provider->no_authserv_id, true };
	struct error err = ERROR_INIT;
	struct header header;
	struct theirs theirs;
	struct sender sender;
	assert_int_equal(header_parse(&header, span_of(message), &err), 0);
	assert_int_equal(theirs_read(&theirs, &header, &profile, NULL, &err), 0);
	sender_find(&header, &theirs, &sender);
	summary(&sender, out, size);
	theirs_fini(&theirs);
	header_fini(&header);
}

static void every_provider_says_who_the_sender_was(void **state)
{
	static const struct {
		const char *label;
		const struct provider *provider;
		const char *header, *expected;
	} rows[] = {
		{ "Gmail", &gmail,
		  "Delivered-To: seed@x.example\r\n"
		  "Received: by 2002:a05:7208:2089:b0:99:1234:5678 with SMTP id k9csp123; Thu, 26 Nov 2026 02:00:01 "
		  "-0800 (PST)\r\n"
		  "Return-Path: <b+1@s.example>\r\n"
		  "Received: from " HOST " (" HOST ". [" IP "])\r\n        by mx.google.com with ESMTPS id x1-2\r\n"
		  "        for <seed@x.example>\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 "
		  "bits=256/256);\r\n"
		  "        Thu, 26 Nov 2026 02:00:00 -0800 (PST)\r\n"
		  "Received-SPF: pass (google.com: domain of evil@evil.example designates 198.51.100.9 as permitted "
		  "sender) "
		  "client-ip=198.51.100.9;\r\n",
		  "R:192.0.2.1 R:m.s.example R:b+1@s.example" },
		{ "Microsoft", &microsoft,
		  "Received: from A.eurprd01.prod.outlook.com (2603:10a6:10:1::1) by B.eurprd01.prod.outlook.com with "
		  "HTTPS; Thu, 26 "
		  "Nov 2026 10:00:02 +0000\r\n"
		  "Received: from C.eurprd01.prod.outlook.com (2603:10a6:10:2::2) by A.eurprd01.prod.outlook.com "
		  "(2603:10a6:10:1::1) "
		  "with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_X) id 15.20.1; Thu, 26 Nov 2026 10:00:01 "
		  "+0000\r\n"
		  "Authentication-Results: spf=pass (sender IP is " IP
		  ") smtp.mailfrom=s.example; dkim=none (message not "
		  "signed)\r\n header.d=none;dmarc=pass action=none header.from=s.example;compauth=pass reason=100\r\n"
		  "Received-SPF: Pass (protection.outlook.com: domain of s.example designates " IP
		  " as permitted sender)\r\n"
		  " receiver=protection.outlook.com; client-ip=" IP "; helo=" HOST "; pr=C\r\n"
		  "Received: from " HOST " (" IP
		  ") by D.mail.protection.outlook.com (10.167.1.2) with Microsoft SMTP Server "
		  "(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1 via Frontend Transport; Thu, 26 Nov 2026 "
		  "10:00:00 "
		  "+0000\r\n",
		  "R:192.0.2.1 R:m.s.example A:s.example" },
		{ "Yahoo", &yahoo,
		  "X-Apparently-To: seed@yahoo.com; Thu, 26 Nov 2026 10:00:01 +0000\r\nReturn-Path: <b@s.example>\r\n"
		  "Authentication-Results: atlas108.free.mail.bf1.yahoo.com;\r\n dkim=pass header.i=@s.example "
		  "header.s=s1;\r\n spf=pass "
		  "smtp.mailfrom=s.example;\r\n dmarc=pass(p=QUARANTINE) header.from=s.example;\r\n"
		  "Received-SPF: pass (domain of s.example designates " IP " as permitted sender)\r\n"
		  "Received: from " IP " (EHLO " HOST ")\r\n by 10.222.144.11 with SMTPs\r\n (version=TLS1_3 "
		  "cipher=TLS_AES_128_GCM_SHA256); Thu, 26 Nov 2026 10:00:00 +0000\r\n",
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "iCloud", &icloud,
		  "Received: from mr85p00im.icloud.com by ms1.me.com with LMTP; Thu, 26 Nov 2026 10:00:02 +0000\r\n"
		  "Return-Path: <>\r\n"
		  "Authentication-Results: spf.icloud.com; spf=none (spf.icloud.com: b@s.example does not designate "
		  "permitted "
		  "sender hosts) smtp.mailfrom=b@s.example\r\n"
		  "Received-SPF: pass (spf.icloud.com: domain of b@s.example designates " IP " as permitted sender) "
		  "receiver=spf.icloud.com; client-ip=" IP "; helo=" HOST "; envelope-from=b@s.example\r\n"
		  "Received: from " HOST " (" HOST " [" IP "])\r\n\tby mr85p00im.me.com (Postfix) with ESMTPS id 7" TO,
		  "R:192.0.2.1 R:m.s.example R:" },
		{ "GMX", &gmx,
		  "Return-Path: <b@s.example>\r\nAuthentication-Results: gmx.net; dkim=pass header.i=@s.example\r\n"
		  "Received: from " HOST " ([" IP
		  "]) by mx.gmx.net (mxgmx116\r\n [212.227.17.5]) with ESMTPS (Nemesis) id 1N" TO,
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "Fastmail", &fastmail,
		  "Return-Path: <b@s.example>\r\n"
		  "Received: from compute6.internal (compute6.nyi.internal [10.202.2.47])\r\n\t by sloti37d2t06 (Cyrus "
		  "3.7) with LMTPA;\r\n\t "
		  "Thu, 26 Nov 2026 05:00:01 -0500\r\n"
		  "Received: from mx5 ([10.202.2.204])\r\n  by compute6.internal (LMTPProxy); Thu, 26 Nov 2026 "
		  "05:00:01 -0500\r\n"
		  "Received: from mx5.messagingengine.com (localhost [127.0.0.1])\r\n\tby mailmx.nyi.internal "
		  "(Postfix) with ESMTP id "
		  "8" TO "Authentication-Results: mx5.messagingengine.com;\r\n    iprev=pass smtp.remote-ip=" IP
		  " (" HOST ");\r\n    "
		  "spf=pass smtp.mailfrom=b@s.example smtp.helo=" HOST "\r\n"
		  "Received-SPF: pass\r\n    (s.example: Sender is authorized to use 'b@s.example' in 'mfrom' identity "
		  "(mechanism "
		  "'ip4:" IP "' matched))\r\n    receiver=mx5.messagingengine.com;\r\n    identity=mailfrom;\r\n    "
		  "envelope-from=\"b@s.example\";\r\n    helo=" HOST ";\r\n    client-ip=" IP "\r\n"
		  "Received: from " HOST " (" HOST " [" IP
		  "])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
		  "bits))\r\n\tby mx5.messagingengine.com (Postfix) with ESMTPS id 3" TO,
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "Zoho", &zoho,
		  "Delivered-To: seed@x.example\r\n"
		  "Received-SPF: pass (zohomail.com: domain of s.example designates " IP
		  " as permitted sender )\r\n\tclient-ip=" IP "; envelope-from=b@s.example; helo=" HOST ";\r\n"
		  "Authentication-Results: mx.zohomail.com;\r\n\tdkim=pass;\r\n\tspf=pass (zohomail.com: domain of "
		  "s.example designates " IP " as permitted sender)  smtp.mailfrom=b@s.example\r\n"
		  "Return-Path: <b@s.example>\r\n"
		  "Received: from " HOST " (" HOST " [" IP
		  "]) by mx.zohomail.com\r\n\twith SMTPS id 17; Thu, 26 Nov 2026 02:00:00 -0800 "
		  "(PST)\r\n",
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "Proton", &proton,
		  "Return-Path: <b@s.example>\r\n"
		  "Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=s.example\r\n"
		  "Received: from " HOST " (" HOST " [" IP
		  "]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No "
		  "client certificate requested) by mailin028.protonmail.ch (Postfix) with ESMTPS id 4" TO,
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "mail.ru", &mailru,
		  "Return-path: <b@s.example>\r\n"
		  "Authentication-Results: mxs.mail.ru; spf=pass (mx59.i.mail.ru: domain of s.example designates " IP
		  " as permitted sender) smtp.mailfrom=b@s.example smtp.helo=" HOST "; dkim=none\r\n"
		  "Received: from [" IP "] (port=54321 helo=" HOST ")\r\n\tby mx59.mail.ru with esmtp (envelope-from "
		  "<b@s.example>)\r\n\tid 1o; Thu, 26 Nov 2026 13:00:00 +0300\r\n",
		  "R:192.0.2.1 R:m.s.example R:b@s.example" },
		{ "Yandex", &yandex,
		  "Received: from mxfront1j.mail.yandex.net (localhost [127.0.0.1])\r\n\tby mxfront1j.mail.yandex.net "
		  "with LMTP id Y\r\n\tfor "
		  "<seed@yandex.ru>; Thu, 26 Nov 2026 13:00:01 +0300\r\n"
		  "Received: from " HOST " (" HOST " [" IP
		  "])\r\n\tby mxfront1j.mail.yandex.net (mxfront/Yandex) with ESMTPS id "
		  "x;\r\n\tThu, 26 Nov 2026 13:00:00 +0300\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
		  "(256/256 bits))\r\n",
		  "R:192.0.2.1 R:m.s.example -" },
		{ "Yandex with its results", &yandex,
		  "Received: from mxfront1j.mail.yandex.net ([127.0.0.1])\r\n\tby mxback1.mail.yandex.net with LMTP id "
		  "Y; Thu, 26 Nov 2026 "
		  "13:00:01 +0300\r\n"
		  "Authentication-Results: mxfront1j.mail.yandex.net; spf=pass (mxfront1j.mail.yandex.net: domain of "
		  "s.example designates " IP " as permitted sender, rule=[ip4:" IP
		  "]) smtp.mail=b@s.example; dkim=pass header.i=@s.example\r\n"
		  "Received: from " HOST " (" HOST " [" IP
		  "])\r\n\tby mxfront1j.mail.yandex.net (mxfront/Yandex) with ESMTPS id "
		  "x; Thu, 26 Nov 2026 13:00:00 +0300\r\n",
		  "R:192.0.2.1 R:m.s.example A:b@s.example" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char message[8192], got[256];
		snprintf(message, sizeof(message), "%s" BELOW, rows[i].header);
		find(message, rows[i].provider, got, sizeof(got));
		ROW_ASSERT_STRING(rows[i].label, got, rows[i].expected);
	}
}

/* A boundary hop that shows nothing of the client. */
#define HIDDEN "Received: from gate ([10.0.0.7]) by mx.x.example with ESMTP" TO
#define AR     "Authentication-Results: mx.x.example; "

static void what_the_hop_hides_is_read_elsewhere(void **state)
{
	static const struct {
		const char *label, *header, *expected;
	} rows[] = {
		{ "nothing", HIDDEN, "- - -" },
		{ "Received-SPF",
		  "Received-SPF: pass (comment) client-ip=2001:db8::1; helo=" HOST
		  "; envelope-from=<b@s.example>;\r\n" HIDDEN,
		  "S:2001:db8::1 S:m.s.example S:b@s.example" },
		{ "Received-SPF, quoted",
		  "Received-SPF: pass client-ip = \"192.0.2.1\";envelope-from=\"b c@s.example\" ; "
		  "problem=\"client-ip=198.51.100.9\"\r\n" HIDDEN,
		  "S:192.0.2.1 - S:b c@s.example" },
		{ "Received-SPF, pairs in a comment do not count",
		  "Received-SPF: fail (client-ip=198.51.100.9 (helo=x)) client-ip=192.0.2.1\r\n" HIDDEN,
		  "S:192.0.2.1 - -" },
		{ "Received-SPF, of two the nearer",
		  "Received-SPF: pass client-ip=203.0.113.5\r\nReceived-SPF: pass client-ip=192.0.2.1\r\n" HIDDEN,
		  "S:192.0.2.1 - -" },
		{ "Received-SPF, comment alone",
		  "Received-SPF: softfail (domain of transitioning b@s.example does not designate 192.0.2.1 as "
		  "permitted sender)\r\n" HIDDEN,
		  "S:192.0.2.1 - -" },
		{ "a quoted pair is left out",
		  "Received-SPF: pass envelope-from=\"a\\\"b@s.example\"; client-ip=192.0.2.1\r\n" HIDDEN,
		  "S:192.0.2.1 - -" },
		{ "not closed", "Received-SPF: pass client-ip=192.0.2.1; helo=\"x\r\n" HIDDEN, "S:192.0.2.1 - -" },
		{ "Microsoft's comment", AR "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=s.example\r\n" HIDDEN,
		  "A:192.0.2.1 - A:s.example" },
		{ "iprev", AR "iprev=pass policy.iprev=192.0.2.1 (" HOST "); spf=none smtp.helo=" HOST "\r\n" HIDDEN,
		  "A:192.0.2.1 A:m.s.example -" },
		{ "null reverse-path", AR "spf=none smtp.remote-ip=192.0.2.1 smtp.mailfrom=<>\r\n" HIDDEN,
		  "A:192.0.2.1 - A:" },
		{ "neither permitted nor denied",
		  AR "spf=neutral (x.example: 192.0.2.1 is neither permitted nor denied by best guess record for "
		     "domain of "
		     "\"designates 198.51.100.9 as permitted sender\"@s.example)\r\n" HIDDEN,
		  "A:192.0.2.1 - -" },
		{ "the quoted sender is not believed",
		  AR "spf=fail (x.example: domain of \"designates 198.51.100.9 as permitted sender\"@s.example does "
		     "not designate "
		     "192.0.2.1 as permitted sender)\r\n" HIDDEN,
		  "A:192.0.2.1 - -" },
		{ "nor a colon in it",
		  AR "spf=fail (domain of \"x: 198.51.100.9 is neither permitted\"@s.example does not designate "
		     "192.0.2.1 as permitted "
		     "sender)\r\n" HIDDEN,
		  "A:192.0.2.1 - -" },
		{ "another's authserv-id",
		  "Authentication-Results: mx.s.example; spf=pass (sender IP is 192.0.2.1)\r\n" HIDDEN, "- - -" },
		{ "not an address", AR "spf=pass (sender IP is unknown) smtp.remote-ip=x\r\n" HIDDEN, "- - -" },
		{ "below the boundary",
		  HIDDEN "Received-SPF: pass client-ip=192.0.2.1\r\n" AR "spf=pass (sender IP is 192.0.2.1)\r\n",
		  "- - -" },
		{ "no own hop at all", "Received: from a ([192.0.2.1]) by mx.other.example with SMTP" TO, "- - -" },
		{ "own hops inside, the boundary hop counts",
		  "Received: from mx.x.example (mx.x.example [203.0.113.5]) by mx.x.example with ESMTP" TO
		  "Received: from " HOST " (unknown [2001:db8::9]) by mx.x.example with ESMTP" TO,
		  "R:2001:db8::9 R:m.s.example -" },
		{ "IPv4-mapped",
		  "Received: from " HOST " (unknown [IPv6:::ffff:192.0.2.1]) by mx.x.example with ESMTP" TO,
		  "R:192.0.2.1 R:m.s.example -" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char message[8192], got[256];
		snprintf(message, sizeof(message), "%s" BELOW, rows[i].header);
		find(message, &plain, got, sizeof(got));
		ROW_ASSERT_STRING(rows[i].label, got, rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_provider_says_who_the_sender_was),
		cmocka_unit_test(what_the_hop_hides_is_read_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
