/* What the commands that print an evaluation share. */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdbool.h>

#include "harness/cmd/command.h"
#include "harness/cmd/progress_view.h"

/* Largest text that a report may become. */
enum { REPORT_MAX = 512 * 1024 * 1024 };

#define OUTPUT_FORMAT_OPTION                                                                                           \
	{                                                                                                              \
		"format", "text|json", "what to print (default text)", 0, false                                        \
	}

/* Reads --format. Errors: ERROR_USAGE. */
int output_format(const struct command_args *args, bool *ret_json, struct error *err);

/* Reads --progress. Errors: ERROR_USAGE. */
int output_progress(const struct command_context *context, const struct command_args *args, enum progress_mode *ret,
		    struct error *err);

#endif
