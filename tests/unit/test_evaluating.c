/* Evaluating what is found: the snapshot gets every answer once, and a dead DNS holds nothing up. */
#include "harness/run/evaluating.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#include "harness/base/clock.h"
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

static void observe(size_t probe)
{
	struct error err = ERROR_INIT;
	static char header[] = "From: a@service.test\r\n\r\n", body[] = "hello\r\n";
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
	assert_int_equal(store_observation_add(bench.store, bench.facts.probes[probe].id, &o, &err), 1);
}

static size_t answers(enum dns_state state)
{
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	size_t count = 0;
	assert_int_equal(store_run_load(bench.store, bench.facts.summary.id, STORE_LOAD_HEADERS, &facts, &err), 1);
	for (size_t i = 0; i < facts.dns_count; i++)
		count += facts.dns[i].answer.state == state;
	run_facts_fini(&facts);
	return count;
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
		cmocka_unit_test_setup_teardown(a_server_that_is_silent_is_a_failure_on_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_evaluated_by_the_deadline_is_left, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
