/* What a wait asks, and whom. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/dns/resolver_zone.h"
#include "harness/dns_wait/dns_wait_plan.h"
#include "tests/unit/dns_words.h"
#include "tests/unit/survey_of.h"

/* `NAME TYPE [at ZONE] [= ANSWER] [was]` by line, then servers. */
static void describe(const struct dns_wait_plan *plan, struct buf *out)
{
	char type[DNS_TYPE_TEXT_MAX];
	for (size_t i = 0; i < plan->question_count; i++) {
		const struct dns_wait_question *q = &plan->questions[i];
		buf_addf(out, "%s %s", q->name, dns_type_name(q->type, type));
		if (q->zone)
			buf_addf(out, " at %s", q->zone);
		if (q->expected) {
			buf_add_str(out, " = ");
			answer_words(q->expected, q->type, out);
		}
		buf_add_str(out, q->before ? " was\n" : "\n");
	}
	for (size_t i = 0; i < plan->server_count; i++) {
		const struct dns_wait_server *s = &plan->servers[i];
		buf_addf(out, "%s: %s for %s\n", s->label, s->address ? s->address : "-", s->zone ? s->zone : "all");
	}
}

static void a_zone_file_says_what_is_waited_for(void **state)
{
	static const struct {
		const char *label, *zone, *before, *expected;
	} rows[] = {
		{ "records alone",
		  "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"\nexample.org. 60 MX 10 a.example.org.", NULL,
		  "example.org MX = NOERROR 60 10 a.example.org.\n_dmarc.example.org TXT = NOERROR 60 \"v=DMARC1; "
		  "p=none\"\n" },
		{ "neither SOA nor what is handed over",
		  "$ORIGIN example.org.\n@ 60 SOA n r 1 2 3 4 5\n@ 60 NS n\nsub 60 NS n.sub\nn.sub 60 A 192.0.2.1\n",
		  NULL, "example.org NS = NOERROR 60 n.example.org.\n" },
		{ "an alias itself", "s1._domainkey.example.org. 60 CNAME k.example.net.", NULL,
		  "s1._domainkey.example.org CNAME = NOERROR 60 k.example.net.\n" },
		{ "what the zone takes away",
		  "$ORIGIN example.org.\n@ 60 SOA n r 1 2 3 4 5\n@ 60 TXT \"v=spf1 -all\"\n",
		  "example.org. 60 TXT \"v=spf1 +all\"\nexample.org. 60 MX 10 a.example.net.\nexample.net. 60 MX 10 "
		  "b.\n",
		  "example.org TXT = NOERROR 60 \"v=spf1 -all\" was\nexample.org MX = NOERROR 5 was\n" },
		{ "nor by records under an origin", "$ORIGIN example.org.\n_dmarc 60 TXT \"v=DMARC1; p=none\"",
		  "example.org. 60 MX 10 a.example.net.\n",
		  "_dmarc.example.org TXT = NOERROR 60 \"v=DMARC1; p=none\" was\n" },
		{ "nothing is taken away by records alone", "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"",
		  "example.org. 60 MX 10 a.example.net.\n",
		  "_dmarc.example.org TXT = NOERROR 60 \"v=DMARC1; p=none\" was\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct dns_snapshot before = { 0 };
		struct zone *zone = zone_of(rows[i].zone);
		_cleanup_(dns_wait_plan_fini) struct dns_wait_plan plan = { 0 };
		_cleanup_(buf_fini) struct buf words = BUF_INIT(10000);
		if (rows[i].before)
			survey_of(rows[i].before, NULL, &before);
		ROW_ASSERT(rows[i].label, dns_wait_plan_zone(&plan, zone, before.facts, before.count, &err) == 0);
		describe(&plan, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
		dns_wait_plan_fini(&plan);
		dns_snapshot_fini(&before);
		zone_free(zone);
	}
}

static void a_file_without_records_is_a_mistake(void **state)
{
	struct error err = ERROR_INIT;
	struct zone *zone = zone_of("example.org. 60 SOA n. r. 1 2 3 4 5\n");
	_cleanup_(dns_wait_plan_fini) struct dns_wait_plan plan = { 0 };
	assert_int_equal(dns_wait_plan_zone(&plan, zone, NULL, 0, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	zone_free(zone);
}

static void a_domain_is_waited_for_by_its_snapshot(void **state)
{
	struct error err = ERROR_INIT;
	struct dns_snapshot now;
	_cleanup_(dns_wait_plan_fini) struct dns_wait_plan plan = { 0 };
	survey_of("s1._domainkey.example.org. 60 CNAME k.example.net.\nk.example.net. 60 TXT \"p=\"\n", NULL, &now);
	assert_int_equal(dns_wait_plan_domain(&plan, "example.org", now.facts, now.count, now.facts, now.count, &err),
			 0);
	bool alias = false;
	for (size_t i = 0; i < plan.question_count; i++) {
		const struct dns_wait_question *q = &plan.questions[i];
		assert_true(q->type != DNS_SOA && q->type != DNS_DS && !q->expected);
		assert_null(strstr(q->name, "example.net"));
		if (strcmp(q->name, "s1._domainkey.example.org") == 0) {
			alias = true;
			assert_int_equal(q->type, DNS_CNAME);
		} else {
			assert_non_null(q->before);
		}
	}
	assert_true(alias);
	dns_snapshot_fini(&now);
}

static void every_address_of_every_server_is_asked(void **state)
{
	static const char dns[] =
	    "org. 60 NS a.example.com.\nexample.org. 60 NS ns1.example.org.\n"
	    "example.org. 60 NS ns2.example.com.\nns1.example.org. 60 A 127.0.0.1\n"
	    "ns1.example.org. 60 A 127.0.0.2\nns2.example.com. 60 A 127.0.0.3\na.example.com. 60 A 127.0.0.9\n";
	struct error err = ERROR_INIT;
	struct resolver *resolver = NULL;
	struct zone *zone = zone_of(dns), *file = zone_of("_dmarc.example.org. 60 TXT a\n");
	_cleanup_(dns_wait_plan_fini) struct dns_wait_plan plan = { 0 };
	_cleanup_(buf_fini) struct buf words = BUF_INIT(10000);
	assert_int_equal(resolver_zone_new(zone, NULL, &resolver, &err), 0);
	assert_int_equal(dns_wait_plan_zone(&plan, file, NULL, 0, &err), 0);
	assert_int_equal(dns_wait_plan_authorities(&plan, resolver, &err), 0);
	assert_int_equal(dns_wait_plan_resolver(&plan, "127.0.0.7:5353", &err), 0);
	assert_int_equal(dns_wait_plan_resolver(&plan, NULL, &err), 0);
	describe(&plan, &words);
	assert_string_equal(buf_str(&words), "_dmarc.example.org TXT at example.org = NOERROR 60 \"a\"\n"
					     "ns1.example.org 127.0.0.1: 127.0.0.1 for example.org\n"
					     "ns1.example.org 127.0.0.2: 127.0.0.2 for example.org\n"
					     "ns2.example.com 127.0.0.3: 127.0.0.3 for example.org\n"
					     "127.0.0.7:5353: 127.0.0.7:5353 for all\n"
					     "the resolvers of this machine: - for all\n");
	assert_int_equal(dns_wait_plan_resolver(&plan, "no.address", &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	for (size_t i = plan.server_count; i < DNS_WAIT_SERVERS_MAX; i++)
		assert_int_equal(dns_wait_plan_resolver(&plan, "127.0.0.7", &err), 0);
	assert_int_equal(dns_wait_plan_resolver(&plan, "127.0.0.7", &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	resolver_free(resolver);
	zone_free(zone);
	zone_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_file_says_what_is_waited_for),
		cmocka_unit_test(a_file_without_records_is_a_mistake),
		cmocka_unit_test(a_domain_is_waited_for_by_its_snapshot),
		cmocka_unit_test(every_address_of_every_server_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
