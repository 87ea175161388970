/* A resolver that asks the DNS, through libunbound.
 *
 * Names that are never asked of anybody (RFC 6761, RFC 7686), because libunbound answers for them: localhost and its
 * reverse names, invalid, onion. Everything else is asked, reverse names of private addresses, `test.` and `home.arpa`
 * included: servers that are tested have such names. */
#ifndef DNS_RESOLVER_LIVE_H
#define DNS_RESOLVER_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/dns/resolver.h"

struct resolver_live_options {
	const char *const *servers; /* as name_server_parse reads them; none: those of /etc/resolv.conf */
	size_t server_count;
	bool from_root;          /* recursion from the root servers, by ourselves; no servers are to be given then */
	const char *anchor_file; /* with DS or DNSKEY records, by which answers are validated; NULL: none is */
	int64_t timeout_ms;      /* for each question, further attempts included; 0: 5 s */
	unsigned attempts;       /* of a question that fails temporarily; 0: 3 */
};

/* Makes one; the options are not read later. Freshness is a new one of it: what has been answered is answered again
 * from its cache until its TTL has run out, failures are not kept. 1,000 questions are asked at once, of more that many
 * after one another.
 *
 * Of its answers: a question that has failed is DNS_FAILED (its rcode is DNS_SERVFAIL where libunbound had one, which
 * also stands for servers that it could not reach), one whose signatures are wrong as well, with DNS_BOGUS; the
 * detail says why and which servers were to answer. TTLs are those that the servers gave, also where an answer is from
 * the cache; `ttl_remaining` is false where all servers that were given are authoritative (name_server.h; asked once,
 * after the first answer, for a second at most) and with recursion from the root.
 *
 * Errors: ERROR_CONFIG for an address or a trust anchor that cannot be read, ERROR_ENVIRONMENT where /etc/resolv.conf
 * cannot, memory. */
int resolver_live_new(const struct resolver_live_options *options, struct resolver **ret, struct error *err);

#endif
