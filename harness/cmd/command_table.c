/* The list of commands. Data only. */
#include "harness/cmd/command_table.h"

extern const struct command cmd_run, cmd_resume, cmd_matrix, cmd_export, cmd_history, cmd_explain, cmd_seeds,
    cmd_config, cmd_verify, cmd_spf, cmd_check, cmd_reply, cmd_inbound, cmd_dns;

const struct command *const commands[] = {
	&cmd_run,    &cmd_resume, &cmd_matrix, &cmd_export, &cmd_history, &cmd_explain, &cmd_seeds,
	&cmd_config, &cmd_verify, &cmd_spf,    &cmd_check,  &cmd_inbound, &cmd_reply,   &cmd_dns,
};

const size_t command_count = ARRAY_LEN(commands);
