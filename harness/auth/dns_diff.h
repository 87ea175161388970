/* What changed between two snapshots of the DNS: records of mail compared by what they mean, all others by what they
 * say. Pure. */
#ifndef AUTH_DNS_DIFF_H
#define AUTH_DNS_DIFF_H

#include "harness/base/error.h"
#include "harness/model/dns.h"
#include "harness/model/dns_change.h"

/* Compares every question that both hold, in the order of the newer one; of several facts of one question the first
 * answer counts, as in resolver_replay_new. A question of one alone says nothing: what it means stands at the record
 * that leads to it. TTLs are compared where both are those published. Serial numbers are left out. Errors: memory. Free
 * with dns_changes_fini, in any case. Any thread. */
int dns_diff(const struct dns_fact *older, size_t older_count, const struct dns_fact *newer, size_t newer_count,
	     struct dns_changes *ret, struct error *err);

#endif
