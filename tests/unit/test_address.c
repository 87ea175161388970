/* Mail addresses. */
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "harness/mail/address.h"

static void lists_are_read(void **state)
{
	static const struct {
		const char *value;
		const char *expected; /* display<local@domain>| of each; NULL for an error */
	} rows[] = {
		{ "a@b.example", "<a@b.example>|" },
		{ "Ana Lima <ana@b.example>", "Ana Lima<ana@b.example>|" },
		{ "\"Lima, Ana\" <ana@b.example>", "Lima, Ana<ana@b.example>|" },
		{ "\"a \\\"b\\\"\"  c <x@y>", "a \"b\" c<x@y>|" },
		{ "John Q. Public <j@p>", "John Q. Public<j@p>|" },
		{ "=?UTF-8?Q?J=C3=BCrgen?= <j@p>", "=?UTF-8?Q?J=C3=BCrgen?=<j@p>|" },
		{ "J\xc3\xbcrgen <j\xc3\xbc@p\xc3\xbc.example>", "J\xc3\xbcrgen<j\xc3\xbc@p\xc3\xbc.example>|" },
		{ "J\xfcrgen <j@p>", "J\xfcrgen<j@p>|" },
		{ "a@b, c@d ,e@f", "<a@b>|<c@d>|<e@f>|" },
		{ ", a@b,, c@d,", "<a@b>|<c@d>|" },
		{ "a@b (comment), (x) c (y) @ (z) d", "<a@b>|<c@d>|" },
		{ "\r\n a@b,\r\n\tc@d", "<a@b>|<c@d>|" },
		{ "\"a b\"@c", "<a b@c>|" },
		{ "a . b @ c . d", "<a.b@c.d>|" },
		{ "<@r1,@r2:a@b>", "<a@b>|" },
		{ "a@[192.0.2.1], b@[IPv6:2001:db8::1]", "<a@[192.0.2.1]>|<b@[IPv6:2001:db8::1]>|" },
		{ "Group: a@b, C <c@d>; , e@f", "<a@b>|C<c@d>|<e@f>|" },
		{ "undisclosed-recipients:;", "" },
		{ "", "" },
		{ "A Group(Some people):Chris <c@d>; (done)", "Chris<c@d>|" },
		{ "a", NULL },
		{ "a@", NULL },
		{ "@b", NULL },
		{ "<>", NULL },
		{ "a@b c@d", NULL },
		{ "a b@c", NULL },
		{ "Ana <a@b", NULL },
		{ "Ana <a@b> x", NULL },
		{ "\"Ana <a@b>", NULL },
		{ "(a@b", NULL },
		{ "a@b..c", NULL },
		{ "a@[192.0.2.1", NULL },
		{ "A: B: c@d;;", NULL },
		{ "a@b;", NULL },
		{ ":a@b;", NULL },
		{ "a\x01@b", NULL },
		{ "a@b\x7f", NULL },
		{ "a@\xff", NULL },
		{ "\"\x1b\" <a@b>", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct address_list list;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(1000);
		int rc = address_list_parse(&list, span_of(rows[i].value), &err);
		for (size_t k = 0; rc == 0 && k < list.count; k++)
			buf_addf(&seen, "%.*s<%.*s@%.*s>|", SPAN_ARG(list.v[k].display), SPAN_ARG(list.v[k].local),
				 SPAN_ARG(list.v[k].domain));
		if (rc == 0)
			address_list_fini(&list);
		if (rc != (rows[i].expected ? 0 : -1) ||
		    strcmp(buf_str(&seen), rows[i].expected ? rows[i].expected : ""))
			fail_msg("%s: %d %s%s", rows[i].value, rc, buf_str(&seen), err.text);
		assert_int_equal(err.kind, rc ? ERROR_PROTOCOL : ERROR_NONE);
	}
}

static void broken_lists_are_read_as_receivers_do(void **state)
{
	static const struct {
		const char *value, *expected; /* NULL: an error */
	} rows[] = {
		{ "Ana B <a@b.c>", "=a@b.c|" },
		{ "Example, Inc. <a@b.c>", "a@b.c|" },
		{ "Example, Inc., Ltd. <a@b.c>", "a@b.c|" },
		{ "Example; Service <a@b.c>", "a@b.c|" },
		{ "x@y.z <a@b.c>", "a@b.c|" },
		{ "x@y.z via List <a@b.c>", "a@b.c|" },
		{ "@ana <a@b.c>", "a@b.c|" },
		{ "Ana [Team] <a@b.c>", "a@b.c|" },
		{ "[Ana] <a@b.c>", "a@b.c|" },
		{ "Ana <Team> <a@b.c>", "a@b.c|" },
		{ "I <3 U <a@b.c>", "a@b.c|" },
		{ "Ana > B <a@b.c>", "a@b.c|" },
		{ "Ana: B: C <a@b.c>", "a@b.c|" },
		{ "Ana (B <a@b.c>", "a@b.c|" },
		{ "Ana B) <a@b.c>", "a@b.c|" },
		{ "Ana \"B <a@b.c>", "a@b.c|" },
		{ "Ana \\ B <a@b.c>", "a@b.c|" },
		{ "Ana <a@b.c> B", "a@b.c|" },
		{ "Ana <a@b.c", "a@b.c|" },
		{ "Ana a@b.c>", "a@b.c|" },
		{ "Ana a@b.c", "a@b.c|" },
		{ "\"Ana\" a@b.c", "a@b.c|" },
		{ "a@b.c Ana", "a@b.c|" },
		{ "Ana <<a@b.c>>", "a@b.c|" },
		{ "<<a@b.c>", "a@b.c|" },
		{ "Ana <a@b.c.>", "a@b.c|" },
		{ "a@b.c.", "a@b.c|" },
		{ "a@b.c,;", "a@b.c|" },
		{ "<a..b.@docomo.example>", "a..b.@docomo.example|" },
		{ "a..b.@docomo.example", "a..b.@docomo.example|" },
		{ ".a@b.c (Ana)", ".a@b.c|" },
		{ "Ana, B <\"x@y\"@b.c.>", "\"x@y\"@b.c|" },
		{ "Ana, B <a@(c) b.\r\n c>", "a@b.c|" },
		{ "Ana, B <a @ b . c>", "a@b.c|" },
		{ "Ana, B <a@b.c d>", "a@b.c|" },
		{ "Ana, B <a@b.c (x@y)>", "a@b.c|" },
		{ "Ana, B <a\xe9@b.c>", "a\xe9@b.c|" },
		{ "a\xe9@b.c", "a\xe9@b.c|" },
		{ "'Ana, B' <a@b.c>", "a@b.c|" },
		{ "<a@b.c>, <>", "a@b.c|" },
		{ "a@b.c[mailto:a@b.c]", "a@b.c[mailto:a@b.c|" },
		{ "Ana, B <a@b\xe9.c>", NULL },
		{ "Ana, B <mailto:a@b.c>", "mailto:a@b.c|" },
		{ "Ana, B <@r,@s:a@b.c>", "@r,@s:a@b.c|" },
		{ "Ana, B <a@[192.0.2.1]>", "a@[192.0.2.1]|" },
		{ "Ana, B <x@y@b.c>", "x@y@b.c|" },
		/* more than one */
		{ "x@y.z, Ana <a@b.c>", "=x@y.z|=a@b.c|" },
		{ "x@y.z, Ana, B <a@b.c>", "x@y.z|a@b.c|" },
		{ "Ana, B <a@b.c>, x@y.z", "a@b.c|x@y.z|" },
		{ "A <x@y.z> <a@b.c>", "x@y.z|a@b.c|" },
		{ "A <x@y.z, B <a@b.c>", "x@y.z|a@b.c|" },
		{ "A <x@y.z B <a@b.c>", "x@y.z|a@b.c|" },
		{ "A, B x@y.z, C a@b.c", "x@y.z|a@b.c|" },
		/* none */
		{ "Example Service", NULL },
		{ "Example, Service <>", NULL },
		{ "Example, Service <a@>", NULL },
		{ "Example, Service <@b.c>", NULL },
		{ "Example, \"a@b.c\"", NULL },
		{ "Example, (a@b.c)", NULL },
		{ "=?utf-8?q?a=40b=2Ec?=", NULL },
		{ "@", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT, deviation = ERROR_INIT;
		struct address_list list = { 0 };
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(1000);
		int rc = address_list_read(&list, span_of(rows[i].value), &deviation, &err);
		for (size_t k = 0; rc == 0 && k < list.count; k++)
			buf_addf(&seen, "%s%.*s@%.*s|", deviation.kind == ERROR_NONE ? "=" : "",
				 SPAN_ARG(list.v[k].local), SPAN_ARG(list.v[k].domain));
		address_list_fini(&list);
		ROW_ASSERT(rows[i].value, rc == (rows[i].expected ? 0 : -1));
		ROW_ASSERT_STRING(rows[i].value, buf_str(&seen), rows[i].expected ? rows[i].expected : "");
		ROW_ASSERT(rows[i].value, err.kind == (rc ? ERROR_PROTOCOL : ERROR_NONE));
	}
}

static void a_megabyte_of_a_broken_list_is_read_in_one_go(void **state)
{
	static const char *const units[] = { "(", "\"", "<", "<a@b,", "a@b ", "a@", "[", "a@[", ";", "<(", "a@(" };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		_cleanup_(buf_fini) struct buf value = BUF_INIT(1 << 20);
		struct error err = ERROR_INIT, deviation;
		struct address_list list = { 0 };
		buf_add_str(&value, "Ana, B <a@b.c> ");
		while (buf_add_str(&value, units[i]) == 0)
			;
		int64_t start = clock_mono_ms();
		address_list_read(&list, buf_span(&value), &deviation, &err);
		address_list_fini(&list);
		if (clock_mono_ms() - start > 5000)
			fail_msg("%s takes too long", units[i]);
	}
}

static void paths_are_reduced_to_their_mailbox(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "a@b.c", "a@b.c" },
		{ "<a@b.c>", "a@b.c" },
		{ " < a@b.c >\r\n", "a@b.c" },
		{ "<@r:a@b.c>", "a@b.c" },
		{ "<@r,@s:a@b.c>", "a@b.c" },
		{ "@r,@s:a@b.c", "a@b.c" },
		{ "<\"@r:x\"@b.c>", "\"@r:x\"@b.c" },
		{ "<@r>", "@r" },
		{ "<>", "" },
		{ "<", "" },
		{ "<a@b.c", "a@b.c" },
		{ "<<a@b.c>>", "a@b.c" },
		{ "<a@b.c> (comment)", "a@b.c" },
		{ "<\"x>y\"@b.c>", "\"x>y\"@b.c" },
		{ ">", ">" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char seen[64];
		span_copy(address_of_path(span_of(rows[i].text)), seen, sizeof(seen));
		ROW_ASSERT_STRING(rows[i].text, seen, rows[i].expected);
	}
	assert_null(address_of_path((struct span){ 0 }).p);
	assert_non_null(address_of_path(SPAN_LIT("<>")).p);
}

static void list_longer_than_the_cap_is_an_error(void **state)
{
	_cleanup_(buf_fini) struct buf value = BUF_INIT(1 << 16);
	struct error err = ERROR_INIT;
	struct address_list list;
	for (int i = 0; i < ADDRESS_LIST_MAX; i++)
		buf_addf(&value, "a%d@b,", i);
	assert_int_equal(address_list_parse(&list, buf_span(&value), &err), 0);
	assert_int_equal(list.count, ADDRESS_LIST_MAX);
	address_list_fini(&list);
	buf_add_str(&value, "more@b");
	assert_int_equal(address_list_parse(&list, buf_span(&value), &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
}

#define L64 "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
#define D63 "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

static void plain_address_is_checked(void **state)
{
	static const struct {
		const char *label;
		struct span text;
		bool good;
	} rows[] = {
		{ "simple", SPAN_LIT("a@b.example"), true },
		{ "plus and dots", SPAN_LIT("a.b+c=d@b-c.example"), true },
		{ "quoted", SPAN_LIT("\"a b@c\"@d.example"), true },
		{ "UTF-8",
		  SPAN_LIT("j\xc3\xbcrgen@b\xc3\xbc"
			   "cher.example"),
		  true },
		{ "A-label", SPAN_LIT("a@xn--bcher-kva.example"), true },
		{ "IPv4 literal", SPAN_LIT("a@[192.0.2.1]"), true },
		{ "IPv6 literal", SPAN_LIT("a@[IPv6:2001:db8::1]"), true },
		{ "longest local part", SPAN_LIT(L64 "@b"), true },
		{ "longest label", SPAN_LIT("a@" D63 ".example"), true },
		{ "empty", SPAN_LIT(""), false },
		{ "no at", SPAN_LIT("a.example"), false },
		{ "no local part", SPAN_LIT("@b.example"), false },
		{ "no domain", SPAN_LIT("a@"), false },
		{ "two ats", SPAN_LIT("a@b@c.example"), false },
		{ "display name", SPAN_LIT("Ana <a@b.example>"), false },
		{ "angle brackets", SPAN_LIT("<a@b.example>"), false },
		{ "white space in front", SPAN_LIT(" a@b.example"), false },
		{ "white space behind", SPAN_LIT("a@b.example "), false },
		{ "line end", SPAN_LIT("a@b.example\r\nBcc: x@y"), false },
		{ "LF in quotes", SPAN_LIT("\"a\nb\"@c.example"), false },
		{ "NUL", SPAN_LIT("a\0@b.example"), false },
		{ "C1 control", SPAN_LIT("a\xc2\x85@b.example"), false },
		{ "invalid UTF-8", SPAN_LIT("a\xff@b.example"), false },
		{ "comment", SPAN_LIT("a(x)@b.example"), false },
		{ "dot at the end", SPAN_LIT("a.@b.example"), false },
		{ "two dots", SPAN_LIT("a..b@c.example"), false },
		{ "quote without end", SPAN_LIT("\"a@b.example"), false },
		{ "local part too long", SPAN_LIT(L64 "l@b"), false },
		{ "label too long", SPAN_LIT("a@" D63 "d.example"), false },
		{ "domain too long", SPAN_LIT("a@" D63 "." D63 "." D63 "." D63 ".x"), false },
		{ "empty label", SPAN_LIT("a@b..example"), false },
		{ "final dot", SPAN_LIT("a@b.example."), false },
		{ "hyphen at an end", SPAN_LIT("a@-b.example"), false },
		{ "underscore in the domain", SPAN_LIT("a@b_c.example"), false },
		{ "bad literal", SPAN_LIT("a@[192.0.2.256]"), false },
		{ "IPv6 without its tag", SPAN_LIT("a@[2001:db8::1]"), false },
		{ "literal without end", SPAN_LIT("a@[192.0.2.1"), false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct address a;
		int rc = address_check(rows[i].text, &a, &err);
		if (rc != (rows[i].good ? 0 : -1))
			fail_msg("%s: %d %s", rows[i].label, rc, err.text);
		if (rc == 0)
			assert_int_equal(a.local.len + 1 + a.domain.len, rows[i].text.len);
		else
			assert_int_equal(err.kind, ERROR_CONFIG);
	}
}

static void address_is_quoted_where_it_must_be(void **state)
{
	static const struct {
		const char *local, *expected;
	} rows[] = { { "a.b", "a.b@x" }, { "a b", "\"a b\"@x" }, { "a\"\\", "\"a\\\"\\\\\"@x" }, { "", "\"\"@x" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		struct address a = { .local = span_of(rows[i].local), .domain = SPAN_LIT("x") };
		assert_int_equal(address_add_spec(&out, &a), 0);
		assert_string_equal(buf_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(broken_lists_are_read_as_receivers_do),
		cmocka_unit_test(a_megabyte_of_a_broken_list_is_read_in_one_go),
		cmocka_unit_test(paths_are_reduced_to_their_mailbox),
		cmocka_unit_test(list_longer_than_the_cap_is_an_error),
		cmocka_unit_test(plain_address_is_checked),
		cmocka_unit_test(address_is_quoted_where_it_must_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
