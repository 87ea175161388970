/* Waiting until a change of the DNS is seen everywhere: authoritative servers and resolvers are asked side by side,
 * round after round, until all give the new answer and what caches may still hold of the old one has run out. */
#ifndef DNS_WAIT_DNS_WAIT_H
#define DNS_WAIT_DNS_WAIT_H

#include "harness/base/error.h"
#include "harness/dns_wait/dns_wait_params.h"

/* Waits. 1 when a rerun means something: every server that counts has the new answers, and the TTLs of the old ones
 * have run out; 0 when that is not so in time, as soon as that is certain. *ret is the last round, freed with
 * visibility_fini. Rounds are never less than a second apart. -1: ERROR_INTERRUPTED when a signal came, memory,
 * threads. */
int dns_wait(const struct dns_wait_params *params, struct visibility *ret, struct error *err);

#endif
