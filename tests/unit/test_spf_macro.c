/* Macro strings of SPF. */
#include "tests/unit/unit.h"

#include "harness/auth/spf_macro.h"

static struct spf_macro_values values_of(const char *client)
{
	struct spf_macro_values v = {
		.local_part = SPAN_LIT("strong-bad"),
		.sender_domain = SPAN_LIT("email.example.com"),
		.domain = SPAN_LIT("email.example.com"),
		.helo = SPAN_LIT("mx.example.org"),
		.validated = SPAN_LIT("unknown"),
		.receiver = SPAN_LIT("receiver.example"),
		.now_ms = 1700000000999,
	};
	assert_true(ip_parse(span_of(client), &v.client));
	return v;
}

static void strings_expand(void **state)
{
	static const struct {
		const char *text, *expansion;
	} rows[] = {
		/* RFC 7208 section 7.4 */
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net" },
		/* and what it has no example of */
		{ "", "" },
		{ "a%%b%_c%-d", "a%b c%20d" },
		{ "%{h} %{p} %{v}", "mx.example.org unknown in-addr" },
		{ "%{c} %{r} %{t}", "192.0.2.3 receiver.example 1700000000" },
		{ "%{S}", "strong-bad%40email.example.com" },
		{ "%{L}", "strong-bad" },
		{ "%{D2R}", "example.email" },
		{ "%{d99999999999999999999999999}", "email.example.com" },
		{ "%{d127r}", "com.example.email" },
		{ "%{s-@}", NULL },
		{ "%{s-.}", "strong.bad@email.example.com" },
		{ "%{s1-.}", "com" },
		{ "%{dr,}", "email.example.com" },
		{ "%{d2,.}", "example.com" },
	};
	const struct spf_macro_values values = values_of("192.0.2.3");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
		struct span rest = span_of(rows[i].text);
		struct spf_macro macro;
		const char *what;
		int found;
		while ((found = spf_macro_next(&rest, SPF_MACRO_EXPLANATION, &macro, &what)) > 0)
			continue;
		ROW_ASSERT(rows[i].text, (found == 0) == (rows[i].expansion != NULL));
		if (!rows[i].expansion)
			continue;
		ROW_ASSERT(rows[i].text,
			   spf_macro_expand(span_of(rows[i].text), SPF_MACRO_EXPLANATION, &values, &out) == 0);
		ROW_ASSERT_STRING(rows[i].text, buf_str(&out), rows[i].expansion);
	}
}

static void ipv6_is_dotted_by_nibbles(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
	const struct spf_macro_values values = values_of("2001:db8::cb01");
	assert_int_equal(spf_macro_expand(SPAN_LIT("%{ir}.%{v} %{c} %{i3}"), SPF_MACRO_EXPLANATION, &values, &out), 0);
	assert_string_equal(buf_str(&out), "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6 "
					   "2001:db8::cb01 B.0.1");
}

static void empty_parts_are_kept(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
	struct spf_macro_values values = values_of("192.0.2.3");
	values.local_part = SPAN_LIT("-a--b-");
	assert_int_equal(spf_macro_expand(SPAN_LIT("%{lr-}|%{l2-}|%{l-}"), SPF_MACRO_TERM, &values, &out), 0);
	assert_string_equal(buf_str(&out), ".b..a.|b.|.a..b.");
	buf_clear(&out);
	values.local_part = SPAN_LIT("");
	assert_int_equal(spf_macro_expand(SPAN_LIT("<%{l}%{l2r-}>"), SPF_MACRO_TERM, &values, &out), 0);
	assert_string_equal(buf_str(&out), "<>");
}

static void url_escape_covers_all_but_unreserved(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1000);
	struct spf_macro_values values = values_of("192.0.2.3");
	values.local_part = SPAN_LIT("~a_b-c\x80 %/\"");
	assert_int_equal(spf_macro_expand(SPAN_LIT("%{L}"), SPF_MACRO_TERM, &values, &out), 0);
	assert_string_equal(buf_str(&out), "~a_b-c%80%20%25%2F%22");
}

static void faults_are_found_where_they_are(void **state)
{
	static const struct {
		const char *text;
		enum spf_macro_place place;
		size_t offset;
		const char *what;
	} rows[] = {
		{ "ab%", SPF_MACRO_TERM, 2, "a `%` that begins no macro" },
		{ "ab%c", SPF_MACRO_TERM, 2, "a `%` that begins no macro" },
		{ "%(d)", SPF_MACRO_TERM, 0, "a `%` that begins no macro" },
		{ "a%{", SPF_MACRO_TERM, 3, "unknown macro letter" },
		{ "a%{x}", SPF_MACRO_TERM, 3, "unknown macro letter" },
		{ "%{}", SPF_MACRO_TERM, 2, "unknown macro letter" },
		{ "%{c}", SPF_MACRO_TERM, 2, "a macro letter that only explanations may have" },
		{ "%{R}", SPF_MACRO_TERM, 2, "a macro letter that only explanations may have" },
		{ "%{t}", SPF_MACRO_TERM, 2, "a macro letter that only explanations may have" },
		{ "%{d0}", SPF_MACRO_TERM, 3, "a macro with 0 parts" },
		{ "%{d00r}", SPF_MACRO_TERM, 3, "a macro with 0 parts" },
		{ "%{d1", SPF_MACRO_TERM, 4, "a macro without its closing brace" },
		{ "%{dr2}", SPF_MACRO_TERM, 4, "a macro without its closing brace" },
		{ "%{d.r}", SPF_MACRO_TERM, 4, "a macro without its closing brace" },
		{ "%{d*}", SPF_MACRO_TERM, 3, "a macro without its closing brace" },
		{ "a b", SPF_MACRO_TERM, 1, "an octet that is not visible US-ASCII" },
		{ "a\tb", SPF_MACRO_EXPLANATION, 1, "an octet that is not visible US-ASCII" },
		{ "a\x7f", SPF_MACRO_EXPLANATION, 1, "an octet that is not visible US-ASCII" },
		{ "a\xc3\xa4", SPF_MACRO_EXPLANATION, 1, "an octet that is not visible US-ASCII" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span rest = span_of(rows[i].text);
		struct spf_macro macro;
		const char *what = NULL;
		int found;
		while ((found = spf_macro_next(&rest, rows[i].place, &macro, &what)) > 0)
			continue;
		ROW_ASSERT(rows[i].text, found == -1);
		ROW_ASSERT_STRING(rows[i].text, what, rows[i].what);
		ROW_ASSERT(rows[i].text, (size_t)(rest.p - rows[i].text) == rows[i].offset);
	}
}

static void letters_are_found(void **state)
{
	assert_true(spf_macro_uses(SPAN_LIT("a.%{P}"), "p"));
	assert_true(spf_macro_uses(SPAN_LIT("%{d}.%{l1r-}.x"), "sl"));
	assert_false(spf_macro_uses(SPAN_LIT("p.%{d}"), "p"));
	assert_false(spf_macro_uses(SPAN_LIT("%%{p}"), "p"));
	assert_false(spf_macro_uses(SPAN_LIT("%!%{p}"), "p"));
	assert_false(spf_macro_uses(SPAN_LIT(""), "p"));
}

/* RFC 7208 section 7.3: labels fall away from the left until 253 octets are left. */
static void long_names_lose_labels_from_the_left(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1 << 16), long_spec = BUF_INIT(1 << 16);
	struct spf_macro_values values = values_of("192.0.2.3");
	char local[201];
	memset(local, 'x', sizeof(local));
	for (size_t i = 9; i < 200; i += 10)
		local[i] = '.';
	values.local_part = span_make(local, 200); /* 20 labels of 9 octets and a dot */
	assert_int_equal(spf_macro_expand_name(SPAN_LIT("%{l}%{l}0123456789.example.com."), &values, &out), 0);
	assert_int_equal(out.len, 23 * 10 + strlen("0123456789.example.com"));
	assert_memory_equal(buf_str(&out), "xxxxxxxxx.x", 11);
	assert_string_equal(buf_str(&out) + out.len - 13, "9.example.com");
	/* Far more than a name: as cheap, and the same end. */
	for (int i = 0; i < 100; i++)
		buf_add_str(&long_spec, "%{l}");
	buf_add_str(&long_spec, "0123456789.example.com.");
	char *first = strdup(buf_str(&out));
	assert_int_equal(spf_macro_expand_name(buf_span(&long_spec), &values, &out), 0);
	assert_string_equal(buf_str(&out), first);
	free(first);
	/* One label alone cannot be cut. */
	memset(local, 'x', sizeof(local));
	assert_int_equal(spf_macro_expand_name(SPAN_LIT("%{l}%{l}"), &values, &out), 0);
	assert_int_equal(out.len, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_expand),
		cmocka_unit_test(ipv6_is_dotted_by_nibbles),
		cmocka_unit_test(empty_parts_are_kept),
		cmocka_unit_test(url_escape_covers_all_but_unreserved),
		cmocka_unit_test(faults_are_found_where_they_are),
		cmocka_unit_test(letters_are_found),
		cmocka_unit_test(long_names_lose_labels_from_the_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
