/* The look at the sending domain: every check of every group. */
#ifndef POSTURE_CHECKS_H
#define POSTURE_CHECKS_H

#include "harness/posture/engine/check.h"
#include "harness/posture/engine/posture.h"

/* Data. */
extern const struct check_entry posture_checks[];
extern const size_t posture_check_count;

/* Looks. Adds to *ret, sorted, all that was found. Whatever domain and servers say is a finding, never an error; -1 for
 * memory or threads. Returns by the deadline: what has not ended then is FINDING_OPEN. */
int posture_run(const struct posture_params *params, struct findings *ret, struct posture_cost *ret_cost,
		struct error *err);

#endif
