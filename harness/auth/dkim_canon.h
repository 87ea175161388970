/* Canonicalisation (RFC 6376 section 3.4), straight from the message into a hash. LF is a line end with or without CR
 * before it, and is hashed as CRLF. A bare CR and NUL are octets like others. */
#ifndef AUTH_DKIM_CANON_H
#define AUTH_DKIM_CANON_H

#include "harness/auth/dkim_hash.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"
#include "harness/model/evaluation.h"

/* The body without the empty lines at its end, and without the line end and (relaxed) white space in front of them. */
struct span dkim_canon_trim(enum dkim_canon canon, struct span body);

/* Whether a body that was trimmed is ended by CRLF: the relaxed form of an empty body is nothing at all (section
 * 3.4.4). */
bool dkim_canon_has_end(enum dkim_canon canon, struct span trimmed);

/* Adds lines of a body as they stand: nothing is done about its end. `lines` begins where a line begins. */
void dkim_canon_lines(struct dkim_hash *hash, enum dkim_canon canon, struct span lines);

/* Adds a whole body. */
void dkim_canon_body(struct dkim_hash *hash, enum dkim_canon canon, struct span body);

/* Adds a header field with its line end. */
void dkim_canon_field(struct dkim_hash *hash, enum dkim_canon canon, const struct header_field *field);

/* Adds the field that holds the signature: without its line end and without `cut`, the value of its b= (section 3.7),
 * which lies in the field's value. */
void dkim_canon_signature(struct dkim_hash *hash, enum dkim_canon canon, const struct header_field *field,
			  struct span cut);

#endif
