/* Runs and their plans. */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* Stores a run with its whole plan in one commit: label and created_ms of plan->summary, settings, messages, program
 * and rule packs, and of each probe seed, provider, message and tag. *ret_id receives the run's id. */
int store_run_create(struct store *store, const struct run_facts *plan, int64_t *ret_id, struct error *err);

/* One event of the run, in a commit of its own. Errors: ERROR_STORE. */
int store_run_event_add(struct store *store, int64_t run, const struct run_event *event, struct error *err);

/* Newest first, at most `max` (SIZE_MAX: all). The caller frees each with run_summary_fini, and the array. Cost follows
 * max. */
int store_run_list(struct store *store, size_t max, struct run_summary **ret, size_t *ret_count, struct error *err);

/* The newest run with probes (one without is a look at the DNS alone), or the newest of those that is not finished. 1
 * found, 0 there is none, -1 error. */
int store_run_newest(struct store *store, bool unfinished, int64_t *ret_id, struct error *err);

/* The newest run with probes that is finished and is not `except`. 1 found, 0 there is none, -1 error. */
int store_run_newest_finished(struct store *store, int64_t except, int64_t *ret_id, struct error *err);

/* How much of the observations is loaded. */
enum store_load {
	STORE_LOAD_HEADERS, /* all but raw notifications, packets of the DNS, and the bodies of messages, found or
			       composed */
	STORE_LOAD_ALL,
};

/* Everything of one run. Cost follows that run, not the number of runs. 1 found, 0 there is no such run, -1 error. Free
 * with run_facts_fini. */
int store_run_load(struct store *store, int64_t run, enum store_load load, struct run_facts *ret, struct error *err);

/* The same without baselines, and of the probes only those of a seed, or the one of a seed and a message (NULL: all of
 * them), and the first of each of their messages that was found in any mailbox, with which one that was not is
 * compared. */
int store_run_load_seed(struct store *store, int64_t run, const char *seed, const char *message, enum store_load load,
			struct run_facts *ret, struct error *err);

/* One probe with all its facts. 1 found, 0 there is no such probe, -1 error. Free with probe_fini. */
int store_probe_load(struct store *store, int64_t probe, enum store_load load, struct probe *ret, struct error *err);

#endif
