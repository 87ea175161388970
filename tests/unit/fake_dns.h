/* A resolver for tests: answers out of a table, fails where it is told to, and counts what it was asked. */
#ifndef TESTS_FAKE_DNS_H
#define TESTS_FAKE_DNS_H

#include "harness/base/span.h"
#include "harness/dns/resolver.h"

struct fake_dns {
	struct resolver base; /* hand out &fake->base */
	struct fake_record *records;
	size_t count, cap;
	size_t questions; /* asked so far */
};

/* All of them end the program where memory is short or the value is none. Names are raw octets with dots. */
struct fake_dns *fake_dns_new(void);

/* An A, AAAA (address), MX (`10 host`, `0 .`), PTR or CNAME (host) record, or a TXT record of one string. */
void fake_dns_add(struct fake_dns *dns, struct span name, enum dns_type type, const char *value);

/* A TXT record of `count` strings, each cut into pieces of 255 octets. */
void fake_dns_add_txt(struct fake_dns *dns, struct span name, const struct span *strings, size_t count);

/* Questions for the type (0: every type without records) are answered with this state. */
void fake_dns_state(struct fake_dns *dns, struct span name, enum dns_type type, enum dns_state state);

/* Several records: `example.net TXT v=spf1 -all`, one to a line; FAILED or MISSED in place of the type for every type,
 * `TXT FAILED` for one. */
void fake_dns_add_lines(struct fake_dns *dns, const char *lines);

#endif
