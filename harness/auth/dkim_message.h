/* What all signatures of one message share: its fields by name, the hashes of its body that were made already, keys. */
#ifndef AUTH_DKIM_MESSAGE_H
#define AUTH_DKIM_MESSAGE_H

#include "harness/auth/dkim.h"
#include "harness/auth/dkim_key.h"
#include "harness/auth/dkim_signature.h"

/* As many ways to hash a body as signatures can ask for; a further one is hashed and not kept. */
enum { DKIM_BODY_HASHES_MAX = DKIM_SIGNATURES_MAX };

struct dkim_body {
	enum dkim_canon canon;
	int64_t length;  /* l=, or -1 */
	bool known;      /* false: it depends on what is cut off the body */
	bool too_short;  /* the body has fewer octets than l= says */
	bool goes_on;    /* it has more */
	uint64_t octets; /* that were hashed */
	unsigned char digest[DKIM_DIGEST_LEN];
};

struct dkim_message {
	const struct auth_message *message;
	struct dkim_keys *keys, *own_keys;
	struct dkim_hash *hash;
	const struct header_field **by_name; /* fields by name, each name's from the last one upwards */
	uint32_t *taken;                     /* at the first of a name: how many of it one signature has taken */
	struct dkim_body bodies[DKIM_BODY_HASHES_MAX];
	size_t body_count;
	unsigned explained; /* body hashes that were looked into: a sender must not buy much work */
};

/* Borrows message and keys (NULL: keys for this message only). Errors: memory. */
int dkim_message_init(struct dkim_message *m, const struct auth_message *message, struct dkim_keys *keys,
		      struct error *err);
void dkim_message_fini(struct dkim_message *m);

/* Hashes the body, or hands out the hash that it has. Errors: memory. */
int dkim_message_body(struct dkim_message *m, enum dkim_canon canon, int64_t length, struct dkim_body *ret,
		      struct error *err);

/* The digest that is signed (RFC 6376 section 3.7): the fields of h=, each name's from the last one upwards (section
 * 5.4.2), then the field itself without the value of b=. Errors: memory. */
int dkim_message_header(struct dkim_message *m, const struct dkim_field *f, enum dkim_canon canon,
			unsigned char out[DKIM_DIGEST_LEN], struct error *err);

/* How many fields of that name the message has, and how many of them h= takes. */
size_t dkim_message_count(const struct dkim_message *m, const char *name);
size_t dkim_field_takes(const struct dkim_field *f, const char *name);

#endif
