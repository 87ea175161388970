/* Exit codes, the same for every command (postproof(1), EXIT STATUS). */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

#include "harness/base/error.h"

enum exit_code {
	EXIT_PASS = 0,         /* every cell pass or warn; nothing to mend */
	EXIT_FAIL = 1,         /* at least one cell failed; something to mend */
	EXIT_UNTESTED = 2,     /* none failed, but something was not tested or is unknown */
	EXIT_USAGE = 3,        /* the command line or the configuration is wrong */
	EXIT_ENVIRONMENT = 4,  /* store, SMTP server, descriptors, memory: this machine or this network */
	EXIT_INTERRUPTED = 130 /* SIGINT or SIGTERM */
};

/* The code for a command that ends by an error: usage and configuration 3, interrupted 130, all else 4. */
enum exit_code exit_code_of(const struct error *err);

#endif
