/* Whom an SPF record lets send. */
#include "tests/unit/unit.h"

#include "harness/auth/spf_allowed.h"
#include "harness/base/buf.h"
#include "tests/unit/fake_dns.h"

/* `TERM?: NETWORK NETWORK; TERM: ...` with `?` where there may be more. */
static void describe(const struct spf_allowed *a, struct buf *out)
{
	char ip[IP_TEXT_MAX];
	for (size_t t = 0; t < a->term_count; t++) {
		buf_addf(out, "%s%s%s:", t ? "; " : "", a->terms[t].text, a->terms[t].incomplete ? "?" : "");
		for (size_t i = 0; i < a->network_count; i++)
			if (a->networks[i].term == t)
				buf_addf(out, " %s/%u", ip_format(&a->networks[i].ip, ip), a->networks[i].bits);
	}
}

static void terms_lead_to_their_networks(void **state)
{
	static const struct {
		const char *label, *lines, *expected;
	} rows[] = {
		{ "addresses", "d.test TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
		  "ip4:192.0.2.0/24: 192.0.2.0/24; ip6:2001:db8::/32: 2001:db8::/32; -all:" },
		{ "include in include",
		  "d.test TXT v=spf1 include:a.test ~all\na.test TXT v=spf1 include:b.test ip4:192.0.2.1 -all\n"
		  "b.test TXT v=spf1 ip4:192.0.2.2 -ip4:192.0.2.3 -all",
		  "include:a.test: 192.0.2.1/32 192.0.2.2/32; ~all:" },
		{ "a and mx with prefix",
		  "d.test TXT v=spf1 a/28 mx:m.test\nd.test A 192.0.2.16\nd.test AAAA 2001:db8::1\n"
		  "m.test MX 10 x.test\nx.test A 192.0.2.9",
		  "a/28: 192.0.2.16/28 2001:db8::1/128; mx:m.test: 192.0.2.9/32" },
		{ "redirect", "d.test TXT v=spf1 redirect=r.test\nr.test TXT v=spf1 ip4:192.0.2.7 -all",
		  "redirect=r.test: 192.0.2.7/32" },
		{ "loop ends", "d.test TXT v=spf1 include:a.test -all\na.test TXT v=spf1 ip4:192.0.2.1 include:d.test",
		  "include:a.test: 192.0.2.1/32; -all:" },
		{ "qualifiers let nobody in", "d.test TXT v=spf1 ~ip4:192.0.2.1 ?include:a.test -all",
		  "~ip4:192.0.2.1:; ?include:a.test:; -all:" },
		{ "depends on the message", "d.test TXT v=spf1 exists:%{i}.x.test ptr include:%{l}.test -all",
		  "exists:%{i}.x.test?:; ptr?:; include:%{l}.test?:; -all:" },
		{ "macro of the domain", "d.test TXT v=spf1 include:_s.%{d} -all\n_s.d.test TXT v=spf1 ip4:192.0.2.5",
		  "include:_s.%{d}: 192.0.2.5/32; -all:" },
		{ "no answer",
		  "d.test TXT v=spf1 include:a.test a:b.test mx:c.test ip4:192.0.2.1 -all\na.test FAILED\n"
		  "b.test FAILED\nc.test MISSED",
		  "include:a.test?:; a:b.test?:; mx:c.test?:; ip4:192.0.2.1: 192.0.2.1/32; -all:" },
		{ "broken terms are passed over", "d.test TXT v=spf1 ip4:192.0.2.300 ip4:192.0.2.1 -all",
		  "ip4:192.0.2.1: 192.0.2.1/32; -all:" },
		{ "two records are none", "d.test TXT v=spf1 -all\nd.test TXT v=spf1 +all", "" },
		{ "no record", "d.test TXT hello", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct spf_allowed allowed;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(10000);
		struct fake_dns *dns = fake_dns_new();
		fake_dns_add_lines(dns, rows[i].lines);
		ROW_ASSERT(rows[i].label, spf_allowed_read("d.test", &dns->base, &allowed, &err) == 0);
		describe(&allowed, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
		ROW_ASSERT(rows[i].label, allowed.found == (rows[i].expected[0] != 0));
		spf_allowed_fini(&allowed);
		resolver_free(&dns->base);
	}
}

static void a_wide_tree_is_cut(void **state)
{
	struct error err = ERROR_INIT;
	struct spf_allowed allowed;
	struct fake_dns *dns = fake_dns_new();
	_cleanup_(buf_fini) struct buf record = BUF_INIT(65535);
	char line[200];
	buf_add_str(&record, "v=spf1 include:i0.test");
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "i%d.test TXT v=spf1 ip4:192.0.2.%d include:i%d.test include:j%d.test", i,
			 i, i + 1, i);
		fake_dns_add_lines(dns, line);
	}
	const struct span strings[] = { buf_span(&record) };
	fake_dns_add_txt(dns, span_of("d.test"), strings, 1);
	assert_int_equal(spf_allowed_read("d.test", &dns->base, &allowed, &err), 0);
	assert_true(spf_allowed_incomplete(&allowed));
	assert_true(allowed.network_count > 5 && allowed.network_count < 64);
	assert_true(dns->questions <= SPF_ALLOWED_RECORDS_MAX);
	spf_allowed_fini(&allowed);
	resolver_free(&dns->base);
}

static void terms_beyond_the_limit_leave_it_open(void **state)
{
	static const struct {
		const char *label;
		int terms;
		bool incomplete;
	} rows[] = { { "as many as are read", SPF_ALLOWED_TERMS_MAX, false },
		     { "one more", SPF_ALLOWED_TERMS_MAX + 1, true } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct spf_allowed allowed;
		struct fake_dns *dns = fake_dns_new();
		_cleanup_(buf_fini) struct buf record = BUF_INIT(65535);
		buf_add_str(&record, "v=spf1");
		for (int k = 0; k < rows[i].terms; k++)
			buf_addf(&record, " ip4:10.0.%d.%d", k / 256, k % 256);
		const struct span strings[] = { buf_span(&record) };
		fake_dns_add_txt(dns, span_of("d.test"), strings, 1);
		assert_int_equal(spf_allowed_read("d.test", &dns->base, &allowed, &err), 0);
		ROW_ASSERT(rows[i].label, spf_allowed_incomplete(&allowed) == rows[i].incomplete);
		spf_allowed_fini(&allowed);
		resolver_free(&dns->base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_lead_to_their_networks),
		cmocka_unit_test(a_wide_tree_is_cut),
		cmocka_unit_test(terms_beyond_the_limit_leave_it_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
