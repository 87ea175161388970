/* Base64 (RFC 4648 section 4), the one of the house. What its readers take of other octets differs by protocol. Pure;
 * nothing here allocates but the buffer that is added to. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Room for the text of so many octets, with a NUL. */
#define BASE64_SIZE(octets) (((octets) + 2) / 3 * 4 + 1)

enum base64_form {
	/* Bodies and encoded words (RFC 2045 section 6.8): octets outside the alphabet are skipped, the text ends at
	 * the first padding, a digit that is left over is dropped. Never refused. */
	BASE64_MIME,
	/* Tags of DKIM (RFC 6376 section 2.10): white space anywhere; padding may be absent, else it is as long as it
	 * has to be, and nothing follows. */
	BASE64_TAG,
	/* Names of folders (RFC 3501 section 5.1.3): a comma in place of the slash, no padding, no white space; bits
	 * that are left over are zero, so that no octets have two spellings. */
	BASE64_UTF7,
};

/* Reads a text octet by octet. Fields are private to base64.c. */
struct base64_reader {
	struct span rest;
	enum base64_form form;
	unsigned bits, held; /* of digits that were read, how many are not handed out yet */
	size_t digits, padding;
};

enum { BASE64_END = -1, BASE64_REFUSED = -2 };

struct base64_reader base64_read(struct span text, enum base64_form form);

/* The next octet (0 to 255), BASE64_END, or BASE64_REFUSED where the text is not of the form. Not to be called after
 * either of these. */
int base64_next(struct base64_reader *reader);

/* Reads all of it into out[max]. False where it is not of the form, or of more than `max` octets; *ret_len, set only on
 * success, is their number. */
bool base64_decode(struct span text, enum base64_form form, unsigned char *out, size_t max, size_t *ret_len);

/* Adds the octets of a text of MIME. Returns as buf_add. */
int base64_add_decoded(struct buf *out, struct span text);

/* Writes text with padding and without line ends, and a NUL: BASE64_SIZE(octets.len). Returns its length. */
size_t base64_encode(struct span octets, char *out);

/* Adds the same text. Returns as buf_add. */
int base64_add_encoded(struct buf *out, struct span octets);

#endif
