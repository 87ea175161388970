/* SHA-256 over canonical octets. Long runs are hashed where they stand in the message; short ones are gathered first,
 * since a call of the library costs more than hashing a few octets. OpenSSL stays behind it. */
#ifndef AUTH_DKIM_HASH_H
#define AUTH_DKIM_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum { DKIM_DIGEST_LEN = 32, DKIM_HASH_GATHER = 4096, DKIM_HASH_RUN = 512 };

struct dkim_hash {
	struct evp_md_st *md;
	struct evp_md_ctx_st *ctx, *spare;
	uint64_t octets; /* added so far, not more than `limit` */
	uint64_t limit;  /* octets beyond it are left out */
	bool cut;        /* some were left out */
	bool failed;     /* the library refused: reported at the end */
	size_t used;     /* of `gathered` */
	char gathered[DKIM_HASH_GATHER];
};

int dkim_hash_init(struct dkim_hash *hash, struct error *err); /* errors: memory */
void dkim_hash_fini(struct dkim_hash *hash);

/* Begins anew. */
void dkim_hash_start(struct dkim_hash *hash, uint64_t limit);
void dkim_hash_add(struct dkim_hash *hash, struct span octets);

/* The digest of what was added so far; more may follow. Errors: memory. */
int dkim_hash_peek(struct dkim_hash *hash, unsigned char out[DKIM_DIGEST_LEN], struct error *err);

/* The digest; only dkim_hash_start may follow. Errors: memory. */
int dkim_hash_finish(struct dkim_hash *hash, unsigned char out[DKIM_DIGEST_LEN], struct error *err);

/* Keep what was added so far, and go back to it after dkim_hash_finish. Errors: memory. */
int dkim_hash_save(struct dkim_hash *hash, struct error *err);
int dkim_hash_restore(struct dkim_hash *hash, struct error *err);

#endif
