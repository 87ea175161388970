/* The validated domain names of the client (RFC 7208 section 5.5), for the mechanism `ptr` and the macro `p`. */
#ifndef AUTH_SPF_VALIDATED_H
#define AUTH_SPF_VALIDATED_H

#include "harness/auth/spf_ask.h"

/* Asks for the validated names of the client, unless they are known; the question for PTR is noted at the step. An
 * answer that the snapshot does not hold stops nothing by itself. */
int spf_validate(struct spf_current *c, size_t step, unsigned depth, enum spf_outcome *ret_outcome, struct error *err);

#endif
