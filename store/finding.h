/* What a look at the sending domain found, as facts of a run. */
#ifndef STORE_FINDING_H
#define STORE_FINDING_H

#include "harness/base/error.h"
#include "harness/model/finding.h"
#include "store/store.h"

/* All findings of a run, in one commit. Errors: ERROR_STORE, also where the run has findings already. */
int store_findings_add(struct store *store, int64_t run, const struct findings *findings, struct error *err);

#endif
