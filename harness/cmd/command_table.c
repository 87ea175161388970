/* The list of commands. Data only. */
#include "harness/cmd/command.h"

extern const struct command cmd_config;

const struct command *const commands[] = {
	&cmd_config,
};

const size_t command_count = ARRAY_LEN(commands);
