/* From options to findings to print. */
#include "harness/cmd/domain_look.h"

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

struct domain_look_look {
	const struct domain_look *kind;
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

static void look_fini(struct domain_look_look *look)
{
	posture_judgement_fini(&look->judgement);
	findings_fini(&look->findings);
	posture_input_free(look->input);
	store_close(look->store);
	dns_source_fini(&look->source);
	waivers_fini(&look->waivers);
	rules_fini(&look->rules);
}

/* --rules outranks the configuration. */
static int load_rules(struct domain_look_look *look, const struct command_context *context,
		      const struct command_args *args, struct error *err)
{
	_cleanup_(buf_fini) struct buf names = BUF_INIT(65536);
	const char *name;
	for (size_t i = 0; (name = args_value_at(args, "rules", i)) != NULL; i++)
		buf_addf(&names, "%s,", name);
	if (buf_check(&names, "--rules", err) < 0)
		return -1;
	const char *configured = context->config ? context->config->rules.packs : all_packs;
	if (rule_packs_load(names.len > 0 ? buf_str(&names) : configured, &look->rules, err) < 0)
		return names.len > 0 ? error_prefix(err, "--rules") : -1;
	return context->config ? rule_packs_waivers(context->config, &look->waivers, err) : 0;
}

/* What earlier runs have shown helps, where there are any. */
static int open_store(struct domain_look_look *look, const struct command_context *context, struct error *err)
{
	if (access(context->store_path, F_OK) < 0)
		return 0;
	return store_open(&look->store, context->store_path, STORE_READ, err);
}

static int look_around(struct domain_look_look *look, const struct command_context *context, const char *domain,
		       int64_t now_ms, struct error *err)
{
	look->mailboxes = (struct mailbox_access){ { context->config, context->log, -1 }, now_ms };
	look->mailbox = (struct posture_mailbox){ mailbox_await, &look->mailboxes };
	const struct posture_sources sources = { .config = context->config,
						 .domain = domain,
						 .store = look->store,
						 .resolver = look->source.resolver,
						 .mailbox = &look->mailbox,
						 .now_ms = now_ms };
	_cleanup_(buf_fini) struct buf plan = BUF_INIT(REPORT_MAX);
	if (posture_input_new(&sources, &look->input, err) < 0)
		return -1;
	const struct posture_params *params = posture_input_params(look->input);
	if (look->kind->plan(params, &plan, err) < 0)
		return -1;
	fwrite(buf_str(&plan), 1, plan.len, stderr);
	return look->kind->run(params, &look->findings, &look->cost, err);
}

static int print(struct domain_look_look *look, const char *zone, int64_t now_ms, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	if (judge_posture(&look->findings, &look->rules, &look->waivers, now_ms, &look->judgement, err) < 0)
		return -1;
	const struct check_report report = { .domain = posture_input_params(look->input)->domain,
					     .at_ms = now_ms,
					     .zone = zone,
					     .judgement = &look->judgement,
					     .questions = look->cost.questions,
					     .connections = look->cost.connections,
					     .took_ms = look->cost.took_ms };
	int result = look->json ? report_check_json(&report, &text, err)
				: report_check_text(&report, stored_run_colour(), &text, err);
	if (result == 0)
		fwrite(buf_str(&text), 1, text.len, stdout);
	return result;
}

int domain_look(const struct domain_look *kind, const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	_cleanup_(look_fini) struct domain_look_look look = { .kind = kind };
	const char *domain = args->operand_count ? args->operands[0] : NULL;
	int64_t now_ms = clock_wall_ms();
	if (!domain && !context->config)
		return command_usage(context, "say which domain, or name a configuration by -c");
	if (output_format(args, &look.json, &err) < 0 || load_rules(&look, context, args, &err) < 0 ||
	    dns_source_open_over(&look.source, context, args, &err) < 0 || open_store(&look, context, &err) < 0 ||
	    look_around(&look, context, domain, now_ms, &err) < 0 ||
	    print(&look, args_value(args, "zone", NULL), now_ms, &err) < 0)
		return command_fail(context, &err);
	return posture_exit_status(&look.judgement);
}
