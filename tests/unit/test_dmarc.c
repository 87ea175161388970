/* DMARC over a table of records: discovery, alignment, results and report addresses by both standards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/base/buf.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/unit.h"

/* What SPF and DKIM said, as `result domain`, signatures separated by commas; "" for none. */
struct inputs {
	const char *header, *spf, *dkim;
};

static enum auth_result cut_result(struct span *text)
{
	struct span word;
	enum auth_result result = AUTH_UNKNOWN;
	span_next(text, ' ', &word);
	assert_true(auth_result_from(word, &result) || span_is(word, "unknown"));
	return result;
}

static void make_dkim(struct dkim_evaluation *dkim, const char *text)
{
	struct span rest = span_of(text), part;
	dkim->signatures = calloc(8, sizeof(*dkim->signatures));
	assert_non_null(dkim->signatures);
	while (rest.len > 0 && span_next(&rest, ',', &part)) {
		struct dkim_signature *s = &dkim->signatures[dkim->count++];
		s->result = cut_result(&part);
		s->domain = span_dup(part);
	}
}

/* "" for none, "-" where it was not evaluated. */
static void make_spf(struct spf_evaluation *spf, const char *text)
{
	struct span rest = span_of(text);
	spf->evaluated = strcmp(text, "-") != 0;
	spf->result = spf->evaluated ? AUTH_NONE : AUTH_UNKNOWN;
	if (!spf->evaluated || rest.len == 0)
		return;
	spf->result = cut_result(&rest);
	spf->domain = span_dup(rest);
}

static void evaluate(const struct inputs *in, struct resolver *resolver, struct dmarc_evaluation *ret)
{
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation dkim = { 0 };
	_cleanup_(spf_evaluation_fini) struct spf_evaluation spf = { 0 };
	_cleanup_(header_fini) struct header header = { 0 };
	struct error err = ERROR_INIT;
	make_dkim(&dkim, in->dkim);
	make_spf(&spf, in->spf);
	assert_int_equal(header_parse(&header, span_of(in->header), &err), 0);
	assert_int_equal(dmarc_evaluate(&header, &spf, &dkim, resolver, ret, &err), 0);
}

/* `result tag=policy[>effective]@record/org aligned`. */
static const char *summary(const struct dmarc_reading *r, char *out, size_t size)
{
	bool lower = r->effective != r->policy;
	snprintf(out, size, "%s %s=%s%s%s@%s/%s %s%s", auth_result_name(r->result), r->policy_tag ? r->policy_tag : "",
		 dmarc_policy_name(r->policy), lower ? ">" : "", lower ? dmarc_policy_name(r->effective) : "",
		 r->record_domain ? r->record_domain : "", r->org_domain ? r->org_domain : "-",
		 r->aligned_spf ? "s" : "", r->aligned_dkim ? "d" : "");
	return out;
}

#define FROM(domain) "From: A <a@" domain ">\r\n\r\n"

static const char zone[] = "_dmarc.example.com TXT v=DMARC1; p=reject; sp=quarantine; np=none\n"
			   "www.example.com A 192.0.2.1\n"
			   "_dmarc.own.example.com TXT v=DMARC1; p=none; adkim=s; aspf=s\n"
			   "_dmarc.division.example.com TXT v=DMARC1; p=quarantine; psd=n\n"
			   "_dmarc.bank.example TXT v=DMARC1; p=reject; sp=quarantine; psd=y; t=y\n"
			   "a.giant.bank.example A 192.0.2.1\n"
			   "_dmarc.two.example.com TXT v=DMARC1; p=none\n"
			   "_dmarc.two.example.com TXT v=DMARC1; p=reject\n"
			   "_dmarc.pct.example TXT v=DMARC1; p=reject; pct=0\n"
			   "_dmarc.broken.example TXT v=DMARC1; p=refuse\n"
			   "_dmarc.other.example TXT nothing to do with it\n"
			   "_dmarc.xn--bcher-kva.example TXT v=DMARC1; p=reject\n"
			   "_dmarc.slow.example FAILED\n"
			   "_dmarc.lost.example MISSED\n"
			   "_dmarc.leaf.half.example TXT v=DMARC1; p=reject\n"
			   "_dmarc.half.example FAILED\n"
			   "_dmarc.np.example TXT v=DMARC1; p=reject; np=none\n"
			   "sub.np.example FAILED\n";

static void readings_are_those_of_the_standards(void **state)
{
	static const struct {
		const char *label;
		struct inputs in;
		const char *rfc9989, *rfc7489;
	} rows[] = {
		{ "signed by the author's domain",
		  { FROM("example.com"), "none x.example", "pass example.com" },
		  "pass p=reject@example.com/example.com d",
		  "pass p=reject@example.com/example.com d" },
		{ "case does not matter",
		  { FROM("Example.COM"), "", "pass example.com" },
		  "pass p=reject@example.com/example.com d",
		  "pass p=reject@example.com/example.com d" },
		{ "relaxed by the organisation, upwards and sideways",
		  { FROM("www.example.com"), "pass bounce.example.com", "pass example.com" },
		  "pass sp=quarantine@example.com/example.com sd",
		  "pass sp=quarantine@example.com/example.com sd" },
		{ "another domain",
		  { FROM("example.com"), "pass example.net", "pass notexample.com" },
		  "fail p=reject@example.com/example.com ",
		  "fail p=reject@example.com/example.com " },
		{ "np for what does not exist",
		  { FROM("ghost.example.com"), "", "" },
		  "fail np=none@example.com/example.com ",
		  "fail sp=quarantine@example.com/example.com " },
		{ "strict",
		  { FROM("own.example.com"), "pass www.example.com", "pass example.com" },
		  "fail p=none@own.example.com/example.com ",
		  "fail p=none@own.example.com/example.com " },
		{ "strict and the same",
		  { FROM("own.example.com"), "pass own.example.com", "" },
		  "pass p=none@own.example.com/example.com s",
		  "pass p=none@own.example.com/example.com s" },
		{ "psd=n cuts a division off",
		  { FROM("a.division.example.com"), "", "pass example.com" },
		  "fail p=quarantine@division.example.com/division.example.com ",
		  "pass sp=quarantine@example.com/example.com d" },
		{ "psd=y: its policy, and the organisation one label below",
		  { FROM("a.giant.bank.example"), "pass b.giant.bank.example", "pass mega.bank.example" },
		  "pass sp=quarantine>none@bank.example/giant.bank.example s",
		  "pass sp=quarantine@bank.example/bank.example sd" },
		{ "psd=y at the author's own domain",
		  { FROM("bank.example"), "pass a.bank.example", "" },
		  "fail p=reject>quarantine@bank.example/bank.example ",
		  "pass p=reject@bank.example/bank.example s" },
		{ "several records",
		  { FROM("two.example.com"), "pass two.example.com", "" },
		  "pass sp=quarantine@example.com/example.com s",
		  "none =@/example.com " },
		{ "no record at all",
		  { FROM("nothing.example"), "", "" },
		  "none =@/nothing.example ",
		  "none =@/nothing.example " },
		{ "records of others",
		  { FROM("other.example"), "", "" },
		  "none =@/other.example ",
		  "none =@/other.example " },
		{ "no valid policy and no rua",
		  { FROM("broken.example"), "pass broken.example", "" },
		  "none =@broken.example/broken.example ",
		  "none =@broken.example/broken.example " },
		{ "U-labels",
		  { FROM("b\xc3\xbc"
			 "cher.example"),
		    "",
		    "pass xn--bcher-kva.example,pass b\xc3\xbc"
		    "cher.example" },
		  "pass p=reject@xn--bcher-kva.example/xn--bcher-kva.example d",
		  "pass p=reject@xn--bcher-kva.example/xn--bcher-kva.example d" },
		{ "DNS failure",
		  { FROM("slow.example"), "pass slow.example", "" },
		  "temperror =@/- ",
		  "temperror =@/slow.example " },
		{ "not in the snapshot",
		  { FROM("lost.example"), "pass lost.example", "" },
		  "unknown =@/- ",
		  "unknown =@/lost.example " },
		{ "failure above a record, identical",
		  { FROM("leaf.half.example"), "pass leaf.half.example", "" },
		  "pass p=reject@leaf.half.example/- s",
		  "pass p=reject@leaf.half.example/half.example s" },
		{ "failure above a record, alignment open",
		  { FROM("leaf.half.example"), "pass x.half.example", "" },
		  "temperror p=reject@leaf.half.example/- ",
		  "pass p=reject@leaf.half.example/half.example s" },
		{ "existence not known",
		  { FROM("sub.np.example"), "", "" },
		  "temperror p=reject@np.example/np.example ",
		  "fail p=reject@np.example/np.example " },
		{ "a temporary error of an aligned signature",
		  { FROM("example.com"), "fail x.example", "temperror example.com" },
		  "temperror p=reject@example.com/example.com ",
		  "temperror p=reject@example.com/example.com " },
		{ "a temporary error of another's",
		  { FROM("example.com"), "", "temperror other.example" },
		  "fail p=reject@example.com/example.com ",
		  "fail p=reject@example.com/example.com " },
		{ "SPF that is not known",
		  { FROM("example.com"), "-", "fail example.com" },
		  "unknown p=reject@example.com/example.com ",
		  "unknown p=reject@example.com/example.com " },
		{ "SPF that is not known, and DKIM that passes",
		  { FROM("example.com"), "-", "pass example.com" },
		  "pass p=reject@example.com/example.com d",
		  "pass p=reject@example.com/example.com d" },
		{ "several From domains",
		  { "From: b@bank.example, a@example.com\r\n\r\n", "", "pass bank.example" },
		  "none =@/- ",
		  "fail p=reject@example.com/example.com " },
		{ "several mailboxes of one domain",
		  { "From: a@example.com, b@EXAMPLE.com\r\n\r\n", "", "pass example.com" },
		  "pass p=reject@example.com/example.com d",
		  "pass p=reject@example.com/example.com d" },
		{ "several From fields",
		  { "From: a@example.com\r\nFrom: a@example.com\r\n\r\n", "", "pass example.com" },
		  "none =@/- ",
		  "none =@/- " },
		{ "no From", { "To: a@example.com\r\n\r\n", "", "pass example.com" }, "none =@/- ", "none =@/- " },
		{ "empty From", { "From: nobody:;\r\n\r\n", "", "pass example.com" }, "none =@/- ", "none =@/- " },
		{ "broken From",
		  { "From: Example, Inc. <a@example.com\r\n\r\n", "", "pass example.com" },
		  "pass p=reject@example.com/example.com d",
		  "pass p=reject@example.com/example.com d" },
		{ "broken From with another domain in front of the brackets",
		  { "From: a@example.com <a@bank.example>\r\n\r\n", "", "pass example.com" },
		  "fail p=reject>quarantine@bank.example/bank.example ",
		  "fail p=reject@bank.example/bank.example " },
		{ "broken From with two domains",
		  { "From: Example, Inc. <b@bank.example> <a@example.com>\r\n\r\n", "", "pass bank.example" },
		  "none =@/- ",
		  "fail p=reject@example.com/example.com " },
		{ "From that cannot be read",
		  { "From: Example, Inc.\r\n\r\n", "", "pass example.com" },
		  "none =@/- ",
		  "none =@/- " },
		{ "a literal", { "From: a@[192.0.2.1]\r\n\r\n", "", "" }, "none =@/- ", "none =@/- " },
		{ "a public suffix", { FROM("co.uk"), "", "pass x.co.uk" }, "none =@/co.uk ", "none =@/- " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_dns *dns = fake_dns_new();
		struct dmarc_evaluation e;
		char text[512];
		fake_dns_add_lines(dns, zone);
		evaluate(&rows[i].in, &dns->base, &e);
		ROW_ASSERT_STRING(rows[i].label, summary(&e.readings[DMARC_RFC9989], text, sizeof(text)),
				  rows[i].rfc9989);
		ROW_ASSERT_STRING(rows[i].label, summary(&e.readings[DMARC_RFC7489], text, sizeof(text)),
				  rows[i].rfc7489);
		for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
			ROW_ASSERT(rows[i].label, e.readings[s].reason && e.readings[s].section);
		if (!e.difference)
			ROW_ASSERT(rows[i].label, e.readings[0].result == e.readings[1].result &&
						      e.readings[0].effective == e.readings[1].effective);
		dmarc_evaluation_fini(&e);
		resolver_free(&dns->base);
	}
}

static void what_is_wrong_with_from_is_noted(void **state)
{
	static const struct {
		const char *label, *header, *domain, *deviation; /* NULL: none */
	} rows[] = {
		{ "as it must be", "From: \"Example, Inc.\" <a@example.com>\r\n\r\n", "example.com", NULL },
		{ "comma", "From: Example, Inc. <a@example.com>\r\n\r\n", "example.com",
		  "address list: @ expected at octet 8" },
		{ "docomo", "From: a..b.@docomo.example\r\n\r\n", "docomo.example",
		  "address list: local part expected at octet 3" },
		{ "not to be read", "From: Example, Inc.\r\n\r\n", NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct inputs in = { rows[i].header, "", "" };
		struct fake_dns *dns = fake_dns_new();
		struct dmarc_evaluation e;
		evaluate(&in, &dns->base, &e);
		ROW_ASSERT_STRING(rows[i].label, e.from_domain ? e.from_domain : "",
				  rows[i].domain ? rows[i].domain : "");
		ROW_ASSERT_STRING(rows[i].label, e.from_deviation ? e.from_deviation : "",
				  rows[i].deviation ? rows[i].deviation : "");
		dmarc_evaluation_fini(&e);
		resolver_free(&dns->base);
	}
}

static void reasons_are_words_with_evidence(void **state)
{
	static const struct {
		struct inputs in;
		const char *rfc9989, *difference;
	} rows[] = {
		{ { FROM("www.example.com"), "pass bounce.example.com", "fail example.com" },
		  "SPF for bounce.example.com passes and is aligned (relaxed)",
		  NULL },
		{ { FROM("example.com"), "softfail example.net", "pass esp.example,fail example.com" },
		  "nothing that passes is aligned: DKIM for esp.example: pass, not aligned; DKIM for example.com: "
		  "fail; SPF for "
		  "example.net: softfail",
		  NULL },
		{ { FROM("example.com"), "", "" },
		  "nothing that passes is aligned: no DKIM signature; SPF: none",
		  NULL },
		{ { FROM("a.division.example.com"), "", "pass example.com" },
		  "nothing that passes is aligned: DKIM for example.com: pass, not aligned; SPF: none",
		  "RFC 9989: fail, p=quarantine of division.example.com (organisational domain division.example.com); "
		  "RFC 7489: "
		  "pass, sp=quarantine of example.com (organisational domain example.com)" },
		{ { FROM("pct.example"), "", "pass pct.example" },
		  "DKIM for pct.example passes and is aligned (the author's domain)",
		  "RFC 9989: pass, p=reject of pct.example (organisational domain pct.example); RFC 7489: pass, "
		  "p=reject of "
		  "pct.example for 0 % of messages (organisational domain pct.example)" },
		{ { FROM("slow.example"), "", "" }, "_dmarc.slow.example: timed out", NULL },
		{ { FROM("a.nothing.example"), "", "" }, "no DMARC record for a.nothing.example", NULL },
		{ { "From: a, b\r\n\r\n", "", "" }, "From cannot be read: ", NULL },
		{ { FROM("a\xe2\x80\xae.c"), "", "" }, "`a\\u{202e}.c` in From is no domain name", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_dns *dns = fake_dns_new();
		struct dmarc_evaluation e;
		fake_dns_add_lines(dns, zone);
		evaluate(&rows[i].in, &dns->base, &e);
		const char *reason = e.readings[DMARC_RFC9989].reason;
		if (strncmp(reason, rows[i].rfc9989, strlen(rows[i].rfc9989)) != 0)
			fail_msg("\"%s\" instead of \"%s\"", reason, rows[i].rfc9989);
		if (rows[i].difference)
			ROW_ASSERT_STRING(rows[i].in.header, e.difference ? e.difference : "(none)",
					  rows[i].difference);
		dmarc_evaluation_fini(&e);
		resolver_free(&dns->base);
	}
}

static void add_questions(const struct trail *trail, struct buf *out)
{
	for (size_t i = 0; i < trail->count; i++)
		if (trail->steps[i].name)
			buf_addf(out, "%s ", trail->steps[i].name);
}

static void a_walk_asks_at_most_eight_questions(void **state)
{
	static const struct {
		const char *header, *asked; /* by RFC 9989 */
	} rows[] = {
		{ FROM("a.b.c.d.e.f.g.h.i.j.mail.unlisted.test"),
		  "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.unlisted.test _dmarc.g.h.i.j.mail.unlisted.test "
		  "_dmarc.h.i.j.mail.unlisted.test _dmarc.i.j.mail.unlisted.test _dmarc.j.mail.unlisted.test "
		  "_dmarc.mail.unlisted.test _dmarc.unlisted.test _dmarc.test " },
		{ FROM("a.b.c.d.e.f.unlisted.test"),
		  "_dmarc.a.b.c.d.e.f.unlisted.test _dmarc.b.c.d.e.f.unlisted.test _dmarc.c.d.e.f.unlisted.test "
		  "_dmarc.d.e.f.unlisted.test _dmarc.e.f.unlisted.test _dmarc.f.unlisted.test _dmarc.unlisted.test "
		  "_dmarc.test " },
		{ FROM("x.division.example.com"), "_dmarc.x.division.example.com _dmarc.division.example.com " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf asked = BUF_INIT(4096);
		struct fake_dns *dns = fake_dns_new();
		struct dmarc_evaluation e;
		struct inputs in = { rows[i].header, "pass example.net", "pass other.example" };
		fake_dns_add_lines(dns, zone);
		evaluate(&in, &dns->base, &e);
		add_questions(&e.readings[DMARC_RFC9989].trail, &asked);
		ROW_ASSERT_STRING(rows[i].header, buf_str(&asked), rows[i].asked);
		/* RFC 7489 asks two names; nothing is asked for what cannot be aligned. */
		assert_true(dns->questions <= 10);
		dmarc_evaluation_fini(&e);
		resolver_free(&dns->base);
	}
}

static void external_report_addresses_need_permission(void **state)
{
	static const char lines[] =
	    "_dmarc.example.com TXT v=DMARC1; p=none; "
	    "rua=mailto:a@example.com,mailto:a@sub.example.com,mailto:a@yes.example,mailto:b@no.example;ruf=mailto:c@"
	    "away.example,mailto:a@slow.example,https://r.example/x,mailto:b@yes.example,mailto:a@lost.example\n"
	    "example.com._report._dmarc.yes.example TXT some other record\n"
	    "example.com._report._dmarc.yes.example TXT v=DMARC1\n"
	    "example.com._report._dmarc.away.example TXT v=DMARC1; rua=mailto:a@victim.example\n"
	    "example.com._report._dmarc.slow.example FAILED\n"
	    "example.com._report._dmarc.lost.example MISSED\n";
	static const struct {
		const char *domain;
		bool failure, external;
		enum auth_result authorised;
	} expected[] = {
		{ "example.com", false, false, AUTH_PASS },
		{ "sub.example.com", false, false, AUTH_PASS },
		{ "yes.example", false, true, AUTH_PASS },
		{ "no.example", false, true, AUTH_FAIL },
		{ "away.example", true, true, AUTH_FAIL },
		{ "slow.example", true, true, AUTH_TEMPERROR },
		{ NULL, true, false, AUTH_PASS },
		{ "yes.example", true, true, AUTH_PASS },
		{ "lost.example", true, true, AUTH_UNKNOWN },
	};
	struct fake_dns *dns = fake_dns_new();
	struct dmarc_evaluation e;
	struct inputs in = { FROM("example.com"), "", "" };
	(void)state;
	fake_dns_add_lines(dns, lines);
	evaluate(&in, &dns->base, &e);
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		assert_int_equal(e.readings[s].report_count, ARRAY_LEN(expected));
		for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
			const struct dmarc_report *r = &e.readings[s].reports[i];
			ROW_ASSERT_STRING(r->uri, r->domain ? r->domain : "-",
					  expected[i].domain ? expected[i].domain : "-");
			ROW_ASSERT(r->uri, r->failure == expected[i].failure && r->external == expected[i].external);
			ROW_ASSERT(r->uri, r->authorised == expected[i].authorised);
		}
	}
	dmarc_evaluation_fini(&e);
	resolver_free(&dns->base);
}

static void trail_holds_every_question(void **state)
{
	struct fake_dns *dns = fake_dns_new();
	struct dmarc_evaluation e;
	struct inputs in = { FROM("ghost.example.com"), "", "pass example.com" };
	size_t asked = 0;
	(void)state;
	fake_dns_add_lines(dns, zone);
	evaluate(&in, &dns->base, &e);
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
		for (size_t i = 0; i < e.readings[s].trail.count; i++) {
			const struct trail_step *step = &e.readings[s].trail.steps[i];
			assert_non_null(step->outcome);
			asked += step->name != NULL;
		}
	assert_int_equal(asked, dns->questions);
	const struct trail_step *steps = e.readings[DMARC_RFC9989].trail.steps;
	assert_string_equal(steps[0].what, "policy discovery");
	assert_string_equal(steps[0].outcome, "organisational domain example.com");
	assert_string_equal(steps[1].outcome, "no such name");
	assert_string_equal(steps[2].outcome, "v=DMARC1; p=reject; sp=quarantine; np=none");
	dmarc_evaluation_fini(&e);
	resolver_free(&dns->base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_are_those_of_the_standards),
		cmocka_unit_test(what_is_wrong_with_from_is_noted),
		cmocka_unit_test(reasons_are_words_with_evidence),
		cmocka_unit_test(a_walk_asks_at_most_eight_questions),
		cmocka_unit_test(external_report_addresses_need_permission),
		cmocka_unit_test(trail_holds_every_question),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
