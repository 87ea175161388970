/* ARC chain validation (RFC 8617 section 5.2): information only. Pure. */
#ifndef AUTH_ARC_H
#define AUTH_ARC_H

#include "harness/auth/dkim.h"

/* As dkim_evaluate. Free with arc_evaluation_fini. */
int arc_evaluate(const struct auth_message *message, int64_t now_ms, struct resolver *resolver, struct dkim_keys *keys,
		 struct arc_evaluation *ret, struct error *err);

#endif
