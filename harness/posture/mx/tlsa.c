/* TLSA records. It must never call a certificate the right one because something could not be read. */
#include "harness/posture/mx/tlsa.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "harness/base/text.h"

enum { USAGE_TA = 2, USAGE_EE = 3, SELECTOR_CERTIFICATE = 0, SELECTOR_SPKI = 1, MATCHING_FULL = 0 };

bool tlsa_parse(const struct dns_record *record, struct tlsa *ret)
{
	if (record->len <= 3)
		return false;
	*ret = (struct tlsa){ .usage = record->rdata[0],
			      .selector = record->rdata[1],
			      .matching = record->rdata[2],
			      .data = record->rdata + 3,
			      .len = record->len - 3 };
	return true;
}

static X509 *read_certificate(const unsigned char *der, size_t len)
{
	return len <= LONG_MAX ? d2i_X509(NULL, &der, (long)len) : NULL;
}

/* The hash of a matching type; NULL of any other. */
static const EVP_MD *hash_of(unsigned matching)
{
	return matching == 1 ? EVP_sha256() : matching == 2 ? EVP_sha512() : NULL;
}

static bool is_usable(const struct tlsa *tlsa)
{
	const EVP_MD *hash = hash_of(tlsa->matching);
	bool known = (tlsa->usage == USAGE_TA || tlsa->usage == USAGE_EE) && tlsa->selector <= SELECTOR_SPKI;
	return known && (hash ? tlsa->len == (size_t)EVP_MD_get_size(hash) : tlsa->matching == MATCHING_FULL);
}

/* What the selector selects, in DER form, for OPENSSL_free; its length, or below 0. */
static int select_part(unsigned selector, X509 *certificate, unsigned char **ret)
{
	*ret = NULL;
	return selector == SELECTOR_CERTIFICATE ? i2d_X509(certificate, ret)
						: i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), ret);
}

/* RFC 6698 section 2.1.3. */
static bool is_of(const struct tlsa *tlsa, X509 *certificate)
{
	unsigned char *part = NULL, digest[EVP_MAX_MD_SIZE];
	const EVP_MD *hash = hash_of(tlsa->matching);
	int len = select_part(tlsa->selector, certificate, &part);
	unsigned digest_len = 0;
	bool same = false;
	if (len > 0 && hash)
		same = EVP_Digest(part, (size_t)len, digest, &digest_len, hash, NULL) == 1 && digest_len == tlsa->len &&
		       memcmp(digest, tlsa->data, digest_len) == 0;
	else if (len > 0)
		same = (size_t)len == tlsa->len && memcmp(part, tlsa->data, tlsa->len) == 0;
	OPENSSL_free(part);
	return same;
}

/* --- usage 2: an authority that the record names ----------------------------------------------------------------- */

struct trust {
	X509 *leaf;
	STACK_OF(X509) * chain; /* all that was sent */
	X509_STORE *anchors;
};

static void trust_fini(struct trust *t)
{
	X509_free(t->leaf);
	sk_X509_pop_free(t->chain, X509_free);
	X509_STORE_free(t->anchors);
}

/* Every certificate of the chain that the record is of is an anchor; the number of them, or below 0. */
static int find_anchors(const struct tlsa *tlsa, const struct tlsa_server *server, struct trust *t)
{
	int anchors = 0;
	for (size_t i = 0; i < server->chain_count; i++) {
		X509 *certificate = read_certificate(server->chain[i].der, server->chain[i].len);
		if (!certificate)
			continue;
		if (is_of(tlsa, certificate) && X509_STORE_add_cert(t->anchors, certificate) == 1)
			anchors++;
		if (sk_X509_push(t->chain, certificate) == 0) {
			X509_free(certificate);
			return -1;
		}
	}
	/* RFC 7671 section 5.2.2: a record that holds the whole certificate spares the server sending it. */
	X509 *whole = tlsa->selector == SELECTOR_CERTIFICATE && tlsa->matching == MATCHING_FULL
			  ? read_certificate(tlsa->data, tlsa->len)
			  : NULL;
	if (whole && X509_STORE_add_cert(t->anchors, whole) == 1)
		anchors++;
	X509_free(whole);
	return anchors;
}

static bool is_for(X509 *leaf, const char *name)
{
	return name && X509_check_host(leaf, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static bool chain_holds(const struct trust *t, int64_t now_ms)
{
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	bool holds = store && X509_STORE_CTX_init(store, t->anchors, t->leaf, t->chain) == 1;
	if (holds) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
		X509_VERIFY_PARAM_set_time(param, (time_t)(now_ms / 1000));
		X509_STORE_CTX_set_default(store, "ssl_server");
		holds = X509_verify_cert(store) == 1;
	}
	X509_STORE_CTX_free(store);
	return holds;
}

static enum tlsa_result match_authority(const struct tlsa *tlsa, const struct tlsa_server *server)
{
	_cleanup_(trust_fini) struct trust t = { .leaf = read_certificate(server->chain[0].der, server->chain[0].len),
						 .chain = sk_X509_new_null(),
						 .anchors = X509_STORE_new() };
	int anchors = t.leaf && t.chain && t.anchors ? find_anchors(tlsa, server, &t) : -1;
	if (anchors <= 0)
		return TLSA_OTHER;
	bool holds = (is_for(t.leaf, server->host) || is_for(t.leaf, server->domain)) &&
		     chain_holds(&t, server->now_ms);
	return holds ? TLSA_MATCHES : TLSA_UNTRUSTED;
}

/* Usage 3: neither name nor dates matter (RFC 7672 section 3.1.1). */
static enum tlsa_result match_server(const struct tlsa *tlsa, const struct tlsa_server *server)
{
	X509 *leaf = read_certificate(server->chain[0].der, server->chain[0].len);
	bool same = leaf && is_of(tlsa, leaf);
	X509_free(leaf);
	return same ? TLSA_MATCHES : TLSA_OTHER;
}

enum tlsa_result tlsa_match(const struct tlsa *tlsa, const struct tlsa_server *server)
{
	if (!is_usable(tlsa))
		return TLSA_UNUSABLE;
	if (server->chain_count == 0)
		return TLSA_OTHER;
	return tlsa->usage == USAGE_EE ? match_server(tlsa, server) : match_authority(tlsa, server);
}

bool tlsa_add_record(const struct tls_certificate *certificate, struct buf *out)
{
	unsigned char *part = NULL, digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned digest_len = 0;
	X509 *leaf = read_certificate(certificate->der, certificate->len);
	int len = leaf ? select_part(SELECTOR_SPKI, leaf, &part) : -1;
	bool well = len > 0 && EVP_Digest(part, (size_t)len, digest, &digest_len, EVP_sha256(), NULL) == 1;
	if (well) {
		hex_encode(digest, digest_len, hex);
		well = buf_addf(out, "%d %d 1 %s", USAGE_EE, SELECTOR_SPKI, hex) == 0;
	}
	OPENSSL_free(part);
	X509_free(leaf);
	return well;
}
