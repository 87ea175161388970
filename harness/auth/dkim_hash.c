/* SHA-256 by OpenSSL: the algorithm is fetched once and the contexts are kept, since both cost more than the hash of a
 * short message. */
#include "harness/auth/dkim_hash.h"

#include <openssl/evp.h>
#include <string.h>

int dkim_hash_init(struct dkim_hash *hash, struct error *err)
{
	hash->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	hash->ctx = EVP_MD_CTX_new();
	hash->spare = EVP_MD_CTX_new();
	if (hash->md && hash->ctx && hash->spare)
		return 0;
	dkim_hash_fini(hash);
	return error_memory(err);
}

void dkim_hash_fini(struct dkim_hash *hash)
{
	EVP_MD_CTX_free(hash->ctx);
	EVP_MD_CTX_free(hash->spare);
	EVP_MD_free(hash->md);
	hash->ctx = hash->spare = NULL;
	hash->md = NULL;
}

void dkim_hash_start(struct dkim_hash *hash, uint64_t limit)
{
	hash->octets = 0;
	hash->limit = limit;
	hash->used = 0;
	hash->cut = false;
	hash->failed = EVP_DigestInit_ex2(hash->ctx, hash->md, NULL) != 1;
}

static void update(struct dkim_hash *hash, const char *p, size_t len)
{
	if (!hash->failed && len > 0 && EVP_DigestUpdate(hash->ctx, p, len) != 1)
		hash->failed = true;
}

static void flush(struct dkim_hash *hash)
{
	update(hash, hash->gathered, hash->used);
	hash->used = 0;
}

void dkim_hash_add(struct dkim_hash *hash, struct span octets)
{
	if (octets.len > hash->limit - hash->octets) {
		hash->cut = true;
		octets.len = (size_t)(hash->limit - hash->octets);
	}
	hash->octets += octets.len;
	if (octets.len >= DKIM_HASH_RUN || octets.len > sizeof(hash->gathered) - hash->used)
		flush(hash);
	if (octets.len >= DKIM_HASH_RUN) {
		update(hash, octets.p, octets.len);
	} else if (octets.len > 0) {
		memcpy(hash->gathered + hash->used, octets.p, octets.len);
		hash->used += octets.len;
	}
}

static int dkim_hash_final(struct dkim_hash *hash, EVP_MD_CTX *ctx, unsigned char *out, struct error *err)
{
	if (hash->failed || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		return error_memory(err);
	return 0;
}

int dkim_hash_save(struct dkim_hash *hash, struct error *err)
{
	flush(hash);
	return EVP_MD_CTX_copy_ex(hash->spare, hash->ctx) == 1 ? 0 : error_memory(err);
}

int dkim_hash_restore(struct dkim_hash *hash, struct error *err)
{
	return EVP_MD_CTX_copy_ex(hash->ctx, hash->spare) == 1 ? 0 : error_memory(err);
}

int dkim_hash_peek(struct dkim_hash *hash, unsigned char out[DKIM_DIGEST_LEN], struct error *err)
{
	return dkim_hash_save(hash, err) < 0 ? -1 : dkim_hash_final(hash, hash->spare, out, err);
}

int dkim_hash_finish(struct dkim_hash *hash, unsigned char out[DKIM_DIGEST_LEN], struct error *err)
{
	flush(hash);
	return dkim_hash_final(hash, hash->ctx, out, err);
}
