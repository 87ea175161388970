/* Notifications of non-delivery in the bounce mailbox, matched to their probes by the tag that they carry. */
#ifndef WATCH_NOTICES_H
#define WATCH_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"
#include "harness/ledger/ledger.h"

/* Whether a few header fields look worth fetching the whole message: a multipart/report, or a recipient that fits the
 * pattern of our envelope sender. */
bool notice_likely(const struct header *header, const char *verp);

/* Stores what a message says of a probe of this run: one that is a DSN (RFC 3464) and carries the tag of such a probe,
 * in a recipient that fits the pattern or in the returned header. Anything else settles nothing and is no error.
 * Errors: ERROR_STORE, memory. */
int notice_keep(struct ledger *ledger, const char *verp, struct span message, int64_t at_ms, struct error *err);

#endif
