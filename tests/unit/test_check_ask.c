/* Questions of checks: failures, and the time that they cost. */
#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/engine/check_resolver.h"
#include "harness/posture/engine/check.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

/* The second: for the NS records of lost.example.org and of the two names above it. */
enum { MANY = 12, AUTHORITY_QUESTIONS = 3 };

/* `lost.example.org` many times, and once what can be answered. */
static void ask_many(struct check *check, void *argument)
{
	struct dns_question questions[MANY];
	struct dns_answer answers[MANY] = { 0 };
	size_t failed = 0;
	for (size_t i = 0; i < MANY; i++)
		questions[i] = (struct dns_question){ i ? "lost.example.org" : "example.org", DNS_A };
	if (check_ask(check, questions, MANY, answers) < 0)
		return;
	for (size_t i = 0; i < MANY; i++) {
		failed += answers[i].state == DNS_FAILED;
		dns_answer_fini(&answers[i]);
	}
	check_good(check, "from.test", "many", "%zu failed", failed);
}

/* A name twice, then one that fails twice. */
static void remember(struct check *check, void *argument)
{
	static const char *const names[] = { "example.org", "example.org", "lost.example.org", "lost.example.org" };
	struct check_resolver dns;
	if (check_resolver_init(&dns, check) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct dns_question question = { names[i], DNS_A };
		struct dns_answer answer = { 0 };
		char subject[64];
		snprintf(subject, sizeof(subject), "%s, %s time", names[i], i % 2 ? "second" : "first");
		if (check_resolver_ask(&dns, &question, 1, &answer) == 0)
			check_good(check, "from.test", subject, "%s", dns_state_name(answer.state));
		dns_answer_fini(&answer);
	}
	check_resolver_fini(&dns);
}

/* Which of them runs. */
static check_fn *chosen;

static void run_chosen(struct check *check, void *argument)
{
	chosen(check, argument);
}

const struct check_entry check_entries[] = { { "from", run_chosen } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

static const struct posture_params params = { .domain = "example.org" };
static const struct posture_dns dns = { .zone = "example.org. A 192.0.2.1\n",
					.failed = "lost.example.org",
					.delay_ms = 250 };

/* Each failure is put to the authorities, for which the names above are asked one after the other. */
static void failures_cost_the_time_of_one(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	chosen = ask_many;
	posture_look(&dns, &params, &findings, &cost);
	assert_string_equal(posture_finding(&findings, "from.test", "many")->evidence, "11 failed");
	assert_int_equal(cost.questions, MANY + 11 * AUTHORITY_QUESTIONS);
	assert_true(cost.took_ms >= 500);
	assert_true(cost.took_ms < 250 * MANY);
}

static void an_asker_remembers_answers_and_failures(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	chosen = remember;
	posture_look(&dns, &params, &findings, &cost);
	assert_string_equal(posture_finding(&findings, "from.test", "example.org, second time")->evidence, "answered");
	assert_string_equal(posture_finding(&findings, "from.test", "lost.example.org, second time")->evidence,
			    "failed");
	assert_int_equal(cost.questions, 2 + AUTHORITY_QUESTIONS);
}

/* No question is asked when there is no time left. */
static void nothing_is_asked_after_the_deadline(void **state)
{
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_cost cost;
	struct posture_dns late = dns;
	late.timeout_ms = 500; /* enough to begin, and not to end, the first question */
	late.delay_ms = 600;
	chosen = remember;
	posture_look(&late, &params, &findings, &cost);
	assert_string_equal(posture_finding(&findings, "from.test", "example.org, second time")->evidence, "answered");
	assert_string_equal(posture_finding(&findings, "from.test", "lost.example.org, first time")->evidence,
			    "failed");
	assert_int_equal(cost.questions, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_cost_the_time_of_one),
		cmocka_unit_test(an_asker_remembers_answers_and_failures),
		cmocka_unit_test(nothing_is_asked_after_the_deadline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
