/* The command line: which command, its options and operands, and what it needs before it runs. */
#include "harness/cmd/command_line.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/secret.h"
#include "harness/base/text.h"
#include "harness/cmd/command_table.h"
#include "harness/config/config_doc.h"
#include "harness/config/config_find.h"
#include "harness/config/config_load.h"

/* Options that every command takes, before or behind its name. */
static const struct command_option globals[] = {
	{ "config", "FILE", "the configuration (see FILES in postproof(1))", 'c', false },
	{ "store", "FILE", "the file that runs are stored in", 0, false },
	{ "verbose", NULL, "say on standard error what happens; twice: with protocol transcripts", 'v', true },
	{ "help", NULL, "print this help", 'h', false },
	{ "version", NULL, "print the version", 'V', false },
	{ "help-config", NULL, "print every section and key of the configuration", 0, false },
};

enum { GLOBAL_CONFIG, GLOBAL_STORE, GLOBAL_VERBOSE, GLOBAL_HELP, GLOBAL_VERSION, GLOBAL_HELP_CONFIG, GLOBAL_COUNT };
enum { OPTIONS_MAX = 32 };

/* A command line while it is read. */
struct line {
	const char *config;
	const char *store;
	int verbose;
	bool help, version, help_config;
	const struct command *command;
	struct command_args args;
};

static size_t option_count(const struct command *command)
{
	size_t n = 0;
	while (command && command->options && command->options[n].name)
		n++;
	return n;
}

static const struct command_option *option_at(const struct command *command, size_t index)
{
	return index < GLOBAL_COUNT ? &globals[index] : &command->options[index - GLOBAL_COUNT];
}

/* getopt's tables for the global options and those of a command. Long options have the value OPTION_BASE + index. */
enum { OPTION_BASE = 1000 };

static void make_tables(const struct command *command, struct option *longs, char *letters)
{
	size_t count = GLOBAL_COUNT + option_count(command), at = 0;
	if (!command)
		letters[at++] = '+';
	letters[at++] = ':';
	for (size_t i = 0; i < count; i++) {
		const struct command_option *o = option_at(command, i);
		longs[i] = (struct option){ o->name, o->argument ? required_argument : no_argument, NULL,
					    OPTION_BASE + (int)i };
		if (!o->letter)
			continue;
		letters[at++] = o->letter;
		if (o->argument)
			letters[at++] = ':';
	}
	longs[count] = (struct option){ 0 };
	letters[at] = '\0';
}

static int unknown_option(const struct command *command, const char *word)
{
	const char *name = command ? command->name : NULL;
	const char *names[OPTIONS_MAX];
	size_t count = GLOBAL_COUNT + option_count(command);
	struct span text = span_of(word);
	if (optopt > 0 && optopt < OPTION_BASE)
		return command_usage_error(name, "there is no option -%c", optopt);
	if (optopt >= OPTION_BASE)
		return command_usage_error(name, "--%s takes no value",
					   option_at(command, (size_t)(optopt - OPTION_BASE))->name);
	if (span_starts(text, SPAN_LIT("--")))
		text = span_sub(text, 2, text.len);
	ptrdiff_t equals = span_find_char(text, '=', 0);
	if (equals >= 0)
		text = span_sub(text, 0, (size_t)equals);
	for (size_t i = 0; i < count; i++)
		names[i] = option_at(command, i)->name;
	const char *nearest = text_nearest(text, names, count);
	return command_usage_error(name, "there is no option --%.*s%s%s%s", SPAN_ARG(text),
				   nearest ? ": did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
}

static void take_global(struct line *line, size_t index, const char *value)
{
	switch (index) {
	case GLOBAL_CONFIG:
		line->config = value;
		break;
	case GLOBAL_STORE:
		line->store = value;
		break;
	case GLOBAL_VERBOSE:
		line->verbose++;
		break;
	case GLOBAL_HELP:
		line->help = true;
		break;
	case GLOBAL_VERSION:
		line->version = true;
		break;
	default:
		line->help_config = true;
		break;
	}
}

static int take_option(struct line *line, size_t index, const char *value)
{
	const struct command_option *option = option_at(line->command, index);
	if (index < GLOBAL_COUNT) {
		take_global(line, index, value);
		return EXIT_PASS;
	}
	if (!option->repeats && args_has(&line->args, option->name))
		return command_usage_error(line->command->name, "--%s was given twice", option->name);
	line->args.values[line->args.value_count] = value ? value : "";
	line->args.value_options[line->args.value_count] = index - GLOBAL_COUNT;
	line->args.value_count++;
	return EXIT_PASS;
}

/* The index of the option that getopt_long gave back as `found`. */
static size_t index_of(const struct command *command, int found)
{
	size_t i = 0;
	if (found >= OPTION_BASE)
		return (size_t)(found - OPTION_BASE);
	while (option_at(command, i)->letter != found)
		i++;
	return i;
}

/* Reads options up to the first operand (without a command), or all of them. */
static int read_options(struct line *line, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 3];
	int found, result = EXIT_PASS;
	make_tables(line->command, longs, letters);
	opterr = 0;
	optind = 0;
	while (result == EXIT_PASS && (found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (found == '?')
			result = unknown_option(line->command, argv[optind - 1]);
		else if (found == ':')
			result = command_usage_error(line->command ? line->command->name : NULL, "%s needs a value",
						     argv[optind - 1]);
		else
			result = take_option(line, index_of(line->command, found), optarg);
	}
	return result;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const char *word)
{
	const char *names[OPTIONS_MAX];
	size_t count = command_count < OPTIONS_MAX ? command_count : OPTIONS_MAX;
	for (size_t i = 0; i < count; i++)
		names[i] = commands[i]->name;
	const char *nearest = text_nearest(span_of(word), names, count);
	return command_usage_error(NULL, "there is no command \"%s\"%s%s%s", word, nearest ? ": did you mean \"" : "",
				   nearest ? nearest : "", nearest ? "\"?" : "");
}

static void print_options(const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char left[64], letter[8] = "    ";
		if (options[i].letter)
			snprintf(letter, sizeof(letter), "-%c, ", options[i].letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, options[i].name, options[i].argument ? " " : "",
			 options[i].argument ? options[i].argument : "");
		printf("  %-28s %s%s\n", left, options[i].help,
		       options[i].repeats && options[i].argument ? " (repeatable)" : "");
	}
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("usage: postproof %s [OPTION]...%s%s\n\n%s.\n", command->name, *command->arguments ? " " : "",
		       command->arguments, command->summary);
		if (command->options) {
			printf("\noptions:\n");
			print_options(command->options, option_count(command));
		}
	} else {
		printf("usage: postproof [OPTION]... COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n");
		for (size_t i = 0; i < command_count; i++)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	printf("\noptions of every command:\n");
	print_options(globals, GLOBAL_COUNT);
}

/* What a command gets, and what main must free afterwards. */
struct owned {
	char *config_path, *store_path;
	struct config *config;
	struct config_problems problems;
	struct log *log;
};

static void owned_fini(struct owned *owned)
{
	config_free(owned->config);
	config_problems_fini(&owned->problems);
	log_free(owned->log);
	free(owned->config_path);
	free(owned->store_path);
}

static int find_config(const struct line *line, struct owned *owned, struct error *err)
{
	if (line->config) {
		owned->config_path = strdup(line->config);
		return owned->config_path ? 0 : error_memory(err);
	}
	int found = config_find(&owned->config_path, err);
	if (found == 0 && (line->command->needs & NEEDS_CONFIG))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "no configuration was found: name one by -c FILE, or make ./postproof.ini (start from "
				 "config.example.ini)");
	return found < 0 ? -1 : 0;
}

static bool needs_store(const struct line *line)
{
	const char *option = line->command->store_option;
	return (line->command->needs & NEEDS_STORE) && (!option || args_has(&line->args, option));
}

/* Reads the configuration where the command needs it, or where it may say where the store is. */
static int load_config(const struct line *line, struct owned *owned, struct error *err)
{
	bool needed = line->command->needs & (NEEDS_CONFIG | NEEDS_CONFIG_IF_ANY);
	bool for_store = needs_store(line) && !line->store;
	if (!owned->config_path || !(needed || for_store))
		return 0;
	if (config_load(owned->config_path, &owned->config, &owned->problems, err) < 0)
		return -1;
	if (!needed)
		return 0;
	command_print_problems(&owned->problems, stderr);
	if (owned->problems.errors == 0)
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: %zu to mend", owned->config_path,
			 owned->problems.errors);
}

static int find_store(const struct line *line, struct owned *owned, struct error *err)
{
	if (!needs_store(line))
		return 0;
	const char *path = line->store;
	if (!path && owned->config)
		path = owned->config->store.path;
	if (!path)
		return config_default_store(&owned->store_path, err);
	owned->store_path = strdup(path);
	return owned->store_path ? 0 : error_memory(err);
}

static int run_command(const struct line *line)
{
	struct error err = ERROR_INIT;
	_cleanup_(owned_fini) struct owned owned = { 0 };
	struct command_context context = {
		.command = line->command,
		.verbosity = line->verbose > 1    ? LOG_LEVEL_TRANSCRIPTS
			     : line->verbose == 1 ? LOG_LEVEL_EVENTS
						  : LOG_LEVEL_QUIET,
	};
	if (log_new(STDERR_FILENO, context.verbosity, &owned.log, &err) < 0 || find_config(line, &owned, &err) < 0 ||
	    load_config(line, &owned, &err) < 0 || find_store(line, &owned, &err) < 0)
		return command_fail(&context, &err);
	context.log = owned.log;
	context.config_path = owned.config_path;
	context.store_path = owned.store_path;
	context.config = line->command->needs & (NEEDS_CONFIG | NEEDS_CONFIG_IF_ANY) ? owned.config : NULL;
	return line->command->run(&context, &line->args);
}

/* Flushes what was printed: a full disk or a closed pipe must not look like success. */
static int command_line_finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "postproof: cannot write to standard output: %s\n", strerror(errno));
	return EXIT_ENVIRONMENT;
}

static int read_command(struct line *line, int argc, char **argv)
{
	const struct command *command = line->command;
	int result = read_options(line, argc, argv);
	line->args.operands = (const char *const *)argv + optind;
	line->args.operand_count = (size_t)(argc - optind);
	if (result != EXIT_PASS || line->help || line->version || line->help_config)
		return result;
	if (line->args.operand_count > command->operands_max)
		return command_usage_error(command->name, "\"%s\" is too much: %s",
					   line->args.operands[command->operands_max],
					   command->operands_max ? command->arguments : "it takes no arguments");
	if (line->args.operand_count < command->operands_min)
		return command_usage_error(command->name, "%s is missing", command->arguments);
	return EXIT_PASS;
}

static int command_line_read_line(struct line *line, int argc, char **argv)
{
	int result = read_options(line, argc, argv);
	if (result != EXIT_PASS || line->help || line->version || line->help_config)
		return result;
	if (optind == argc)
		return command_usage_error(NULL, "say which command");
	line->command = find_command(argv[optind]);
	if (!line->command)
		return unknown_command(argv[optind]);
	line->args.command = line->command;
	return read_command(line, argc - optind, argv + optind);
}

int command_main(int argc, char **argv)
{
	struct line line = { 0 };
	line.args.values = calloc((size_t)argc + 1, sizeof(*line.args.values));
	line.args.value_options = calloc((size_t)argc + 1, sizeof(*line.args.value_options));
	int result = EXIT_ENVIRONMENT;
	if (line.args.values && line.args.value_options)
		result = command_line_read_line(&line, argc, argv);
	if (result != EXIT_PASS)
		;
	else if (line.help)
		print_help(line.command);
	else if (line.version)
		printf("postproof " PACKAGE_VERSION "\n");
	else if (line.help_config)
		config_print_help(stdout);
	else
		result = run_command(&line);
	free(line.args.values);
	free(line.args.value_options);
	return command_line_finish(result);
}
