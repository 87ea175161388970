/* `postproof check`: the sending domain, its servers and its messages, before anything is sent. */
#include "harness/cmd/domain_check.h"
#include "harness/cmd/output.h"
#include "harness/posture/checks.h"
#include "harness/posture/relay/outbound.h"

static int cmd_check_run(const struct command_context *context, const struct command_args *args)
{
	static const struct domain_check kind = { posture_run, outbound_plan };
	return domain_check(&kind, context, args);
}

static const struct command_option cmd_check_options[] = {
	{ "rules", "NAME", "judge by this rule pack, or by the one in this file, instead of [check] rules", 0, true },
	{ "zone", "FILE", "lay this zone file over the DNS: what will be found once it is published", 0, false },
	{ "resolver", "ADDR[:PORT]", "ask this server instead of [dns] servers", 0, true },
	OUTPUT_FORMAT_OPTION,
	{ 0 },
};

const struct command cmd_check = {
	.name = "check",
	.arguments = "[DOMAIN]",
	.summary = "look at the sending domain, its servers and its DNS before anything is sent",
	.needs = NEEDS_CONFIG_IF_ANY | NEEDS_STORE,
	.options = cmd_check_options,
	.operands_max = 1,
	.run = cmd_check_run,
};
