/* `postproof dns`: looks at the DNS of the service that are kept, compared and waited for. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dns_diff.h"
#include "harness/base/clock.h"
#include "harness/cmd/dns_source.h"
#include "harness/cmd/dns_waiting.h"
#include "harness/cmd/output.h"
#include "harness/cmd/stored_run.h"
#include "harness/cmd/writable_store.h"
#include "harness/report/dns.h"
#include "harness/dns_wait/dns_survey.h"
#include "store/run.h"

/* --- snapshot --------------------------------------------------------------------------------------------------- */

static size_t count_failed(const struct dns_snapshot *snapshot)
{
	size_t failed = 0;
	for (size_t i = 0; i < snapshot->count; i++)
		failed += snapshot->facts[i].answer.state != DNS_ANSWERED;
	return failed;
}

static int take_snapshot(const struct command_context *context, const struct command_args *args, struct error *err)
{
	_cleanup_(dns_source_fini) struct dns_source source = { 0 };
	_cleanup_(store_close_p) struct store *store = NULL;
	_cleanup_(run_facts_fini) struct run_facts earlier = { 0 };
	_cleanup_(dns_snapshot_fini) struct dns_snapshot snapshot = { 0 };
	int64_t run = 0;
	if (dns_source_open_over(&source, context, args, err) < 0 || writable_store_open(&store, context, err) < 0 ||
	    dns_survey_earlier(store, &earlier, err) < 0)
		return -1;
	const struct dns_survey_sources sources = { context->config, store, &earlier, source.resolver,
						    clock_wall_ms() };
	if (dns_survey(&sources, &snapshot, err) < 0)
		return -1;
	size_t failed = count_failed(&snapshot), answered = snapshot.count - failed;
	if (dns_survey_further(&sources, &snapshot, err) < 0 ||
	    dns_survey_store(&sources, &snapshot, args_value(args, "label", ""), &run, err) < 0)
		return -1;
	printf("Run %lld: %zu answers, %zu questions without one\n", (long long)run, answered, failed);
	return failed ? EXIT_UNTESTED : EXIT_PASS;
}

/* --- diff ------------------------------------------------------------------------------------------------------- */

/* The two looks. */
struct comparison {
	struct store *store;
	struct run_facts older, newer;
	bool is_now; /* the newer one is of the DNS itself */
	struct dns_source source;
	struct dns_snapshot now;
	struct dns_changes changes;
};

static void comparison_fini(struct comparison *c)
{
	dns_changes_fini(&c->changes);
	dns_snapshot_fini(&c->now);
	dns_source_fini(&c->source);
	run_facts_fini(&c->newer);
	run_facts_fini(&c->older);
	store_close(c->store);
}

static int cmd_dns_load(struct store *store, const char *operand, struct run_facts *ret, struct error *err)
{
	int64_t run = 0;
	int found = -1;
	if (!operand)
		found = dns_survey_earlier(store, ret, err);
	else if (stored_run_id(store, operand, false, &run, err) == 0)
		found = store_run_load(store, run, STORE_LOAD_HEADERS, ret, err);
	if (found > 0 && ret->dns_count > 0)
		return 0;
	if (found < 0)
		return -1;
	if (operand)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "run %s is not in this store, or has no answers of the DNS", operand);
	return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
			 "there is no look at the DNS in this store yet: take one with `postproof dns snapshot`");
}

static int check_now(struct comparison *c, const struct command_context *context, const struct command_args *args,
		     int64_t now_ms, struct error *err)
{
	c->is_now = true;
	if (dns_source_open_over(&c->source, context, args, err) < 0)
		return -1;
	const struct dns_survey_sources sources = { context->config, c->store, &c->older, c->source.resolver, now_ms };
	return dns_survey(&sources, &c->now, err);
}

static int cmd_dns_compare(struct comparison *c, const struct command_context *context, const struct command_args *args,
			   int64_t now_ms, struct error *err)
{
	const char *older = args->operand_count > 1 ? args->operands[1] : NULL;
	const char *newer = args->operand_count > 2 ? args->operands[2] : "now";
	if (store_open(&c->store, context->store_path, STORE_READ, err) < 0 ||
	    cmd_dns_load(c->store, older, &c->older, err) < 0 ||
	    (strcmp(newer, "now") == 0 ? check_now(c, context, args, now_ms, err)
				       : cmd_dns_load(c->store, newer, &c->newer, err)) < 0)
		return -1;
	return dns_diff(c->older.dns, c->older.dns_count, c->is_now ? c->now.facts : c->newer.dns,
			c->is_now ? c->now.count : c->newer.dns_count, &c->changes, err);
}

static int show_changes(const struct command_context *context, const struct command_args *args, bool json,
			struct error *err)
{
	_cleanup_(comparison_fini) struct comparison c = { 0 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	int64_t now_ms = clock_wall_ms();
	if (cmd_dns_compare(&c, context, args, now_ms, err) < 0)
		return -1;
	const struct dns_diff_report report = { .domain = context->config->service.domain,
						.older = &c.older.summary,
						.newer = c.is_now ? NULL : &c.newer.summary,
						.now_ms = now_ms,
						.changes = &c.changes };
	if ((json ? report_dns_diff_json : report_dns_diff_text)(&report, &text, err) < 0)
		return -1;
	fwrite(buf_str(&text), 1, text.len, stdout);
	if (dns_changes_any(&c.changes, false))
		return EXIT_FAIL;
	return dns_changes_any(&c.changes, true) ? EXIT_UNTESTED : EXIT_PASS;
}

/* --- wait ------------------------------------------------------------------------------------------------------- */

static int wait_for_it(const struct command_context *context, const struct command_args *args, bool json,
		       struct error *err)
{
	_cleanup_(visibility_fini) struct visibility last = { 0 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	struct dns_waiting waiting = { .context = context, .args = args };
	if (output_progress(context, args, &waiting.progress, err) < 0)
		return -1;
	int result = dns_waiting(&waiting, &last, err);
	if (result < 0 || (json ? report_visibility_json : report_visibility_text)(&last, &text, err) < 0)
		return -1;
	if (!json) {
		report_visibility_sentence(&last, &text);
		buf_add_char(&text, '\n');
	}
	fwrite(buf_str(&text), 1, text.len, stdout);
	return result ? EXIT_PASS : EXIT_FAIL;
}

/* --- the command ------------------------------------------------------------------------------------------------ */

static int cmd_dns_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	const char *what = args->operands[0];
	bool json = false, diff = strcmp(what, "diff") == 0;
	int result = -1;
	if (!diff && strcmp(what, "snapshot") != 0 && strcmp(what, "wait") != 0)
		return command_usage(context, "\"%s\" is none of snapshot, diff and wait", what);
	if (!diff && args->operand_count > 1)
		return command_usage(context, "\"%s\" is too much: %s takes no run", args->operands[1], what);
	if (output_format(args, &json, &err) < 0)
		return command_fail(context, &err);
	if (diff)
		result = show_changes(context, args, json, &err);
	else if (strcmp(what, "wait") == 0)
		result = wait_for_it(context, args, json, &err);
	else
		result = take_snapshot(context, args, &err);
	return result < 0 ? (int)command_fail(context, &err) : result;
}

static const struct command_option cmd_dns_options[] = {
	{ "label", "TEXT", "snapshot: a word on what it is for", 0, false },
	{ "until-visible", "FILE", "wait: until the records of this zone file are seen", 0, false },
	{ "timeout", "DURATION", "wait: give up after this time (default 1h)", 0, false },
	{ "resolver", "ADDR[:PORT]", "ask this server instead of those configured; wait: beside the authoritative ones",
	  0, true },
	{ "progress", "HOW", "wait: auto (the default), plain or none: progress on standard error", 0, false },
	OUTPUT_FORMAT_OPTION,
	{ 0 },
};

const struct command cmd_dns = {
	.name = "dns",
	.arguments = "snapshot|diff|wait [RUN [RUN|now]]",
	.summary = "keep a look at the service's DNS, say what changed, wait until a change is seen everywhere",
	.needs = NEEDS_CONFIG | NEEDS_STORE,
	.options = cmd_dns_options,
	.operands_min = 1,
	.operands_max = 3,
	.run = cmd_dns_run,
};
