/* `postproof reply`: the proof that a person reads what comes to the service's address. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/cmd/writable_store.h"
#include "harness/run_posture/reply.h"

static int cmd_reply_start(const struct command_context *context, struct store *store, struct error *err)
{
	struct reply_fact fact = { 0 };
	if (reply_start(context->config, store, context->log, &fact, err) < 0)
		return -1;
	printf("A code was sent to %s. Whoever reads it there tells it:\n  postproof reply confirm CODE --by NAME\n",
	       fact.address);
	reply_fact_fini(&fact);
	return 0;
}

static int confirm(const struct command_context *context, const struct command_args *args, struct store *store,
		   struct error *err)
{
	struct reply_fact fact = { 0 };
	char confirmed[TIME_TEXT_MAX], until[TIME_TEXT_MAX], who[1000];
	if (reply_confirm(context->config, store, args->operands[1], args_value(args, "by", NULL), clock_wall_ms(),
			  &fact, err) < 0)
		return -1;
	printf("%s is read by a person: confirmed on %.10s%s%s, counts until %.10s.\n", fact.address,
	       time_rfc3339(fact.confirmed_ms, confirmed), fact.who ? " by " : "",
	       fact.who ? escape_text(who, sizeof(who), span_of(fact.who)) : "", time_rfc3339(fact.until_ms, until));
	reply_fact_fini(&fact);
	return 0;
}

static int cmd_reply_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = NULL;
	bool starts = strcmp(args->operands[0], "start") == 0;
	if (!starts && strcmp(args->operands[0], "confirm") != 0)
		return command_usage(context, "\"%s\" is neither start nor confirm", args->operands[0]);
	if (starts == (args->operand_count == 2))
		return command_usage(context, starts ? "start takes no code" : "confirm takes the code that was read");
	if (starts && args_has(args, "by"))
		return command_usage(context, "--by goes with confirm");
	if (writable_store_open(&store, context, &err) < 0 ||
	    (starts ? cmd_reply_start(context, store, &err) : confirm(context, args, store, &err)) < 0)
		return command_fail(context, &err);
	return EXIT_PASS;
}

static const struct command_option cmd_reply_options[] = {
	{ "by", "TEXT", "with confirm: who read it", 0, false },
	{ 0 },
};

const struct command cmd_reply = {
	.name = "reply",
	.arguments = "start|confirm CODE",
	.summary = "prove that a person reads what comes to the service's address",
	.needs = NEEDS_CONFIG | NEEDS_STORE,
	.options = cmd_reply_options,
	.operands_min = 1,
	.operands_max = 2,
	.run = cmd_reply_run,
};
