/* What a subcommand is. Each stands in a file cmd_NAME.c that exports one constant entry; command_table.c lists them,
 * and main honours what the entry says it needs before it calls it. */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/cmd/exit.h"
#include "harness/config/config.h"
#include "harness/config/config_load.h"

struct command;
struct command_args;

/* What main does before it calls run(). */
enum command_needs {
	NEEDS_NOTHING = 0,
	NEEDS_CONFIG = 1 << 0, /* context.config is loaded and without errors; else exit 3 with every problem printed */
	NEEDS_CONFIG_IF_ANY = 1 << 2, /* the same, where -c names one or one is found; else context.config is NULL */
	NEEDS_STORE = 1 << 1,         /* context.store_path is found; a configuration is read for it if there is one */
};

/* What every command is handed. All borrowed: main owns it. */
struct command_context {
	const struct command *command;
	const char *config_path; /* of -c, or the default that was found, or NULL */
	const char
	    *store_path; /* where the store is: --store, else [store] path, else the default; NULL unless needed */
	const struct config *config; /* NULL unless NEEDS_CONFIG or NEEDS_CONFIG_IF_ANY */
	struct log *log;
	enum log_level verbosity; /* quiet, -v, -vv */
};

/* A long option of a command. */
struct command_option {
	const char *name;     /* "message" for --message */
	const char *argument; /* "NAME", or NULL where the option takes none */
	const char *help;     /* one sentence without its full stop */
	char letter;          /* 'o' for -o as well, or 0 */
	bool repeats;         /* may be given several times */
};

struct command {
	const char *name;
	const char *arguments; /* behind the options: "[RUN]", or "" */
	const char *summary;   /* one line for --help */
	enum command_needs needs;
	const char *store_option;             /* NEEDS_STORE holds only where this option is given; NULL: always */
	const struct command_option *options; /* ends with a row whose name is NULL; NULL where there are none */
	size_t operands_min, operands_max;

	/* args: options and operands, already checked against the rows above. Returns an enum exit_code. Prints its
	 * result to standard output; errors go through command_fail(). */
	int (*run)(const struct command_context *context, const struct command_args *args);
};

/* The command line of one command, parsed. */
struct command_args {
	const struct command *command;
	const char *const *operands;
	size_t operand_count;
	const char **values; /* of option i of the command, in the order given; see the functions below */
	size_t *value_options;
	size_t value_count;
};

/* The last value of --NAME; `fallback` where it was not given. For an option without argument: "" when given. */
const char *args_value(const struct command_args *args, const char *name, const char *fallback);
bool args_has(const struct command_args *args, const char *name);

/* The values of --NAME in their order: value number `index` from 0, or NULL behind the last. */
const char *args_value_at(const struct command_args *args, const char *name, size_t index);

/* Says on standard error what is wrong with the command line and where help is. Returns EXIT_USAGE. */
int command_usage(const struct command_context *context, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The same, by the name of the command, or NULL where none was read. */
int command_usage_error(const char *command, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Says on standard error why the command failed. Returns exit_code_of(err). */
int command_fail(const struct command_context *context, const struct error *err);

/* One line each: `file:line: text`, or `file:line: warning: text`. */
void command_print_problems(const struct config_problems *problems, FILE *out);

#endif
