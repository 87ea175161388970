/* A run from its plan to its last fact. A new run and one that is continued take the same way: what the store says has
 * been done is not done again. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/config/config.h"
#include "harness/ledger/progress.h"
#include "store/store.h"

struct run_params {
	const struct config *config;
	struct store *store; /* opened for writing, with the right to make runs */
	struct log *log;
	struct progress progress;
	int64_t wait_ms; /* in place of [run] wait; -1: as configured */
};

/* Signals that stop a run in order: call once before any thread is started. They are blocked, and *ret_fd (the caller
 * closes it) becomes readable when one came. A second one ends the process at once. Errors: ERROR_ENVIRONMENT. */
int run_catch_signals(int *ret_fd, struct error *err);

/* Whether the service's SMTP server takes mail from us at all, before a plan is stored. Errors as sending_check. */
int run_check_server(const struct run_params *params, int signal_fd, struct error *err);

/* Works through a stored run until every probe is settled or the wait has passed, and sweeps. Everything that becomes
 * known is in the store when it returns. 0 when the run has finished. -1: ERROR_INTERRUPTED when a signal came, else
 * what made going on impossible; the run can be continued then. */
int run_continue(const struct run_params *params, int64_t run, int signal_fd, struct error *err);

#endif
