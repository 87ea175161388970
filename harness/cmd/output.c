/* Small things that several commands read and print alike. */
#include "harness/cmd/output.h"

#include <string.h>

int output_format(const struct command_args *args, bool *ret_json, struct error *err)
{
	const char *format = args_value(args, "format", "text");
	*ret_json = strcmp(format, "json") == 0;
	if (*ret_json || strcmp(format, "text") == 0)
		return 0;
	return error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "--format \"%s\" is neither text nor json", format);
}

int output_progress(const struct command_context *context, const struct command_args *args, enum progress_mode *ret,
		    struct error *err)
{
	const char *text = args_value(args, "progress", "auto");
	if (strcmp(text, "auto") == 0) /* -v tells all of it and more on the same descriptor */
		*ret = log_wants(context->log, LOG_LEVEL_EVENTS) ? PROGRESS_NONE : PROGRESS_AUTO;
	else if (strcmp(text, "plain") == 0)
		*ret = PROGRESS_PLAIN;
	else if (strcmp(text, "none") == 0)
		*ret = PROGRESS_NONE;
	else
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "--progress \"%s\" is none of auto, plain and none",
				 text);
	return 0;
}
