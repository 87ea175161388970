/* Answers of the DNS in memory, as they come. */
#ifndef DNS_SNAPSHOT_H
#define DNS_SNAPSHOT_H

#include "harness/base/error.h"
#include "harness/model/dns.h"

/* Zeroed before the first use. */
struct dns_snapshot {
	struct dns_fact *facts; /* owned, in the order in which they came */
	size_t count, cap;
};

/* Adds a copy; `snapshot` is a struct dns_snapshot: for resolver_recording_new. Errors: memory. */
int dns_snapshot_sink(void *snapshot, const struct dns_fact *fact, struct error *err);

void dns_snapshot_fini(struct dns_snapshot *snapshot); /* leaves it zeroed */

#endif
