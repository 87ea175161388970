/* The addresses that mail of the service comes from: those seen in stored runs, those of the user's own outbound hosts,
 * and those of the domain's MX, which mostly sends as well. */
#ifndef ENGINE_ADDRESSES_H
#define ENGINE_ADDRESSES_H

#include "harness/dns/name.h"
#include "harness/posture/engine/check_resolver.h"

enum { ADDRESSES_MAX = 64 };

struct address {
	struct ip ip;
	char text[IP_TEXT_MAX];
	char host[DNS_NAME_TEXT_MAX]; /* by which it is known: HELO name, outbound host, MX; "" */
};

struct addresses {
	struct address v[ADDRESSES_MAX]; /* each once */
	size_t count;
	char missing[ERROR_TEXT_MAX]; /* in words: why there may be others; "" where there are none */
};

/* Asks, in two rounds. 0, or -1 for memory, which the check remembers. */
int addresses_collect(struct check_resolver *dns, struct addresses *ret);

/* Whether an answer of A or AAAA records holds the address. */
bool addresses_hold(const struct dns_answer *answer, const struct ip *ip);

#endif
