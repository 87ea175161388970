/* Key records, and verification by OpenSSL. Keys that were read are kept: parsing one and setting up a context cost
 * more than a verification. */
#include "harness/auth/dkim_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/auth/tag_list.h"

/* One slot for each value of a hash over the record: a newer record takes the place of an older one. */
enum { KEYS_SLOTS = 256, KEY_OCTETS_MAX = 4096, ED25519_LEN = 32 };

struct slot {
	char *record; /* NULL: empty */
	size_t len;
	struct dkim_key key;
};

struct dkim_keys {
	struct dkim_hash hash;
	struct slot slots[KEYS_SLOTS];
};

/* Notes what is wrong; the first problem counts. Returns 0, as the steps below do then. */
static int dkim_key_refuse(struct dkim_key *key, const char *section, const char *what, const char *more)
{
	if (key->problem[0] == '\0') {
		snprintf(key->problem, sizeof(key->problem), "%s%s", what, more);
		key->section = section;
	}
	return 0;
}

static int read_flags(struct dkim_key *key, const struct tag_list *list)
{
	const char *section = "RFC 6376 section 3.6.1";
	const struct tag *v = tag_list_find(list, "v"), *h = tag_list_find(list, "h"), *k = tag_list_find(list, "k");
	const struct tag *s = tag_list_find(list, "s"), *t = tag_list_find(list, "t");
	if (v && (v != &list->tags[0] || !span_is(v->value, "DKIM1")))
		return dkim_key_refuse(key, section, "the first tag of the key record is not v=DKIM1", "");
	key->sha256 = !h || tag_has_part(h->value, "sha256");
	key->email = !s || tag_has_part(s->value, "*") || tag_has_part(s->value, "email");
	key->testing = t && tag_has_part(t->value, "y");
	key->strict = t && tag_has_part(t->value, "s");
	key->ed25519 = k && span_is_nocase(k->value, "ed25519");
	if (k && !key->ed25519 && !span_is_nocase(k->value, "rsa"))
		return dkim_key_refuse(key, section, "unknown type of key (k=)", "");
	return 1;
}

/* The key of p=: SubjectPublicKeyInfo, as everyone writes and erratum 3017 says, or RSAPublicKey, as the text says. */
static EVP_PKEY *read_rsa(const unsigned char *octets, size_t len)
{
	const unsigned char *end = octets;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &end, (long)len);
	if (!pkey) {
		end = octets;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)len);
	}
	ERR_clear_error();
	if (pkey && (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA || end != octets + len)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

static int set_up_rsa(struct dkim_key *key, struct error *err)
{
	key->rsa = EVP_PKEY_CTX_new(key->pkey, NULL);
	if (!key->rsa)
		return error_memory(err);
	if (EVP_PKEY_verify_init(key->rsa) == 1 && EVP_PKEY_CTX_set_rsa_padding(key->rsa, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(key->rsa, EVP_sha256()) == 1)
		return 1;
	ERR_clear_error();
	return dkim_key_refuse(key, "RFC 6376 section 3.6.1", "the key cannot be used", "");
}

static int read_public_key(struct dkim_key *key, struct span value, struct error *err)
{
	const char *section = "RFC 6376 section 3.6.1";
	unsigned char octets[KEY_OCTETS_MAX];
	char bits[32];
	size_t len;
	if (value.len == 0) {
		key->revoked = true;
		return dkim_key_refuse(key, section, "the key is revoked (p= is empty)", "");
	}
	if (!base64_decode(value, BASE64_TAG, octets, sizeof(octets), &len))
		return dkim_key_refuse(key, section, "p= of the key record is not base64", "");
	if (key->ed25519 && len != ED25519_LEN)
		return dkim_key_refuse(key, "RFC 8463 section 4.2",
				       "p= of the key record is no Ed25519 key of 32 octets", "");
	key->pkey = key->ed25519 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, octets, len)
				 : read_rsa(octets, len);
	if (!key->pkey)
		return dkim_key_refuse(key, section, "p= of the key record is no RSA key", "");
	key->bits = key->ed25519 ? 256 : (unsigned)EVP_PKEY_get_bits(key->pkey);
	if (key->ed25519)
		return 1;
	snprintf(bits, sizeof(bits), "%u bits", key->bits);
	if (key->bits < DKIM_KEY_BITS_MIN)
		return dkim_key_refuse(key, "RFC 8301 section 3.2", "the RSA key is too short: ", bits);
	return set_up_rsa(key, err);
}

int dkim_key_read(struct dkim_key *key, struct span record, struct error *err)
{
	struct tag_list list;
	*key = (struct dkim_key){ 0 };
	key->unread = !tag_list_parse(&list, record) && list.capped;
	if (key->unread)
		return dkim_key_refuse(key, NULL, "the key record was not read: ", list.problem);
	if (list.problem[0])
		return dkim_key_refuse(key, "RFC 6376 section 3.6.1", "bad key record: ", list.problem);
	if (read_flags(key, &list) == 0)
		return 0;
	const struct tag *p = tag_list_find(&list, "p");
	if (!p)
		return dkim_key_refuse(key, "RFC 6376 section 3.6.1", "the key record has no p=", "");
	int rc = read_public_key(key, p->value, err);
	if (rc <= 0) {
		EVP_PKEY_free(key->pkey);
		key->pkey = NULL;
	}
	if (rc < 0)
		dkim_key_fini(key);
	return rc < 0 ? -1 : 0;
}

void dkim_key_fini(struct dkim_key *key)
{
	EVP_PKEY_CTX_free(key->rsa);
	EVP_PKEY_free(key->pkey);
	*key = (struct dkim_key){ 0 };
}

/* FNV-1a. Who makes two records meet in one slot gains nothing: they are read again. */
static size_t slot_of(struct span record)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < record.len; i++)
		hash = (hash ^ (unsigned char)record.p[i]) * 16777619u;
	return hash % KEYS_SLOTS;
}

static void slot_clear(struct slot *slot)
{
	free(slot->record);
	dkim_key_fini(&slot->key);
	*slot = (struct slot){ 0 };
}

int dkim_keys_read(struct dkim_keys *keys, struct span record, struct dkim_key **ret, struct error *err)
{
	struct slot *slot = &keys->slots[slot_of(record)];
	*ret = &slot->key;
	if (slot->record && span_eq(span_make(slot->record, slot->len), record))
		return 0;
	slot_clear(slot);
	if (dkim_key_read(&slot->key, record, err) < 0)
		return -1;
	slot->record = span_dup(record);
	slot->len = record.len;
	return slot->record ? 0 : error_memory(err);
}

int dkim_keys_new(struct dkim_keys **ret, struct error *err)
{
	struct dkim_keys *keys = calloc(1, sizeof(*keys));
	if (!keys)
		return error_memory(err);
	if (dkim_hash_init(&keys->hash, err) < 0) {
		free(keys);
		return -1;
	}
	*ret = keys;
	return 0;
}

void dkim_keys_free(struct dkim_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < KEYS_SLOTS; i++)
		slot_clear(&keys->slots[i]);
	dkim_hash_fini(&keys->hash);
	free(keys);
}

struct dkim_hash *dkim_keys_hash(struct dkim_keys *keys)
{
	return &keys->hash;
}

static bool ed25519_verifies(EVP_PKEY *pkey, const unsigned char *digest, struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	/* RFC 8463 section 3: what is signed is the SHA-256 digest, by the pure algorithm. */
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		    EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.len, digest, DKIM_DIGEST_LEN) ==
			1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool dkim_key_verifies(struct dkim_key *key, const unsigned char digest[DKIM_DIGEST_LEN], struct span signature)
{
	bool good = key->ed25519 ? ed25519_verifies(key->pkey, digest, signature)
				 : EVP_PKEY_verify(key->rsa, (const unsigned char *)signature.p, signature.len, digest,
						   DKIM_DIGEST_LEN) == 1;
	ERR_clear_error();
	return good;
}

int dkim_key_made(struct dkim_key *key, struct span signature)
{
	unsigned char digest[KEY_OCTETS_MAX];
	size_t len = sizeof(digest);
	if (key->ed25519)
		return -1;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	bool made = ctx && EVP_PKEY_verify_recover_init(ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
		    EVP_PKEY_verify_recover(ctx, digest, &len, (const unsigned char *)signature.p, signature.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return made;
}
