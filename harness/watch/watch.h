/* The receiving side of a run: logs in to every seed and to the bounce mailbox, notes how their folders stand, watches
 * them until it is told to end, and sweeps. One thread owns the watch and waits in watch_step(); everything that talks
 * to a server runs on the worker pool, shared out per provider. IDLE sessions are parked in epoll and cost no thread.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"
#include "harness/ledger/ledger.h"
#include "store/store.h"

struct watch;

struct watch_params {
	const struct config *config;
	const struct run_facts *facts; /* of the run: its seeds are watched, its baselines are gone on with */
	struct ledger *ledger;
	struct store *store;
	struct log *log;
};

/* Prepares; nothing is opened yet. Borrows everything in params until watch_free. Errors: ERROR_ENVIRONMENT, among them
 * too few file descriptors: the soft limit is raised as needed, a hard limit that is too low is named with what is
 * needed. */
int watch_new(struct watch **ret, const struct watch_params *params, struct error *err);

/* A descriptor that ends watch_step when it is readable. At most four. */
int watch_add_fd(struct watch *watch, int fd, struct error *err);

/* Begins to open every account. Errors: memory. */
int watch_open(struct watch *watch, struct error *err);

/* Accounts of which it is not yet known whether they can be read. */
size_t watch_opening(const struct watch *watch);

/* Whether the bounce mailbox, where there is one, is among them. */
bool watch_bounces_opening(const struct watch *watch);

/* Whether the seed is logged in and its baselines are stored. */
bool watch_seed_ready(const struct watch *watch, const char *seed);

/* Works for at most timeout_ms: hands out jobs that are due, takes in what has ended. Returns early when a descriptor
 * of watch_add_fd is readable, or after something was taken in. Errors: ERROR_STORE and ERROR_ENVIRONMENT, which end
 * the run; what goes wrong with a mailbox is a fact and no error. */
int watch_step(struct watch *watch, int64_t timeout_ms, struct error *err);

/* Ends the watching; looks once whether every message that was found is still where it was; then reads every folder of
 * each seed for which something is missing, and stores whether that was complete; reads the bounce mailbox once more.
 * The caller goes on with watch_step until watch_sweeping is 0; what has not ended by the deadline is stored as a seed
 * that could not be read. Errors: ERROR_STORE, memory. */
int watch_sweep(struct watch *watch, struct deadline deadline, struct error *err);
size_t watch_sweeping(const struct watch *watch);

/* Makes every wait for a server end at once, for an end in a hurry. */
void watch_cancel(struct watch *watch);

/* Ends every session, those of servers that do not answer after a few seconds without a word, and frees. NULL is
 * allowed. */
void watch_free(struct watch *watch);

#endif
