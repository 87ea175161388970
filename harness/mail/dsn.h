/* Delivery status notifications: RFC 3464 (RFC 6533 for internationalised ones), and the texts of mail systems that do
 * not write it (dsn_forms.h). */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum { DSN_RECIPIENTS_MAX = 1000 };

/* What became of the message for one recipient (RFC 3464 section 2.3.3). */
enum dsn_action { DSN_UNKNOWN, DSN_FAILED, DSN_DELAYED, DSN_DELIVERED, DSN_RELAYED, DSN_EXPANDED };

/* Trimmed and unfolded, a fold as one space; empty where absent. Typed fields come without their type (`rfc822; a@b`
 * gives `a@b`). */
struct dsn_recipient {
	struct span original_recipient;
	struct span final_recipient;
	struct span action; /* `failed`, `delayed`, `delivered`, `relayed`, `expanded`; as written */
	struct span status; /* `5.1.1`: a comment behind it is cut off */
	struct span remote_mta;
	struct span diagnostic;
};

struct dsn {
	struct span reporting_mta;
	struct span envelope_id; /* Original-Envelope-Id */
	struct dsn_recipient *recipients;
	size_t recipient_count;
	char *status_octets; /* what the spans point into */
};

/* Reads a whole message. Returns 1 when it is a notification that says of at least one recipient what became of the
 * message: with a message/delivery-status or message/global-delivery-status part, wherever it stands (OpenSMTPD says
 * multipart/mixed, some send it alone); or, where it has none that can be read, by the fields or the phrases of its
 * text (dsn_text.h: one recipient then, with `failed` or `delayed`). 0 when it is any other message, *d is untouched
 * then; -1 for memory. Parts in base64 or quoted-printable are decoded. At most DSN_RECIPIENTS_MAX recipients are read.
 * Nothing of the message is borrowed. Free with dsn_fini after 1. */
int dsn_parse(struct dsn *d, struct span message, struct error *err);
void dsn_fini(struct dsn *d);

/* By the word of the Action field or one that servers write in its place; where there is none, by the class of the
 * status, or of the reply that is quoted. */
enum dsn_action dsn_action_of(const struct dsn_recipient *r);

/* The word of the RFC, in lower case; `unknown` for DSN_UNKNOWN. */
const char *dsn_action_name(enum dsn_action v);

#endif
