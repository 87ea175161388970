/* Text of any charset to UTF-8, by iconv. */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

enum charset_fault {
	CHARSET_FINE,
	CHARSET_UNKNOWN, /* no charset of that name is known here */
	CHARSET_INVALID, /* the octets are no text of it */
	CHARSET_LIMIT,   /* *out is full */
};

/* Adds the text as UTF-8. `charset`: a name of the IANA registry, ASCII case folded; empty stands for UTF-8, and
 * US-ASCII is read as the UTF-8 that it is a part of, since senders mistake the one for the other. After a fault *out
 * holds what could be read. Any thread. */
enum charset_fault charset_add_utf8(struct buf *out, struct span octets, struct span charset);

/* Adds the value of an unstructured field, or a display name, as UTF-8: folds undone, encoded words (RFC 2047) decoded,
 * white space between two of them dropped. An encoded word that cannot be read stays as it is. Linear. Returns as
 * buf_add. */
int charset_add_field(struct buf *out, struct span value);

#endif
