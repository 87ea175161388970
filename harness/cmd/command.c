/* What commands read of their command line, and how they say that they failed. */
#include "harness/cmd/command.h"

#include <stdarg.h>
#include <string.h>

#include "harness/base/escape.h"

int command_usage_error(const char *command, const char *fmt, ...)
{
	char raw[ERROR_TEXT_MAX], text[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	fprintf(stderr, "postproof: %s%s%s\nsee `postproof %s%s--help`\n", command ? command : "", command ? ": " : "",
		escape_text(text, sizeof(text), span_of(raw)), command ? command : "", command ? " " : "");
	return EXIT_USAGE;
}

int command_usage(const struct command_context *context, const char *fmt, ...)
{
	char raw[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	return command_usage_error(context->command->name, "%s", raw);
}

int command_fail(const struct command_context *context, const struct error *err)
{
	fprintf(stderr, "postproof: %s: %s\n", context->command->name, err->text);
	return exit_code_of(err);
}

enum exit_code exit_code_of(const struct error *err)
{
	switch (err->kind) {
	case ERROR_USAGE:
	case ERROR_CONFIG:
		return EXIT_USAGE;
	case ERROR_INTERRUPTED:
		return EXIT_INTERRUPTED;
	default:
		return EXIT_ENVIRONMENT;
	}
}

const char *args_value_at(const struct command_args *args, const char *name, size_t index)
{
	for (size_t i = 0; i < args->value_count; i++)
		if (strcmp(args->command->options[args->value_options[i]].name, name) == 0 && index-- == 0)
			return args->values[i];
	return NULL;
}

const char *args_value(const struct command_args *args, const char *name, const char *fallback)
{
	for (size_t i = args->value_count; i-- > 0;)
		if (strcmp(args->command->options[args->value_options[i]].name, name) == 0)
			return args->values[i];
	return fallback;
}

bool args_has(const struct command_args *args, const char *name)
{
	return args_value(args, name, NULL) != NULL;
}

void command_print_problems(const struct config_problems *problems, FILE *out)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *p = &problems->list[i];
		const char *severity = p->severity == CONFIG_WARNING ? "warning: " : "";
		if (p->line > 0)
			fprintf(out, "%s:%u: %s%s\n", p->file, p->line, severity, p->text);
		else
			fprintf(out, "%s: %s%s\n", p->file, severity, p->text);
	}
}
