/* Asking for keys, and the verification of one field: shared by DKIM and ARC. */
#ifndef AUTH_DKIM_VERIFY_H
#define AUTH_DKIM_VERIFY_H

#include "harness/auth/dkim_message.h"

/* Keys of all signatures of a message, asked for side by side; each name once. */
enum { DKIM_QUESTIONS_MAX = 2 * DKIM_SIGNATURES_MAX };

struct dkim_lookup {
	struct dns_question questions[DKIM_QUESTIONS_MAX]; /* names are borrowed */
	struct dns_answer answers[DKIM_QUESTIONS_MAX];     /* valid once asked */
	size_t count;
	bool asked;
};

/* Returns the index of the answer. */
size_t dkim_lookup_add(struct dkim_lookup *lookup, const char *key_name);
/* Asks, and notes it in the trail. Errors: memory. */
int dkim_lookup_ask(struct dkim_lookup *lookup, struct resolver *resolver, struct trail *trail, struct error *err);
void dkim_lookup_fini(struct dkim_lookup *lookup);

/* Verifies a field that could be read, and sets the result in s. `seal` NULL: the digest is over the fields of h= and
 * the body counts; else it is the digest that an ARC-Seal signs. Errors: memory. */
int dkim_verify_field(struct dkim_message *m, const struct dkim_field *f, const struct dns_answer *answer,
		      const unsigned char *seal, int64_t now_ms, struct dkim_signature *s, struct error *err);

#endif
