/* `postproof history`: the stored runs, newest first. */
#include <stdlib.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/cmd/command.h"
#include "store/run.h"

enum { HISTORY_DEFAULT = 50, LABEL_MAX = 256 };

static void print_run(const struct run_summary *r)
{
	char created[TIME_TEXT_MAX], label[LABEL_MAX];
	const char *state = r->finished   ? "finished"
			    : r->ended_ms ? "not finished: resume it"
					  : "running, or was killed";
	escape_text(label, sizeof(label), span_of(r->label));
	printf("%6lld  %s  ", (long long)r->id, time_rfc3339(r->created_ms, created));
	if (r->probes > 0)
		printf("%4zu probes  %-*s", r->probes, label[0] ? 24 : 0, state);
	else
		printf("DNS snapshot %-*s", label[0] ? 24 : 0, "");
	printf("%s%s\n", label[0] ? " " : "", label);
}

static int cmd_history_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	struct run_summary *runs = NULL;
	size_t count = 0;
	uint64_t max = HISTORY_DEFAULT;
	const char *number = args_value(args, "number", NULL);
	if (number && (!span_to_u64(span_of(number), 1000000, &max) || max == 0))
		return command_usage(context, "--number \"%s\" is not a number from 1 to 1000000", number);
	if (store_open(&store, context->store_path, STORE_READ, &err) < 0 ||
	    store_run_list(store, (size_t)max, &runs, &count, &err) < 0) {
		store_close(store);
		return command_fail(context, &err);
	}
	for (size_t i = 0; i < count; i++) {
		print_run(&runs[i]);
		run_summary_fini(&runs[i]);
	}
	free(runs);
	store_close(store);
	return EXIT_PASS;
}

static const struct command_option cmd_history_options[] = {
	{ "number", "N", "show at most this many (default 50)", 'n', false },
	{ 0 },
};

const struct command cmd_history = {
	.name = "history",
	.arguments = "",
	.summary = "list the stored runs, newest first",
	.needs = NEEDS_STORE,
	.options = cmd_history_options,
	.run = cmd_history_run,
};
