/* `postproof run` and `postproof resume`: the main job. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/cmd/dns_waiting.h"
#include "harness/cmd/output.h"
#include "harness/cmd/progress_view.h"
#include "harness/cmd/stored_run.h"
#include "harness/cmd/writable_store.h"
#include "harness/report/dns.h"
#include "harness/run/plan.h"
#include "harness/run/run.h"
#include "harness/send/compose.h"

enum { LOCK_WAIT_MS = 10000, SENTENCE_MAX = 1000 };

/* All values of an option that repeats. */
struct values {
	const char **list;
	size_t count;
};

static int collect(const struct command_args *args, const char *name, struct values *ret, struct error *err)
{
	ret->list = calloc(args->value_count + 1, sizeof(*ret->list));
	if (!ret->list)
		return error_memory(err);
	while ((ret->list[ret->count] = args_value_at(args, name, ret->count)) != NULL)
		ret->count++;
	return 0;
}

static int cmd_run_choose(const struct command_context *context, const struct command_args *args,
			  struct run_facts *plan, struct error *err)
{
	struct values messages = { 0 }, providers = { 0 }, seeds = { 0 };
	int result = collect(args, "message", &messages, err);
	if (result == 0)
		result = collect(args, "provider", &providers, err);
	if (result == 0)
		result = collect(args, "seed", &seeds, err);
	const struct plan_choice choice = {
		.seeds = { seeds.list, seeds.count, providers.list, providers.count },
		.messages = messages.list,
		.message_count = messages.count,
		.label = args_value(args, "label", ""),
	};
	if (result == 0)
		result = plan_make(context->config, &choice, clock_wall_ms(), plan, err);
	if (result == 0)
		result = plan_add_packs(context->config, plan, err);
	if (result < 0)
		run_facts_fini(plan);
	free(messages.list);
	free(providers.list);
	free(seeds.list);
	return result;
}

static int parse_wait(const struct command_args *args, int64_t *ret, struct error *err)
{
	const char *text = args_value(args, "wait", NULL);
	*ret = -1;
	if (!text)
		return 0;
	if (duration_parse(span_of(text), ret, err) == 0)
		return 0;
	err->kind = ERROR_USAGE;
	return error_prefix(err, "--wait");
}

/* --- dry run ---------------------------------------------------------------------------------------------------- */

static int show_message(const struct config *config, const struct run_facts *plan, struct error *err)
{
	struct plan_templates templates = { 0 };
	struct composed composed = { 0 };
	const struct probe *p = &plan->probes[0];
	if (plan_templates_load(config, plan, &templates, err) < 0)
		return -1;
	const struct compose_params params = {
		.template = templates.templates[plan_message_index(plan, p->message)],
		.to = p->seed,
		.from = config->service.from,
		.envelope = config->service.envelope_sender,
		.domain = config->service.domain,
		.tag = p->tag,
		.date_ms = plan->summary.created_ms,
		.tag_in_subject = config_message(config, p->message)->subject_tag,
	};
	int result = compose(&params, &composed, err);
	if (result == 0) {
		struct span rest = span_make(composed.octets, composed.len), line;
		char text[1100];
		printf("\nMessage %s to %s, from <%s>:\n\n", p->message, p->seed, composed.mail_from);
		while (span_next(&rest, '\n', &line)) {
			if (line.len && line.p[line.len - 1] == '\r')
				line.len--;
			printf("    %s\n", escape_text(text, sizeof(text), line));
		}
		composed_fini(&composed);
	}
	plan_templates_fini(&templates);
	return result;
}

static int dry_run(const struct command_context *context, const struct run_facts *plan)
{
	struct error err = ERROR_INIT;
	printf("%zu message%s would be sent through %s; nothing is sent.\n", plan->probe_count,
	       plan->probe_count == 1 ? "" : "s", context->config->smtp.url);
	for (size_t i = 0; i < plan->probe_count; i++)
		printf("  %s  %s  %s\n", plan->probes[i].provider, plan->probes[i].seed, plan->probes[i].message);
	return show_message(context->config, plan, &err) < 0 ? (int)command_fail(context, &err) : EXIT_PASS;
}

/* --- the run ---------------------------------------------------------------------------------------------------- */

struct session {
	const struct command_context *context;
	struct run_params params;
	struct progress_view *view;
	int signal_fd;
};

static int cmd_run_begin(struct session *s, const struct command_context *context, const struct command_args *args,
			 struct error *err)
{
	enum progress_mode mode = PROGRESS_AUTO;
	*s = (struct session){ .context = context, .signal_fd = -1 };
	s->params = (struct run_params){ .config = context->config, .log = context->log };
	if (parse_wait(args, &s->params.wait_ms, err) < 0 || output_progress(context, args, &mode, err) < 0)
		return -1;
	s->view = progress_view_new(mode, stderr);
	if (!s->view)
		return error_memory(err);
	s->params.progress = progress_view_sink(s->view);
	if (run_catch_signals(&s->signal_fd, err) < 0 || writable_store_open(&s->params.store, context, err) < 0)
		return -1;
	return store_lock_runs(s->params.store, deadline_in(LOCK_WAIT_MS), err);
}

static void end(struct session *s)
{
	progress_view_free(s->view);
	s->view = NULL;
	s->params.progress = (struct progress){ 0 };
	close_p(&s->signal_fd);
	store_close(s->params.store);
	s->params.store = NULL;
}

/* Works through the run, and shows what came of it, also where it could not be finished. */
static int cmd_run_finish(struct session *s, int64_t id)
{
	struct error err = ERROR_INIT, read_error = ERROR_INIT;
	struct stored_run stored = { 0 };
	int worked = run_continue(&s->params, id, s->signal_fd, &err), code = EXIT_PASS;
	progress_view_free(s->view);
	s->view = NULL;
	/* What is printed is what is stored: not of a file that is gone, although our descriptor still leads to it. */
	if (store_check_file(s->params.store, &read_error) < 0)
		return command_fail(s->context, &read_error);
	if (worked == 0 || err.kind != ERROR_STORE) {
		if (stored_run_load(&stored, s->params.store, id, NULL, STORE_LOAD_HEADERS, &read_error) < 0)
			code = worked < 0 ? EXIT_PASS : (int)command_fail(s->context, &read_error);
		else
			code = stored_run_print(&stored, s->context);
		stored_run_fini(&stored);
	}
	if (worked < 0) {
		code = command_fail(s->context, &err);
		if (err.kind != ERROR_USAGE) /* there is such a run */
			fprintf(stderr, "postproof: what is known is stored; go on with: postproof resume %lld\n",
				(long long)id);
	}
	return code;
}

/* Before anything is opened or locked, since it may take long. */
static int wait_for_dns(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	_cleanup_(visibility_fini) struct visibility last = { 0 };
	_cleanup_(buf_fini) struct buf sentence = BUF_INIT(SENTENCE_MAX);
	struct dns_waiting waiting = { .context = context, .args = args };
	if (output_progress(context, args, &waiting.progress, &err) < 0)
		return command_fail(context, &err);
	int result = dns_waiting(&waiting, &last, &err);
	if (result < 0)
		return command_fail(context, &err);
	if (result > 0)
		return EXIT_PASS;
	report_visibility_sentence(&last, &sentence);
	fprintf(stderr, "postproof: nothing was sent: %s\n", buf_str(&sentence));
	return EXIT_UNTESTED;
}

static int cmd_run_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct run_facts plan = { 0 };
	struct session s = { .signal_fd = -1 };
	int64_t id = 0;
	int code;
	if (cmd_run_choose(context, args, &plan, &err) < 0)
		return command_fail(context, &err);
	if (args_has(args, "dry-run")) {
		code = dry_run(context, &plan);
		run_facts_fini(&plan);
		return code;
	}
	if (args_has(args, "after-dns") && (code = wait_for_dns(context, args)) != EXIT_PASS) {
		run_facts_fini(&plan);
		return code;
	}
	int result = cmd_run_begin(&s, context, args, &err);
	if (result == 0)
		result = run_check_server(&s.params, s.signal_fd, &err);
	if (result == 0)
		result = store_run_create(s.params.store, &plan, &id, &err);
	run_facts_fini(&plan);
	code = result < 0 ? (int)command_fail(context, &err) : cmd_run_finish(&s, id);
	end(&s);
	return code;
}

static int resume(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct session s = { .signal_fd = -1 };
	int64_t id = 0;
	int result = cmd_run_begin(&s, context, args, &err);
	if (result == 0)
		result = stored_run_id(s.params.store, args->operand_count ? args->operands[0] : NULL, true, &id, &err);
	int code = result < 0 ? (int)command_fail(context, &err) : cmd_run_finish(&s, id);
	end(&s);
	return code;
}

#define COMMON_OPTIONS                                                                                                 \
	{ "wait", "DURATION", "how long to wait for messages, in place of [run] wait", 0, false },                     \
	    { "progress", "HOW", "auto (the default), plain or none: progress on standard error", 0, false },          \
	{                                                                                                              \
		0                                                                                                      \
	}

static const struct command_option run_options[] = {
	{ "message", "NAME", "send only this message", 0, true },
	{ "provider", "NAME", "send only to seeds at this provider", 0, true },
	{ "seed", "ADDRESS", "send only to this seed", 0, true },
	{ "label", "TEXT", "a word on what this run is for", 0, false },
	{ "after-dns", NULL, "wait first until changes of the DNS are seen everywhere, for an hour at most", 0, false },
	{ "until-visible", "FILE", "with --after-dns: until the records of this zone file are seen", 0, false },
	{ "dry-run", NULL, "show what would be sent to whom, and send nothing", 0, false },
	COMMON_OPTIONS,
};

static const struct command_option resume_options[] = { COMMON_OPTIONS };

const struct command cmd_run = {
	.name = "run",
	.arguments = "",
	.summary = "send test messages, find them in the seed mailboxes, print the matrix",
	.needs = NEEDS_CONFIG | NEEDS_STORE,
	.options = run_options,
	.run = cmd_run_run,
};

const struct command cmd_resume = {
	.name = "resume",
	.arguments = "[RUN]",
	.summary = "continue an interrupted run (default: the newest); nothing is sent twice",
	.needs = NEEDS_CONFIG | NEEDS_STORE,
	.options = resume_options,
	.operands_max = 1,
	.run = resume,
};
