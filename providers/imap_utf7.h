/* Folder names as IMAP spells them. Pure. */
#ifndef PROVIDERS_IMAP_UTF7_H
#define PROVIDERS_IMAP_UTF7_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Adds the name in UTF-8. 0, or -1 where it is not valid modified UTF-7 (RFC 3501 section 5.1.3) or *out is full: then
 * nothing was added, and *out has failed only where memory ran out. A name that is UTF-8 already (RFC 6855 servers, and
 * careless ones) is not valid in that sense: it can be shown as it is. Linear. */
int imap_utf7_decode(struct span raw, struct buf *out);

#endif
