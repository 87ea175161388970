/* Loading and judging for the commands that read. Writes nothing to the store. */
#include "harness/cmd/stored_run.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/report/text.h"
#include "harness/assess/assess.h"
#include "harness/config/rule_packs.h"
#include "harness/config/config_stored.h"
#include "store/observation.h"

int stored_run_id(struct store *store, const char *operand, bool unfinished, int64_t *ret, struct error *err)
{
	uint64_t number;
	if (operand) {
		if (!span_to_u64(span_of(operand), INT64_MAX, &number))
			return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
					 "\"%s\" is not the number of a run: `postproof history` lists them", operand);
		*ret = (int64_t)number;
		return 0;
	}
	int found = store_run_newest(store, unfinished, ret, err);
	if (found == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 unfinished ? "there is no unfinished run to resume"
					    : "there is no run in this store yet: make one with `postproof run`");
	return found < 0 ? -1 : 0;
}

static int load_judge(const struct run_facts *facts, const char *judge_by, struct config **ret, struct error *err)
{
	if (!judge_by)
		return config_from_settings(facts->settings, facts->setting_count, ret, err);
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	int result = config_load(judge_by, &config, &problems, err);
	if (result == 0) {
		command_print_problems(&problems, stderr);
		if (problems.errors > 0)
			result = error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s has %zu errors", judge_by,
					   problems.errors);
	}
	config_problems_fini(&problems);
	if (result < 0)
		config_free(config);
	else
		*ret = config;
	return result;
}

static int load_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	return store_observation_body(user, observation, ret, ret_len, err);
}

/* By the rules of the day on which the run was made. */
static int judge_findings(struct stored_run *run, struct error *err)
{
	if (rule_packs_load(run->config->rules.packs, &run->rules, err) < 0 ||
	    rule_packs_waivers(run->config, &run->waivers, err) < 0 ||
	    judge_posture(&run->facts.findings, &run->rules, &run->waivers, run->facts.summary.created_ms,
			  &run->posture, err) < 0)
		return -1;
	if (run->config->run.check != RUN_CHECK_ENFORCE)
		posture_judgement_soften(&run->posture);
	return 0;
}

/* Judges what was loaded, where it was `found`. */
static int stored_run_judge(struct stored_run *ret, struct store *store, int64_t id, int found, const char *judge_by,
			    struct error *err)
{
	if (found == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "there is no run %lld in this store: `postproof history` lists them", (long long)id);
	if (found > 0 && ret->facts.summary.probes == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "run %lld is a look at the DNS alone: compare it with `postproof dns diff %lld`",
				 (long long)id, (long long)id);
	if (found < 0 || load_judge(&ret->facts, judge_by, &ret->config, err) < 0)
		return -1;
	if (assess(&ret->facts, ret->config, &(struct assess_bodies){ load_body, store }, &ret->matrix, err) < 0)
		return -1;
	return ret->facts.findings.count > 0 ? judge_findings(ret, err) : 0;
}

int stored_run_load(struct stored_run *ret, struct store *store, int64_t id, const char *judge_by, enum store_load load,
		    struct error *err)
{
	int found = store_run_load(store, id, load, &ret->facts, err);
	return stored_run_judge(ret, store, id, found, judge_by, err);
}

int stored_run_open_seed(struct stored_run *ret, const struct command_context *context, const char *operand,
			 const char *seed, const char *message, const char *judge_by, struct error *err)
{
	int64_t id;
	if (store_open(&ret->store, context->store_path, STORE_READ, err) < 0 ||
	    stored_run_id(ret->store, operand, false, &id, err) < 0)
		return -1;
	int found = store_run_load_seed(ret->store, id, seed, message, STORE_LOAD_HEADERS, &ret->facts, err);
	return stored_run_judge(ret, ret->store, id, found, judge_by, err);
}

int stored_run_open(struct stored_run *ret, const struct command_context *context, const char *operand,
		    const char *judge_by, enum store_load load, struct error *err)
{
	int64_t id;
	if (store_open(&ret->store, context->store_path, STORE_READ, err) < 0 ||
	    stored_run_id(ret->store, operand, false, &id, err) < 0)
		return -1;
	return stored_run_load(ret, ret->store, id, judge_by, load, err);
}

void stored_run_fini(struct stored_run *run)
{
	posture_judgement_fini(&run->posture);
	waivers_fini(&run->waivers);
	rules_fini(&run->rules);
	matrix_fini(&run->matrix);
	config_free(run->config);
	run_facts_fini(&run->facts);
	store_close(run->store);
	*run = (struct stored_run){ 0 };
}

bool stored_run_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]);
}

/* The worse of two exit statuses: 1, then 2, then 0. */
static int worse(int a, int b)
{
	return a == 1 || b == 1 ? 1 : a > b ? a : b;
}

struct run_report stored_run_report(const struct stored_run *run)
{
	bool looked = run->facts.findings.count > 0;
	int status = matrix_exit_status(&run->matrix);
	if (looked && run->config->run.check == RUN_CHECK_ENFORCE)
		status = worse(status, posture_exit_status(&run->posture));
	return (struct run_report){ &run->facts.summary, looked ? &run->posture : NULL, &run->matrix, status,
				    &run->facts.program };
}

int stored_run_print(const struct stored_run *run, const struct command_context *context)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT(REPORT_MAX);
	const struct run_report report = stored_run_report(run);
	int result = report.exit_status;
	if (report_text(&report, stored_run_colour(), &text, &err) < 0)
		result = command_fail(context, &err);
	else
		fwrite(buf_str(&text), 1, text.len, stdout);
	buf_fini(&text);
	return result;
}
