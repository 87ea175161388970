/* The domain that a term is about: its domain-spec, expanded (RFC 7208 sections 4.8 and 7). */
#ifndef AUTH_SPF_TARGET_H
#define AUTH_SPF_TARGET_H

#include "harness/auth/spf_ask.h"

/* Expands the domain-spec of the current term, or takes the frame's domain. *ret_outcome is SPF_NO_MATCH, or SPF_STOP
 * where an answer that `p` needs is missing. */
int spf_target_make(struct spf_current *c, struct spf_target *ret, enum spf_outcome *ret_outcome, struct error *err);

/* Makes a target of octets, without a final dot. */
void spf_target_set(struct spf_target *target, struct span octets);

/* Sets the values that depend on the frame. `text` is what will be expanded; names of the client are asked for only
 * where it uses `p`, below the current step. */
int spf_values_for(struct spf_current *c, struct span text, enum spf_outcome *ret_outcome, struct error *err);

#endif
