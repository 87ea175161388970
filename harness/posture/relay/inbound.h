/* The receiving side: what the servers of a domain do with mail that they should not take. Messages are sent to one
 * mailbox of the user's own, straight to its MX. */
#ifndef RELAY_INBOUND_H
#define RELAY_INBOUND_H

#include "harness/base/buf.h"
#include "harness/posture/engine/posture.h"

/* As posture_run, for params->inbound, which must be there as params->mailbox, from_address and helo. Sends six
 * messages: one that nothing is wrong with, by which the others are judged, the EICAR test file, GTUBE, one forged from
 * the From address, one with a failing SPF, one with a broken DKIM signature. Asks the MX whether they relay. */
int inbound_run(const struct posture_params *params, struct findings *ret, struct posture_cost *ret_cost,
		struct error *err);

/* Adds in words what inbound_run is going to do. Errors: ERROR_LIMIT (out is too small), memory. */
int inbound_plan(const struct posture_params *params, struct buf *out, struct error *err);

#endif
