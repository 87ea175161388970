/* Whom an SPF record lets send, whatever the message: the networks behind each of its terms, the records that they lead
 * to included. For comparing what two records mean; evaluation is spf.h. */
#ifndef AUTH_SPF_ALLOWED_H
#define AUTH_SPF_ALLOWED_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/auth/spf_record.h"
#include "harness/base/error.h"
#include "harness/dns/resolver.h"

/* Terms of the record, records and networks, beyond which is cut; far above what RFC 7208 section 4.6.4 lets anybody
 * use. */
enum { SPF_ALLOWED_TERMS_MAX = 1000, SPF_ALLOWED_RECORDS_MAX = 64, SPF_ALLOWED_NETWORKS_MAX = 2000 };

struct spf_network {
	struct ip ip;
	unsigned bits;
	size_t term; /* of the record, by which it is allowed */
};

/* A term of the record itself. */
struct spf_allowed_term {
	char *text; /* as written */
	enum spf_term_kind kind;
	enum auth_result qualifier;
	bool incomplete; /* it may allow more than its networks: an answer is missing, or it depends on the message */
};

struct spf_allowed {
	bool found; /* the domain has one SPF record, and its answer is known */
	char *record;
	struct spf_allowed_term *terms;
	size_t term_count, term_cap;
	struct spf_network *networks; /* of terms whose qualifier is `+`; what terms before them take out of that is
					 still there */
	size_t network_count, network_cap;
};

/* Reads the record of the domain (in the form of harness/model/dns.h) and all records that it leads to, level by level,
 * with all questions of a level side by side; terms whose syntax is broken are left out. Free with spf_allowed_fini, in
 * any case. Errors: memory. Any thread. */
int spf_allowed_read(const char *domain, struct resolver *resolver, struct spf_allowed *ret, struct error *err);
void spf_allowed_fini(struct spf_allowed *allowed);

/* Whether one of the networks covers the whole of `network`. */
bool spf_allowed_covers(const struct spf_allowed *allowed, const struct spf_network *network);

/* Whether there is a term that may allow more than its networks. */
bool spf_allowed_incomplete(const struct spf_allowed *allowed);

#endif
