/* A resolver with a memory: the DNS as it was during a run. While the run goes on, it records; afterwards it replays.
 *
 * A run has one snapshot: the first answer that the DNS has given to a question (DNS_ANSWERED) is the answer to it for
 * ever. A failure is remembered too, but never stands in the way of an answer. */
#ifndef DNS_RESOLVER_SNAPSHOT_H
#define DNS_RESOLVER_SNAPSHOT_H

#include "harness/dns/resolver.h"

/* Takes a new answer, an answer of state DNS_FAILED included, to where it is kept; borrowed. Never called by two
 * threads at once, but by any thread that asks. Returns 0, or -1 with an error, which then is that of the asking; the
 * answer counts as not recorded. It must not ask the resolver. */
typedef int resolver_sink(void *user, const struct dns_fact *fact, struct error *err);

/* Answers from stored facts alone, of which it takes a copy. A question that they do not hold is DNS_MISSED, with a
 * detail that names it. Of several facts of one question the first answer counts, else the last failure. Errors:
 * memory. */
int resolver_replay_new(const struct dns_fact *facts, size_t count, struct resolver **ret, struct error *err);

/* The same, but what the facts do not answer is asked of the layer below (which must outlive this resolver, as must
 * `user`), and each answer that comes goes to the sink, once, before it is handed out. A question whose last answer was
 * a failure is asked again. One that is being asked by another thread is not asked a second time: both wait for the
 * same answer. */
int resolver_recording_new(struct resolver *below, const struct dns_fact *facts, size_t count, resolver_sink *sink,
			   void *user, struct resolver **ret, struct error *err);

#endif
