/* Bodies from the wire (RFC 2045 section 6): the counterpart of encode.h; base64 is read by
 * harness/base/base64.h. */
#ifndef MAIL_DECODE_H
#define MAIL_DECODE_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Adds the octets that a quoted-printable text stands for, with CRLF line ends as they were. Soft line breaks and white
 * space at line ends go; a `=` that begins no escape stands for itself (RFC 2045 section 6.7, note 1). Returns as
 * buf_add. */
int decode_quoted_printable(struct buf *out, struct span text);

#endif
