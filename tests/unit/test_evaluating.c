/* Evaluating what is found: the snapshot gets every answer once, and a dead DNS holds nothing up. */
#include "harness/run/evaluating.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
#include "harness/run/plan.h"
#include "store/dns.h"
#include "store/observation.h"
#include "store/run.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/dns_words.h"

enum { PROBES = 3, SOON_MS = 10000 };

static const char records[] = "$ORIGIN service.test.\n"
			      "@ 300 IN SOA ns hostmaster 1 3600 600 86400 60\n"
			      "_dmarc 300 IN TXT \"v=DMARC1; p=reject\"\n"
			      "$ORIGIN test.\n"
			      "@ 300 IN SOA ns hostmaster 1 3600 600 86400 60\n";

static struct run_bench bench;
static struct zone *zone;
static struct dns_server *server;

static int set_up(void **state)
{
	const struct run_bench_seed seeds[PROBES] = { { .port = 1 }, { .port = 1 }, { .port = 1 } };
	bench_start(&bench, seeds, PROBES, 0);
	zone = zone_of(records);
	server = dns_server_new(zone);
	bench.config->dns.servers = strdup(dns_server_address(server));
	bench.config->dns.timeout_ms = 300;
	return 0;
}

static int tear_down(void **state)
{
	dns_server_free(server);
	zone_free(zone);
	bench_end(&bench);
	return 0;
}

static void observe_in(const struct run_facts *run, size_t probe, char *header)
{
	struct error err = ERROR_INIT;
	static char body[] = "hello\r\n";
	const struct observation o = { .at_ms = 1795426200000,
				       .folder = fact_lend("INBOX"),
				       .role = FOLDER_INBOX,
				       .uidvalidity = 1,
				       .uid = (uint32_t)probe + 1,
				       .header = header,
				       .header_len = strlen(header),
				       .body = body,
				       .body_len = strlen(body),
				       .found_by = fact_lend("watch") };
	assert_int_equal(store_observation_add(bench.store, run->probes[probe].id, &o, &err), 1);
}

static void observe(size_t probe)
{
	static char header[] = "From: a@service.test\r\n\r\n";
	observe_in(&bench.facts, probe, header);
}

/* Without what proves them. */
static size_t answers(enum dns_state state)
{
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	size_t count = 0;
	assert_int_equal(store_run_load(bench.store, bench.facts.summary.id, STORE_LOAD_HEADERS, &facts, &err), 1);
	for (size_t i = 0; i < facts.dns_count; i++)
		count += facts.dns[i].answer.state == state && facts.dns[i].type != DNS_DS;
	run_facts_fini(&facts);
	return count;
}

static bool was_asked(int64_t run, const char *name, enum dns_type type)
{
	struct error err = ERROR_INIT;
	_cleanup_(run_facts_fini) struct run_facts facts = { 0 };
	assert_int_equal(store_run_load(bench.store, run, STORE_LOAD_ALL, &facts, &err), 1);
	for (size_t i = 0; i < facts.dns_count; i++)
		if (facts.dns[i].type == type && strcmp(facts.dns[i].name, name) == 0)
			return facts.dns[i].answer.state == DNS_FAILED || facts.dns[i].answer.packet_len > 0;
	return false;
}

static void evaluate_all(int64_t ms)
{
	struct error err = ERROR_INIT;
	struct evaluating *evaluating = NULL;
	if (evaluating_new(&evaluating, bench.config, &bench.facts, bench.store, NULL, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < PROBES; i++) {
		observe(i);
		evaluating_add(evaluating, i);
		evaluating_add(evaluating, i);
	}
	if (evaluating_finish(evaluating, deadline_in(ms), &err) < 0)
		fail_msg("%s", err.text);
	evaluating_free(evaluating);
}

static void every_question_of_a_run_is_asked_and_stored_once(void **state)
{
	evaluate_all(SOON_MS);
	/* The author's domain and the walk above it: _dmarc.service.test, _dmarc.test. */
	assert_int_equal(answers(DNS_ANSWERED), 2);
	unsigned asked = dns_server_udp(server);

	/* As a process that continues the run: what the snapshot has is not asked again. */
	bench_reload(&bench);
	struct error err = ERROR_INIT;
	struct evaluating *evaluating = NULL;
	assert_int_equal(evaluating_new(&evaluating, bench.config, &bench.facts, bench.store, NULL, &err), 0);
	assert_int_equal(evaluating_finish(evaluating, deadline_in(SOON_MS), &err), 0);
	evaluating_free(evaluating);
	assert_int_equal(answers(DNS_ANSWERED), 2);
	assert_int_equal(dns_server_udp(server), asked);
}

/* Ends the run of the bench, and makes the next one with the same probes. */
static void next_run(void)
{
	struct error err = ERROR_INIT;
	const struct run_event finished = { RUN_FINISHED, clock_wall_ms(), NULL };
	struct run_facts plan = { 0 };
	int64_t id = 0;
	assert_int_equal(store_run_event_add(bench.store, bench.facts.summary.id, &finished, &err), 0);
	if (plan_make(bench.config, &(struct plan_choice){ .label = "" }, clock_wall_ms(), &plan, &err) < 0 ||
	    store_run_create(bench.store, &plan, &id, &err) < 0)
		fail_msg("%s", err.text);
	run_facts_fini(&plan);
	run_facts_fini(&bench.facts);
	assert_int_equal(store_run_load(bench.store, id, STORE_LOAD_ALL, &bench.facts, &err), 1);
}

static void add_earlier_answer(const char *name, enum dns_type type)
{
	struct error err = ERROR_INIT;
	const struct dns_fact fact = { fact_lend(name), type, { .rcode = DNS_NXDOMAIN, .at_ms = 1 } };
	assert_int_equal(store_dns_add(bench.store, bench.facts.summary.id, &fact, &err), 0);
}

/* The message of run 1 asked for a domain that run 2 knows nothing of; what run 1 asked beside that is not asked. */
static void what_the_messages_of_the_run_before_ask_is_asked_too(void **state)
{
	static char gone[] = "From: a@elsewhere.test\r\n\r\n";
	struct error err = ERROR_INIT;
	struct evaluating *evaluating = NULL;
	observe_in(&bench.facts, 1, gone);
	add_earlier_answer("_dmarc.elsewhere.test", DNS_TXT);
	add_earlier_answer("unrelated.test", DNS_TXT);
	next_run();
	assert_int_equal(evaluating_new(&evaluating, bench.config, &bench.facts, bench.store, NULL, &err), 0);
	assert_int_equal(evaluating_finish(evaluating, deadline_in(SOON_MS), &err), 0);
	evaluating_free(evaluating);
	assert_true(was_asked(2, "_dmarc.elsewhere.test", DNS_TXT)); /* asked then */
	assert_true(was_asked(2, "_dmarc.test", DNS_TXT));           /* where today's DNS leads */
	assert_true(was_asked(2, "test", DNS_DS));                   /* what proves them */
	assert_false(was_asked(2, "unrelated.test", DNS_TXT));
	/* The run after that has messages of its own to ask for: none were found, so nothing is asked. */
	next_run();
	assert_int_equal(evaluating_new(&evaluating, bench.config, &bench.facts, bench.store, NULL, &err), 0);
	assert_int_equal(evaluating_finish(evaluating, deadline_in(SOON_MS), &err), 0);
	evaluating_free(evaluating);
	assert_false(was_asked(3, "_dmarc.elsewhere.test", DNS_TXT));
}

/* That is for later: a DNS that does not answer it ends nothing, and holds up the end of a run no longer than told. */
static void what_is_only_for_later_fails_no_run(void **state)
{
	static char gone[] = "From: a@elsewhere.test\r\n\r\n";
	struct error err = ERROR_INIT;
	struct evaluating *evaluating = NULL;
	observe_in(&bench.facts, 1, gone);
	next_run();
	dns_server_conduct(server, (struct dns_conduct){ .silent = true });
	bench.config->dns.timeout_ms = 1000;
	int64_t begun = clock_mono_ms();
	assert_int_equal(evaluating_new(&evaluating, bench.config, &bench.facts, bench.store, NULL, &err), 0);
	assert_int_equal(evaluating_finish(evaluating, deadline_in(100), &err), 0);
	assert_true(clock_mono_ms() - begun < 1000);
	evaluating_free(evaluating);
	assert_true(clock_mono_ms() - begun < 2 * 2000);
}

static void a_server_that_is_silent_is_a_failure_on_record(void **state)
{
	dns_server_conduct(server, (struct dns_conduct){ .silent = true });
	int64_t begun = clock_mono_ms();
	evaluate_all(SOON_MS);
	assert_true(clock_mono_ms() - begun < SOON_MS);
	assert_int_equal(answers(DNS_ANSWERED), 0);
	assert_true(answers(DNS_FAILED) > 0);
}

static void what_is_not_evaluated_by_the_deadline_is_left(void **state)
{
	dns_server_conduct(server, (struct dns_conduct){ .silent = true });
	bench.config->dns.timeout_ms = 2000;
	int64_t begun = clock_mono_ms();
	evaluate_all(100);
	/* The question that is under way ends by its own deadline, and no other begins. */
	assert_true(clock_mono_ms() - begun < 2 * 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_question_of_a_run_is_asked_and_stored_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_messages_of_the_run_before_ask_is_asked_too, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_only_for_later_fails_no_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_server_that_is_silent_is_a_failure_on_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_evaluated_by_the_deadline_is_left, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
