/* Habits of IMAP servers: imap-forms.json. Each case is a whole run with its mailbox, in a process of its own. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/assess/assess.h"
#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "providers/folder_role.h"
#include "store/observation.h"
#include "store/run.h"
#include "tests/unit/imap_script.h"
#include "tests/unit/run_bench.h"
#include "tests/unit/suites.h"

enum { AT_ONCE = 12, FOUND_MS = 6000, LOOK_MS = 20, SWEEP_MS = 8000 };

static const char *field_text(json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text ? text : "";
}

/* --- what is right ---------------------------------------------------------------------------------------------- */

static bool fits(const char *pattern, const char *text)
{
	regex_t regex;
	/* \b, \w and \W are of the GNU library too. */
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	bool found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* One expectation. Prints what is wrong. */
static bool holds(json_t *row, const char *key, bool right, const char *got)
{
	if (!right)
		printf("wrong: %s: %s is %s\n", field_text(row, "id"), key, got);
	return right;
}

static bool holds_at_most(json_t *row, const char *key, unsigned got)
{
	char text[32];
	json_t *most = json_object_get(row, key);
	snprintf(text, sizeof(text), "%u", got);
	return holds(row, key, !most || got <= (unsigned)json_integer_value(most), text);
}

static bool holds_any(json_t *row, const char *key, const char *got)
{
	json_t *expected = json_object_get(row, key);
	return holds(row, key, !expected || json_is_null(expected) || suite_is_any(expected, got), got);
}

static const char *placement_word(const struct probe_judgement *j)
{
	static const char *const words[] = { [PLACEMENT_NONE] = "none",
					     [PLACEMENT_INBOX] = "inbox",
					     [PLACEMENT_SPAM] = "spam",
					     [PLACEMENT_CATEGORY] = "category",
					     [PLACEMENT_OTHER] = "other" };
	return words[j->placement];
}

static bool judgement_is_right(json_t *row, const struct probe_judgement *j)
{
	const char *not = field_text(row, "reason_not");
	bool right = holds_any(row, "outcome", outcome_name(j->outcome));
	right = holds_any(row, "placement", placement_word(j)) && right;
	right = holds_any(row, "verdict", verdict_name(j->verdict)) && right;
	right = holds(row, "reason", !not [0] || !fits(not, j->reason), j->reason) && right;
	if (!right)
		printf("  %s\n", j->reason);
	return right;
}

/* --- a run ------------------------------------------------------------------------------------------------------ */

static int load_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	return store_observation_body(user, observation, ret, ret_len, err);
}

/* What the store makes of the run. */
static bool run_is_right(json_t *row, struct run_bench *bench)
{
	struct error err = ERROR_INIT;
	struct matrix matrix = { 0 };
	const struct run_event finished = { RUN_FINISHED, clock_wall_ms(), NULL };
	const struct assess_bodies bodies = { load_body, bench->store };
	if (store_run_event_add(bench->store, 1, &finished, &err) < 0)
		return holds(row, "store", false, err.text);
	bench_reload(bench);
	if (assess(&bench->facts, bench->config, &bodies, &matrix, &err) < 0)
		return holds(row, "assess", false, err.text);
	bool right = judgement_is_right(row, &matrix.rows[0].judgement);
	matrix_fini(&matrix);
	return right;
}

static void await_message(struct run_bench *bench)
{
	struct deadline deadline = deadline_in(FOUND_MS);
	while (!deadline_passed(deadline) && !ledger_whereabouts(bench->ledger, 0).seen)
		bench_for(bench, LOOK_MS);
}

static bool form_is_right(json_t *row)
{
	static const char bounce[] = "bounce mailbox: ";
	const char *on = field_text(json_array_get(json_object_get(row, "server"), 0), "on");
	bool of_bounces = strncmp(on, bounce, strlen(bounce)) == 0;
	struct imap_script *seed = imap_script_new(row, "");
	struct imap_script *bounces = of_bounces ? imap_script_new(row, bounce) : NULL;
	struct run_bench bench;
	char keys[128];
	bool two = json_object_get(row, "passwords_at_most");
	snprintf(keys, sizeof(keys), "%s\n", field_text(row, "setting"));
	const struct run_bench_seed seeds[] = { { imap_script_port(seed), keys, two ? 2 : 1 } };
	bench_start(&bench, seeds, 1, bounces ? imap_script_port(bounces) : 0);
	bench_watch(&bench);
	if (watch_seed_ready(bench.watch, "s0@provider0.test")) {
		bench_sent(&bench, 0);
		imap_script_deliver(seed, bench.facts.probes[0].tag);
		await_message(&bench);
		bench_sweep(&bench, SWEEP_MS);
	}
	bool right = run_is_right(row, &bench);
	right = holds_at_most(row, "passwords_at_most", imap_script_passwords(seed)) && right;
	right = holds_at_most(row, "fetch_commands_at_most", imap_script_fetches(seed)) && right;
	bench_end(&bench);
	imap_script_free(seed);
	if (bounces)
		imap_script_free(bounces);
	return right;
}

/* --- sign-in ---------------------------------------------------------------------------------------------------- */

/* What an advice is about, by words of the program's own. */
static const struct {
	const char *about, *pattern;
	unsigned passwords; /* that may be sent */
} advices[] = {
	{ "credentials", "check user and password|app password", 1 },
	{ "weblogin", "browser", 1 },
	{ "disabled", "switch IMAP on|enabled by|whoever runs", 1 },
	{ "oauth", "OAuth", 1 },
	{ "expired", "new password", 1 },
	{ "privacy", "without TLS", 1 },
	{ "throttled", "wait", 3 },
	{ "later", "later", 3 },
};

static bool advice_fits(json_t *row, const char *about, const char *advice, unsigned passwords)
{
	bool known = false;
	if (!about[0] || strcmp(about, "any") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(advices); i++) {
		const char *at = strstr(about, advices[i].about);
		known = known || at;
		if (at && fits(advices[i].pattern, advice) && passwords <= advices[i].passwords)
			return true;
	}
	return holds(row, "advice", !known, advice);
}

static bool advice_is_right(json_t *row, const char *advice, unsigned passwords)
{
	json_t *one;
	size_t i;
	bool right = advice_fits(row, field_text(row, "advice"), advice, passwords);
	json_array_foreach(json_object_get(row, "advice_says"), i, one)
	{
		const char *pattern = json_string_value(one);
		right = holds(row, "advice", fits(pattern, advice), advice) && right;
	}
	return right;
}

static bool login_is_right(json_t *row)
{
	struct imap_script *seed = imap_script_new_login(row);
	const struct run_bench_seed seeds[] = { { imap_script_port(seed), NULL, 2 } };
	struct run_bench bench;
	bench_start(&bench, seeds, 1, 0);
	bench_watch(&bench);
	bool right = run_is_right(row, &bench);
	const struct seed_event *last = bench.facts.seed_event_count
					    ? &bench.facts.seed_events[bench.facts.seed_event_count - 1]
					    : NULL;
	right = advice_is_right(row, last && last->mend ? last->mend : "", imap_script_passwords(seed)) && right;
	bench_end(&bench);
	imap_script_free(seed);
	return right;
}

/* --- names ------------------------------------------------------------------------------------------------------ */

static bool name_is_right(json_t *row)
{
	struct error err = ERROR_INIT;
	const char *name = json_string_value(row);
	char delimiter = strchr(name, '.') ? '.' : '/';
	struct imap_folder folders[] = {
		{ .name = fact_lend("INBOX"), .raw = fact_lend("INBOX"), .delimiter = delimiter, .selectable = true },
		{ .name = fact_lend(name), .raw = fact_lend(name), .delimiter = delimiter, .selectable = true },
	};
	struct imap_folder_list list = { folders, ARRAY_LEN(folders) };
	bool right = folder_roles(&list, NULL, &err) == 0 && folders[1].role == FOLDER_SPAM;
	if (!right)
		printf("wrong: spam folder name %s\n", name);
	return right;
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static void take_one(struct suite *suite, size_t *running)
{
	int status = 0;
	if (wait(&status) < 0)
		return;
	(*running)--;
	suite_count(suite, WIFEXITED(status) && WEXITSTATUS(status) == 0, NULL);
}

/* Runs wait most of their time, so that many can go on at once. */
static void run_rows(struct suite *suite, json_t *rows, bool (*is_right)(json_t *row))
{
	const char *only = getenv("FIELD_IMAP_ONLY");
	size_t i, running = 0;
	json_t *row;
	json_array_foreach(rows, i, row)
	{
		if (only && strcmp(only, field_text(row, "id")) != 0)
			continue;
		if (running == AT_ONCE)
			take_one(suite, &running);
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			bool right = is_right(row);
			fflush(stdout);
			_exit(!right);
		}
		if (child > 0)
			running++;
		else
			suite_count(suite, false, NULL);
	}
	while (running > 0)
		take_one(suite, &running);
}

void field_imap(struct suite *suite)
{
	json_t *data = suite_load(suite, "imap-forms.json"), *names = json_object_get(data, "spam_folder_names"), *name;
	size_t i;
	run_rows(suite, json_object_get(data, "forms"), form_is_right);
	run_rows(suite, json_object_get(data, "logins"), login_is_right);
	json_array_foreach(names, i, name) suite_count(suite, name_is_right(name), NULL);
	json_decref(data);
}
