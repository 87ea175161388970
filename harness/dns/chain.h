/* What proves the answers of a snapshot, or proves that nothing can: the DNSKEY and DS records from each zone that
 * signed something up to the root, and for what is not signed the DS records downwards to the one that is proved to be
 * absent. With them and the packets of the answers, a validator needs no network (RFC 4035 section 5).
 *
 * Whoever signs, and which names are asked, is chosen by strangers: the number of questions is bounded. */
#ifndef DNS_CHAIN_H
#define DNS_CHAIN_H

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/dns/resolver.h"
#include "harness/model/dns.h"

struct dns_chain;

enum { DNS_CHAIN_MAX = 2000 /* questions */ };

/* Errors: memory. */
int dns_chain_new(struct dns_chain **ret, struct error *err);
void dns_chain_free(struct dns_chain *chain);    /* NULL is allowed */
void dns_chain_free_p(struct dns_chain **chain); /* for _cleanup_ */

/* Takes notice of what an answer with a packet needs. Borrowed. Any thread. Errors: memory. */
int dns_chain_note(struct dns_chain *chain, const struct dns_fact *fact, struct error *err);

/* Asks for what the answers so far need, and for what those answers need, until nothing is left or the deadline has
 * passed. The resolver records: its sink hands each answer to dns_chain_note. One thread at a time. Errors: those of
 * the resolver, memory. */
int dns_chain_close(struct dns_chain *chain, struct resolver *resolver, struct deadline deadline, struct error *err);

#endif
