/* The leaf parts of a MIME message (RFC 2046 section 5.1), one after another. Borrows the message; never recurses;
 * nesting is capped, so that the walk is linear. */
#ifndef MAIL_PART_H
#define MAIL_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"

/* A multipart nested deeper is handed out as one leaf; a boundary longer (RFC 2046 allows 70) is none. */
enum { PART_DEPTH_MAX = 8, PART_BOUNDARY_MAX = 200 };

struct part_level {
	struct span type; /* of the multipart */
	struct span rest; /* of its body, behind the last delimiter */
	bool begun;       /* the preamble is behind us */
	size_t boundary_len;
	char boundary[PART_BOUNDARY_MAX];
};

struct part_walk {
	struct span message; /* .p NULL once it has been looked at */
	size_t depth;
	bool unclosed; /* a multipart that is behind us had no closing delimiter */
	struct part_level levels[PART_DEPTH_MAX];
};

struct part {
	struct span entity;    /* the whole of it, with its header */
	struct span container; /* type of the multipart that it stands in; empty where the message is its only part */
	struct span content_type; /* the value of Content-Type with its parameters; empty where not said */
	struct span type;         /* `message/delivery-status`, as written, without parameters; empty where not said */
	struct span encoding;     /* Content-Transfer-Encoding, empty where not said */
	struct span body;         /* still encoded */
};

/* Begins at the first part; borrows the octets of the message. */
void part_walk_init(struct part_walk *w, struct span message);

/* 1 and the next leaf, 0 behind the last one, -1 for memory. Parts without a closing delimiter end with what holds
 * them. */
int part_next(struct part_walk *w, struct part *ret, struct error *err);

/* Adds the body decoded by its encoding; one that is unknown counts as none. Returns as buf_add. */
int part_add_decoded(struct buf *out, const struct part *part);

/* Splits a Content-Type value: *ret_type `type/subtype` without the parameters, and the boundary parameter, unquoted,
 * in out (*ret_len 0 where there is none, or one too long). Bad parameters are skipped. */
void part_read_type(struct span value, struct span *ret_type, char out[PART_BOUNDARY_MAX], size_t *ret_len);

/* The parameter of a Content-Type or Content-Disposition value (ASCII case folded), unquoted, in out (its length; 0
 * where there is none, or one too long). Bad parameters are skipped. */
size_t part_read_parameter(struct span value, const char *name, char out[PART_BOUNDARY_MAX]);

#endif
