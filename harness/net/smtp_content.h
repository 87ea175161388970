/* The content of a message as SMTP carries it. */
#ifndef NET_SMTP_CONTENT_H
#define NET_SMTP_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"

/* Adds the next part of the content with dots doubled at the start of lines (RFC 5321 section 4.5.2), about
 * `want` octets, and moves *pos, which is 0 at first. A content that lacks its last CRLF gets one. Returns false when
 * all was added before. The end-of-data line is the caller's to send. */
bool smtp_content_next(struct span content, size_t *pos, size_t want, struct buf *out);

#endif
