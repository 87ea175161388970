/* What the facts of a run say of when its messages arrived. */
#ifndef ASSESS_ASSESS_ARRIVAL_H
#define ASSESS_ASSESS_ARRIVAL_H

#include "harness/base/error.h"
#include "harness/judge/arrival.h"
#include "harness/model/facts.h"

/* Fills one arrival for each probe of the run, in their order; zeroed where it was never found. A mailbox's clock that
 * one message shows to be wrong counts for no message of that mailbox. Free with free(). Errors: memory. */
int assess_arrivals(const struct run_facts *facts, struct arrival **ret, struct error *err);

#endif
