/* The syntax of an SPF record (RFC 7208 sections 4.6.1, 5, 6, 7.1 and 12), term by term. Pure, without allocation;
 * for evaluation and for whoever only wants to know what a record says and what is wrong with it. */
#ifndef AUTH_SPF_RECORD_H
#define AUTH_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/ip.h"
#include "harness/base/span.h"
#include "harness/model/words.h"

enum spf_term_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* modifiers from here on */
	SPF_EXP,
	SPF_UNKNOWN_MODIFIER,
};

struct spf_term {
	enum spf_term_kind kind;
	struct span text;           /* as written, with its qualifier */
	struct span name;           /* `include`, `redirect`, as written */
	enum auth_result qualifier; /* of a mechanism: the result where it matches; AUTH_PASS of a modifier */
	struct span domain;         /* domain-spec; empty where the domain itself is meant. Of an unknown modifier its
				       value */
	struct ip network;          /* of ip4, ip6 */
	unsigned bits4, bits6;      /* of a, mx, ip4, ip6: prefix lengths; 32 and 128 where none is written */
};

/* What is wrong, with the octet of the record where it is. */
struct spf_fault {
	size_t offset;    /* octets from the start of the record */
	struct span term; /* as written */
	const char *what; /* in words, a constant: "prefix length above 32" */
	const char *section;
};

struct spf_reader {
	struct span record;
	size_t at;
	bool redirect_seen, exp_seen;
};

/* Whether a TXT record is an SPF record (section 4.5): `v=spf1` in whatever case, then a space or the end. */
bool spf_record_is(struct span txt);

/* The record, for which spf_record_is() holds, must outlive the reader. */
struct spf_reader spf_reader_start(struct span record);

/* The next term: 1 found, 0 at the end, -1 where it breaks the syntax; then *ret_fault says how, *ret is left alone and
 * the reader stands behind the term, so that reading on finds further faults. Linear in the record. */
int spf_reader_next(struct spf_reader *reader, struct spf_term *ret, struct spf_fault *ret_fault);

/* Whether the term counts against the limit of lookups (section 4.6.4). */
bool spf_term_costs_lookup(enum spf_term_kind kind);

#endif
