/* DNS questions and answers as plain data: what resolvers (harness/dns) give, the store keeps and evaluators read.
 *
 * Names are in presentation form (RFC 1035 section 5.1) without the final dot, ASCII letters in lower case, labels
 * beyond ASCII as A-labels (RFC 5890), octets that are not printable ASCII, and `.`, `\`, `"`, `;`, `(`, `)`, `@`, `$`
 * inside a label, as \DDD. The root is ".". harness/dns/name.h makes such names. */
#ifndef MODEL_DNS_H
#define MODEL_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

/* Types of resource records (IANA, "Resource Record (RR) TYPEs"). */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
	DNS_SPF = 99, /* obsolete: RFC 7208 section 3.1 */
	DNS_CAA = 257,
};

/* Response codes that are told apart (RFC 1035 section 4.1.1). */
enum { DNS_NOERROR = 0, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3, DNS_REFUSED = 5 };

struct dns_question {
	const char *name; /* as above; borrowed */
	enum dns_type type;
};

enum dns_state {
	DNS_ANSWERED, /* the DNS has answered: records, none of that type (NOERROR, no record), or NXDOMAIN */
	DNS_FAILED,   /* temporary: no server answered in time, SERVFAIL, a bogus signature; nothing is known */
	DNS_MISSED,   /* a snapshot does not hold the answer; nothing is known */
};

/* DNSSEC, RFC 4035 section 4.3. */
enum dns_security { DNS_INSECURE, DNS_SECURE, DNS_BOGUS };

struct dns_record {
	unsigned char *rdata; /* in wire form, names in it not compressed */
	size_t len;
};

struct dns_answer {
	enum dns_state state;
	enum dns_security security;
	int rcode;          /* of DNS_ANSWERED: DNS_NOERROR or DNS_NXDOMAIN; of DNS_FAILED what came, or 0 */
	char *canonical;    /* owner of the records, at the end of the CNAMEs; NULL where it is the question's name */
	uint32_t ttl;       /* seconds: the least of records and CNAMEs; of a negative answer its own (RFC 2308) */
	bool ttl_remaining; /* from a cache: what was left of it, not what is published */
	int64_t at_ms;      /* wall clock, when it was given; 0 from a zone file */
	struct dns_record *records; /* all of the question's type, in the order given */
	size_t count;
	char *detail; /* of DNS_FAILED and DNS_MISSED: why, in words, one escaped line; else NULL */
	/* The whole answer as it came (RFC 1035 section 4), with signatures and proofs of absence (RFC 4034, RFC 5155),
	 * also of one that is bogus; NULL where none came (zone file, no server) or where it was not loaded. */
	unsigned char *packet;
	size_t packet_len;
};

/* One question with its answer, as a snapshot holds it. Owns both. */
struct dns_fact {
	char *name;
	enum dns_type type;
	struct dns_answer answer;
	int64_t id; /* in the store; 0 before it is stored */
};

/* "TXT"; "TYPE257" form for what has no name here (RFC 3597). Returns out or a constant. */
enum { DNS_TYPE_TEXT_MAX = 16 };
const char *dns_type_name(enum dns_type type, char out[DNS_TYPE_TEXT_MAX]);
bool dns_type_from(struct span word, enum dns_type *ret); /* also TYPE257; ASCII case folded */

const char *dns_state_name(enum dns_state v);       /* "answered", "failed", "missed" */
const char *dns_security_name(enum dns_security v); /* "insecure", "secure", "bogus" */
bool dns_state_from(struct span word, enum dns_state *ret);
bool dns_security_from(struct span word, enum dns_security *ret);

/* Adds a copy of rdata as a further record; *cap is the caller's, 0 at first. Errors: memory. */
int dns_answer_add(struct dns_answer *answer, size_t *cap, const void *rdata, size_t len, struct error *err);

/* Gives the answer a copy of the octets as its packet, which it must not have yet. Errors: memory. */
int dns_answer_set_packet(struct dns_answer *answer, const void *octets, size_t len, struct error *err);

/* A deep copy. Errors: memory; *ret is left alone then. */
int dns_answer_copy(const struct dns_answer *answer, struct dns_answer *ret, struct error *err);

/* Free what the structure owns and leave it zeroed; NULL is allowed. */
void dns_answer_fini(struct dns_answer *answer);
void dns_fact_fini(struct dns_fact *fact);

#endif
