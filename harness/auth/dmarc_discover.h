/* Finding of DMARC policy records and organisational domains: the tree walk of RFC 9989 section 4.10, and the two
 * questions of RFC 7489 section 6.6.3. For dmarc*.c alone. Names are in the form of harness/model/dns.h. */
#ifndef AUTH_DMARC_DISCOVER_H
#define AUTH_DMARC_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/auth/dmarc_record.h"
#include "harness/base/error.h"
#include "harness/dns/resolver.h"
#include "harness/model/evaluation.h"

/* What stands at `_dmarc` of one name. */
struct dmarc_lookup {
	char *domain;
	enum dns_state state;
	char *failure;     /* in words, where the state is not DNS_ANSWERED */
	bool exists;       /* the answer shows that the domain exists: there is something below it */
	size_t candidates; /* records that begin with `v=DMARC1` */
	char *text;        /* of the one record; NULL where there is none, or several, which are all discarded */
	struct dmarc_record record; /* of `text` */
};

/* Remembers what was asked: walks of one evaluation meet at the same names. */
struct dmarc_finder {
	struct resolver *resolver;
	enum dmarc_standard standard;
	struct trail *trail;
	struct dmarc_lookup **lookups;
	size_t count, cap;
};

/* A walk makes at most so many lookups. */
enum { DMARC_WALK_MAX = 8 };

struct dmarc_walk {
	const struct dmarc_lookup *at[DMARC_WALK_MAX]; /* from the longest name to the shortest; borrowed */
	size_t count;
	enum dns_state state;   /* of the last one; unless DNS_ANSWERED, it broke the walk off */
	const char *org_domain; /* a part of the name that was given; NULL where the walk was broken off */
};

/* The policy that applies to an author's domain. */
struct dmarc_policy_found {
	const struct dmarc_lookup *at; /* whose record it is; NULL without a record; borrowed */
	const struct dmarc_lookup
	    *failed;                        /* the answer that is missing: without `at` no policy is known, and in
								     RFC 9989 no organisational domain; else NULL; borrowed */
	const struct dmarc_lookup *several; /* a name with several records, which were discarded; else NULL; borrowed */
	const char *org_domain;             /* a part of the author's domain; NULL where it could not be found */
};

/* All return 0, or -1 for memory or a bug. `domain` must outlive the result. */

/* The walk from `domain` upwards, and the organisational domain that it shows. One step `what` is added to the trail,
 * and under it one for each question. */
int dmarc_walk(struct dmarc_finder *finder, const char *domain, const char *what, struct dmarc_walk *ret,
	       struct error *err);

/* The organisational domain by the finder's standard; *ret is a part of domain, or NULL where it cannot be told: then
 * *ret_failed is the missing answer, or NULL where the name is a public suffix (RFC 7489). */
int dmarc_org_domain(struct dmarc_finder *finder, const char *domain, const char **ret,
		     const struct dmarc_lookup **ret_failed, struct error *err);

/* Policy discovery for an author's domain. */
int dmarc_discover(struct dmarc_finder *finder, const char *author, struct dmarc_policy_found *ret, struct error *err);

/* Whether a domain exists (RFC 9989 section 3.2.13: no NXDOMAIN). 1 yes, 0 no, -1 error; where it is not known,
 * *ret_state is not DNS_ANSWERED and the answer 1. */
int dmarc_domain_exists(struct dmarc_finder *finder, const struct dmarc_lookup *author, enum dns_state *ret_state,
			struct error *err);

void dmarc_finder_fini(struct dmarc_finder *finder);

#endif
