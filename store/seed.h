/* How seeds could be read, and how their folders stood before anything was sent. */
#ifndef STORE_SEED_H
#define STORE_SEED_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* One event of a seed's account, in a commit of its own. Errors: ERROR_STORE. */
int store_seed_event_add(struct store *store, int64_t run, const struct seed_event *event, struct error *err);

/* All baselines of one account, in one commit. A folder that has one in this run keeps it. */
int store_baselines_add(struct store *store, int64_t run, const struct baseline *baselines, size_t count,
			struct error *err);

#endif
