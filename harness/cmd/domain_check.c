/* From options to findings to print. */
#include "harness/cmd/domain_check.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/cmd/dns_source.h"
#include "harness/cmd/output.h"
#include "harness/cmd/stored_run.h"
#include "harness/config/rule_packs.h"
#include "harness/report/check.h"
#include "harness/run_posture/posture_input.h"
#include "harness/watch/mailbox.h"

static const char all_packs[] = "gmail, yahoo, microsoft, uk-gov, rfc";

struct domain_check_state {
	const struct domain_check *kind;
	bool json;
	struct rules rules;
	struct waivers waivers;
	struct dns_source source;
	struct store *store; /* NULL where there is none yet */
	struct mailbox_access mailboxes;
	struct posture_mailbox mailbox; /* into them */
	struct posture_input *input;
	struct findings findings;
	struct posture_cost cost;
	struct posture_judgement judgement;
};

static void look_fini(struct domain_check_state *state)
{
	posture_judgement_fini(&state->judgement);
	findings_fini(&state->findings);
	posture_input_free(state->input);
	store_close(state->store);
	dns_source_fini(&state->source);
	waivers_fini(&state->waivers);
	rules_fini(&state->rules);
}

/* --rules outranks the configuration. */
static int load_rules(struct domain_check_state *state, const struct command_context *context,
		      const struct command_args *args, struct error *err)
{
	_cleanup_(buf_fini) struct buf names = BUF_INIT(65536);
	const char *name;
	for (size_t i = 0; (name = args_value_at(args, "rules", i)) != NULL; i++)
		buf_addf(&names, "%s,", name);
	if (buf_check(&names, "--rules", err) < 0)
		return -1;
	const char *configured = context->config ? context->config->rules.packs : all_packs;
	if (rule_packs_load(names.len > 0 ? buf_str(&names) : configured, &state->rules, err) < 0)
		return names.len > 0 ? error_prefix(err, "--rules") : -1;
	return context->config ? rule_packs_waivers(context->config, &state->waivers, err) : 0;
}

/* What earlier runs have shown helps, where there are any. */
static int open_store(struct domain_check_state *state, const struct command_context *context, struct error *err)
{
	if (access(context->store_path, F_OK) < 0)
		return 0;
	return store_open(&state->store, context->store_path, STORE_READ, err);
}

static int run_checks(struct domain_check_state *state, const struct command_context *context, const char *domain,
		      int64_t now_ms, struct error *err)
{
	state->mailboxes = (struct mailbox_access){ { context->config, context->log, -1 }, now_ms };
	state->mailbox = (struct posture_mailbox){ mailbox_await, &state->mailboxes };
	const struct posture_sources sources = { .config = context->config,
						 .domain = domain,
						 .store = state->store,
						 .resolver = state->source.resolver,
						 .mailbox = &state->mailbox,
						 .now_ms = now_ms };
	_cleanup_(buf_fini) struct buf plan = BUF_INIT(REPORT_MAX);
	if (posture_input_new(&sources, &state->input, err) < 0)
		return -1;
	const struct posture_params *params = posture_input_params(state->input);
	if (state->kind->plan(params, &plan, err) < 0)
		return -1;
	fwrite(buf_str(&plan), 1, plan.len, stderr);
	return state->kind->run(params, &state->findings, &state->cost, err);
}

static int print(struct domain_check_state *state, const char *zone, int64_t now_ms, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	if (judge_posture(&state->findings, &state->rules, &state->waivers, now_ms, &state->judgement, err) < 0)
		return -1;
	const struct check_report report = { .domain = posture_input_params(state->input)->domain,
					     .at_ms = now_ms,
					     .zone = zone,
					     .judgement = &state->judgement,
					     .questions = state->cost.questions,
					     .connections = state->cost.connections,
					     .took_ms = state->cost.took_ms };
	int result = state->json ? report_check_json(&report, &text, err)
				 : report_check_text(&report, stored_run_colour(), &text, err);
	if (result == 0)
		fwrite(buf_str(&text), 1, text.len, stdout);
	return result;
}

int domain_check(const struct domain_check *kind, const struct command_context *context,
		 const struct command_args *args)
{
	struct error err = ERROR_INIT;
	_cleanup_(look_fini) struct domain_check_state state = { .kind = kind };
	const char *domain = args->operand_count ? args->operands[0] : NULL;
	int64_t now_ms = clock_wall_ms();
	if (!domain && !context->config)
		return command_usage(context, "say which domain, or name a configuration by -c");
	if (output_format(args, &state.json, &err) < 0 || load_rules(&state, context, args, &err) < 0 ||
	    dns_source_open_over(&state.source, context, args, &err) < 0 || open_store(&state, context, &err) < 0 ||
	    run_checks(&state, context, domain, now_ms, &err) < 0 ||
	    print(&state, args_value(args, "zone", NULL), now_ms, &err) < 0)
		return command_fail(context, &err);
	return posture_exit_status(&state.judgement);
}
