/* FETCH and LIST responses in the one form that libetpan reads without fail (RFC 9051 sections 7.3.1 and 7.5.2). What
 * servers send besides - items and dates that nobody knows, blanks, tabs and quotes in names, extended data - is
 * ordinary: it costs an item, or its own line, never the session. Pure. */
#ifndef PROVIDERS_IMAP_PLAIN_H
#define PROVIDERS_IMAP_PLAIN_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Adds to *out the plain form of one whole response, which begins with `*` and has its literals and its line end.
 * FETCH: UID, INTERNALDATE and RFC822.SIZE where they can be read, and a body section with its octets. LIST: attributes
 * without what libetpan takes once only, delimiter, and the name as a literal. Adds nothing where it is neither, or
 * where its message or its name cannot be made out. Linear in the response. */
void imap_plain_add(struct buf *out, struct span response);

#endif
