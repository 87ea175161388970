/* SMTP MTA Strict Transport Security (RFC 8461): the record and the policy. Pure. */
#ifndef RECORDS_MTA_STS_H
#define RECORDS_MTA_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/span.h"

#define MTA_STS_VERSION "v=STSv1"

/* Reads the joined strings of a TXT record of `_mta-sts` (section 3.1). False where it is not in the grammar, with
 * *ret_why in words; *ret_id lies in text. */
bool mta_sts_record_parse(struct span text, struct span *ret_id, const char **ret_why);

enum mta_sts_mode { MTA_STS_NONE, MTA_STS_TESTING, MTA_STS_ENFORCE };

enum { MTA_STS_MX_MAX = 256, MTA_STS_POLICY_MAX = 64 * 1024, MTA_STS_MAX_AGE = 31557600 };

struct mta_sts_policy {
	enum mta_sts_mode mode;
	uint64_t max_age_s; /* as written: also more than MTA_STS_MAX_AGE */
	struct span mx[MTA_STS_MX_MAX];
	size_t mx_count;
	const char *why; /* of a policy that cannot be read, in words */
	unsigned line;   /* where, from 1; 0: in none, something is missing */
};

/* Reads a policy (section 3.2). False where it is not in the grammar, lacks a field or has more than MTA_STS_MX_MAX
 * mx; `why` and `line` are set then. Of a field that is there twice the first counts. Patterns lie in text. */
bool mta_sts_policy_parse(struct span text, struct mta_sts_policy *ret);

/* Whether one of the patterns is for the host (section 4.1), which is a name without final dot. */
bool mta_sts_policy_matches(const struct mta_sts_policy *policy, const char *host);

const char *mta_sts_mode_name(enum mta_sts_mode v); /* "none", "testing", "enforce" */

#endif
