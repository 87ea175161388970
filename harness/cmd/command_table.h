/* The list of commands. */
#ifndef CMD_COMMAND_TABLE_H
#define CMD_COMMAND_TABLE_H

#include <stddef.h>

#include "harness/cmd/command.h"

/* Every command, in the order of --help. */
extern const struct command *const commands[];
extern const size_t command_count;

#endif
