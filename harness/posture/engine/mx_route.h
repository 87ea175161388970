/* Where mail for a domain goes: its MX hosts, their addresses and TLSA records (RFC 5321 section 5.1, RFC 7672 section
 * 2). Private to harness/posture. */
#ifndef ENGINE_MX_ROUTE_H
#define ENGINE_MX_ROUTE_H

#include "harness/dns/name.h"
#include "harness/posture/engine/check.h"

enum { MX_HOSTS_MAX = 16, MX_FAMILY_MAX = 4, MX_ADDRESSES_MAX = 2 * MX_FAMILY_MAX };

struct mx_host {
	char name[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	struct dns_answer a, aaaa;
	struct dns_answer tlsa; /* of `_25._tcp.NAME` */
	struct ip addresses[MX_ADDRESSES_MAX];
	size_t address_count;
};

struct mx_route {
	const char *domain;
	struct dns_answer mx;
	bool null_mx;                       /* RFC 7505 */
	bool validated;                     /* the resolver validates: its answers that are not secure are not signed */
	struct mx_host hosts[MX_HOSTS_MAX]; /* by preference; the domain itself where it has no MX record */
	size_t host_count;
};

/* Asks for it. The domain is in the form of harness/model/dns.h and is borrowed. -1 for memory, which the check
 * remembers. Free with mx_route_fini. */
int mx_route_find(struct check *check, const char *domain, struct mx_route *ret);
void mx_route_fini(struct mx_route *route);

/* Adds what is to be published for a domain that takes no mail. */
void mx_mend(const char *domain, struct buf *out);

/* The DNS says that the host has no address. */
bool mx_host_is_absent(const struct mx_host *host);

/* What lets the user know whether an answer is signed that mx_route_signed leaves open; NULL where nothing would. */
const char *mx_route_signed_mend(const struct mx_route *route, const struct dns_answer *answer);

/* Whether an answer is signed: FINDING_OPEN where that cannot be known, since the resolver does not validate or the
 * answer stands in a zone file that is not published yet. *ret_words says so. */
enum finding_state mx_route_signed(const struct mx_route *route, const struct dns_answer *answer,
				   const char **ret_words);

/* The same of the addresses of a host, of each family that has any. */
enum finding_state mx_host_signed(const struct mx_route *route, const struct mx_host *host, const char **ret_words);

#endif
