/* Authentication-Results. */
#include "tests/unit/unit.h"

#include "harness/mail/authres.h"

#include "harness/base/buf.h"

/* id version [none] {method/version=word>meaning reason<..> comment(..) ptype.property=value...} ! for broken */
static void describe(const struct authres *a, struct buf *out)
{
	if (a->arc)
		buf_addf(out, "i=%u ", a->instance);
	buf_addf(out, "%.*s", SPAN_ARG(a->authserv_id.p ? a->authserv_id : SPAN_LIT("-")));
	if (a->version.len > 0)
		buf_addf(out, " v%.*s", SPAN_ARG(a->version));
	if (a->none)
		buf_add_str(out, " none");
	for (size_t i = 0; i < a->method_count; i++) {
		const struct authres_method *m = &a->methods[i];
		buf_addf(out, " {%.*s", SPAN_ARG(m->method));
		if (m->version.len > 0)
			buf_addf(out, "/%.*s", SPAN_ARG(m->version));
		buf_addf(out, "=%.*s", SPAN_ARG(m->word));
		if (!span_is(m->word, auth_result_name(m->result)))
			buf_addf(out, ">%s", auth_result_name(m->result));
		if (m->reason.p)
			buf_addf(out, " <%.*s>", SPAN_ARG(m->reason));
		if (m->comment.p)
			buf_addf(out, " (%.*s)", SPAN_ARG(m->comment));
		for (size_t k = 0; k < m->property_count; k++)
			buf_addf(out, " %.*s.%.*s=%.*s", SPAN_ARG(m->properties[k].ptype),
				 SPAN_ARG(m->properties[k].property), SPAN_ARG(m->properties[k].value));
		buf_add_char(out, '}');
	}
	if (a->broken)
		buf_add_str(out, " !");
}

struct row {
	const char *label;
	const char *value;
	const char *expected;
	const char *deviation;
};

static void check(const struct row *rows, size_t count, bool arc, bool internationalised)
{
	for (size_t i = 0; i < count; i++) {
		struct error err = ERROR_INIT;
		struct authres a;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(8192);
		assert_int_equal(authres_parse(&a, span_of(rows[i].value), arc, internationalised, &err), 0);
		describe(&a, &seen);
		if (strcmp(buf_str(&seen), rows[i].expected) || strcmp(a.deviation, rows[i].deviation))
			fail_msg("%s: %s [%s]", rows[i].label, buf_str(&seen), a.deviation);
		authres_fini(&a);
	}
}

static void headers_by_the_rfc_are_read(void **state)
{
	static const struct row rows[] = {
		{ "nothing done", " example.org 1; none", "example.org v1 none", "" },
		{ "one", " example.com;\r\n spf=pass smtp.mailfrom=example.net\r\n",
		  "example.com {spf=pass smtp.mailfrom=example.net}", "" },
		{ "several", "x; a=b (c) d.e=f; dkim=fail reason=\"bad \\\"sig\\\"\" header.d=y header.i=@y",
		  "x {a=b>not-reported (c) d.e=f} {dkim=fail <bad \"sig\"> header.d=y header.i=@y}", "" },
		{ "comments everywhere",
		  "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) "
		  "fail\r\n"
		  " policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't) "
		  "1362471462",
		  "foo.example.net v1 {dkim/1=fail (A dot can go here like that this surprised me as I wasn't) "
		  "policy.expired=1362471462}",
		  "" },
		{ "nested comment", "x; spf=pass (a (b) \\) c)", "x {spf=pass (a (b) ) c)}", "" },
		{ "quoted everywhere", "\"x y\"; spf=pass smtp.mailfrom=\"a;b\"@c header.b=\"ab+/=\"",
		  "x y {spf=pass smtp.mailfrom=a;b@c header.b=ab+/=}", "" },
		{ "capital letters of RFC 4408", "x; spf=SoftFail", "x {spf=SoftFail>softfail}", "" },
		{ "no space in front of a comment", "x; dmarc=pass(p=NONE,sp=NONE) header.from=y;",
		  "x {dmarc=pass (p=NONE,sp=NONE) header.from=y}", "" },
		{ "a method called none", "x; none=pass", "x {none=pass}", "" },
		{ "comment behind a property", "x; spf=pass smtp.mailfrom=y (client-ip=192.0.2.1; helo=z); dkim=none",
		  "x {spf=pass (client-ip=192.0.2.1; helo=z) smtp.mailfrom=y} {dkim=none}", "" },
	};
	check(rows, ARRAY_LEN(rows), false, false);
}

static void habits_of_providers_are_understood_and_noted(void **state)
{
	static const struct row rows[] = {
		{ "Microsoft",
		  " spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=a.example; dkim=pass (signature was "
		  "verified)\r\n"
		  " header.d=a.example;dmarc=bestguesspass action=none\r\n header.from=a.example;compauth=pass "
		  "reason=100",
		  "- {spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example} {dkim=pass (signature was verified) "
		  "header.d=a.example} {dmarc=bestguesspass>none .action=none header.from=a.example} {compauth=pass "
		  "<100>}",
		  "no authserv-id at octet 1" },
		{ "Microsoft, rejected by policy",
		  "spf=fail (x) smtp.mailfrom=a; dmarc=fail action=oreject header.from=a",
		  "- {spf=fail (x) smtp.mailfrom=a} {dmarc=fail .action=oreject header.from=a}",
		  "no authserv-id at octet 0" },
		{ "Exim's address", "mx; iprev=pass (h) smtp.remote-ip=2001:db8::1; spf=pass smtp.mailfrom=a",
		  "mx {iprev=pass (h) smtp.remote-ip=2001:db8::1} {spf=pass smtp.mailfrom=a}",
		  "value must be quoted at octet 34" },
		{ "Exim's temporary error", "mx; dkim=tmperror", "mx {dkim=tmperror>temperror}",
		  "result that the method does not have at octet 4" },
		{ "Yahoo's pass", "mx; dmarc=success(p=REJECT) header.from=a.example",
		  "mx {dmarc=success>pass (p=REJECT) header.from=a.example}",
		  "result that the method does not have at octet 4" },
		{ "hardfail", "mx; dkim=hardfail", "mx {dkim=hardfail>fail}",
		  "result that the method does not have at octet 4" },
		{ "capitals elsewhere", "mx; dkim=Pass", "mx {dkim=Pass>pass}",
		  "result that the method does not have at octet 4" },
		{ "empty sender", "mx; spf=none smtp.mailfrom=; dkim=none", "mx {spf=none smtp.mailfrom=} {dkim=none}",
		  "value missing at octet 27" },
		{ "empty reversed path", "mx; spf=none smtp.mailfrom=<>", "mx {spf=none smtp.mailfrom=<>}",
		  "value must be quoted at octet 27" },
		{ "two semicolons", "mx;; spf=pass", "mx {spf=pass}", "empty result at octet 3" },
		{ "nothing behind the id", "mx", "mx", "neither none nor a result at octet 2" },
		{ "property without type", "mx; dmarc=pass header.from=x arc_overridden_status=NOT_OVERRIDDEN",
		  "mx {dmarc=pass header.from=x .arc_overridden_status=NOT_OVERRIDDEN}",
		  "property without a type at octet 29" },
	};
	check(rows, ARRAY_LEN(rows), false, false);
}

static void words_of_providers_have_a_meaning(void **state)
{
	static const struct {
		const char *method, *word;
		enum auth_result result;
	} rows[] = {
		{ "dkim", "perm_fail", AUTH_PERMERROR },
		{ "dkim", "temp_fail", AUTH_TEMPERROR },
		{ "dkim", "dkim_pass", AUTH_PASS },
		{ "dkim", "dkim_fail", AUTH_FAIL },
		{ "spf", "spf-softfail", AUTH_SOFTFAIL },
		{ "spf", "Hard-Fail", AUTH_FAIL },
		{ "spf", "soft_fail", AUTH_SOFTFAIL },
		{ "dkim", "perm_error", AUTH_PERMERROR },
		{ "dmarc", "TempError", AUTH_TEMPERROR },
		{ "dmarc", "temp_error", AUTH_TEMPERROR },
		{ "dmarc", "unknown", AUTH_NEUTRAL },
		{ "dkim", "timeout", AUTH_TEMPERROR },
		{ "dmarc", "bestguesspass", AUTH_NONE },
		{ "dkim", "unsigned", AUTH_NONE },
		{ "spf", "dkim_pass", AUTH_NOT_REPORTED },
		{ "dkim", "passable", AUTH_NOT_REPORTED },
		{ "dkim", "", AUTH_NOT_REPORTED },
		{ "", "pass", AUTH_PASS },
		{ "dkim", "_", AUTH_NOT_REPORTED },
		{ "dkim", "dkim_", AUTH_NOT_REPORTED },
		{ "dkim", "not-reported", AUTH_NOT_REPORTED },
		{ "dkim", "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppass",
		  AUTH_NOT_REPORTED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (authres_result(span_of(rows[i].method), span_of(rows[i].word)) != rows[i].result)
			fail_msg("%s=%s", rows[i].method, rows[i].word);
}

static void what_is_odd_costs_its_own_element(void **state)
{
	static const struct row rows[] = {
		{ "no equals sign", "x; spf=pass; dkim", "x {spf=pass}", "= expected at octet 17" },
		{ "no result", "x; spf=", "x", "result expected at octet 7" },
		{ "a bare domain between", "x; spf=pass; seed.example; dkim=fail", "x {spf=pass} {dkim=fail}",
		  "= expected at octet 25" },
		{ "the authserv-id again", "mx.x; spf=pass;mx.x; dkim=fail;mx.x; dmarc=fail",
		  "mx.x {spf=pass} {dkim=fail} {dmarc=fail}", "= expected at octet 19" },
		{ "an address between", "x; [192.0.2.1]; dkim=pass", "x {dkim=pass}", "method expected at octet 3" },
		{ "an IPv6 address between", "x; 2001:db8::1; dkim=pass", "x {dkim=pass}", "= expected at octet 7" },
		{ "a name and a colon", "x; a:b; dkim=pass", "x {dkim=pass}", "= expected at octet 4" },
		{ "Workspace behind a gateway", "x; gateway.spf=fail (a) smtp.mailfrom=b; spf=pass",
		  "x {gateway.spf=fail (a) smtp.mailfrom=b} {spf=pass}", "method with a dot at octet 3" },
		{ "SES", "x; spf=pass (a) client-ip=192.0.2.1; envelope-from=a@b.example; helo=c.example; dkim=pass",
		  "x {spf=pass (a) .client-ip=192.0.2.1} {dkim=pass}", "property without a type at octet 16" },
		{ "a word that is known, and more", "x; spf=pass, dkim=fail; dmarc=fail", "x {spf=pass} {dmarc=fail}",
		  "odd octet behind the result at octet 11" },
		{ "words between", "x; spf=pass a.b=c word; dkim=pass", "x {spf=pass a.b=c} {dkim=pass}",
		  "= expected at octet 22" },
		{ "closing parenthesis", "x; dkim=pass (a)) header.d=y; spf=pass", "x {dkim=pass (a)} {spf=pass}",
		  "property expected at octet 16" },
		{ "semicolons in comments and quotes are not the next one",
		  "x; odd (; dkim=pass) \"; dkim=pass\" ; spf=fail", "x {spf=fail}", "= expected at octet 21" },
		{ "version is a word", "x one; spf=pass", "x {spf=pass}", "; expected at octet 2" },
		{ "a property behind the authserv-id",
		  "x  from=y.example; domainkeys=neutral (a);  from=y.example; dkim=pass",
		  "x {domainkeys=neutral (a)} {dkim=pass}", "; expected at octet 3" },
		{ "method version is a word", "x; spf/a=pass; dkim=pass", "x {dkim=pass}",
		  "version of the method expected at octet 7" },
		{ "control character", "x; spf=pass a.b=\x01; dkim=pass", "x {spf=pass a.b=} {dkim=pass}",
		  "value missing at octet 16" },
		{ "none beside results", "x; none; spf=pass", "x none {spf=pass}", "none beside results at octet 9" },
		{ "none behind results", "x; spf=pass; none", "x none {spf=pass}", "none beside results at octet 13" },
		{ "quoted inside of a value", "x; spf=pass smtp.mailfrom=a.\"; dkim=pass\"@y; dmarc=fail",
		  "x {spf=pass smtp.mailfrom=a.; dkim=pass@y} {dmarc=fail}", "value must be quoted at octet 26" },
		{ "a percent sign and a number", "x; 100% sure; dkim=fail", "x {dkim=fail}", "= expected at octet 6" },
	};
	check(rows, ARRAY_LEN(rows), false, false);
}

static void what_stands_before_a_break_is_kept(void **state)
{
	static const struct row rows[] = {
		{ "nothing", "", "- !", "authserv-id expected at octet 0" },
		{ "semicolon alone", ";", "- !", "authserv-id expected at octet 0" },
		{ "comment without end", "x; spf=pass; dkim=pass ((a) header.d=y", "x {spf=pass} {dkim=pass} !",
		  "comment without end at octet 23" },
		{ "quote without end", "x; spf=pass a.b=\"c; dkim=pass", "x {spf=pass} !",
		  "quoted string without end at octet 16" },
		{ "id quote without end", "\"x; spf=pass", "- !", "quoted string without end at octet 0" },
		{ "comment without end behind something odd", "x; spf=pass; odd ((; dkim=pass) ; dkim=pass",
		  "x {spf=pass} !", "comment without end at octet 17" },
		{ "quote without end behind something odd", "x; spf=pass; odd \"; dkim=pass", "x {spf=pass} !",
		  "= expected at octet 17" },
		{ "quote without end inside of a value", "x; spf=pass a.b=c\"; dkim=pass", "x {spf=pass} !",
		  "quoted string without end at octet 17" },
	};
	check(rows, ARRAY_LEN(rows), false, false);
}

static void arc_instance_comes_first(void **state)
{
	static const struct row rows[] = {
		{ "Google", "i=1; mx.google.com;\r\n dkim=pass header.i=@x",
		  "i=1 mx.google.com {dkim=pass header.i=@x}", "" },
		{ "comments", "(a) i (b) = (c) 50 (d) ; x 1; none", "i=50 x v1 none", "" },
		{ "absent", "x; spf=pass", "i=0 x {spf=pass}", "i= expected at octet 0" },
		{ "zero", "i=0; x; none", "i=0 - !", "instance is not 1 to 50 at octet 3" },
		{ "too high", "i=51; x; none", "i=0 - !", "instance is not 1 to 50 at octet 4" },
		{ "no semicolon", "i=1 x; none", "i=1 - !", "; expected at octet 4" },
	};
	check(rows, ARRAY_LEN(rows), true, false);
}

static void utf8_belongs_to_internationalised_messages(void **state)
{
	static const struct row plain[] = {
		{ "UTF-8", "\xc3\xa9x.org; none", "\xc3\xa9x.org none",
		  "UTF-8 in a message that is not internationalised at octet 0" },
		{ "Latin-1", "\xe9x.org; none", "\xe9x.org none", "invalid UTF-8 at octet 0" },
	};
	static const struct row internationalised[] = {
		{ "UTF-8", "\xc3\xa9x.org; spf=pass smtp.mailfrom=\xc3\xa9@y",
		  "\xc3\xa9x.org {spf=pass smtp.mailfrom=\xc3\xa9@y}", "" },
		{ "Latin-1", "\xe9x.org; none", "\xe9x.org none", "invalid UTF-8 at octet 0" },
	};
	check(plain, ARRAY_LEN(plain), false, false);
	check(internationalised, ARRAY_LEN(internationalised), false, true);
}

static void caps_leave_out_what_is_too_much(void **state)
{
	_cleanup_(buf_fini) struct buf value = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct authres a;
	buf_add_str(&value, "x");
	for (int i = 0; i < AUTHRES_METHODS_MAX + 5; i++)
		buf_add_str(&value, "; spf=pass");
	assert_int_equal(authres_parse(&a, buf_span(&value), false, false, &err), 0);
	assert_int_equal(a.method_count, AUTHRES_METHODS_MAX);
	assert_non_null(strstr(a.deviation, "too many methods"));
	authres_fini(&a);
	buf_clear(&value);
	buf_add_str(&value, "x; spf=pass");
	for (int i = 0; i < AUTHRES_PROPERTIES_MAX + 5; i++)
		buf_add_str(&value, " a.b=c");
	assert_int_equal(authres_parse(&a, buf_span(&value), false, false, &err), 0);
	assert_int_equal(a.methods[0].property_count, AUTHRES_PROPERTIES_MAX);
	assert_non_null(strstr(a.deviation, "too many properties"));
	authres_fini(&a);
}

static void properties_are_found_by_name(void **state)
{
	struct error err = ERROR_INIT;
	struct authres a;
	assert_int_equal(authres_parse(&a, SPAN_LIT("x; dmarc=pass action=none Header.From=y"), false, false, &err), 0);
	assert_true(span_is(authres_property_get(&a.methods[0], "header", "from"), "y"));
	assert_true(span_is(authres_property_get(&a.methods[0], "", "action"), "none"));
	assert_null(authres_property_get(&a.methods[0], "smtp", "from").p);
	authres_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_by_the_rfc_are_read),
		cmocka_unit_test(habits_of_providers_are_understood_and_noted),
		cmocka_unit_test(words_of_providers_have_a_meaning),
		cmocka_unit_test(what_is_odd_costs_its_own_element),
		cmocka_unit_test(what_stands_before_a_break_is_kept),
		cmocka_unit_test(arc_instance_comes_first),
		cmocka_unit_test(utf8_belongs_to_internationalised_messages),
		cmocka_unit_test(caps_leave_out_what_is_too_much),
		cmocka_unit_test(properties_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
