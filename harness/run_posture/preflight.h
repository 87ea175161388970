/* The look at the sending domain with which a run begins, on a thread of its own: signals are heard meanwhile. */
#ifndef RUN_POSTURE_PREFLIGHT_H
#define RUN_POSTURE_PREFLIGHT_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/model/finding.h"
#include "harness/run_posture/posture_input.h"

struct preflight;

/* Gathers what is known. What the sources name is borrowed until look_free. Errors: those of posture_input_new,
 * ERROR_ENVIRONMENT. */
int preflight_new(struct preflight **ret, const struct posture_sources *sources, struct error *err);

/* Adds in words what it is going to do to the user's own hosts, a line for each. Errors: as outbound_plan. */
int preflight_plan(const struct preflight *preflight, struct buf *out, struct error *err);

/* Begins. Once. Errors: ERROR_ENVIRONMENT. */
int preflight_start(struct preflight *preflight, struct error *err);

/* Becomes readable when the look has ended. Borrowed. */
int preflight_fd(const struct preflight *preflight);
bool preflight_ended(struct preflight *preflight);

/* Waits until it has ended, which [check] timeout bounds, and hands out the findings. Once. Errors: as posture_run. */
int preflight_take(struct preflight *preflight, struct findings *ret, struct error *err);

/* Waits as well. NULL is allowed. */
void preflight_free(struct preflight *preflight);
void preflight_free_p(struct preflight **preflight);

#endif
