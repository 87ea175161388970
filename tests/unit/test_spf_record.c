/* The syntax of SPF records. */
#include "tests/unit/unit.h"

#include "harness/auth/spf_record.h"
#include "harness/base/buf.h"

static void records_begin_with_their_version(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "v=spf1", true },        { "V=SPF1 -all", true }, { "v=spf1 ", true },          { "v=spf10", false },
		{ "v=spf1\t-all", false }, { " v=spf1", false },    { "v=spf2.0/pra", false },    { "", false },
		{ "v=spf", false },        { "v=spf1-all", false }, { "\"v=spf1 -all\"", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].text, spf_record_is(span_of(rows[i].text)) == rows[i].is);
}

static void terms_are_read(void **state)
{
	static const struct {
		const char *text;
		enum spf_term_kind kind;
		enum auth_result qualifier;
		const char *domain;
		unsigned bits4, bits6;
	} rows[] = {
		{ "all", SPF_ALL, AUTH_PASS, "", 32, 128 },
		{ "-ALL", SPF_ALL, AUTH_FAIL, "", 32, 128 },
		{ "~all", SPF_ALL, AUTH_SOFTFAIL, "", 32, 128 },
		{ "?all", SPF_ALL, AUTH_NEUTRAL, "", 32, 128 },
		{ "+include:_spf.example.net", SPF_INCLUDE, AUTH_PASS, "_spf.example.net", 32, 128 },
		{ "a", SPF_A, AUTH_PASS, "", 32, 128 },
		{ "a/24", SPF_A, AUTH_PASS, "", 24, 128 },
		{ "a//64", SPF_A, AUTH_PASS, "", 32, 64 },
		{ "A/0//0", SPF_A, AUTH_PASS, "", 0, 0 },
		{ "a:x.example/24//64", SPF_A, AUTH_PASS, "x.example", 24, 64 },
		{ "a:x/24.example", SPF_A, AUTH_PASS, "x/24.example", 32, 128 },
		{ "a:%{d}/9", SPF_A, AUTH_PASS, "%{d}", 9, 128 },
		{ "a:%{d2/}", SPF_A, AUTH_PASS, "%{d2/}", 32, 128 },
		{ "mx:m.example.//7", SPF_MX, AUTH_PASS, "m.example.", 32, 7 },
		{ "ptr:%{d2}", SPF_PTR, AUTH_PASS, "%{d2}", 32, 128 },
		{ "ip4:192.0.2.0/24", SPF_IP4, AUTH_PASS, "", 24, 128 },
		{ "ip6:2001:db8::/32", SPF_IP6, AUTH_PASS, "", 32, 32 },
		{ "ip6:::ffff:192.0.2.1", SPF_IP6, AUTH_PASS, "", 32, 128 },
		{ "exists:%{ir}.x.example", SPF_EXISTS, AUTH_PASS, "%{ir}.x.example", 32, 128 },
		{ "exists:a..b.example", SPF_EXISTS, AUTH_PASS, "a..b.example", 32, 128 },
		{ "exists:x.a-1", SPF_EXISTS, AUTH_PASS, "x.a-1", 32, 128 },
		{ "exists:x.1-2", SPF_EXISTS, AUTH_PASS, "x.1-2", 32, 128 },
		{ "exists:x%%", SPF_EXISTS, AUTH_PASS, "x%%", 32, 128 },
		{ "Redirect=_spf.example.com", SPF_REDIRECT, AUTH_PASS, "_spf.example.com", 32, 128 },
		{ "exp=why.%{d}", SPF_EXP, AUTH_PASS, "why.%{d}", 32, 128 },
		{ "moo.cow-far_out=man:dog/cat", SPF_UNKNOWN_MODIFIER, AUTH_PASS, "man:dog/cat", 32, 128 },
		{ "ip4=192.0.2.1", SPF_UNKNOWN_MODIFIER, AUTH_PASS, "192.0.2.1", 32, 128 },
		{ "default=", SPF_UNKNOWN_MODIFIER, AUTH_PASS, "", 32, 128 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char record[200];
		struct spf_term t;
		struct spf_fault fault;
		snprintf(record, sizeof(record), "v=spf1  %s ", rows[i].text);
		struct spf_reader reader = spf_reader_start(span_of(record));
		ROW_ASSERT(rows[i].text, spf_reader_next(&reader, &t, &fault) == 1);
		ROW_ASSERT(rows[i].text, t.kind == rows[i].kind && t.qualifier == rows[i].qualifier);
		ROW_ASSERT(rows[i].text, span_is(t.text, rows[i].text) && span_is(t.domain, rows[i].domain));
		ROW_ASSERT(rows[i].text, t.bits4 == rows[i].bits4 && t.bits6 == rows[i].bits6);
		ROW_ASSERT(rows[i].text, spf_reader_next(&reader, &t, &fault) == 0);
	}
}

static void an_ip6_network_is_never_ipv4(void **state)
{
	struct spf_term t;
	struct spf_fault fault;
	char text[IP_TEXT_MAX];
	struct spf_reader reader = spf_reader_start(SPAN_LIT("v=spf1 ip6:::FFFF:192.0.2.1/96 ip4:192.0.2.1"));
	assert_int_equal(spf_reader_next(&reader, &t, &fault), 1);
	assert_true(t.network.v6);
	assert_string_equal(ip_format(&t.network, text), "::ffff:192.0.2.1");
	assert_int_equal(spf_reader_next(&reader, &t, &fault), 1);
	assert_false(t.network.v6);
}

static void faults_are_named_and_found(void **state)
{
	static const struct {
		const char *text;
		size_t offset; /* in the term */
		const char *what;
		const char *section; /* the number only */
	} rows[] = {
		{ "moo", 0, "an unknown mechanism", "4.6.1" },
		{ "-", 1, "an unknown mechanism", "4.6.1" },
		{ "--all", 1, "an unknown mechanism", "4.6.1" },
		{ "-all.", 1, "an unknown mechanism", "4.6.1" },
		{ "redirect:x.example", 0, "an unknown mechanism", "4.6.1" },
		{ "?redirect=x.example", 1, "an unknown mechanism", "4.6.1" },
		{ "1up=foo", 0, "an unknown mechanism", "4.6.1" },
		{ "=all", 0, "an unknown mechanism", "4.6.1" },
		{ "moo/x=y", 0, "an unknown mechanism", "4.6.1" },
		{ "a\tmx", 0, "an unknown mechanism", "4.6.1" },
		{ "\xe2\x80\x93"
		  "all",
		  0, "an unknown mechanism", "4.6.1" },
		{ "all:x.example", 3, "something that this mechanism does not take", "5.1" },
		{ "all/8", 3, "something that this mechanism does not take", "5.1" },
		{ "ptr/0", 3, "something that this mechanism does not take", "5.5" },
		{ "a/24/16", 1, "something that this mechanism does not take", "5.3" },
		{ "a/24/64", 5, "a prefix length above 32", "5.3" },
		{ "include", 7, "a domain is missing", "5.2" },
		{ "exists", 6, "a domain is missing", "5.7" },
		{ "include:", 8, "an empty domain", "7.1" },
		{ "a:/24", 2, "an empty domain", "7.1" },
		{ "redirect=", 9, "an empty domain", "7.1" },
		{ "exp=-all", 4, "a domain of one label", "7.1" },
		{ "a:museum.", 2, "a domain of one label", "7.1" },
		{ "a:192.0.2.1", 10, "a domain that does not end in a top-level label", "7.1" },
		{ "a:x.-com", 4, "a domain that does not end in a top-level label", "7.1" },
		{ "a:x.com-", 4, "a domain that does not end in a top-level label", "7.1" },
		{ "a:x.example..", 12, "a domain that does not end in a top-level label", "7.1" },
		{ "a:x.com:8080", 4, "a domain that does not end in a top-level label", "7.1" },
		{ "include:x.example/24", 10, "a domain that does not end in a top-level label", "7.1" },
		{ "a:%{d}com", 6, "a domain that does not end in a top-level label", "7.1" },
		{ "a:x.\xc3\xa4.example", 4, "an octet that is not visible US-ASCII", "7.1" },
		{ "exists:%(ir).x.example", 7, "a `%` that begins no macro", "7.1" },
		{ "redirect=%{r}.example", 11, "a macro letter that only explanations may have", "7.1" },
		{ "foo=%abc", 4, "a `%` that begins no macro", "7.1" },
		{ "mx/33", 3, "a prefix length above 32", "5.4" },
		{ "mx//129", 4, "a prefix length above 128", "5.4" },
		{ "mx/024", 3, "a prefix length that is no number", "5.4" },
		{ "ip4", 3, "a network is missing", "5.6" },
		{ "ip4:", 4, "no IPv4 address", "5.6" },
		{ "ip4:192.0.2", 4, "no IPv4 address", "5.6" },
		{ "ip4:192.0.2.256", 4, "no IPv4 address", "5.6" },
		{ "ip4:192.0.02.1", 4, "no IPv4 address", "5.6" },
		{ "ip4:2001:db8::1", 4, "no IPv4 address", "5.6" },
		{ "ip4:192.0.2.1:25", 4, "no IPv4 address", "5.6" },
		{ "ip4:192.0.2.1/", 14, "a prefix length that is no number", "5.6" },
		{ "ip4:192.0.2.1//32", 14, "a prefix length that is no number", "5.6" },
		{ "ip4:192.0.2.1/33", 14, "a prefix length above 32", "5.6" },
		{ "ip4:192.0.2.1/+8", 14, "a prefix length that is no number", "5.6" },
		{ "ip4:192.0.2.1/99999999999999999999", 14, "a prefix length that is no number", "5.6" },
		{ "ip6:192.0.2.1", 4, "no IPv6 address", "5.6" },
		{ "ip6:2001:db8:::1", 4, "no IPv6 address", "5.6" },
		{ "ip6:fe80::1%eth0", 4, "no IPv6 address", "5.6" },
		{ "ip6:2001:db8::/129", 15, "a prefix length above 128", "5.6" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char record[200], section[40];
		struct spf_term t;
		struct spf_fault fault;
		snprintf(record, sizeof(record), "v=spf1 mx %s -all", rows[i].text);
		struct spf_reader reader = spf_reader_start(span_of(record));
		ROW_ASSERT(rows[i].text, spf_reader_next(&reader, &t, &fault) == 1);
		ROW_ASSERT(rows[i].text, spf_reader_next(&reader, &t, &fault) == -1);
		ROW_ASSERT_STRING(rows[i].text, fault.what, rows[i].what);
		ROW_ASSERT(rows[i].text, fault.offset == strlen("v=spf1 mx ") + rows[i].offset);
		ROW_ASSERT(rows[i].text, span_is(fault.term, rows[i].text));
		snprintf(section, sizeof(section), "RFC 7208 section %s", rows[i].section);
		ROW_ASSERT_STRING(rows[i].text, fault.section, section);
		/* Reading goes on behind it. */
		ROW_ASSERT(rows[i].text, spf_reader_next(&reader, &t, &fault) == 1 && t.kind == SPF_ALL);
	}
}

static void redirect_and_exp_stand_once(void **state)
{
	static const char *const rows[] = { "redirect=a.example REDIRECT=b.example",
					    "exp=a.example x=y exp=a.example" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char record[200];
		struct spf_term t;
		struct spf_fault fault;
		int found;
		snprintf(record, sizeof(record), "v=spf1 %s", rows[i]);
		struct spf_reader reader = spf_reader_start(span_of(record));
		while ((found = spf_reader_next(&reader, &t, &fault)) > 0)
			continue;
		ROW_ASSERT(rows[i], found == -1);
		ROW_ASSERT_STRING(rows[i], fault.what, "a modifier that stands there already");
	}
}

static void only_spaces_part_terms(void **state)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(1000);
	struct spf_term t;
	struct spf_fault fault;
	size_t terms = 0;
	buf_add_str(&record, "v=spf1   a      mx   ");
	buf_add(&record, "ptr\0 ", 5);
	buf_add_str(&record, "-all");
	struct spf_reader reader = spf_reader_start(buf_span(&record));
	assert_int_equal(spf_reader_next(&reader, &t, &fault), 1);
	assert_int_equal(spf_reader_next(&reader, &t, &fault), 1);
	assert_int_equal(spf_reader_next(&reader, &t, &fault), -1);
	for (reader = spf_reader_start(SPAN_LIT("v=spf1    ")); spf_reader_next(&reader, &t, &fault) != 0;)
		terms++;
	assert_int_equal(terms, 0);
}

static void lookups_are_those_of_the_rfc(void **state)
{
	unsigned mask = 0;
	for (enum spf_term_kind k = SPF_ALL; k <= SPF_UNKNOWN_MODIFIER; k++)
		mask |= (unsigned)spf_term_costs_lookup(k) << k;
	assert_int_equal(mask, 1u << SPF_INCLUDE | 1u << SPF_A | 1u << SPF_MX | 1u << SPF_PTR | 1u << SPF_EXISTS |
				   1u << SPF_REDIRECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_begin_with_their_version), cmocka_unit_test(terms_are_read),
		cmocka_unit_test(an_ip6_network_is_never_ipv4),     cmocka_unit_test(faults_are_named_and_found),
		cmocka_unit_test(redirect_and_exp_stand_once),      cmocka_unit_test(only_spaces_part_terms),
		cmocka_unit_test(lookups_are_those_of_the_rfc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
