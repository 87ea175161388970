/* Running a shell command for its output, under a deadline. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"

struct process_command {
	const char *shell_line;   /* for `/bin/sh -c` */
	char *const *environment; /* NAME=VALUE, up to a NULL; NULL: ours */
	struct deadline deadline;
	int cancel_fd; /* ends it when readable, and is never read from; -1: none */
};

/* Runs the command in a process group of its own: standard input is /dev/null, standard error is ours, no
 * other descriptor of ours is inherited, no signal is blocked or ignored. Adds what it writes to standard output to
 * *out. On any failure the whole group is killed. *ret_status: the exit status, or 128 + N after signal N; a status
 * other than 0 is no failure of this call.
 *
 * Errors: ERROR_TIMEOUT when the command has not ended by the deadline, ERROR_INTERRUPTED when cancel_fd ended it,
 * ERROR_LIMIT when it writes more than *out may hold, ERROR_ENVIRONMENT when it cannot be started. *out may then hold a
 * part. Any thread. */
int process_run(const struct process_command *command, struct buf *out, int *ret_status, struct error *err);

#endif
