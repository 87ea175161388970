/* The look at the sending domain with which a run begins, on a thread of its own: signals are heard meanwhile. */
#ifndef RUN_POSTURE_LOOK_H
#define RUN_POSTURE_LOOK_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/model/finding.h"
#include "harness/run_posture/posture_input.h"

struct look;

/* Gathers what is known. What the sources name is borrowed until look_free. Errors: those of posture_input_new,
 * ERROR_ENVIRONMENT. */
int look_new(struct look **ret, const struct posture_sources *sources, struct error *err);

/* Adds in words what it is going to do to the user's own hosts, a line for each. Errors: as outbound_plan. */
int look_plan(const struct look *look, struct buf *out, struct error *err);

/* Begins. Once. Errors: ERROR_ENVIRONMENT. */
int look_start(struct look *look, struct error *err);

/* Becomes readable when the look has ended. Borrowed. */
int look_fd(const struct look *look);
bool look_ended(struct look *look);

/* Waits until it has ended, which [check] timeout bounds, and hands out the findings. Once. Errors: as posture_run. */
int look_take(struct look *look, struct findings *ret, struct error *err);

/* Waits as well. NULL is allowed. */
void look_free(struct look *look);
void look_free_p(struct look **look);

#endif
