/* Key records (RFC 6376 section 3.6.1, RFC 8301, RFC 8463) and verification with them. */
#ifndef AUTH_DKIM_KEY_H
#define AUTH_DKIM_KEY_H

#include "harness/auth/dkim.h"
#include "harness/auth/dkim_hash.h"
#include "harness/base/span.h"

/* RFC 8301 section 3.2: shorter keys verify nothing; shorter ones than the second are weak. */
enum { DKIM_KEY_BITS_MIN = 1024, DKIM_KEY_BITS_STRONG = 2048 };

enum { DKIM_KEY_PROBLEM_MAX = 128 };

struct dkim_key {
	char problem[DKIM_KEY_PROBLEM_MAX]; /* why nothing can be verified with it, in words; "" where it can */
	const char *section;                /* of the problem */
	bool unread;                        /* the problem is a limit of ours: the key may be good */
	bool revoked;                       /* p= is empty */
	bool ed25519;                       /* k= */
	unsigned bits;                      /* 0 where there is no key */
	bool testing, strict;               /* t=y, t=s */
	bool email;                         /* s= allows mail */
	bool sha256;                        /* h= allows SHA-256 */
	struct evp_pkey_st *pkey;           /* NULL where there is a problem */
	struct evp_pkey_ctx_st *rsa;        /* set up to verify with an RSA key */
};

/* Reads a record, whose strings are joined. Errors: memory. Free with dkim_key_fini. */
int dkim_key_read(struct dkim_key *key, struct span record, struct error *err);
void dkim_key_fini(struct dkim_key *key);

/* The same, from memory where it was read before. Borrowed: until the next call. */
int dkim_keys_read(struct dkim_keys *keys, struct span record, struct dkim_key **ret, struct error *err);

/* The hash that belongs to the memory: one at work at a time. */
struct dkim_hash *dkim_keys_hash(struct dkim_keys *keys);

/* Whether `signature` is the key's over the digest. `key` has no problem. */
bool dkim_key_verifies(struct dkim_key *key, const unsigned char digest[DKIM_DIGEST_LEN], struct span signature);

/* Whether the signature was made with this key over a SHA-256 digest, whichever it was: 1 yes, 0 no, -1 where the
 * algorithm does not tell (Ed25519). */
int dkim_key_made(struct dkim_key *key, struct span signature);

#endif
