/* Where the provider's part of a header ends, and what the message brought: for theirs.c alone. */
#ifndef MAIL_THEIRS_PART_H
#define MAIL_THEIRS_PART_H

#include <stdbool.h>

#include "harness/mail/header.h"

/* Index of the first field that the message held as it was sent: any field of `sent` (white space apart, since servers
 * fold again), and in any case the first one that only an author writes. h->count where there is none. */
size_t theirs_first_sent(const struct header *h, const struct header *sent);

/* Index of the first Received field that the message held as it was sent; h->count where there is none. */
size_t theirs_hops_end(const struct header *h, const struct header *sent);

/* Index of the field behind the block that begins with field `from`: a hop or a signature of the sender's side, or what
 * theirs_first_sent finds. */
size_t theirs_below_end(const struct header *h, const struct header *sent, size_t from);

/* Whether the message has a DKIM-Signature whose b= begins with that text, which is not empty. */
bool theirs_has_signature(const struct header *h, struct span b);

#endif
