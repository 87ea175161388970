/* Order, counts and exit status of the matrix. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/judge/matrix.h"

static struct matrix build(const char *const *providers, const enum verdict *verdicts, size_t count)
{
	struct matrix_row *rows = calloc(count ? count : 1, sizeof(*rows));
	struct matrix m = { 0 };
	struct error err = ERROR_INIT;
	assert_non_null(rows);
	for (size_t i = 0; i < count; i++) {
		rows[i].evidence.provider = providers ? providers[i] : "alpha";
		rows[i].judgement.latency_ms = (int64_t)i; /* marks the row */
		rows[i].judgement.verdict = verdicts ? verdicts[i] : VERDICT_PASS;
		rows[i].judgement.outcome = i % 2 ? OUTCOME_MISSING : OUTCOME_DELIVERED;
		rows[i].judgement.reason = strdup("owned");
	}
	assert_int_equal(matrix_init(&m, rows, count, &err), 0);
	return m;
}

static void rows_are_grouped_by_provider_in_the_order_of_the_plan(void **state)
{
	static const char *const providers[] = { "zulu", "alpha", "zulu", "mike", "alpha", "zulu" };
	static const int64_t order[] = { 0, 2, 5, 1, 4, 3 };
	_cleanup_(matrix_fini) struct matrix m = build(providers, NULL, ARRAY_LEN(providers));
	assert_int_equal(m.count, ARRAY_LEN(order));
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(m.rows[i].judgement.latency_ms, order[i]);
}

static void verdicts_and_outcomes_are_counted(void **state)
{
	static const enum verdict verdicts[] = { VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS, VERDICT_WARN,
						 VERDICT_UNKNOWN };
	_cleanup_(matrix_fini) struct matrix m = build(NULL, verdicts, ARRAY_LEN(verdicts));
	assert_int_equal(m.verdicts[VERDICT_PASS], 2);
	assert_int_equal(m.verdicts[VERDICT_WARN], 1);
	assert_int_equal(m.verdicts[VERDICT_UNKNOWN], 1);
	assert_int_equal(m.verdicts[VERDICT_FAIL], 1);
	assert_int_equal(m.outcomes[OUTCOME_DELIVERED], 3);
	assert_int_equal(m.outcomes[OUTCOME_MISSING], 2);
}

static void exit_status_is_that_of_the_worst_verdict(void **state)
{
	static const struct {
		const char *label;
		enum verdict verdicts[3];
		size_t count;
		int status;
	} rows[] = {
		{ "all pass", { VERDICT_PASS, VERDICT_PASS }, 2, 0 },
		{ "a warning", { VERDICT_PASS, VERDICT_WARN }, 2, 0 },
		{ "an unknown", { VERDICT_PASS, VERDICT_UNKNOWN, VERDICT_WARN }, 3, 2 },
		{ "a failure", { VERDICT_FAIL }, 1, 1 },
		{ "a failure beats an unknown", { VERDICT_UNKNOWN, VERDICT_FAIL, VERDICT_PASS }, 3, 1 },
		{ "nothing was tested", { VERDICT_PASS }, 0, 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(matrix_fini) struct matrix m = build(NULL, rows[i].verdicts, rows[i].count);
		if (matrix_exit_status(&m) != rows[i].status)
			fail_msg("%s: %d", rows[i].label, matrix_exit_status(&m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_grouped_by_provider_in_the_order_of_the_plan),
		cmocka_unit_test(verdicts_and_outcomes_are_counted),
		cmocka_unit_test(exit_status_is_that_of_the_worst_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
