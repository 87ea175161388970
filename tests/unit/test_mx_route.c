/* Where mail goes, as the DNS says it. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/posture/engine/check.h"
#include "harness/posture/engine/mx_route.h"
#include "tests/unit/fake_dns.h"

/* What a row expects: hosts with their addresses, `mx1 127.0.0.1 ::1, mx2`. */
static void add_route(const struct mx_route *route, struct buf *out)
{
	char text[IP_TEXT_MAX];
	if (route->null_mx)
		buf_add_str(out, "null");
	for (size_t i = 0; i < route->host_count; i++) {
		const struct mx_host *host = &route->hosts[i];
		buf_addf(out, "%s%s", out->len ? ", " : "", host->name);
		for (size_t j = 0; j < host->address_count; j++)
			buf_addf(out, " %s", ip_format(&host->addresses[j], text));
		if (mx_host_is_absent(host))
			buf_add_str(out, " absent");
	}
}

static struct buf found = BUF_INIT(10000);

static void look(struct check *check, void *argument)
{
	struct mx_route *route = calloc(1, sizeof(*route));
	assert_non_null(route);
	assert_int_equal(mx_route_find(check, check_params(check)->domain, route), 0);
	add_route(route, &found);
	mx_route_fini(route);
	free(route);
}

static const struct check_entry check_entries[] = { { "mx", look } };
static const size_t check_entry_count = ARRAY_LEN(check_entries);

static void assert_route(const char *label, const char *zone, const char *expected)
{
	struct fake_dns *dns = fake_dns_new();
	fake_dns_add_lines(dns, zone);
	const struct posture_params params = { .domain = "d.test", .resolver = &dns->base, .timeout_ms = 10000 };
	struct posture_cost cost;
	struct findings findings = { 0 };
	struct error err = ERROR_INIT;
	buf_clear(&found);
	assert_int_equal(check_run(check_entries, check_entry_count, &params, &findings, &cost, &err), 0);
	ROW_ASSERT_STRING(label, buf_str(&found), expected);
	findings_fini(&findings);
	resolver_free(&dns->base);
}

static const struct {
	const char *label, *zone, *expected;
} rows[] = {
	{ "by preference, equal ones as given",
	  "d.test MX 20 b.test\nd.test MX 10 a.test\nd.test MX 20 c.test\na.test A 192.0.2.1\na.test AAAA 2001:db8::1\n"
	  "b.test A 192.0.2.2\nc.test AAAA 2001:db8::3",
	  "a.test 192.0.2.1 2001:db8::1, b.test 192.0.2.2, c.test 2001:db8::3" },
	{ "the same host twice", "d.test MX 10 a.test\nd.test MX 20 a.test\na.test A 192.0.2.1", "a.test 192.0.2.1" },
	{ "no MX: the domain itself", "d.test A 192.0.2.1", "d.test 192.0.2.1" },
	{ "null MX", "d.test MX 0 .\nd.test A 192.0.2.1", "null" },
	{ "a host that is not there", "d.test MX 10 a.test", "a.test absent" },
	{ "a host that cannot be asked for", "d.test MX 10 a.test\na.test FAILED", "a.test" },
	{ "an alias is followed", "d.test MX 10 a.test\na.test CNAME b.test\nb.test A 192.0.2.1", "a.test 192.0.2.1" },
	{ "four addresses of a family",
	  "d.test MX 10 a.test\na.test A 192.0.2.1\na.test A 192.0.2.2\na.test A 192.0.2.3\na.test A 192.0.2.4\n"
	  "a.test A 192.0.2.5\na.test AAAA 2001:db8::1",
	  "a.test 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 2001:db8::1" },
	{ "MX cannot be had", "d.test FAILED", "" },
};

static void route_is_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_route(rows[i].label, rows[i].zone, rows[i].expected);
}

static void the_most_preferred_hosts_are_kept(void **state)
{
	struct buf zone = BUF_INIT(4000), expected = BUF_INIT(4000);
	for (int i = 40; i > 0; i--)
		buf_addf(&zone, "d.test MX %d mx%d.test\n", i, i);
	for (int i = 1; i <= MX_HOSTS_MAX; i++)
		buf_addf(&expected, "%smx%d.test absent", i > 1 ? ", " : "", i);
	assert_route("40 hosts", buf_str(&zone), buf_str(&expected));
	buf_fini(&zone);
	buf_fini(&expected);
}

static const struct {
	const char *label;
	struct dns_answer answer;
	bool validated;
	enum finding_state expected;
} answers[] = {
	{ "secure", { .security = DNS_SECURE, .at_ms = 1 }, true, FINDING_GOOD },
	{ "not signed", { .at_ms = 1 }, true, FINDING_BAD },
	{ "resolver without trust anchor", { .at_ms = 1 }, false, FINDING_OPEN },
	{ "from a zone file", { .at_ms = 0 }, true, FINDING_OPEN },
	{ "bogus", { .state = DNS_FAILED, .security = DNS_BOGUS }, true, FINDING_BAD },
	{ "no answer", { .state = DNS_FAILED }, true, FINDING_OPEN },
	{ "not in the snapshot", { .state = DNS_MISSED }, true, FINDING_OPEN },
};

static void signature_is_judged_only_where_it_can_be_known(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct mx_route route = { .validated = answers[i].validated };
		const char *words = NULL;
		ROW_ASSERT(answers[i].label,
			   mx_route_signed(&route, &answers[i].answer, &words) == answers[i].expected);
		ROW_ASSERT(answers[i].label, words && words[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_is_found),
		cmocka_unit_test(the_most_preferred_hosts_are_kept),
		cmocka_unit_test(signature_is_judged_only_where_it_can_be_known),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_fini(&found);
	return failed;
}
