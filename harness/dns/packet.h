/* Reading whole DNS messages (RFC 1035 section 4), which come from strangers: for what signs an answer. */
#ifndef DNS_PACKET_H
#define DNS_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/span.h"
#include "harness/dns/name.h"
#include "harness/model/dns.h"

enum packet_section { PACKET_ANSWER, PACKET_AUTHORITY };

struct packet_record {
	enum packet_section section;
	char owner[DNS_NAME_TEXT_MAX]; /* as harness/model/dns.h has names */
	enum dns_type type;            /* of an RRSIG record: the type that it covers */
	bool is_signature;
	char signer[DNS_NAME_TEXT_MAX]; /* of an RRSIG record: the zone that signed (RFC 4034 section 3.1.7) */
};

/* Where reading stands. */
struct packet_reader {
	struct span packet;
	size_t at;
	size_t left[2]; /* records by section */
};

/* Begins behind the question. False where the octets are no answer to one. */
bool packet_open(struct packet_reader *reader, struct span packet);

/* The next record of the answer and authority sections. False at their end, or from the first octets on that are no
 * record. */
bool packet_next(struct packet_reader *reader, struct packet_record *ret);

#endif
