/* Signs messages for tests: keys of its own, and canonicalisation written a second time, octet by octet, so that the
 * verifier is not measured by itself. */
#ifndef TESTS_DKIM_SIGNER_H
#define TESTS_DKIM_SIGNER_H

#include "harness/base/buf.h"
#include "harness/model/evaluation.h"

enum signer_kind { SIGNER_RSA_1024, SIGNER_RSA_2048, SIGNER_RSA_512, SIGNER_ED25519, SIGNER_KINDS };

/* p= of the key's record; made once for each kind, kept for the life of the program. */
const char *signer_public(enum signer_kind kind);
/* The same as RSAPublicKey (PKCS#1). */
const char *signer_public_pkcs1(enum signer_kind kind);

/* Canonical forms, of CRLF lines only; a field begins at its name and ends with CRLF. */
void naive_body(enum dkim_canon canon, struct span body, struct buf *out);
void naive_field(enum dkim_canon canon, struct span field, struct buf *out);

struct sign_request {
	const char *tags; /* all of the field's tags but bh and b, the last without semicolon */
	const char *h;    /* of the tags: the fields, in lower case, parted by single colons */
	const char *bh;   /* NULL: the hash of the body */
	long long length; /* l=, 0: all of the body; written into the tags by the caller */
	enum dkim_canon header_canon, body_canon;
	enum signer_kind kind;
	const char *header; /* fields with CRLF, without the empty line */
	const char *body;
};

/* Adds `DKIM-Signature: TAGS; bh=...; b=...` with CRLF. */
void sign_field(const struct sign_request *request, struct buf *out);

/* Adds the signature field, the header, an empty line and the body. */
void sign_message(const struct sign_request *request, struct buf *out);

/* Adds the base64 of the signature of what is in `text`. */
void sign_text(enum signer_kind kind, struct span text, struct buf *out);

/* Adds the base64 of the SHA-256 of what is in `text`. */
void hash_text(struct span text, struct buf *out);

#endif
