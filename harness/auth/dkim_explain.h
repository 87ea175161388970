/* Why a signature fails: what can be found out by trying. Bounded work; says nothing that was not tried. */
#ifndef AUTH_DKIM_EXPLAIN_H
#define AUTH_DKIM_EXPLAIN_H

#include "harness/auth/dkim_message.h"

/* Lines of a body after each of which the body is tried to end; body hashes of one message that are looked into. */
enum { DKIM_EXPLAIN_LINES_MAX = 200000, DKIM_EXPLAINED_MAX = 4 };

/* Set s to `fail` with the reason. The body hash differs, respectively the signature is not over these fields. Errors:
 * memory. */
int dkim_explain_body(struct dkim_message *m, const struct dkim_field *f, struct dkim_signature *s, struct error *err);
int dkim_explain_header(struct dkim_message *m, const struct dkim_field *f, struct dkim_key *key,
			struct dkim_signature *s, struct error *err);

#endif
