/* The mechanisms of SPF that ask the DNS for addresses and names (RFC 7208 sections 5.3 to 5.5, 5.7). */
#ifndef AUTH_SPF_MECHANISM_H
#define AUTH_SPF_MECHANISM_H

#include "harness/auth/spf_ask.h"

/* The mechanisms that ask. */
typedef int spf_match_fn(struct spf_current *c, enum spf_outcome *ret, struct error *err);
spf_match_fn spf_match_a, spf_match_mx, spf_match_exists, spf_match_ptr;

#endif
