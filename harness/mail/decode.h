/* Bodies from the wire (RFC 2045 section 6): the counterpart of encode.h. */
#ifndef MAIL_DECODE_H
#define MAIL_DECODE_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Adds the octets that a quoted-printable text stands for, with CRLF line ends as they were. Soft line breaks and white
 * space at line ends go; a `=` that begins no escape stands for itself (RFC 2045 section 6.7, note 1). Returns as
 * buf_add. */
int decode_quoted_printable(struct buf *out, struct span text);

/* Adds the octets that a base64 text stands for. Octets outside the alphabet are skipped, as section 6.8 asks; what
 * follows the padding is not read. Returns as buf_add. */
int decode_base64(struct buf *out, struct span text);

#endif
