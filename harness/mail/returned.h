/* What a message that came to the address of an envelope sender is, where it is no notification of what became of ours
 * (dsn.h). None of these says anything about delivery. */
#ifndef MAIL_RETURNED_H
#define MAIL_RETURNED_H

#include <stdbool.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"
#include "harness/model/words.h"

/* RETURNED_RECEIPT (RFC 8098) or RETURNED_COMPLAINT (RFC 5965) for the media type of such a part, else
 * RETURNED_MESSAGE. */
enum returned_kind returned_kind_of_type(struct span type);

/* Reads a whole message: its media types, its fields for automatic mail (RFC 3834), the subjects that out-of-office
 * programs and challenges write. Errors: memory. Any thread. */
int returned_kind_of(const struct header *header, struct span message, enum returned_kind *ret, struct error *err);

#endif
