/* The header block of a message as an index of its fields (RFC 5322 section 2.2). The index borrows the octets of the
 * message: they must outlive it. Every octet stays reachable untouched, as signatures need it. */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* Fields beyond this number are not indexed (header.capped); the end of the block is found all the same. */
enum { HEADER_FIELDS_MAX = 20000 };

struct header_field {
	struct span name;  /* without the colon and white space in front of it */
	struct span value; /* what follows the colon, without the final line end; folds are still in it */
	struct span raw;   /* the whole field with every line end, as received */
};

struct header {
	struct header_field *fields; /* top first */
	size_t count;
	size_t body_offset;  /* where the body begins: behind the empty line, or the end of the message without one */
	size_t stray_lines;  /* lines that are neither field nor continuation (`From ` of an mbox, garbage): left out */
	bool has_empty_line; /* the block is ended by an empty line */
	bool capped;         /* there were more than HEADER_FIELDS_MAX fields */
};

/* Reads the header block at the start of `message`. Lines end in LF, with or without CR before it; a CR elsewhere and
 * NUL are octets like others. No input is refused: a message without a header block has no fields. -1 only for memory.
 * Linear in the length of the block. Free with header_fini. */
int header_parse(struct header *h, struct span message, struct error *err);
void header_fini(struct header *h);

/* Index of the first field called `name` (ASCII case folded) at or after index `from`, or -1. Walk all of a name with
 * `for (i = header_find(h, "Received", 0); i >= 0; i = header_find(h, "Received", i + 1))`. */
ptrdiff_t header_find(const struct header *h, const char *name, size_t from);

/* The trimmed raw value of the first such field; the empty span where there is none. Not unfolded. */
struct span header_value(const struct header *h, const char *name);

/* Adds the value without folds (RFC 5322 section 2.2.3: line ends go, white space stays) and without white space at
 * either end. Returns as buf_add. */
int header_unfold(struct span value, struct buf *out);

#endif
