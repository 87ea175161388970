/* Where messages were seen. */
#ifndef STORE_OBSERVATION_H
#define STORE_OBSERVATION_H

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* 1 stored, 0 known already (the newest sight at this folder, UIDVALIDITY and UID says the same), -1 error. A message
 * that was gone and is there again is a new sight. */
int store_observation_add(struct store *store, int64_t probe, const struct observation *observation, struct error *err);

/* The stored body of an observation: 1 found (the caller frees *ret), 0 there is none, -1 error. */
int store_observation_body(struct store *store, int64_t observation, char **ret, size_t *ret_len, struct error *err);

#endif
