/* Evaluation of SPF: what the suites do not ask for. Reasons, counts, identities, what is not known, the trail. */
#include "tests/unit/unit.h"

#include "harness/auth/spf.h"
#include "harness/base/buf.h"
#include "tests/unit/fake_dns.h"

/* 60 octets */
#define LONG_LABELS "0123456789012345678901234567890123456789.012345678901234567."

static void evaluate(const char *zone, const char *ip, const char *mail_from, const char *helo,
		     struct spf_evaluation *ret, size_t *ret_questions)
{
	struct error err = ERROR_INIT;
	struct fake_dns *dns = fake_dns_new();
	struct spf_request request = { .helo = span_of(helo),
				       .mail_from = span_of(mail_from),
				       .now_ms = 1700000000000 };
	fake_dns_add_lines(dns, zone);
	assert_true(ip_parse(span_of(ip), &request.client));
	if (spf_evaluate(&request, &dns->base, ret, &err) < 0)
		fail_msg("%s", err.text);
	if (ret_questions)
		*ret_questions = dns->questions;
	resolver_free(&dns->base);
}

struct row {
	const char *label, *zone, *ip, *mail_from;
	enum auth_result result;
	const char *reason;
	const char *section; /* the number only */
	unsigned lookups, void_lookups;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct spf_evaluation e;
		char section[40];
		evaluate(rows[i].zone, rows[i].ip, rows[i].mail_from, "mail.example.org", &e, NULL);
		ROW_ASSERT_STRING(rows[i].label, auth_result_name(e.result), auth_result_name(rows[i].result));
		ROW_ASSERT_STRING(rows[i].label, e.reason, rows[i].reason);
		snprintf(section, sizeof(section), "RFC 7208 section %s", rows[i].section);
		ROW_ASSERT_STRING(rows[i].label, e.section, section);
		ROW_ASSERT(rows[i].label, e.lookups == rows[i].lookups);
		ROW_ASSERT(rows[i].label, e.void_lookups == rows[i].void_lookups);
		ROW_ASSERT(rows[i].label, e.evaluated && e.source == SENDER_GIVEN);
		spf_evaluation_fini(&e);
	}
}

static void results_say_their_reason(void **state)
{
	static const struct row rows[] = {
		{ "ip4", "example.com TXT v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.9", "a@example.com", AUTH_PASS,
		  "matches ip4:192.0.2.0/24", "4.6.2", 0, 0 },
		{ "ip4 mapped", "example.com TXT v=spf1 ip4:192.0.2.0/24 -all", "::ffff:192.0.2.9", "a@example.com",
		  AUTH_PASS, "matches ip4:192.0.2.0/24", "4.6.2", 0, 0 },
		{ "all", "example.com TXT v=spf1 ip4:192.0.2.0/24 ~all", "2001:db8::1", "a@example.com", AUTH_SOFTFAIL,
		  "nothing before ~all matches 2001:db8::1", "5.1", 0, 0 },
		{ "pass all", "example.com TXT v=spf1 +all", "192.0.2.9", "a@example.com", AUTH_PASS,
		  "+all matches every address", "5.1", 0, 0 },
		{ "no all", "example.com TXT v=spf1 ip4:192.0.2.1", "192.0.2.9", "a@example.com", AUTH_NEUTRAL,
		  "nothing matches 192.0.2.9", "4.7", 0, 0 },
		{ "a name that is too long",
		  "example.com TXT v=spf1 exists:" LONG_LABELS LONG_LABELS LONG_LABELS LONG_LABELS LONG_LABELS
		  "x.example\n" LONG_LABELS LONG_LABELS LONG_LABELS LONG_LABELS "x.example A 127.0.0.2",
		  "192.0.2.9", "a@example.com", AUTH_PASS,
		  "matches exists:" LONG_LABELS LONG_LABELS LONG_LABELS "0123456789012", "4.6.2", 1, 0 },
		{ "in an include",
		  "example.com TXT v=spf1 ?include:a.example.net -all\na.example.net TXT v=spf1 ip4:192.0.2.9 -all",
		  "192.0.2.9", "a@example.com", AUTH_NEUTRAL, "matches ip4:192.0.2.9 of a.example.net", "4.6.2", 1, 0 },
		{ "behind a redirect", "example.com TXT v=spf1 redirect=a.example.net\na.example.net TXT v=spf1 -all",
		  "192.0.2.9", "a@example.com", AUTH_FAIL, "nothing before -all of a.example.net matches 192.0.2.9",
		  "5.1", 1, 0 },
		{ "no record", "example.com TXT hello", "192.0.2.9", "a@example.com", AUTH_NONE,
		  "example.com has no SPF record", "4.5", 0, 0 },
		{ "strings without a space between them",
		  "example.com TXT hello\nexample.com TXT v=spf1ip4:192.0.2.1-all", "192.0.2.9", "a@example.com",
		  AUTH_NONE,
		  "example.com has no SPF record: no space is behind `v=spf1` (strings of a TXT record are joined "
		  "without one)",
		  "4.5", 0, 0 },
		{ "no TXT", "example.com A 192.0.2.1", "192.0.2.9", "a@example.com", AUTH_NONE,
		  "example.com has no SPF record", "4.5", 0, 0 },
		{ "no name", "example.net A 192.0.2.1", "192.0.2.9", "a@example.com", AUTH_NONE,
		  "no such name: example.com", "4.3", 0, 0 },
		{ "two records", "example.com TXT v=spf1 -all\nexample.com TXT v=spf1", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "example.com has 2 SPF records", "4.5", 0, 0 },
		{ "syntax", "example.com TXT v=spf1 a ip4:192.0.2 -all", "192.0.2.9", "a@example.com", AUTH_PERMERROR,
		  "syntax error in the record of example.com, ip4:192.0.2 at octet 13: no IPv4 address", "5.6", 0, 0 },
		{ "syntax, unprintable", "example.com TXT v=spf1 a\tmx\x80", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR,
		  "syntax error in the record of example.com, a\\x09mx\\x80 at octet 7: an unknown mechanism", "4.6.1",
		  0, 0 },
		{ "nothing included", "example.com TXT v=spf1 include:a.example.net -all", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "include:a.example.net: no such name: a.example.net", "5.2", 1, 1 },
		{ "no record included", "example.com TXT v=spf1 include:a.example.net\na.example.net TXT x",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR,
		  "include:a.example.net: a.example.net has no SPF record", "5.2", 1, 0 },
		{ "redirect to nothing", "example.com TXT v=spf1 redirect=a.example.net", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "redirect=a.example.net: no such name: a.example.net", "6.1", 1, 1 },
		{ "redirect to one label", "example.com TXT v=spf1 redirect=%{d1}", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "redirect=%{d1}: a domain of one label has no SPF record", "6.1", 1, 0 },
		{ "redirect and all", "example.com TXT v=spf1 redirect=a.example.net ?all", "192.0.2.9",
		  "a@example.com", AUTH_NEUTRAL, "nothing before ?all matches 192.0.2.9", "5.1", 0, 0 },
		{ "timeout", "example.com FAILED", "192.0.2.9", "a@example.com", AUTH_TEMPERROR,
		  "no answer for TXT of example.com: timed out", "4.4", 0, 0 },
		{ "timeout in an include", "example.com TXT v=spf1 include:a.example.net -all\na.example.net FAILED",
		  "192.0.2.9", "a@example.com", AUTH_TEMPERROR, "no answer for TXT of a.example.net: timed out", "4.4",
		  1, 0 },
		{ "timeout of a", "example.com TXT v=spf1 a -all\nexample.com FAILED", "192.0.2.9", "a@example.com",
		  AUTH_TEMPERROR, "no answer for A of example.com: timed out", "5", 1, 0 },
		{ "timeout behind a match", "example.com TXT v=spf1 ip4:192.0.2.9 a\nexample.com FAILED", "192.0.2.9",
		  "a@example.com", AUTH_PASS, "matches ip4:192.0.2.9", "4.6.2", 0, 0 },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void what_the_snapshot_does_not_hold_is_unknown(void **state)
{
	static const struct row rows[] = {
		{ "record", "example.com MISSED", "192.0.2.9", "a@example.com", AUTH_UNKNOWN,
		  "the answer is not known for TXT of example.com: the snapshot does not hold example.com TXT", "4.4",
		  0, 0 },
		{ "include", "example.com TXT v=spf1 include:a.example.net\na.example.net MISSED", "192.0.2.9",
		  "a@example.com", AUTH_UNKNOWN,
		  "the answer is not known for TXT of a.example.net: the snapshot does not hold a.example.net TXT",
		  "4.4", 1, 0 },
		{ "host of MX", "example.com TXT v=spf1 mx -all\nexample.com MX 1 a.example.net\na.example.net MISSED",
		  "192.0.2.9", "a@example.com", AUTH_UNKNOWN,
		  "the answer is not known for A of a.example.net: the snapshot does not hold a.example.net A", "5", 1,
		  0 },
		{ "PTR", "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa MISSED", "192.0.2.9", "a@example.com",
		  AUTH_UNKNOWN, "the answer is not known for the client's name at 9.2.0.192.in-addr.arpa", "5.5", 1,
		  0 },
		{ "host of PTR",
		  "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR a.example.com\na.example.com MISSED",
		  "192.0.2.9", "a@example.com", AUTH_UNKNOWN,
		  "the answer is not known for the client's name at a.example.com", "5.5", 1, 0 },
		{ "host of PTR beside one that matches",
		  "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR a.example.com\na.example.com MISSED\n"
		  "9.2.0.192.in-addr.arpa PTR b.example.com\nb.example.com A 192.0.2.9",
		  "192.0.2.9", "a@example.com", AUTH_PASS, "matches ptr", "4.6.2", 1, 0 },
		{ "macro p", "example.com TXT v=spf1 exists:%{p}.example.net -all\n9.2.0.192.in-addr.arpa MISSED",
		  "192.0.2.9", "a@example.com", AUTH_UNKNOWN,
		  "the answer is not known for the client's name at 9.2.0.192.in-addr.arpa", "5.5", 1, 0 },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* RFC 7208 section 4.6.4. */
static void limits_are_those_of_the_rfc(void **state)
{
	static const struct row rows[] = {
		{ "11th lookup",
		  "example.com TXT v=spf1 a a a a a a a a a a include:_spf.example.net -all\nexample.com A 192.0.2.1",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "11th DNS lookup at include:_spf.example.net", "4.6.4",
		  11, 0 },
		{ "11th lookup in an include",
		  "example.com TXT v=spf1 a a a a a a a a a include:b.example.net -all\nexample.com A 192.0.2.1\n"
		  "b.example.net TXT v=spf1 mx",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "11th DNS lookup at mx of b.example.net", "4.6.4", 11,
		  0 },
		{ "match before the 11th lookup",
		  "example.com TXT v=spf1 a a a a a a a a a a ip4:192.0.2.9 a\nexample.com A 192.0.2.1", "192.0.2.9",
		  "a@example.com", AUTH_PASS, "matches ip4:192.0.2.9", "4.6.2", 10, 0 },
		{ "include loop", "example.com TXT v=spf1 include:example.com -all", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "11th DNS lookup at include:example.com", "4.6.4", 11, 0 },
		{ "redirect loop",
		  "example.com TXT v=spf1 redirect=a.example.net\na.example.net TXT v=spf1 redirect=example.com",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "11th DNS lookup at redirect=a.example.net", "4.6.4",
		  11, 0 },
		{ "void: a", "example.com TXT v=spf1 a:x.example a:y.example a:z.example -all", "192.0.2.9",
		  "a@example.com", AUTH_PERMERROR, "3rd void lookup at a:z.example: nothing found at z.example",
		  "4.6.4", 3, 3 },
		{ "void: no error, no record", "example.com TXT v=spf1 a mx exists:example.com -all", "192.0.2.9",
		  "a@example.com", AUTH_PERMERROR,
		  "3rd void lookup at exists:example.com: nothing found at example.com", "4.6.4", 3, 3 },
		{ "void: two are fine", "example.com TXT v=spf1 a mx -all", "192.0.2.9", "a@example.com", AUTH_FAIL,
		  "nothing before -all matches 192.0.2.9", "5.1", 2, 2 },
		{ "void: hosts of MX",
		  "example.com TXT v=spf1 mx -all\nexample.com MX 1 a.example.net\nexample.com MX 1 b.example.net\n"
		  "example.com MX 1 c.example.net",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "3rd void lookup at mx: nothing found at c.example.net",
		  "4.6.4", 1, 3 },
		{ "void: hosts of MX behind a match",
		  "example.com TXT v=spf1 mx -all\nexample.com MX 1 a.example.net\nexample.com MX 1 b.example.net\n"
		  "example.com MX 1 c.example.net\nexample.com MX 1 d.example.net\nb.example.net A 192.0.2.9",
		  "192.0.2.9", "a@example.com", AUTH_PASS, "matches mx", "4.6.2", 1, 1 },
		{ "void: of an IPv6 client", "example.com TXT v=spf1 a a a -all\nexample.com A 192.0.2.1",
		  "2001:db8::1", "a@example.com", AUTH_PERMERROR, "3rd void lookup at a: nothing found at example.com",
		  "4.6.4", 3, 3 },
		{ "void: ptr, each time", "example.com TXT v=spf1 ptr ptr ptr -all", "192.0.2.9", "a@example.com",
		  AUTH_PERMERROR, "3rd void lookup at ptr: nothing found at 9.2.0.192.in-addr.arpa", "4.6.4", 3, 3 },
		{ "void: hosts of PTR, each time",
		  "example.com TXT v=spf1 ptr ptr:example.net ptr -all\n9.2.0.192.in-addr.arpa PTR a.example",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "3rd void lookup at ptr: nothing found at a.example",
		  "4.6.4", 3, 3 },
		{ "void: macro p", "example.com TXT v=spf1 exists:%{p}.x.example exists:%{p}.x.example -all",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR,
		  "3rd void lookup at exists:%{p}.x.example: nothing found at 9.2.0.192.in-addr.arpa", "4.6.4", 2, 3 },
		{ "void: not where a name cannot be",
		  "example.com TXT v=spf1 a:x..example a:y..example a:z..example -all", "192.0.2.9", "a@example.com",
		  AUTH_FAIL, "nothing before -all matches 192.0.2.9", "5.1", 3, 0 },
		{ "void: not the explanation", "example.com TXT v=spf1 a:x.example a:y.example -all exp=z.example",
		  "192.0.2.9", "a@example.com", AUTH_FAIL, "nothing before -all matches 192.0.2.9", "5.1", 2, 2 },
		{ "null MX is no host", "example.com TXT v=spf1 mx mx mx -all\nexample.com MX 0 .", "192.0.2.9",
		  "a@example.com", AUTH_FAIL, "nothing before -all matches 192.0.2.9", "5.1", 3, 0 },
		{ "11 MX",
		  "example.com TXT v=spf1 mx -all\na.example A 192.0.2.9\nexample.com MX 1 a.example\n"
		  "example.com MX 1 b.example\nexample.com MX 1 c.example\nexample.com MX 1 d.example\n"
		  "example.com MX 1 e.example\nexample.com MX 1 f.example\nexample.com MX 1 g.example\n"
		  "example.com MX 1 h.example\nexample.com MX 1 i.example\nexample.com MX 1 j.example\n"
		  "example.com MX 1 k.example",
		  "192.0.2.9", "a@example.com", AUTH_PERMERROR, "mx has 11 MX records, more than 10", "4.6.4", 1, 0 },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void only_ten_names_of_the_client_count(void **state)
{
	_cleanup_(buf_fini) struct buf zone = BUF_INIT(4000);
	struct spf_evaluation e;
	size_t questions;
	buf_add_str(&zone, "example.com TXT v=spf1 ptr ptr ?all\n");
	for (int i = 0; i < 10; i++)
		buf_addf(&zone, "9.2.0.192.in-addr.arpa PTR h%d.example.net\nh%d.example.net A 192.0.2.9\n", i, i);
	buf_add_str(&zone, "9.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.9\n");
	evaluate(buf_str(&zone), "192.0.2.9", "a@example.com", "h", &e, &questions);
	assert_int_equal(e.result, AUTH_NEUTRAL);
	assert_int_equal(questions, 1 + 1 + 10); /* TXT, PTR, addresses; once for both terms */
	spf_evaluation_fini(&e);
}

static void errors_at_names_of_the_client_are_skipped(void **state)
{
	static const struct row rows[] = {
		{ "PTR", "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa FAILED", "192.0.2.9", "a@example.com",
		  AUTH_FAIL, "nothing before -all matches 192.0.2.9", "5.1", 1, 0 },
		{ "addresses",
		  "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR x.example.com\nx.example.com FAILED\n"
		  "9.2.0.192.in-addr.arpa PTR y.example.com\ny.example.com A 192.0.2.9",
		  "192.0.2.9", "a@example.com", AUTH_PASS, "matches ptr", "4.6.2", 1, 0 },
		{ "no substring",
		  "example.com TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR badexample.com\n"
		  "badexample.com A 192.0.2.9",
		  "192.0.2.9", "a@example.com", AUTH_FAIL, "nothing before -all matches 192.0.2.9", "5.1", 1, 0 },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void the_identity_is_the_right_one(void **state)
{
	static const char zone[] = "example.com TXT v=spf1 ip4:192.0.2.9 -all\nexample.com.x TXT v=spf1 +all\n"
				   "xn--mller-kva.example TXT v=spf1 exists:%{o}.%{d}.y.example -all\n"
				   "xn--mller-kva.example.xn--mller-kva.example.y.example A 127.0.0.2\n";
	static const struct {
		const char *mail_from, *helo;
		enum spf_identity identity;
		enum auth_result result;
		const char *domain, *sender;
	} rows[] = {
		{ "a@example.com", "x.example", SPF_MAILFROM, AUTH_PASS, "example.com", "a@example.com" },
		{ "a@EXAMPLE.com.", "x.example", SPF_MAILFROM, AUTH_PASS, "example.com", "a@EXAMPLE.com" },
		{ "@example.com", "x.example", SPF_MAILFROM, AUTH_PASS, "example.com", "postmaster@example.com" },
		{ "example.com", "x.example", SPF_MAILFROM, AUTH_PASS, "example.com", "postmaster@example.com" },
		{ "\"a@b\"@example.com", "x.example", SPF_MAILFROM, AUTH_PASS, "example.com", "\"a@b\"@example.com" },
		{ "", "example.com", SPF_HELO, AUTH_PASS, "example.com", "postmaster@example.com" },
		{ "", "Example.Com.", SPF_HELO, AUTH_PASS, "example.com", "postmaster@Example.Com" },
		{ "", "[192.0.2.9]", SPF_HELO, AUTH_NONE, "[192.0.2.9]", "postmaster@[192.0.2.9]" },
		{ "", "[IPv6:2001:db8::1]", SPF_HELO, AUTH_NONE, "[ipv6:2001:db8::1]",
		  "postmaster@[IPv6:2001:db8::1]" },
		{ "", "localhost", SPF_HELO, AUTH_NONE, "localhost", "postmaster@localhost" },
		{ "", "", SPF_HELO, AUTH_NONE, "", "postmaster@" },
		{ "", ".", SPF_HELO, AUTH_NONE, "", "postmaster@" },
		{ "a@", "example.com", SPF_MAILFROM, AUTH_NONE, "", "a@" },
		{ "a@b..example", "example.com", SPF_MAILFROM, AUTH_NONE, "b..example", "a@b..example" },
		{ "a@b\x01.c..d", "example.com", SPF_MAILFROM, AUTH_NONE, "b\\x01.c..d", "a@b\x01.c..d" },
		{ "a@m\xc3\xbcller.example", "x.example", SPF_MAILFROM, AUTH_PASS, "xn--mller-kva.example",
		  "a@xn--mller-kva.example" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spf_evaluation e;
		char label[100];
		snprintf(label, sizeof(label), "<%s> %s", rows[i].mail_from, rows[i].helo);
		evaluate(zone, "192.0.2.9", rows[i].mail_from, rows[i].helo, &e, NULL);
		ROW_ASSERT(label, e.identity == rows[i].identity);
		ROW_ASSERT_STRING(label, auth_result_name(e.result), auth_result_name(rows[i].result));
		ROW_ASSERT_STRING(label, e.domain, rows[i].domain);
		ROW_ASSERT_STRING(label, e.mail_from, rows[i].sender);
		ROW_ASSERT_STRING(label, e.helo, rows[i].helo);
		ROW_ASSERT(label, e.reason[0] != '\0' && e.section);
		spf_evaluation_fini(&e);
	}
}

/* RFC 8616 section 4. */
static void a_local_part_beyond_ascii_matches_nothing(void **state)
{
	static const struct row rows[] = {
		{ "exists", "example.com TXT v=spf1 exists:%{l}.example.net -exists:%{d}\nexample.com A 192.0.2.1",
		  "192.0.2.9", "\xc3\xbc@example.com", AUTH_FAIL, "matches -exists:%{d}", "4.6.2", 2, 0 },
		{ "include", "example.com TXT v=spf1 include:%{s1r@}.example.net ?all", "192.0.2.9",
		  "\xc3\xbc@example.com", AUTH_PERMERROR,
		  "syntax error in the record of example.com, include:%{s1r@}.example.net at octet 20: a macro without "
		  "its "
		  "closing brace",
		  "7.1", 0, 0 },
		{ "include of l", "example.com TXT v=spf1 include:%{l}.example.net ?all", "192.0.2.9",
		  "\xc3\xbc@example.com", AUTH_NEUTRAL, "nothing before ?all matches 192.0.2.9", "5.1", 1, 0 },
		{ "redirect", "example.com TXT v=spf1 redirect=%{l}.example.net", "192.0.2.9", "\xc3\xbc@example.com",
		  AUTH_PERMERROR, "redirect=%{l}.example.net: the DNS cannot have a record at such a domain", "6.1", 1,
		  0 },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void explanations_are_text_of_the_sender_or_nothing(void **state)
{
	static const struct {
		const char *label, *zone, *explanation;
	} rows[] = {
		{ "macros",
		  "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{i} is not one of %{d}'s %{t} %{r}",
		  "192.0.2.9 is not one of example.com's 1700000000 unknown" },
		{ "two records",
		  "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT a\nwhy.example.com TXT b", NULL },
		{ "none", "example.com TXT v=spf1 -all exp=why.%{d}", NULL },
		{ "timeout", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com FAILED", NULL },
		{ "missed", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com MISSED", NULL },
		{ "syntax", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT 100% sure", NULL },
		{ "beyond ASCII", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT \xc3\xa4", NULL },
		{ "control", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT a\tb", NULL },
		{ "such a local part", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{l}", "a" },
		{ "no name of the client", "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{p}",
		  "unknown" },
		{ "name of the client is missed",
		  "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{p}\n9.2.0.192.in-addr.arpa MISSED",
		  NULL },
		{ "name of the client",
		  "example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{P}\n"
		  "9.2.0.192.in-addr.arpa PTR x.example\n9.2.0.192.in-addr.arpa PTR A.Example.com\n"
		  "x.example A 192.0.2.9\na.example.com A 192.0.2.9",
		  "a.example.com" },
		{ "of the name that cannot be", "example.com TXT v=spf1 -all exp=why..%{d}", NULL },
		{ "not of a softfail", "example.com TXT v=spf1 ~all exp=why.%{d}\nwhy.example.com TXT x", NULL },
		{ "a fail by a mechanism",
		  "example.com TXT v=spf1 exp=why.%{d} -include:a.example\na.example TXT v=spf1 +all exp=no.example\n"
		  "no.example TXT no\nwhy.example.com TXT yes",
		  "yes" },
		{ "of the record that is redirected to",
		  "example.com TXT v=spf1 exp=why.%{d} redirect=a.example\na.example TXT v=spf1 -all exp=yes.%{d}\n"
		  "yes.a.example TXT %{d} for %{o}\nwhy.example.com TXT no",
		  "a.example for example.com" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spf_evaluation e;
		evaluate(rows[i].zone, "192.0.2.9", "a@example.com", "mail.example.org", &e, NULL);
		ROW_ASSERT(rows[i].label, (e.explanation != NULL) == (rows[i].explanation != NULL));
		if (rows[i].explanation)
			ROW_ASSERT_STRING(rows[i].label, e.explanation, rows[i].explanation);
		spf_evaluation_fini(&e);
	}
}

static void the_explanation_of_a_sender_with_controls_is_dropped(void **state)
{
	static const char *const senders[] = { "\xc3\xbc@example.com", "a\nb@example.com", "a\x7f@example.com" };
	for (size_t i = 0; i < ARRAY_LEN(senders); i++) {
		struct spf_evaluation e;
		evaluate("example.com TXT v=spf1 -all exp=why.%{d}\nwhy.example.com TXT %{l}", "192.0.2.9", senders[i],
			 "h", &e, NULL);
		assert_int_equal(e.result, AUTH_FAIL);
		assert_null(e.explanation);
		spf_evaluation_fini(&e);
	}
}

static void the_mechanism_is_one_of_the_domain(void **state)
{
	static const struct {
		const char *zone, *mechanism;
	} rows[] = {
		{ "example.com TXT v=spf1 +IP4:192.0.2.0/24 -all", "+IP4:192.0.2.0/24" },
		{ "example.com TXT v=spf1 include:a.example\na.example TXT v=spf1 include:b.example\n"
		  "b.example TXT v=spf1 all",
		  "include:a.example" },
		{ "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 include:b.example -all\n"
		  "b.example TXT v=spf1 ?all",
		  "-all" },
		{ "example.com TXT v=spf1 ip4:192.0.2.1", NULL },
		{ "example.com TXT v=spf1 include:a.example\na.example TXT v=spf1 bad", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spf_evaluation e;
		evaluate(rows[i].zone, "192.0.2.9", "a@example.com", "h", &e, NULL);
		ROW_ASSERT(rows[i].zone, (e.mechanism != NULL) == (rows[i].mechanism != NULL));
		if (e.mechanism)
			ROW_ASSERT_STRING(rows[i].zone, e.mechanism, rows[i].mechanism);
		ROW_ASSERT(rows[i].zone, e.record && strncmp(e.record, "v=spf1 ", 7) == 0);
		spf_evaluation_fini(&e);
	}
}

/* As a printer of trees would have it. */
static void print_trail(const struct trail *trail, struct buf *out)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct trail_step *s = &trail->steps[i];
		char type[DNS_TYPE_TEXT_MAX];
		buf_addf(out, "%*s%s", 2 * (int)s->depth, "", s->what);
		if (s->lookup)
			buf_addf(out, " #%u", s->lookup);
		if (s->name)
			buf_addf(out, " [%s %s]", dns_type_name(s->type, type), s->name);
		buf_addf(out, " %s%s\n", s->outcome ? s->outcome : "-", s->void_lookup ? " (void)" : "");
	}
}

static void the_trail_is_a_tree_to_print(void **state)
{
	static const char zone[] =
	    "example.com TXT v=spf1 ip4:198.51.100.1 exists:%{p}.list.example include:_spf.example.net mx "
	    "redirect=_r.example.com\n"
	    "_spf.example.net TXT v=spf1 a/24 ptr ?all\n_spf.example.net A 198.51.100.2\n"
	    "_spf.example.net A 198.51.100.3\n9.2.0.192.in-addr.arpa PTR h.example\nh.example A 192.0.2.9\n"
	    "example.com MX 1 mx.example.com\nexample.com MX 2 my.example.com\nmx.example.com A 198.51.100.4\n"
	    "_r.example.com TXT v=spf1 a:ok.example/24 -all\nok.example A 192.0.2.1\n";
	static const char expected[] = "SPF record [TXT example.com] pass\n"
				       "  ip4:198.51.100.1 does not match\n"
				       "  exists:%{p}.list.example #1 [A h.example.list.example] no such name (void)\n"
				       "    %{p} [PTR 9.2.0.192.in-addr.arpa] 1 record\n"
				       "      address of h.example [A h.example] 1 address\n"
				       "  include:_spf.example.net #2 [TXT _spf.example.net] does not match: neutral\n"
				       "    a/24 #3 [A _spf.example.net] does not match: 2 addresses\n"
				       "    ptr #4 does not match: 1 validated name\n"
				       "    ?all matches\n"
				       "  mx #5 [MX example.com] does not match\n"
				       "    address of mx.example.com [A mx.example.com] 1 address\n"
				       "    address of my.example.com [A my.example.com] no such name (void)\n"
				       "  redirect=_r.example.com #6 [TXT _r.example.com] pass\n"
				       "    a:ok.example/24 #7 [A ok.example] matches 192.0.2.1/24\n";
	_cleanup_(buf_fini) struct buf out = BUF_INIT(10000);
	struct spf_evaluation e;
	evaluate(zone, "192.0.2.9", "a@example.com", "h", &e, NULL);
	print_trail(&e.trail, &out);
	assert_string_equal(buf_str(&out), expected);
	assert_int_equal(e.lookups, 7);
	assert_int_equal(e.void_lookups, 2);
	assert_string_equal(e.reason, "matches a:ok.example/24 of _r.example.com");
	spf_evaluation_fini(&e);
}

static void a_trail_of_errors_ends_where_they_are(void **state)
{
	static const char zone[] =
	    "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 mx -all\n"
	    "a.example MX 1 b.example\na.example MX 2 c.example\nb.example FAILED\nc.example A 192.0.2.9\n";
	static const char expected[] = "SPF record [TXT example.com] temperror\n"
				       "  include:a.example #1 [TXT a.example] temperror\n"
				       "    mx #2 [MX a.example] temperror\n"
				       "      address of b.example [A b.example] timed out\n"
				       "      address of c.example [A c.example] 1 address\n";
	_cleanup_(buf_fini) struct buf out = BUF_INIT(10000);
	struct spf_evaluation e;
	evaluate(zone, "192.0.2.9", "a@example.com", "h", &e, NULL);
	print_trail(&e.trail, &out);
	assert_string_equal(buf_str(&out), expected);
	spf_evaluation_fini(&e);
}

/* 2,000 members: the limit of lookups ends it long before. */
static void a_large_include_tree_is_cheap(void **state)
{
	_cleanup_(buf_fini) struct buf zone = BUF_INIT(1 << 20);
	struct spf_evaluation e;
	size_t questions;
	buf_add_str(&zone, "example.com TXT v=spf1");
	for (int i = 0; i < 2000; i++)
		buf_addf(&zone, " include:m%d.example", i);
	buf_add_str(&zone, " -all\n");
	for (int i = 0; i < 2000; i++)
		buf_addf(&zone, "m%d.example TXT v=spf1 ip4:198.51.100.1 ?all\n", i);
	evaluate(buf_str(&zone), "192.0.2.9", "a@example.com", "h", &e, &questions);
	assert_int_equal(e.result, AUTH_PERMERROR);
	assert_string_equal(e.reason, "11th DNS lookup at include:m10.example");
	assert_int_equal(questions, 11);
	spf_evaluation_fini(&e);
}

static void a_record_of_64_kilobytes_is_cheap(void **state)
{
	_cleanup_(buf_fini) struct buf zone = BUF_INIT(1 << 20), macros = BUF_INIT(1 << 20);
	char local[1001];
	struct spf_evaluation e;
	buf_add_str(&zone, "example.com TXT v=spf1");
	while (zone.len < 65000)
		buf_add_str(&zone, " ip4:10.0.0.1");
	evaluate(buf_str(&zone), "192.0.2.9", "a@example.com", "h", &e, NULL);
	assert_int_equal(e.result, AUTH_NEUTRAL);
	assert_int_equal(e.trail.count, TRAIL_STEPS_MAX);
	assert_true(e.trail.cut);
	spf_evaluation_fini(&e);

	memset(local, 'x', sizeof(local) - 1);
	local[1000] = '\0';
	buf_add_str(&macros, "example.com TXT v=spf1 exists:");
	while (macros.len < 65000)
		buf_add_str(&macros, "%{sr.-}");
	buf_clear(&zone);
	buf_addf(&zone, "%s@example.com", local);
	evaluate(buf_str(&macros), "192.0.2.9", buf_str(&zone), "h", &e, NULL);
	assert_int_equal(e.result, AUTH_NEUTRAL);
	spf_evaluation_fini(&e);
}

static void an_endless_sender_is_none(void **state)
{
	char *sender = malloc(1 << 20);
	struct spf_evaluation e;
	assert_non_null(sender);
	memset(sender, 'x', 1 << 20);
	memcpy(sender + (1 << 20) - 13, "@example.com", 13);
	evaluate("example.com TXT v=spf1 +all", "192.0.2.9", sender, sender, &e, NULL);
	assert_int_equal(e.result, AUTH_NONE);
	assert_string_equal(e.reason, "the envelope sender is longer than any can be");
	assert_int_equal(strlen(e.helo), 1024);
	free(sender);
	spf_evaluation_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_say_their_reason),
		cmocka_unit_test(what_the_snapshot_does_not_hold_is_unknown),
		cmocka_unit_test(limits_are_those_of_the_rfc),
		cmocka_unit_test(only_ten_names_of_the_client_count),
		cmocka_unit_test(errors_at_names_of_the_client_are_skipped),
		cmocka_unit_test(the_identity_is_the_right_one),
		cmocka_unit_test(a_local_part_beyond_ascii_matches_nothing),
		cmocka_unit_test(explanations_are_text_of_the_sender_or_nothing),
		cmocka_unit_test(the_explanation_of_a_sender_with_controls_is_dropped),
		cmocka_unit_test(the_mechanism_is_one_of_the_domain),
		cmocka_unit_test(the_trail_is_a_tree_to_print),
		cmocka_unit_test(a_trail_of_errors_ends_where_they_are),
		cmocka_unit_test(a_large_include_tree_is_cheap),
		cmocka_unit_test(a_record_of_64_kilobytes_is_cheap),
		cmocka_unit_test(an_endless_sender_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
