/* `postproof config`: checks the configuration, or shows what is in effect. Never shows a secret. */
#include <stdio.h>
#include <string.h>

#include "harness/cmd/command.h"
#include "harness/config/config_secrets.h"
#include "harness/config/config_show.h"

/* A section's title is printed when its first setting comes. */
struct printer {
	char section[512];
};

static int print_setting(void *argument, const char *section, const char *key, const char *value, bool is_default)
{
	struct printer *printer = argument;
	if (strcmp(printer->section, section) != 0) {
		printf("%s[%s]\n", printer->section[0] ? "\n" : "", section);
		span_copy(span_of(section), printer->section, sizeof(printer->section));
	}
	printf("%s = %s%s\n", key, value, is_default ? "  ; default" : "");
	return 0;
}

static int show(const struct command_context *context, const struct config *config)
{
	struct error err = ERROR_INIT;
	struct printer printer = { "" };
	if (config_each(config, print_setting, &printer, &err) < 0)
		return command_fail(context, &err);
	return EXIT_PASS;
}

static int cmd_config_report(const struct config *config, const struct config_problems *problems)
{
	command_print_problems(problems, stderr);
	if (problems->errors > 0) {
		printf("%s: %zu to mend\n", config->path, problems->errors);
		return EXIT_FAIL;
	}
	printf("%s: all well: %zu %s to %zu %s at %zu %s\n", config->path, config->message_count,
	       config->message_count == 1 ? "message" : "messages", config->seeds.count,
	       config->seeds.count == 1 ? "seed" : "seeds", config->provider_count,
	       config->provider_count == 1 ? "provider" : "providers");
	return EXIT_PASS;
}

static int cmd_config_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	_cleanup_(config_free_p) struct config *config = NULL;
	bool checks = strcmp(args->operands[0], "check") == 0;
	int result;
	if (!checks && strcmp(args->operands[0], "show") != 0)
		return command_usage(context, "\"%s\" is neither check nor show", args->operands[0]);
	if (!context->config_path) {
		error_set(&err, ERROR_CONFIG, RETRY_NEVER, 0, "no configuration was found: name one by -c FILE");
		return command_fail(context, &err);
	}
	if (config_load(context->config_path, &config, &problems, &err) < 0 ||
	    (checks && config_check_secrets(config, &problems, &err) < 0)) {
		result = command_fail(context, &err);
	} else if (checks) {
		result = cmd_config_report(config, &problems);
	} else {
		command_print_problems(&problems, stderr);
		result = problems.errors > 0 ? EXIT_USAGE : show(context, config);
	}
	config_problems_fini(&problems);
	return result;
}

const struct command cmd_config = {
	.name = "config",
	.arguments = "check|show",
	.summary = "check the configuration, or show the settings that are in effect",
	.operands_min = 1,
	.operands_max = 1,
	.run = cmd_config_run,
};
