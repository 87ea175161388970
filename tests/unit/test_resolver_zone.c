/* Zone files over another resolver. */
#include "tests/unit/unit.h"

#include "harness/dns/resolver_zone.h"
#include "tests/unit/dns_words.h"

static const char file[] = "$ORIGIN one.test.\n"
			   "$TTL 100\n"
			   "@ 600 SOA ns root 1 2 3 4 50\n"
			   "@ NS ns\n"
			   "@ MX 20 b\n"
			   "@ 90 MX 10 a\n"
			   "a A 192.0.2.1\n"
			   "deep.under A 192.0.2.2\n"
			   "alias 70 CNAME a\n"
			   "to-nothing CNAME nothing\n"
			   "to-below CNAME www.two.test.\n"
			   "to-below-nothing CNAME nothing.two.test.\n"
			   "loop CNAME pool\n"
			   "pool CNAME loop\n"
			   "*.wild TXT any\n"
			   "here.wild A 192.0.2.3\n"
			   "*.walias CNAME a\n"
			   "sub NS ns.sub\n"
			   "ns.sub A 192.0.2.99\n"
			   "sub DS 1 2 3 ab\n"
			   "chain01 CNAME chain02\nchain02 CNAME chain03\nchain03 CNAME chain04\n"
			   "chain04 CNAME chain05\nchain05 CNAME chain06\nchain06 CNAME chain07\n"
			   "chain07 CNAME chain08\nchain08 CNAME chain09\nchain09 CNAME chain10\n"
			   "chain10 CNAME chain11\nchain11 CNAME chain12\nchain12 CNAME chain13\n"
			   "chain13 CNAME a\n"
			   "$ORIGIN .\n"
			   "lone.three.test TXT lone\n"
			   "lone.three.test CAA 0 issue a\n";

static const char around[] = "$TTL 1h\n"
			     "one.test. SOA ns. root. 1 2 3 4 40\n"
			     "one.test. TXT old\n"
			     "new.one.test. TXT old\n"
			     "two.test. 400 SOA ns. root. 1 2 3 4 30\n"
			     "www.two.test. 80 A 192.0.2.80\n"
			     "back.two.test. 60 CNAME alias.one.test.\n"
			     "gone.two.test. 60 CNAME new.one.test.\n"
			     "ping.two.test. CNAME to-ping.one.test.\n"
			     "in.sub.one.test. TXT handed\n"
			     "sub.one.test. NS ns.sub.one.test.\n"
			     "sub.one.test. DS 1 2 3 cd\n"
			     "three.test. TXT around\n"
			     "lone.three.test. TXT old\n"
			     "lone.three.test. 70 MX 10 around.\n"
			     "x.lone.three.test. 60 A 192.0.2.7\n";

static const struct {
	const char *question, *answer;
} rows[] = {
	{ "a.one.test A", "NOERROR 100 192.0.2.1" },
	{ "A.One.Test. A", "NOERROR 100 192.0.2.1" },
	{ "one.test MX", "NOERROR 90 20 b.one.test. | 10 a.one.test." },
	{ "one.test TXT", "NOERROR 50" },
	{ "a.one.test AAAA", "NOERROR 50" },
	{ "under.one.test A", "NOERROR 50" },
	{ "other.one.test A", "NXDOMAIN 50" },
	{ "new.one.test TXT", "NXDOMAIN 50" },
	{ "b.under.one.test A", "NXDOMAIN 50" },
	{ "b.a.one.test A", "NXDOMAIN 50" },
	{ "alias.one.test A", "NOERROR 70 -> a.one.test 192.0.2.1" },
	{ "alias.one.test CNAME", "NOERROR 70 a.one.test." },
	{ "alias.one.test MX", "NOERROR 50 -> a.one.test" },
	{ "to-nothing.one.test A", "NXDOMAIN 50 -> nothing.one.test" },
	{ "loop.one.test A", "SERVFAIL failed 0: loop.one.test is behind more than 12 CNAMEs, which may be a loop" },
	{ "chain02.one.test A", "NOERROR 100 -> a.one.test 192.0.2.1" },
	{ "chain01.one.test A",
	  "SERVFAIL failed 0: chain13.one.test is behind more than 12 CNAMEs, which may be a loop" },
	{ "x.wild.one.test TXT", "NOERROR 100 \"any\"" },
	{ "y.x.wild.one.test TXT", "NOERROR 100 \"any\"" },
	{ "x.wild.one.test A", "NOERROR 50" },
	{ "here.wild.one.test TXT", "NOERROR 50" },
	{ "x.here.wild.one.test TXT", "NXDOMAIN 50" },
	{ "wild.one.test TXT", "NOERROR 50" },
	{ "x.walias.one.test A", "NOERROR 100 -> a.one.test 192.0.2.1" },
	{ "to-below.one.test A", "NOERROR 80 -> www.two.test 192.0.2.80" },
	{ "to-below-nothing.one.test A", "NXDOMAIN 30 -> nothing.two.test" },
	{ "back.two.test A", "NOERROR 40 -> a.one.test 192.0.2.1" },
	{ "gone.two.test TXT", "NXDOMAIN 50 -> new.one.test" },
	{ "in.sub.one.test TXT", "NOERROR 3600 \"handed\"" },
	{ "sub.one.test NS", "NOERROR 3600 ns.sub.one.test." },
	{ "sub.one.test DS", "NOERROR 100 1 2 3 ab" },
	{ "lone.three.test TXT", "NOERROR 100 \"lone\"" },
	{ "lone.three.test A", "NOERROR 0" },
	{ "lone.three.test MX", "NOERROR 70 10 around." },
	{ "x.lone.three.test A", "NOERROR 60 192.0.2.7" },
	{ "y.lone.three.test A", "NXDOMAIN 0" },
	{ "three.test TXT", "NOERROR 3600 \"around\"" },
	{ "unknown.example A", "NXDOMAIN 0" },
	{ ". NS", "NOERROR 0" },
	{ "a..b A", "NXDOMAIN 0" },
};

static void the_file_answers_for_its_zones_and_the_rest_comes_from_below(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *upper = zone_of(file), *lower = zone_of(around);
	_cleanup_(resolver_free_p) struct resolver *below = NULL;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_int_equal(resolver_zone_new(lower, NULL, &below, &err), 0);
	assert_int_equal(resolver_zone_new(upper, below, &resolver, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT_STRING(rows[i].question, ask_words(resolver, rows[i].question, &words), rows[i].answer);
}

static void many_questions_have_their_own_answers(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *upper = zone_of(file), *lower = zone_of(around);
	_cleanup_(resolver_free_p) struct resolver *below = NULL;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	struct dns_question questions[ARRAY_LEN(rows)];
	struct dns_answer answers[ARRAY_LEN(rows)];
	char names[ARRAY_LEN(rows)][64];
	assert_int_equal(resolver_zone_new(lower, NULL, &below, &err), 0);
	assert_int_equal(resolver_zone_new(upper, below, &resolver, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *space = strchr(rows[i].question, ' ');
		span_copy(span_make(rows[i].question, (size_t)(space - rows[i].question)), names[i], sizeof(names[i]));
		questions[i].name = names[i];
		assert_true(dns_type_from(span_of(space + 1), &questions[i].type));
	}
	assert_int_equal(resolver_ask_many(resolver, questions, ARRAY_LEN(rows), answers, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		answer_words(&answers[i], questions[i].type, &words);
		ROW_ASSERT_STRING(rows[i].question, buf_str(&words), rows[i].answer);
		dns_answer_fini(&answers[i]);
	}
	assert_int_equal(resolver_ask_many(resolver, NULL, 0, NULL, &err), 0);
}

static void a_file_alone_is_all_of_the_dns(void **state)
{
	static const struct {
		const char *question, *answer;
	} alone[] = {
		{ "in.sub.one.test TXT", "NXDOMAIN 50" },
		{ "ns.sub.one.test A", "NOERROR 100 192.0.2.99" },
		{ "sub.one.test NS", "NOERROR 100 ns.sub.one.test." },
		{ "to-below.one.test A", "NXDOMAIN 0 -> www.two.test" },
		{ "three.test A", "NOERROR 0" },
		{ "example A", "NXDOMAIN 0" },
	};
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = zone_of(file);
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_int_equal(resolver_zone_new(zone, NULL, &resolver, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(alone); i++)
		ROW_ASSERT_STRING(alone[i].question, ask_words(resolver, alone[i].question, &words), alone[i].answer);
}

/* A layer below whose answers are signed, and left of a cache; it may send a chain back into the file for ever. */
static int ask_signed(struct resolver *self, const struct dns_question *questions, size_t count, struct dns_answer *ret,
		      struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		bool fails = strcmp(questions[i].name, "broken.test") == 0;
		bool back = strcmp(questions[i].name, "pong.test") == 0;
		ret[i] = (struct dns_answer){ .state = fails ? DNS_FAILED : DNS_ANSWERED,
					      .security = DNS_SECURE,
					      .at_ms = 1000,
					      .ttl = 7,
					      .ttl_remaining = true,
					      .canonical = back ? strdup("ping.one.test") : NULL,
					      .detail = fails ? strdup("timed out") : NULL };
	}
	return 0;
}

static void answers_from_below_keep_what_is_known_of_them(void **state)
{
	static const struct resolver_ops ops = { .ask = ask_signed };
	static const struct {
		const char *question, *answer;
	} signed_rows[] = {
		{ "signed.test A", "NOERROR 7 remaining secure" },
		{ "broken.test A", "NOERROR failed 7 remaining secure: timed out" },
		{ "out.one.test A", "NOERROR 5 remaining -> signed.test" },
		{ "ping.one.test A",
		  "SERVFAIL failed 0: ping.one.test is behind more than 12 CNAMEs, which may be a loop" },
	};
	struct error err = ERROR_INIT;
	struct resolver below = { &ops };
	struct dns_answer answer;
	_cleanup_(zone_free_p) struct zone *zone = zone_of(
	    "one.test. SOA . . 1 2 3 4 5\nout.one.test. CNAME signed.test.\nping.one.test. CNAME pong.test.");
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	assert_int_equal(resolver_zone_new(zone, &below, &resolver, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(signed_rows); i++)
		ROW_ASSERT_STRING(signed_rows[i].question, ask_words(resolver, signed_rows[i].question, &words),
				  signed_rows[i].answer);
	assert_int_equal(resolver_ask(resolver, "signed.test", DNS_A, &answer, &err), 0);
	assert_int_equal(answer.at_ms, 1000);
	dns_answer_fini(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_answers_for_its_zones_and_the_rest_comes_from_below),
		cmocka_unit_test(many_questions_have_their_own_answers),
		cmocka_unit_test(a_file_alone_is_all_of_the_dns),
		cmocka_unit_test(answers_from_below_keep_what_is_known_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
