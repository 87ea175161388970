/* The room in which checks run: jobs side by side, one deadline, findings, what was known before, questions that are
 * asked again. The checks of this program are its own. */
#include "tests/unit/unit.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "harness/posture/engine/ask.h"
#include "harness/posture/engine/check.h"
#include "harness/base/clock.h"
#include "harness/dns/rdata.h"
#include "harness/dns/resolver_live.h"
#include "harness/dns/zone.h"
#include "harness/model/facts.h"
#include "harness/posture/engine/check.h"
#include "tests/unit/dns_server.h"

enum { NOW_MS = 2000000000, DAY_MS = 24 * 3600 * 1000 };

static check_fn *scenario;

static void run_scenario(struct check *check, void *argument)
{
	scenario(check, argument);
}

static void wait_a_little(struct check *check, void *argument)
{
	usleep(100 * 1000);
	check_good(check, "from.entry", "", "it ran");
}

static const struct check_entry check_entries[] = { { "from", run_scenario }, { "mx", wait_a_little } };
static const size_t check_entry_count = ARRAY_LEN(check_entries);

/* Runs a scenario beside the other check, which always finds one thing. */
static struct posture_cost look(check_fn *fn, struct posture_params params, struct findings *ret)
{
	struct error err = ERROR_INIT;
	struct posture_cost cost = { 0 };
	scenario = fn;
	params.domain = "example.org";
	params.now_ms = NOW_MS;
	if (params.timeout_ms == 0)
		params.timeout_ms = 10000;
	if (check_run(check_entries, check_entry_count, &params, ret, &cost, &err) < 0)
		fail_msg("%s", err.text);
	return cost;
}

static const struct finding *find(const struct findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0)
			return &findings->v[i];
	fail_msg("there is no finding %s", id);
	return NULL;
}

/* --- jobs --------------------------------------------------------------------------------------------------------- */

static atomic_int jobs_done;

static void sleep_job(struct check *check, void *argument)
{
	usleep(100 * 1000);
	atomic_fetch_add(&jobs_done, 1);
}

static void eight_jobs(struct check *check, void *argument)
{
	void *arguments[8] = { 0 };
	check_each(check, sleep_job, arguments, ARRAY_LEN(arguments));
}

static void eight_times_eight_jobs(struct check *check, void *argument)
{
	void *arguments[8] = { 0 };
	check_each(check, eight_jobs, arguments, ARRAY_LEN(arguments));
}

static void count_job(struct check *check, void *argument)
{
	atomic_fetch_add(&jobs_done, *(int *)argument);
}

static void a_thousand_jobs(struct check *check, void *argument)
{
	static int one = 1;
	void *arguments[1000];
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++)
		arguments[i] = &one;
	check_each(check, count_job, arguments, ARRAY_LEN(arguments));
}

static void no_job(struct check *check, void *argument)
{
	check_each(check, count_job, NULL, 0);
}

static void jobs_run_side_by_side_and_none_is_lost(void **state)
{
	static const struct {
		const char *label;
		check_fn *fn;
		int done, most_ms;
	} rows[] = {
		{ "eight at once", eight_jobs, 8, 790 },
		{ "jobs of jobs, more than there are threads", eight_times_eight_jobs, 64, 6000 },
		{ "far more than there are threads", a_thousand_jobs, 1000, 60000 },
		{ "none", no_job, 0, 5000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		atomic_store(&jobs_done, 0);
		struct posture_cost cost = look(rows[i].fn, (struct posture_params){ 0 }, &findings);
		ROW_ASSERT(rows[i].label, atomic_load(&jobs_done) == rows[i].done);
		ROW_ASSERT(rows[i].label, cost.took_ms >= 100 && cost.took_ms < rows[i].most_ms);
		ROW_ASSERT(rows[i].label, findings.count == 1);
	}
}

/* --- findings ----------------------------------------------------------------------------------------------------- */

static void find_many(struct check *check, void *argument)
{
	check_good(check, "tls-rpt.present", "b.example", "seen %d", 1);
	check_bad(check, "mx.starttls", "b.example", "turn it on", "no %s\n", "STARTTLS");
	check_bad(check, "mx.starttls", "a.example", NULL, "no STARTTLS");
	check_good(check, "mx.starttls", "b.example", "the second of one id and subject");
	check_that(check, true, "mx.tls", "a.example", "not needed", "TLSv1.3");
	check_that(check, false, "mx.tls", "b.example", "needed", "TLSv1.0");
	check_connected(check);
	check_connected(check);
}

static void findings_are_sorted_escaped_and_one_of_each(void **state)
{
	static const struct {
		const char *id, *subject;
		enum finding_state state;
		const char *evidence, *mend;
	} rows[] = {
		{ "from.entry", "", FINDING_GOOD, "it ran", "" },
		{ "mx.starttls", "a.example", FINDING_BAD, "no STARTTLS", "" },
		{ "mx.starttls", "b.example", FINDING_BAD, "no STARTTLS\\x0a", "turn it on" },
		{ "mx.tls", "a.example", FINDING_GOOD, "TLSv1.3", "" },
		{ "mx.tls", "b.example", FINDING_BAD, "TLSv1.0", "needed" },
		{ "tls-rpt.present", "b.example", FINDING_GOOD, "seen 1", "" },
	};
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost = look(find_many, (struct posture_params){ 0 }, &findings);
	assert_int_equal(cost.connections, 2);
	assert_int_equal(findings.count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct finding *f = &findings.v[i];
		ROW_ASSERT_STRING(rows[i].id, f->id, rows[i].id);
		ROW_ASSERT_STRING(rows[i].id, f->subject, rows[i].subject);
		ROW_ASSERT(rows[i].id, f->state == rows[i].state);
		ROW_ASSERT_STRING(rows[i].id, f->evidence, rows[i].evidence);
		ROW_ASSERT_STRING(rows[i].id, f->mend, rows[i].mend);
		ROW_ASSERT(rows[i].id, f->at_ms == NOW_MS);
	}
}

static void find_open(struct check *check, void *argument)
{
	check_open(check, "mx.starttls", "a.example", "timed out");
	check_open(check, "mx.starttls", "b.example", "timed out");
	check_open(check, "spf.present", NULL, "SERVFAIL");
}

static void what_cannot_be_tested_names_the_last_evidence_and_its_age(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(findings_fini) struct findings findings = { 0 }, previous = { 0 };
	const struct finding rows[] = {
		{ fact_lend("mx.starttls"), fact_lend("b.example"), FINDING_OPEN, fact_lend("refused"), fact_lend(""),
		  1 },
		{ fact_lend("mx.starttls"), fact_lend("a.example"), FINDING_GOOD, fact_lend("TLSv1.3"), fact_lend(""),
		  NOW_MS - DAY_MS },
		{ fact_lend("spf.present"), fact_lend(""), FINDING_BAD, fact_lend("no record"), fact_lend(""),
		  NOW_MS - 3600000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(findings_add(&previous, &rows[i], &err), 0);
	look(find_open, (struct posture_params){ .previous = &previous }, &findings);
	assert_int_equal(findings.count, 4);
	assert_int_equal(findings.v[1].state, FINDING_OPEN);
	assert_string_equal(findings.v[1].evidence, "timed out; 24 h ago it was good: TLSv1.3");
	assert_string_equal(findings.v[2].evidence, "timed out"); /* what was open before is no evidence */
	assert_string_equal(findings.v[3].evidence, "SERVFAIL; 1 h ago it was bad: no record");
}

static void short_of_memory(struct check *check, void *argument)
{
	check_memory(check);
}

static void a_lack_of_memory_is_no_finding(void **state)
{
	struct error err = ERROR_INIT;
	struct findings findings = { 0 };
	struct posture_cost cost = { 0 };
	const struct posture_params params = { .domain = "example.org", .timeout_ms = 1000 };
	scenario = short_of_memory;
	assert_int_equal(check_run(check_entries, check_entry_count, &params, &findings, &cost, &err), -1);
	assert_int_equal(err.kind, ERROR_ENVIRONMENT);
	assert_int_equal(findings.count, 0);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

/* Two questions at once; the answers become findings. */
static void ask_two(struct check *check, void *argument)
{
	const struct dns_question questions[] = { { "www.example.org", DNS_A }, { "mail.example.org", DNS_A } };
	struct dns_answer answers[ARRAY_LEN(questions)] = { 0 };
	assert_int_equal(check_ask(check, questions, ARRAY_LEN(questions), answers), 0);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct ip ip;
		char text[IP_TEXT_MAX];
		const char *id = i ? "mx.mail" : "mx.www";
		if (answers[i].count == 1 && rdata_address(&answers[i].records[0], &ip))
			check_good(check, id, "", "%s", ip_format(&ip, text));
		else
			check_open(check, id, "", "%s", answers[i].detail ? answers[i].detail : "no record");
		dns_answer_fini(&answers[i]);
	}
}

static const char zone_text[] = "$ORIGIN example.org.\n"
				"@ 300 IN SOA ns h 1 2 3 4 5\n"
				"@ 300 IN NS ns\n"
				"ns 300 IN A 127.0.0.1\n"
				"www 300 IN A 192.0.2.1\n"
				"mail 300 IN A 192.0.2.2\n";

/* A resolver and the authoritative server of the zone behind it, both real. */
struct servers {
	struct zone *zones[2];
	struct dns_server *cache, *authority;
	struct resolver *resolver;
	struct posture_params params;
};

static void servers_start(struct servers *s)
{
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LEN(s->zones); i++) {
		assert_int_equal(zone_new(&s->zones[i], &err), 0);
		if (zone_parse(s->zones[i], span_of(zone_text), "test.zone", &err) < 0)
			fail_msg("%s", err.text);
	}
	s->cache = dns_server_new(s->zones[0]);
	s->authority = dns_server_new(s->zones[1]);
	const char *address = dns_server_address(s->cache);
	const struct resolver_live_options options = {
		.servers = &address, .server_count = 1, .timeout_ms = 600, .attempts = 1
	};
	assert_int_equal(resolver_live_new(&options, &s->resolver, &err), 0);
	uint64_t port = 0;
	assert_true(span_to_u64(span_of(strchr(dns_server_address(s->authority), ':') + 1), 65535, &port));
	s->params = (struct posture_params){ .resolver = s->resolver, .question_ms = 600, .dns_port = (uint16_t)port };
}

static void servers_stop(struct servers *s)
{
	resolver_free(s->resolver);
	dns_server_free(s->cache);
	dns_server_free(s->authority);
	for (size_t i = 0; i < ARRAY_LEN(s->zones); i++)
		zone_free(s->zones[i]);
}

static void what_the_resolver_fails_at_is_asked_of_the_zones_own_servers(void **state)
{
	static const struct {
		const char *label;
		struct dns_conduct cache, authority;
		enum finding_state www, mail;
		bool asked;
	} rows[] = {
		{ "a resolver that works", { .resolver = true }, { 0 }, FINDING_GOOD, FINDING_GOOD, false },
		{ "a resolver that fails at one name",
		  { .resolver = true, .fails = 1000, .only = "www.example.org" },
		  { 0 },
		  FINDING_GOOD,
		  FINDING_GOOD,
		  true },
		{ "a resolver that is silent at one name",
		  { .resolver = true, .silent = true, .only = "www.example.org" },
		  { 0 },
		  FINDING_GOOD,
		  FINDING_GOOD,
		  true },
		{ "the zone's server fails as well",
		  { .resolver = true, .fails = 1000, .only = "www.example.org" },
		  { .fails = 1000 },
		  FINDING_OPEN,
		  FINDING_GOOD,
		  true },
		{ "a resolver that is silent at all", { .silent = true }, { 0 }, FINDING_OPEN, FINDING_OPEN, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct servers s;
		_cleanup_(findings_fini) struct findings findings = { 0 };
		servers_start(&s);
		dns_server_conduct(s.cache, rows[i].cache);
		dns_server_conduct(s.authority, rows[i].authority);
		struct posture_cost cost = look(ask_two, s.params, &findings);
		ROW_ASSERT(rows[i].label, find(&findings, "mx.www")->state == rows[i].www);
		ROW_ASSERT(rows[i].label, find(&findings, "mx.mail")->state == rows[i].mail);
		if (rows[i].www == FINDING_GOOD)
			ROW_ASSERT_STRING(rows[i].label, find(&findings, "mx.www")->evidence, "192.0.2.1");
		ROW_ASSERT(rows[i].label, (dns_server_udp(s.authority) > 0) == rows[i].asked);
		ROW_ASSERT(rows[i].label, cost.questions >= 2);
		servers_stop(&s);
	}
}

static void ask_again_and_again(struct check *check, void *argument)
{
	size_t rounds = 0;
	while (!deadline_passed(check_deadline(check)) && rounds++ < 1000) {
		const struct dns_question question = { "www.example.org", DNS_A };
		struct dns_answer answer = { 0 };
		assert_int_equal(check_ask(check, &question, 1, &answer), 0);
		bool over = answer.detail && strcmp(answer.detail, "the time for the look is over") == 0;
		dns_answer_fini(&answer);
		if (over)
			break;
	}
	check_open(check, "mx.www", "", "asked %s", rounds > 1 ? "several times" : "once");
}

static void a_resolver_that_never_answers_does_not_hold_up_the_end(void **state)
{
	struct servers s;
	_cleanup_(findings_fini) struct findings findings = { 0 };
	servers_start(&s);
	dns_server_conduct(s.cache, (struct dns_conduct){ .silent = true });
	s.params.timeout_ms = 3000;
	struct posture_cost cost = look(ask_again_and_again, s.params, &findings);
	assert_true(cost.took_ms <= 3000 + 2000);
	assert_string_equal(find(&findings, "mx.www")->evidence, "asked several times");
	servers_stop(&s);
}

/* Says of everything that its signatures are wrong. */
static int ask_bogus(struct resolver *self, const struct dns_question *questions, size_t count,
		     struct dns_answer *ret_answers, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		ret_answers[i] = (struct dns_answer){ .state = DNS_FAILED, .security = DNS_BOGUS };
	return 0;
}

static void a_bogus_answer_is_not_asked_for_again(void **state)
{
	static const struct resolver_ops ops = { .ask = ask_bogus };
	struct resolver resolver = { &ops };
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost = look(ask_two, (struct posture_params){ .resolver = &resolver }, &findings);
	assert_int_equal(find(&findings, "mx.www")->state, FINDING_OPEN);
	assert_int_equal(cost.questions, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_run_side_by_side_and_none_is_lost),
		cmocka_unit_test(findings_are_sorted_escaped_and_one_of_each),
		cmocka_unit_test(what_cannot_be_tested_names_the_last_evidence_and_its_age),
		cmocka_unit_test(a_lack_of_memory_is_no_finding),
		cmocka_unit_test(what_the_resolver_fails_at_is_asked_of_the_zones_own_servers),
		cmocka_unit_test(a_resolver_that_never_answers_does_not_hold_up_the_end),
		cmocka_unit_test(a_bogus_answer_is_not_asked_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
