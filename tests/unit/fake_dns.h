/* A resolver for tests: answers out of a zone, has no answer where it is told so, and counts what it was asked. */
#ifndef TESTS_FAKE_DNS_H
#define TESTS_FAKE_DNS_H

#include "harness/base/span.h"
#include "harness/dns/resolver.h"

struct fake_dns {
	struct resolver base; /* hand out &fake->base; resolver_free() frees all */
	struct zone *zone;
	struct resolver *answers; /* of the zone; made by the first question, nothing can be added after */
	struct fake_state *states;
	size_t state_count, state_cap;
	size_t questions; /* asked so far */
};

/* All of them end the program where memory is short or a value is none. Names are raw octets with dots. */
struct fake_dns *fake_dns_new(void);

/* An A, AAAA (address), MX (`10 host`, `0 .`), PTR or CNAME (host) record, or a TXT record of one string. */
void fake_dns_add(struct fake_dns *dns, struct span name, enum dns_type type, struct span value);

/* A TXT record of `count` strings, each cut into pieces of 255 octets. */
void fake_dns_add_txt(struct fake_dns *dns, struct span name, const struct span *strings, size_t count);

/* Questions for the name that have no records for an answer are answered with this state. */
void fake_dns_state(struct fake_dns *dns, struct span name, enum dns_state state);

/* The same by lines: `example.net TXT v=spf1 -all`, `example.net FAILED`, `example.net MISSED`. */
void fake_dns_add_lines(struct fake_dns *dns, const char *lines);

#endif
