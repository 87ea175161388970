/* A resolver that answers from a zone file as its authoritative servers would, laid over another one: what the DNS will
 * say once the file is published. */
#ifndef DNS_RESOLVER_ZONE_H
#define DNS_RESOLVER_ZONE_H

#include "harness/dns/resolver.h"
#include "harness/dns/zone.h"

/* Makes one. It seals the zone, which must outlive it, as must `below`.
 *
 * Names in the zones of the file (harness/dns/zone.h) come from the file: records, NOERROR without any for a name that
 * exists, with wildcards (RFC 4592), else NXDOMAIN; negative answers have the TTL of the zone's SOA record (RFC 2308
 * section 5), 0 without one. CNAMEs are followed, out of the file and into it, 12 of them; a longer chain is
 * DNS_FAILED. Of a zone without SOA record only the record sets that the file writes come from it: it is a part of what
 * will be published. All other names come from below, and so do those of a part that NS records below the apex hand
 * over. Of a chain of CNAMEs that the layer below has followed only the end is known here: an end that lies in the file
 * is asked of the file, a CNAME of the file in the middle is not noticed.
 *
 * With NULL for `below` the file is all of the DNS: it hands nothing over, and where it is silent the answer is
 * NXDOMAIN. Answers from the file are DNS_INSECURE and have no time.
 *
 * Errors: as zone_seal, memory. */
int resolver_zone_new(struct zone *zone, struct resolver *below, struct resolver **ret, struct error *err);

#endif
