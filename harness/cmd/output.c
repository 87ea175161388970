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

struct span output_address(const char *text)
{
	struct span s = span_trim(span_of(text));
	return s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>' ? span_sub(s, 1, s.len - 2) : s;
}
