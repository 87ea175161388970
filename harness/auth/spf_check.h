/* One record of SPF and its terms (RFC 7208 sections 4.4 to 4.7). For harness/auth/spf*.c only. */
#ifndef AUTH_SPF_CHECK_H
#define AUTH_SPF_CHECK_H

#include "harness/auth/spf_ask.h"

/* Evaluates the record of `domain`, which step `step` asks for; its terms stand at `depth`. Recursion ends by
 * SPF_LOOKUPS_MAX. Errors: memory, bug. */
int spf_check_host(struct spf_check *check, const struct spf_target *domain, size_t step, unsigned depth, bool included,
		   struct spf_verdict *ret, struct error *err);

#endif
