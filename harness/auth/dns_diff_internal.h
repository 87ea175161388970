/* Between the files of the comparison. */
#ifndef AUTH_DNS_DIFF_INTERNAL_H
#define AUTH_DNS_DIFF_INTERNAL_H

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/dns/resolver.h"
#include "harness/model/dns_change.h"

/* One question whose answer changed. */
struct diff {
	const char *name;
	enum dns_type type;
	const char *subject;
	struct resolver *older, *newer; /* of the whole snapshots */
	struct dns_changes *out;
};

enum { DIFF_WHAT_MAX = 4000 };

/* Adds a change in words. Errors: memory. */
int diff_say(const struct diff *diff, struct error *err, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* What two TXT records of one purpose say differently; both are there. */
typedef int diff_fn(const struct diff *diff, struct span older, struct span newer, struct error *err);
diff_fn diff_spf, diff_dkim, diff_dmarc, diff_tags;

#endif
