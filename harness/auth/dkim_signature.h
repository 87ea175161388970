/* The fields that hold signatures: DKIM-Signature (RFC 6376 section 3.5), ARC-Message-Signature and ARC-Seal (RFC 8617
 * section 4.1). */
#ifndef AUTH_DKIM_SIGNATURE_H
#define AUTH_DKIM_SIGNATURE_H

#include "harness/auth/dkim_hash.h"
#include "harness/auth/tag_list.h"
#include "harness/dns/name.h"
#include "harness/mail/header.h"
#include "harness/model/evaluation.h"

enum dkim_kind { DKIM_SIGNATURE, ARC_MESSAGE_SIGNATURE, ARC_SEAL };

/* RSA keys of up to 16,384 bits. */
enum { DKIM_SIGNATURE_OCTETS_MAX = 2048 };

/* A field as it is verified; spans point into it. */
struct dkim_field {
	enum dkim_kind kind;
	const struct header_field *field;
	struct tag_list tags;
	struct span cut; /* the value of b=, with the white space around it */
	struct span h;   /* value of h= */
	bool ed25519;    /* of a= */
	unsigned char body_hash[DKIM_DIGEST_LEN];
	unsigned char signature[DKIM_SIGNATURE_OCTETS_MAX];
	size_t signature_len;
	char key_name[DNS_NAME_TEXT_MAX];
};

/* Reads the field and says in *ret all that it says. Returns 1 where it can be verified, 0 where *ret has the result
 * already. now_ms: wall clock, for x=. Errors: memory. Either way *ret is the caller's (dkim_signature_fini). */
int dkim_signature_read(enum dkim_kind kind, const struct header_field *field, int64_t now_ms, struct dkim_field *out,
			struct dkim_signature *ret, struct error *err);

/* Sets the result with its reason, in place of an older one. Returns 0, or -1 for memory. */
int dkim_decide(struct dkim_signature *s, enum auth_result result, const char *section, struct error *err,
		const char *fmt, ...) ATTR_PRINTF(5, 6);

/* Adds the octets that a dkim-quoted-printable value stands for (RFC 6376 section 2.11). Returns as buf_add. */
int dkim_unquote(struct span value, struct buf *out);

#endif
