/* Signature fields: each row changes one good field. */
#include "harness/auth/dkim_signature.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define NOW_MS 1700000000000
#define HASH   "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const struct {
	const char *name, *value;
} good[] = { { "v", "1" },       { "a", "rsa-sha256" }, { "d", "example.org" }, { "s", "s1" },
	     { "h", "from:to" }, { "bh", HASH },        { "b", "YWJj" } };

/* The good field with `changes`: tags that take the place of its own or are added; `!x` leaves x out. */
static void make_field(const char *changes, struct buf *out)
{
	struct span rest = span_of(changes), change;
	buf_add_str(out, "DKIM-Signature: ");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		char own[8], without[8];
		snprintf(own, sizeof(own), "%s=", good[i].name);
		snprintf(without, sizeof(without), "!%s", good[i].name);
		bool changed = false;
		for (rest = span_of(changes); span_next(&rest, '|', &change);)
			changed = changed || span_starts(change, span_of(own)) || span_is(change, without);
		if (!changed)
			buf_addf(out, "%s=%s; ", good[i].name, good[i].value);
	}
	for (rest = span_of(changes); span_next(&rest, '|', &change);)
		if (change.len > 0 && change.p[0] != '!')
			buf_addf(out, "%.*s; ", SPAN_ARG(change));
	/* Without the last `; `. */
	out->len -= 2;
	buf_add_str(out, "\r\n");
}

static int read_field(const char *changes, struct dkim_signature *s, struct dkim_field *f)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(100000);
	struct error err = ERROR_INIT;
	struct header h;
	make_field(changes, &text);
	assert_int_equal(header_parse(&h, buf_span(&text), &err), 0);
	assert_int_equal(h.count, 1);
	int rc = dkim_signature_read(DKIM_SIGNATURE, &h.fields[0], NOW_MS, f, s, &err);
	header_fini(&h);
	return rc;
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *changes, *result, *reason; /* reason NULL: it can be verified */
	} rows[] = {
		{ "", "", NULL },
		{ "c=relaxed/simple", "", NULL },
		{ "c=Relaxed", "", NULL },
		{ "a=RSA-SHA256", "", NULL },
		{ "a=ed25519-sha256", "", NULL },
		{ "i=@sub.example.org", "", NULL },
		{ "i=joe=20doe@example.org", "", NULL },
		{ "i=joe=40example.org", "", NULL },
		{ "i==40example.org", "", NULL },
		{ "i=joe=40sub.example.org", "", NULL },
		{ "i=joe=40example.net@example.org", "", NULL },
		{ "i=joe=40example.net", "neutral", "i= is not within the domain of d=" },
		{ "i=joe@example.org=40example.net", "neutral", "i= is not within the domain of d=" },
		{ "i=a..b.@example.org", "", NULL },
		{ "i=a,b;c@example.org", "neutral", "the field is no tag list: bad name of a tag" },
		{ "i=a=3Bb@example.org", "", NULL },
		{ "i=a=b@example.org", "", NULL },
		{ "i=a=00b@example.org", "neutral", "i= is no identity" },
		{ "i=a=0D=0Ab@example.org", "neutral", "i= is no identity" },
		{ "i=\"joe=20doe\"@example.org", "", NULL },
		{ "i=m\xc3\xb8x@example.org", "", NULL },
		{ "q=dns/txt", "", NULL },
		{ "q=other : dns/txt", "", NULL },
		{ "t=1|x=1700000000", "", NULL },
		{ "l=10", "", NULL },
		{ "l=99999999999999999999999999999999", "", NULL },
		{ "unknown=x", "", NULL },
		{ "s=a.b_c", "", NULL },
		{ "d=m\xc3\xb8x.example", "", NULL },
		{ "h=From : Date", "", NULL },
		{ "!v", "neutral", "the tag v= is missing or empty" },
		{ "!bh", "neutral", "the tag bh= is missing or empty" },
		{ "b=", "neutral", "the tag b= is missing or empty" },
		{ "v=2", "neutral", "the version is not 1 (v=)" },
		{ "d=org", "neutral", "d= is no domain" },
		{ "d=a..org", "neutral", "d= is no domain" },
		{ "d=a b.org", "neutral", "d= is no domain" },
		{ "d=-a.org", "neutral", "d= is no domain" },
		{ "s=", "neutral", "the tag s= is missing or empty" },
		{ "s=a.", "neutral", "s= is no selector" },
		{ "a=rsa-sha512", "neutral", "unknown algorithm rsa-sha512" },
		{ "a=rsa-sha1", "neutral", "bh= is not a hash of the algorithm in base64" },
		{ "a=rsa-sha1|bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "permerror",
		  "rsa-sha1 is no longer a valid algorithm" },
		{ "b=a-b", "neutral", "b= is not base64" },
		{ "bh=YWJj", "neutral", "bh= is not a hash of the algorithm in base64" },
		{ "c=loose", "neutral", "unknown canonicalisation (c=)" },
		{ "c=", "neutral", "unknown canonicalisation (c=)" },
		{ "c=relaxed/", "neutral", "unknown canonicalisation (c=)" },
		{ "c=relaxed/simple/simple", "neutral", "unknown canonicalisation (c=)" },
		{ "h=to", "permerror", "From is not signed (h=)" },
		{ "h=from::to", "neutral", "h= is no list of field names" },
		{ "h=from to", "neutral", "h= is no list of field names" },
		{ "l=-1", "neutral", "l= is no number" },
		{ "l=", "neutral", "l= is no number" },
		{ "t=1.5", "neutral", "t= is no number" },
		{ "x=soon", "neutral", "x= is no number" },
		{ "t=10|x=10", "neutral", "the signature expires before it is made (x=, t=)" },
		{ "t=1|x=1699999999", "policy", "the signature expired 1 seconds before the evaluation (x=)" },
		{ "i=@example.net", "neutral", "i= is not within the domain of d=" },
		{ "i=@notexample.org", "neutral", "i= is not within the domain of d=" },
		{ "i=joe", "neutral", "i= is no identity" },
		{ "q=other", "neutral", "no known way to ask for the key (q=)" },
		{ "b=YWJj;|y=1", "neutral", "the field is no tag list: empty tag" },
		{ "x y=1", "neutral", "the field is no tag list: bad name of a tag" },
		{ "a=rsa-sha256|a=rsa-sha256", "neutral", "the field is no tag list: more than one tag a" },
	};
	static struct dkim_field f;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
		int rc = read_field(rows[i].changes, &s, &f);
		ROW_ASSERT_STRING(rows[i].changes, s.reason ? s.reason : "", rows[i].reason ? rows[i].reason : "");
		ROW_ASSERT(rows[i].changes, rc == (rows[i].reason ? 0 : 1));
		if (!rows[i].reason)
			continue;
		ROW_ASSERT_STRING(rows[i].changes, auth_result_name(s.result), rows[i].result);
		ROW_ASSERT(rows[i].changes, s.section != NULL);
	}
}

static void everything_said_is_kept(void **state)
{
	static struct dkim_field f;
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	int rc = read_field("d=Mail.Example.ORG|s=S1|h=From :\r\n To|l=7|t=5|x=1800000000|c=relaxed/simple|"
			    "i=a@b.mail.example.org|z=From:=20x |b= Y\r\n\tWJj ",
			    &s, &f);
	assert_int_equal(rc, 1);
	assert_string_equal(s.domain, "mail.example.org");
	assert_string_equal(s.selector, "S1");
	assert_string_equal(s.identity, "a@b.mail.example.org");
	assert_string_equal(s.algorithm, "rsa-sha256");
	assert_string_equal(s.signed_fields, "From:To");
	assert_string_equal(s.key_name, "s1._domainkey.mail.example.org");
	assert_int_equal(s.header_canon, DKIM_RELAXED);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_int_equal(s.body_length, 7);
	assert_int_equal(s.timestamp, 5);
	assert_int_equal(s.expiry, 1800000000);
	assert_int_equal(f.signature_len, 3);
	assert_memory_equal(f.signature, "abc", 3);
}

static void what_is_absent_has_its_default(void **state)
{
	static struct dkim_field f;
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	assert_int_equal(read_field("", &s, &f), 1);
	assert_string_equal(s.identity, "@example.org");
	assert_int_equal(s.header_canon, DKIM_SIMPLE);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_int_equal(s.body_length, -1);
	assert_int_equal(s.timestamp, -1);
	assert_int_equal(s.expiry, -1);
	assert_null(s.copied_fields);
}

/* RFC 8616: the key is found by A-labels. */
static void internationalised_names_are_asked_for_by_a_labels(void **state)
{
	static struct dkim_field f;
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	assert_int_equal(read_field("d=m\xc3\xb8x.example|s=t\xc3\xa9st|i=\xc3\xa6@sub.m\xc3\xb8x.example", &s, &f), 1);
	assert_string_equal(s.domain, "xn--mx-lka.example");
	assert_string_equal(s.key_name, "xn--tst-bma._domainkey.xn--mx-lka.example");
	assert_string_equal(s.identity, "\xc3\xa6@sub.m\xc3\xb8x.example");
}

static void a_refused_field_still_says_who_signed(void **state)
{
	static struct dkim_field f;
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	assert_int_equal(read_field("v=3", &s, &f), 0);
	assert_string_equal(s.domain, "example.org");
	assert_string_equal(s.selector, "s1");
	assert_string_equal(s.algorithm, "rsa-sha256");
}

static void a_name_that_dns_cannot_have_is_refused(void **state)
{
	static struct dkim_field f;
	char changes[400] = "s=";
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	memset(changes + 2, 'a', 64);
	assert_int_equal(read_field(changes, &s, &f), 0);
	assert_string_equal(s.reason, "selector and domain make no name");
}

static void quoted_printable_is_undone(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = { { "a=20b", "a b" }, { "a b\r\n\tc", "abc" }, { "=3D=7C", "=|" },
		     { "a=2", "a=2" },   { "=zz", "=zz" },        { "=e4", "=e4" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		assert_int_equal(dkim_unquote(span_of(rows[i].text), &out), 0);
		ROW_ASSERT_STRING(rows[i].text, buf_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(everything_said_is_kept),
		cmocka_unit_test(what_is_absent_has_its_default),
		cmocka_unit_test(internationalised_names_are_asked_for_by_a_labels),
		cmocka_unit_test(a_refused_field_still_says_who_signed),
		cmocka_unit_test(a_name_that_dns_cannot_have_is_refused),
		cmocka_unit_test(quoted_printable_is_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
