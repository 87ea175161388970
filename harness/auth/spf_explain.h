/* The explanation of a fail (RFC 7208 section 6.2). */
#ifndef AUTH_SPF_EXPLAIN_H
#define AUTH_SPF_EXPLAIN_H

#include "harness/auth/spf_ask.h"

/* Fetches and expands the explanation (section 6.2) into check->out. Whatever goes wrong, there is none. */
int spf_explain(struct spf_current *c, struct error *err);

#endif
