/* What came back: notifications and other messages. */
#ifndef STORE_BOUNCE_H
#define STORE_BOUNCE_H

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* 1 stored, 0 known already (the same probe, octets, action and recipient: one notification may speak of several
 * recipients), -1 error. */
int store_bounce_add(struct store *store, int64_t probe, const struct bounce *bounce, struct error *err);

#endif
