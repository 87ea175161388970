/* What changed between two snapshots, in words. */
#include "tests/unit/unit.h"

#include "harness/auth/dns_diff.h"
#include "harness/base/buf.h"
#include "tests/unit/survey_of.h"

#define ED   "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ED2  "k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
#define NETS "_spf.old.example. 60 TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\n"

/* 80 octets. */
#define LONG "0123456789abcdefghijklmnopqrstuvwxyz=+0123456789abcdefghijklmnopqrstuvwxyz=+ABCD"

struct row {
	const char *label, *older, *newer, *failed; /* a name without an answer in the newer one */
	const char *expected;                       /* lines `SUBJECT: WHAT` */
};

static const struct row rows[] = {
	{ "nothing", "example.org. 60 TXT \"v=spf1 -all\"", "example.org. 60 TXT \"v=spf1 -all\"", NULL, "" },
	{ "include removed", NETS "example.org. 60 TXT \"v=spf1 include:_spf.old.example ip4:192.0.2.1 -all\"",
	  NETS "example.org. 60 TXT \"v=spf1 ip4:192.0.2.1 -all\"", NULL,
	  "SPF: include:_spf.old.example removed: 203.0.113.0/24 is no longer allowed\n" },
	{ "include replaced by what it allowed", NETS "example.org. 60 TXT \"v=spf1 include:_spf.old.example -all\"",
	  NETS "example.org. 60 TXT \"v=spf1 ip4:203.0.112.0/23 -all\"", NULL,
	  "SPF: include:_spf.old.example removed: all that it allowed is still allowed by other terms\n"
	  "SPF: ip4:203.0.112.0/23 added: 203.0.112.0/23 is now allowed\n" },
	{ "included record changed", NETS "example.org. 60 TXT \"v=spf1 include:_spf.old.example -all\"",
	  "_spf.old.example. 60 TXT \"v=spf1 ip4:198.51.100.7 ip4:198.51.100.9 -all\"\n"
	  "example.org. 60 TXT \"v=spf1 include:_spf.old.example -all\"",
	  NULL,
	  "SPF: ip4:203.0.113.0/24 removed: 203.0.113.0/24 is no longer allowed\n"
	  "SPF: ip4:198.51.100.7 added: 198.51.100.7 is now allowed\n"
	  "SPF: ip4:198.51.100.9 added: 198.51.100.9 is now allowed\n" },
	{ "softer rest", "example.org. 60 TXT \"v=spf1 mx -all\"", "example.org. 60 TXT \"v=spf1 mx ?all\"", NULL,
	  "SPF: loosened: -all became ?all: mail from anywhere else now is neither allowed nor refused\n" },
	{ "stricter rest", "example.org. 60 TXT \"v=spf1 mx\"", "example.org. 60 TXT \"v=spf1 mx -all\"", NULL,
	  "SPF: tightened: no all became -all: mail from anywhere else now fails\n" },
	{ "unknown senders", "example.org. 60 TXT \"v=spf1 exists:%{i}.example.net -all\"",
	  "example.org. 60 TXT \"v=spf1 -all\"", NULL,
	  "SPF: exists:%{i}.example.net removed: whom it allows is not known\n" },
	{ "order", "example.org. 60 TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all\"",
	  "example.org. 60 TXT \"v=spf1 ip4:192.0.2.2 ip4:192.0.2.1 -all\"", NULL,
	  "SPF: v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all became v=spf1 ip4:192.0.2.2 ip4:192.0.2.1 -all: the same terms "
	  "in "
	  "another form or order\n" },
	{ "strings alone", "example.org. 60 TXT \"v=spf1 -all\"", "example.org. 60 TXT \"v=spf1 \" \"-all\"", NULL,
	  "" },
	{ "SPF removed, text added", "example.org. 60 TXT \"v=spf1 -all\"", "example.org. 60 TXT \"site=1\"", NULL,
	  "SPF: v=spf1 -all removed\ntext: site=1 added\n" },
	{ "second SPF", "example.org. 60 TXT \"v=spf1 -all\"",
	  "example.org. 60 TXT \"v=spf1 -all\"\nexample.org. 60 TXT \"v=spf1 mx -all\"", NULL,
	  "SPF: v=spf1 mx -all added\n" },
	{ "policy loosened", "_dmarc.example.org. 60 TXT \"v=DMARC1; p=reject\"",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"", NULL,
	  "DMARC: policy for the domain loosened: p=reject became none\n" },
	{ "policy of subdomains", "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none; sp=reject; np=none\"", NULL,
	  "DMARC: policy for its subdomains tightened: sp=absent became reject\n"
	  "DMARC: policy for subdomains that do not exist unchanged, but written otherwise: np=absent became none\n" },
	{ "alignment, reports, others",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none; aspf=s; rua=mailto:a@example.org; fo=0\"",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none; adkim=s; rua=mailto:b@example.org; fo=1; t=y\"", NULL,
	  "DMARC: alignment tightened: adkim=r became s\nDMARC: alignment loosened: aspf=s became r\n"
	  "DMARC: loosened: t=y added, receivers apply the next weaker policy\n"
	  "DMARC: aggregate reports to mailto:a@example.org removed\n"
	  "DMARC: aggregate reports to mailto:b@example.org added\nDMARC: fo changed: 0 became 1\n" },
	{ "DMARC form", "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1;p=none;\"", NULL, "DMARC: the same tags in another form or order\n" },
	{ "key replaced", "s1._domainkey.example.org. 60 TXT \"v=DKIM1; " ED "\"",
	  "s1._domainkey.example.org. 60 TXT \"v=DKIM1; t=y; " ED2 "\"", NULL,
	  "DKIM key: key replaced: Ed25519 became Ed25519; signatures made with the old key no longer verify\n"
	  "DKIM key: t=y added\n" },
	{ "key revoked", "s1._domainkey.example.org. 60 TXT \"v=DKIM1; " ED "\"",
	  "s1._domainkey.example.org. 60 TXT \"v=DKIM1; k=ed25519; p=\"", NULL,
	  "DKIM key: key revoked: p= is empty, signatures with it no longer verify\n" },
	{ "key removed", "s1._domainkey.example.org. 60 TXT \"v=DKIM1; k=ed25519; p=\"", "example.net. 60 A 192.0.2.1",
	  NULL, "DKIM key: v=DKIM1; k=ed25519; p= removed\n" },
	{ "MX", "example.org. 60 MX 10 a.example.org.",
	  "example.org. 60 MX 10 a.example.org.\nexample.org. 60 MX 20 b.example.org.", NULL,
	  "mail servers: 20 b.example.org. added\n" },
	{ "MTA-STS", "_mta-sts.example.org. 60 TXT \"v=STSv1; id=1\"", "_mta-sts.example.org. 60 TXT \"v=STSv1; id=2\"",
	  NULL, "MTA-STS: id changed: 1 became 2\n" },
	{ "TLS reports", "_smtp._tls.example.org. 60 TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"",
	  "_smtp._tls.example.org. 60 TXT \"v=TLSRPTv1; rua=https://example.org/\"", NULL,
	  "TLS reports: rua changed: mailto:a@example.org became https://example.org/\n" },
	{ "TTL", "example.org. 300 MX 10 a.example.org.", "example.org. 3600 MX 10 a.example.org.", NULL,
	  "mail servers: TTL changed: 300 s became 3600 s\n" },
	{ "serial and negative TTL", "example.org. 60 SOA n. r. 1 2 3 4 300", "example.org. 60 SOA n. r. 2 2 3 4 3600",
	  NULL, "zone: that a name or record is not there is kept for 3600 s, before 300 s\n" },
	{ "alias", "s1._domainkey.example.org. 60 CNAME a.example.net.\na.example.net. 60 TXT \"p=\"",
	  "s1._domainkey.example.org. 60 CNAME b.example.net.\nb.example.net. 60 TXT \"p=\"", NULL,
	  "DKIM key: alias changed: the name stands for b.example.net, before for a.example.net\n" },
	{ "no answer is no change", "_dmarc.example.org. 60 TXT \"v=DMARC1; p=reject\"",
	  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=reject\"", "_dmarc.example.org",
	  "(open) DMARC: not known: the newer look had no answer: timed out\n" },
	{ "long text", "example.org. 60 TXT a", "example.org. 60 TXT \"" LONG LONG "\" \"" LONG LONG "\"", NULL,
	  "text: a removed\ntext: " LONG LONG "... added\n" },
	{ "hostile text", "example.org. 60 TXT a", "example.org. 60 TXT \"\\027[2J\"", NULL,
	  "text: a removed\ntext: \\x1b[2J added\n" },
};

static void changes_are_said_by_meaning(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct dns_snapshot older, newer;
		struct dns_changes changes;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(20000);
		survey_of(rows[i].older, NULL, &older);
		survey_of(rows[i].newer, rows[i].failed, &newer);
		ROW_ASSERT(rows[i].label,
			   dns_diff(older.facts, older.count, newer.facts, newer.count, &changes, &err) == 0);
		for (size_t k = 0; k < changes.count; k++)
			buf_addf(&words, "%s%s: %s\n", changes.v[k].open ? "(open) " : "", changes.v[k].subject,
				 changes.v[k].what);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
		ROW_ASSERT(rows[i].label, dns_changes_any(&changes, true) == (rows[i].failed != NULL));
		dns_changes_fini(&changes);
		dns_snapshot_fini(&older);
		dns_snapshot_fini(&newer);
	}
}

/* TTLs from a cache say nothing, and a question of one snapshot alone neither. */
static void what_cannot_be_compared_is_left_out(void **state)
{
	struct error err = ERROR_INIT;
	struct dns_snapshot older, newer;
	struct dns_changes changes;
	survey_of("example.org. 300 MX 10 a.example.org.", NULL, &older);
	survey_of("example.org. 60 MX 10 a.example.org.", NULL, &newer);
	for (size_t i = 0; i < newer.count; i++)
		newer.facts[i].answer.ttl_remaining = true;
	assert_int_equal(dns_diff(older.facts, older.count, newer.facts, newer.count, &changes, &err), 0);
	assert_int_equal(changes.count, 0);
	dns_changes_fini(&changes);
	assert_int_equal(dns_diff(NULL, 0, newer.facts, newer.count, &changes, &err), 0);
	assert_int_equal(changes.count, 0);
	dns_changes_fini(&changes);
	dns_snapshot_fini(&older);
	dns_snapshot_fini(&newer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_said_by_meaning),
		cmocka_unit_test(what_cannot_be_compared_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
