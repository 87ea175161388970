/* What comes to the bounce mailbox, matched to its probe by the tag that it carries. */
#ifndef WATCH_NOTICES_H
#define WATCH_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"
#include "harness/ledger/ledger.h"

/* Whether a few header fields look worth fetching the whole message: one that may be a notification, or one whose
 * fields hold a tag of this run. */
bool notice_likely(struct ledger *ledger, const struct header *header);

/* Stores what came back for a probe of this run: what a notification says of it (dsn.h), or that another message came
 * (returned.h), which settles nothing. The probe is the one whose tag the message carries: in the fields that name its
 * recipient or what it answers, in the returned header, or anywhere. What carries none is left alone and is no error.
 * Errors: ERROR_STORE, memory. */
int notice_keep(struct ledger *ledger, struct span message, int64_t at_ms, struct error *err);

#endif
