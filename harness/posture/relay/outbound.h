/* What the tests of the user's own sending hosts are going to do, before they do it. */
#ifndef RELAY_OUTBOUND_H
#define RELAY_OUTBOUND_H

#include "harness/base/buf.h"
#include "harness/posture/engine/posture.h"

/* Adds one line for each of params->outbounds: whom posture_run will ask for what, over how many connections, and what
 * it may send to whom. Adds nothing where there are none. Errors: ERROR_LIMIT (out is too small), memory. */
int outbound_plan(const struct posture_params *params, struct buf *out, struct error *err);

#endif
