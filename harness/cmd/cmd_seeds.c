/* `postproof seeds`: the seed accounts, as configured or as their servers show them. */
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/command.h"
#include "harness/run/run.h"
#include "harness/watch/seeds_check.h"

static int cmd_seeds_choose(const struct config *config, const struct command_args *args, bool **ret, struct error *err)
{
	const char **addresses = calloc(2 * args->value_count + 2, sizeof(*addresses));
	bool *chosen = calloc(config->seeds.count + 1, sizeof(*chosen));
	const char **providers = addresses ? addresses + args->value_count + 1 : NULL;
	size_t address_count = 0, provider_count = 0;
	int result = addresses && chosen ? 0 : error_memory(err);
	while (result == 0 && (addresses[address_count] = args_value_at(args, "seed", address_count)) != NULL)
		address_count++;
	while (result == 0 && (providers[provider_count] = args_value_at(args, "provider", provider_count)) != NULL)
		provider_count++;
	const struct seed_filter filter = { addresses, address_count, providers, provider_count };
	if (result == 0)
		result = seed_list_choose(&config->seeds, &filter, chosen, err);
	free(addresses);
	if (result < 0)
		free(chosen);
	else
		*ret = chosen;
	return result;
}

static void cmd_seeds_list(const struct config *config, const bool *chosen)
{
	for (size_t i = 0; i < config->seeds.count; i++)
		if (chosen[i])
			printf("%-16s %s\n", config->seeds.seeds[i].provider, config->seeds.seeds[i].address);
}

static bool shows_spam_folder(const struct seed_check *c)
{
	for (size_t i = 0; i < c->folders.count; i++)
		if (c->folders.folders[i].role == FOLDER_SPAM)
			return true;
	return false;
}

/* Names of folders and capabilities are escaped by the session. */
static void print_check(const struct seed_check *c)
{
	if (!c->ok) {
		printf("FAILED  %s%s%s: %s\n", c->provider, c->provider[0] ? " " : "", c->name, c->error.text);
		if (c->mend[0])
			printf("        mend: %s\n", c->mend);
		return;
	}
	printf("ok      %s%s%s\n        TLS: %s\n        capabilities: %s\n        folders:", c->provider,
	       c->provider[0] ? " " : "", c->name, c->tls, c->capabilities);
	for (size_t i = 0; i < c->folders.count; i++) {
		const struct imap_folder *f = &c->folders.folders[i];
		printf("%s %s", i ? "," : "", f->name);
		if (f->role != FOLDER_OTHER)
			printf(" (%s)", folder_role_name(f->role));
	}
	putchar('\n');
	for (size_t i = 0; i < c->left_out.count; i++)
		printf("        left out: %s\n", c->left_out.v[i]);
	if (c->provider[0] && !shows_spam_folder(c))
		printf("        no spam folder is shown: a message that is not found may be in it\n");
}

static int cmd_seeds_check(const struct command_context *context, const bool *chosen)
{
	struct error err = ERROR_INIT;
	struct seed_check *checks = NULL;
	size_t count = 0, failed = 0;
	int signal_fd = -1;
	int result = run_catch_signals(&signal_fd, &err);
	if (result == 0)
		result = seeds_check(context->config, chosen, signal_fd, context->log, &checks, &count, &err);
	close_p(&signal_fd);
	if (result < 0)
		return command_fail(context, &err);
	for (size_t i = 0; i < count; i++) {
		print_check(&checks[i]);
		failed += !checks[i].ok;
		if (checks[i].error.kind == ERROR_INTERRUPTED)
			result = -1;
	}
	printf("%zu of %zu accounts can be read\n", count - failed, count);
	seed_checks_free(checks, count);
	return result < 0 ? EXIT_INTERRUPTED : failed ? EXIT_FAIL : EXIT_PASS;
}

static int cmd_seeds_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	bool *chosen = NULL;
	int result = EXIT_PASS;
	bool checks = strcmp(args->operands[0], "check") == 0;
	if (!checks && strcmp(args->operands[0], "list") != 0)
		return command_usage(context, "\"%s\" is neither check nor list", args->operands[0]);
	if (cmd_seeds_choose(context->config, args, &chosen, &err) < 0)
		return command_fail(context, &err);
	if (checks)
		result = cmd_seeds_check(context, chosen);
	else
		cmd_seeds_list(context->config, chosen);
	free(chosen);
	return result;
}

static const struct command_option cmd_seeds_options[] = {
	{ "provider", "NAME", "only seeds at this provider", 0, true },
	{ "seed", "ADDRESS", "only this seed", 0, true },
	{ 0 },
};

const struct command cmd_seeds = {
	.name = "seeds",
	.arguments = "check|list",
	.summary = "log in to every seed and say what was found, or list the seeds",
	.needs = NEEDS_CONFIG,
	.options = cmd_seeds_options,
	.operands_min = 1,
	.operands_max = 1,
	.run = cmd_seeds_run,
};
