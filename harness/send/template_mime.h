/* The MIME structure of a template (RFC 2045, RFC 2046) as a flat list: every entity with what stands in front of it.
 */
#ifndef SEND_TEMPLATE_MIME_H
#define SEND_TEMPLATE_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"

enum { MIME_DEPTH_MAX = 16, MIME_ENTITIES_MAX = 1000, MIME_BOUNDARY_MAX = 70 /* RFC 2046 section 5.1.1 */ };

enum mime_kind { MIME_TEXT, MIME_OTHER, MIME_MESSAGE, MIME_MULTIPART };

enum mime_encoding { MIME_IDENTITY /* 7bit, 8bit */, MIME_BINARY, MIME_QUOTED_PRINTABLE, MIME_BASE64, MIME_UNKNOWN };

enum mime_charset { MIME_CHARSET_DEFAULT /* no Content-Type */, MIME_CHARSET_UTF8, MIME_CHARSET_OTHER };

/* The message itself, a container, or a part. Spans are borrowed from the octets that were read. */
struct mime_entity {
	struct span
	    lead; /* what stands between the entity before and this one's header: delimiters, preamble, epilogue */
	struct header header; /* of the entity */
	struct span body;     /* of a leaf, without the line end that belongs to the delimiter; empty for a container */
	enum mime_kind kind;
	enum mime_encoding encoding;
	enum mime_charset charset;
	bool is_signed; /* within a multipart/signed: nothing in it may change */
	bool nested;    /* within a multipart */
};

struct mime_tree {
	struct mime_entity *entities; /* in the order of the octets; the first is the message */
	size_t count, cap;
	struct span tail; /* behind the last entity */
};

/* What is wrong where. */
struct mime_problem {
	size_t at; /* offset in the message */
	char text[160];
};

/* Reads a message whose lines all end in CRLF. Returns 0; 1 with *problem where the structure cannot be followed; -1 on
 * memory. Linear in the length, whatever the nesting. The caller finishes *tree in any case. */
int mime_read(struct mime_tree *tree, struct span message, struct mime_problem *problem, struct error *err);
void mime_tree_fini(struct mime_tree *tree);

/* Content-Type (RFC 2045 section 5.1) as far as it matters here. */
struct mime_type {
	struct span type, subtype;
	char boundary[MIME_BOUNDARY_MAX + 1]; /* "" where there is none */
	enum mime_charset charset;
};

/* False where the value is no Content-Type. */
bool mime_type_read(struct span value, struct mime_type *ret);

#endif
