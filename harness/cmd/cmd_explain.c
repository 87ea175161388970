/* `postproof explain`: all evidence of one probe, or of all probes of a seed in a run. */
#include <string.h>

#include "harness/cmd/stored_run.h"
#include "harness/report/explain.h"
#include "harness/report/reading.h"

static int explain(const struct stored_run *stored, const char *seed, const char *message, size_t *ret_count,
		   struct error *err)
{
	struct buf text = BUF_INIT(REPORT_MAX);
	int result = 0;
	for (size_t i = 0; i < stored->matrix.count && result == 0; i++) {
		const struct matrix_row *row = &stored->matrix.rows[i];
		if (strcmp(row->probe->seed, seed) != 0 || (message && strcmp(row->probe->message, message) != 0))
			continue;
		if (++*ret_count > 1)
			buf_add_char(&text, '\n');
		result = report_explain(&stored->facts.summary, row, stored_run_colour(), &text, err);
	}
	if (result == 0 && *ret_count > 0) {
		buf_add_char(&text, '\n');
		reading_add(&text, &stored->facts.program);
	}
	if (result == 0)
		fwrite(buf_str(&text), 1, text.len, stdout);
	buf_fini(&text);
	return result;
}

static int cmd_explain_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct stored_run stored = { 0 };
	const char *message = args->operand_count > 2 ? args->operands[2] : NULL;
	size_t count = 0;
	int result = stored_run_open_seed(&stored, context, args->operands[0], args->operands[1], message,
					  args_value(args, "judge-by", NULL), &err);
	if (result == 0)
		result = explain(&stored, args->operands[1], message, &count, &err);
	if (result == 0 && count == 0)
		result = error_set(&err, ERROR_USAGE, RETRY_NEVER, 0,
				   "run %s has no probe for the seed %s%s%s: `postproof matrix %s` shows what it has",
				   args->operands[0], args->operands[1], message ? " and the message " : "",
				   message ? message : "", args->operands[0]);
	stored_run_fini(&stored);
	return result < 0 ? (int)command_fail(context, &err) : EXIT_PASS;
}

static const struct command_option cmd_explain_options[] = {
	{ "judge-by", "FILE", "judge by this configuration instead of the run's own settings", 0, false },
	{ 0 },
};

const struct command cmd_explain = {
	.name = "explain",
	.arguments = "RUN SEED [MESSAGE]",
	.summary = "show all evidence of one probe",
	.needs = NEEDS_STORE,
	.options = cmd_explain_options,
	.operands_min = 2,
	.operands_max = 3,
	.run = cmd_explain_run,
};
