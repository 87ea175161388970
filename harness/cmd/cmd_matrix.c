/* `postproof matrix`: the matrix of a stored run. */
#include "harness/cmd/stored_run.h"

static int cmd_matrix_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct stored_run stored = { 0 };
	int result;
	if (stored_run_open(&stored, context, args->operand_count ? args->operands[0] : NULL,
			    args_value(args, "judge-by", NULL), STORE_LOAD_HEADERS, &err) < 0)
		result = command_fail(context, &err);
	else
		result = stored_run_print(&stored, context);
	stored_run_fini(&stored);
	return result;
}

static const struct command_option cmd_matrix_options[] = {
	{ "judge-by", "FILE", "judge by this configuration instead of the run's own settings", 0, false },
	{ 0 },
};

const struct command cmd_matrix = {
	.name = "matrix",
	.arguments = "[RUN]",
	.summary = "show the matrix of a stored run (default: the newest)",
	.needs = NEEDS_STORE,
	.options = cmd_matrix_options,
	.operands_max = 1,
	.run = cmd_matrix_run,
};
