/* Reading the answers of DNS blocklists (RFC 5782). */
#ifndef SENDERS_BLOCKLIST_H
#define SENDERS_BLOCKLIST_H

#include "harness/base/ip.h"
#include "harness/dns/name.h"
#include "harness/model/dns.h"

enum blocklist_answer {
	BLOCKLIST_NO,
	BLOCKLIST_YES,     /* in 127.0.0.0/8 (section 2.1) */
	BLOCKLIST_REFUSED, /* 127.255.255.x: the list does not answer this resolver */
	BLOCKLIST_FOREIGN, /* any other address: that is no list, or no longer */
	BLOCKLIST_UNKNOWN, /* no answer */
};

/* Reads an answer of A records. */
enum blocklist_answer blocklist_read(const struct dns_answer *answer);

/* `2.0.0.127.list.example`. Returns out. */
enum { BLOCKLIST_NAME_MAX = 2 * DNS_NAME_TEXT_MAX };
const char *blocklist_address_name(const struct ip *ip, const char *zone, char out[BLOCKLIST_NAME_MAX]);

/* Why a zone cannot be used, by the answers for its test points, in words; NULL where it can (sections 2.3 and 5). */
const char *blocklist_fault(const struct dns_answer *listed, const struct dns_answer *not_listed);

#endif
