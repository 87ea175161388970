/* How long senders keep to an MTA-STS policy that they have (RFC 8461 section 3.2). */
#ifndef DNS_WAIT_POLICY_AGE_H
#define DNS_WAIT_POLICY_AGE_H

#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

/* Fetches the policy of the domain, and hands out its max_age in seconds. ca_file: trusted certificates (PEM), NULL:
 * the system's. 1 found; 0 where no policy is served, or none that can be read; -1 as http_send. */
int policy_age(const char *domain, const char *ca_file, struct deadline deadline, int64_t *ret_s, struct error *err);

#endif
