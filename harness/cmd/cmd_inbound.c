/* `postproof inbound`: what the service's own servers do with mail that they should not take. */
#include "harness/cmd/domain_check.h"
#include "harness/cmd/output.h"
#include "harness/posture/relay/inbound.h"

/* The time that messages are waited for comes on top of that of a look. */
static int cmd_inbound_run_tests(const struct posture_params *params, struct findings *ret,
				 struct posture_cost *ret_cost, struct error *err)
{
	struct posture_params patient = *params;
	patient.timeout_ms += params->inbound->wait_ms;
	return inbound_run(&patient, ret, ret_cost, err);
}

static int cmd_inbound_run(const struct command_context *context, const struct command_args *args)
{
	static const struct domain_check kind = { cmd_inbound_run_tests, inbound_plan };
	if (!context->config->inbound.address)
		return command_usage(context, "the configuration names no mailbox for this: add a section [inbound]");
	return domain_check(&kind, context, args);
}

static const struct command_option cmd_inbound_options[] = {
	{ "rules", "NAME", "judge by this rule pack, or by the one in this file, instead of [check] rules", 0, true },
	{ "resolver", "ADDR[:PORT]", "ask this server instead of [dns] servers", 0, true },
	OUTPUT_FORMAT_OPTION,
	{ 0 },
};

const struct command cmd_inbound = {
	.name = "inbound",
	.arguments = "",
	.summary = "send the service's own servers what they should not take, and look what becomes of it",
	.needs = NEEDS_CONFIG | NEEDS_STORE,
	.options = cmd_inbound_options,
	.run = cmd_inbound_run,
};
