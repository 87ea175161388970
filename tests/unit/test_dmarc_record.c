/* DMARC policy records by both grammars. */
#include <stdio.h>
#include <string.h>

#include "harness/auth/dmarc_record.h"
#include "harness/auth/dmarc_uri.h"
#include "harness/base/buf.h"
#include "tests/unit/unit.h"

/* `p sp np dkim spf psd t pct`, and `-` where no policy can be taken. */
static const char *summary(const struct dmarc_record *r, char *out, size_t size)
{
	snprintf(out, size, "%s%s,%s,%s %c%c %c %c %u", r->usable ? "" : "-", dmarc_policy_name(r->p),
		 dmarc_policy_name(r->sp), dmarc_policy_name(r->np), r->strict_dkim ? 's' : 'r',
		 r->strict_spf ? 's' : 'r', "uyn"[r->psd], r -> testing ? 'y' : 'n', r->pct);
	return out;
}

static void tags_are_those_of_the_standard(void **state)
{
	static const struct {
		const char *text;
		const char *rfc9989, *rfc7489; /* "none": no record */
	} rows[] = {
		{ "v=DMARC1; p=none", "none,, rr u n 100", "none,, rr u n 100" },
		{ "v=DMARC1;p=reject;sp=quarantine;np=none;adkim=s;aspf=s;psd=n;t=y;pct=20",
		  "reject,quarantine,none ss n y 100", "reject,quarantine, ss u n 20" },
		{ "V\t= DMARC1 ; P = Reject ; ADKIM=S", "reject,, sr u n 100", "reject,, sr u n 100" },
		{ "v=DMARC1; p=none; psd=Y; t=N; aspf=r", "none,, rr y n 100", "none,, rr u n 100" },
		{ "v=DMARC1; p=none; p=reject", "none,, rr u n 100", "none,, rr u n 100" },
		{ "v=DMARC1; sp=reject; p=quarantine", "quarantine,reject, rr u n 100",
		  "quarantine,reject, rr u n 100" },
		{ "v=DMARC1; p=reject; adkim=x; psd=maybe; t=1; pct=101", "reject,, rr u n 100",
		  "reject,, rr u n 100" },
		{ "v=DMARC1; p=reject; unknown=1; x", "reject,, rr u n 100", "reject,, rr u n 100" },
		{ "v=DMARC1", "-,, rr u n 100", "-,, rr u n 100" },
		{ "v=DMARC1; p=rejected", "-,, rr u n 100", "-,, rr u n 100" },
		{ "v=DMARC1; p=rejected; rua=mailto:a@x.example", "none,, rr u n 100", "none,, rr u n 100" },
		{ "v=DMARC1; p=rejected; ruf=mailto:a@x.example", "-,, rr u n 100", "-,, rr u n 100" },
		{ "v=DMARC1; p=rejected; rua=nonsense", "-,, rr u n 100", "-,, rr u n 100" },
		{ "v=DMARC1; p=reject; sp=bad; rua=mailto:a@x.example", "none,, rr u n 100", "none,, rr u n 100" },
		{ "v=DMARC1; p=reject; sp=none; np=bad", "-,, rr u n 100", "reject,none, rr u n 100" },
		{ "v=dmarc1; p=none", "none", "none" },
		{ "v=DMARC12; p=none", "none", "none" },
		{ "v=DMARC1 p=none", "none", "none" },
		{ " v=DMARC1; p=none", "none", "none" },
		{ "p=none; v=DMARC1", "none", "none" },
		{ "=DMARC1", "none", "none" },
		{ "", "none", "none" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
			struct dmarc_record r;
			struct error err = ERROR_INIT;
			char text[128] = "none";
			int rc = dmarc_record_parse(span_of(rows[i].text), (enum dmarc_standard)s, &r, &err);
			assert_true(rc >= 0);
			if (rc > 0) {
				summary(&r, text, sizeof(text));
				dmarc_record_fini(&r);
			}
			ROW_ASSERT_STRING(rows[i].text, text, s == DMARC_RFC9989 ? rows[i].rfc9989 : rows[i].rfc7489);
		}
}

static void problems_say_where_and_what(void **state)
{
	static const struct {
		const char *text;
		enum dmarc_standard standard;
		const char *expected; /* `offset tag`, joined by commas */
	} rows[] = {
		{ "v=DMARC1; p=none", DMARC_RFC9989, "" },
		{ "v=DMARC1", DMARC_RFC9989, "" },
		{ "v=DMARC1", DMARC_RFC7489, "0 v,0 " },
		{ "v=DMARC1; p=none;", DMARC_RFC7489, "" },
		{ "v=DMARC1; p=none;;", DMARC_RFC7489, "17 " },
		{ "v=DMARC1;  adkim = q ; p=none; Aspf=1; word", DMARC_RFC9989, "11 adkim,31 Aspf,39 " },
		{ "v=DMARC1; sp=none; p=none", DMARC_RFC9989, "" },
		{ "v=DMARC1; sp=none; p=none", DMARC_RFC7489, "19 p" },
		{ "v=DMARC1; p=none; p=none", DMARC_RFC9989, "18 p" },
		{ "v=DMARC1; p=none; pct=1000; ri=x; rf=-; fo=0:1:0", DMARC_RFC7489, "18 pct,28 ri,34 rf" },
		{ "v=DMARC1; p=none; pct=1000; ri=x; rf=-; fo=0:1", DMARC_RFC9989, "40 fo" },
		{ "v=DMARC1; p=none; fo=d:s:1", DMARC_RFC9989, "" },
		{ "v=DMARC1; p=none; fo=d:d", DMARC_RFC9989, "18 fo" },
		{ "v=DMARC1; p=none; rua=mailto:a@b,x; ruf=", DMARC_RFC9989, "18 rua,36 ruf" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dmarc_record r;
		struct error err = ERROR_INIT;
		char got[256] = "";
		assert_int_equal(dmarc_record_parse(span_of(rows[i].text), rows[i].standard, &r, &err), 1);
		for (size_t n = 0; n < r.problem_count; n++) {
			size_t len = strlen(got);
			snprintf(got + len, sizeof(got) - len, "%s%zu %.*s", n > 0 ? "," : "", r.problems[n].offset,
				 SPAN_ARG(r.problems[n].tag));
			assert_string_equal(r.problems[n].section, rows[i].standard == DMARC_RFC9989
								       ? "RFC 9989 section 4.7"
								       : "RFC 7489 section 6.3");
		}
		ROW_ASSERT_STRING(rows[i].text, got, rows[i].expected);
		dmarc_record_fini(&r);
	}
}

static void other_values_are_kept(void **state)
{
	struct dmarc_record r;
	struct error err = ERROR_INIT;
	struct span text = SPAN_LIT("v=DMARC1; p=none; rua=mailto:a@x.example!10M , https://y.example/r;"
				    "ruf=mailto:b@z.example?subject=x; ri=3600; rf=afrf : other; fo=1:d");
	(void)state;
	assert_int_equal(dmarc_record_parse(text, DMARC_RFC7489, &r, &err), 1);
	assert_int_equal(r.problem_count, 0);
	assert_int_equal(r.uri_count, 3);
	assert_true(span_is(r.uris[0].uri, "mailto:a@x.example") && span_is(r.uris[0].domain, "x.example"));
	assert_true(r.uris[0].max_octets == 10 << 20 && !r.uris[0].failure);
	assert_true(span_is(r.uris[1].uri, "https://y.example/r") && !r.uris[1].domain.p);
	assert_true(r.uris[2].failure && span_is(r.uris[2].domain, "z.example") && r.uris[2].max_octets == -1);
	assert_int_equal(r.interval, 3600);
	assert_true(span_is(r.formats, "afrf : other"));
	assert_int_equal(r.failure_options, DMARC_FO_1 | DMARC_FO_D);
	dmarc_record_fini(&r);
}

static void addresses_are_capped(void **state)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(2000);
	struct dmarc_record r;
	struct error err = ERROR_INIT;
	(void)state;
	buf_add_str(&text, "v=DMARC1; p=none; rua=mailto:a@b");
	for (size_t i = 0; i < DMARC_URIS_MAX; i++)
		buf_add_str(&text, ",mailto:a@b");
	assert_int_equal(dmarc_record_parse(buf_span(&text), DMARC_RFC9989, &r, &err), 1);
	assert_int_equal(r.uri_count, DMARC_URIS_MAX);
	assert_true(r.uris_cut);
	dmarc_record_fini(&r);
}

static void addresses_that_are_no_uri_are_refused(void **state)
{
	static const struct {
		const char *text;
		int64_t limit; /* -2: refused */
	} rows[] = {
		{ "mailto:a@b", -1 },
		{ "MAILTO:a@b!0", 0 },
		{ "mailto:a@b!1k", 1024 },
		{ "mailto:a@b!2G", (int64_t)2 << 30 },
		{ "mailto:a@b!8388607t", (int64_t)8388607 << 40 },
		{ "mailto:a@b!8388608t", -2 },
		{ "mailto:a@b!", -2 },
		{ "mailto:a@b!k", -2 },
		{ "mailto:a@b!10p", -2 },
		{ "mailto:a@b!99999999999999999999", -2 },
		{ "mailto:a", -2 },
		{ "mailto:@b", -2 },
		{ "mailto:a@", -2 },
		{ "mailto:a@b@c", -2 },
		{ "mailto:", -2 },
		{ "a@b", -2 },
		{ ":a@b", -2 },
		{ "1a:b", -2 },
		{ "mailto:a b@c", -2 },
		{ "mailto:\xc3\xa4@c", -2 },
		{ "", -2 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dmarc_uri uri = { 0 };
		bool valid = dmarc_uri_parse(span_of(rows[i].text), &uri);
		ROW_ASSERT(rows[i].text, valid == (rows[i].limit != -2));
		ROW_ASSERT(rows[i].text, !valid || uri.max_octets == rows[i].limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_those_of_the_standard),
		cmocka_unit_test(problems_say_where_and_what),
		cmocka_unit_test(other_values_are_kept),
		cmocka_unit_test(addresses_are_capped),
		cmocka_unit_test(addresses_that_are_no_uri_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
