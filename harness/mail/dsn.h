/* Delivery status notifications (RFC 3464; RFC 6533 for internationalised ones). */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"

enum { DSN_RECIPIENTS_MAX = 1000 };

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
	bool has_returned;      /* the message or its header came back with the notification */
	struct header returned; /* its header block */
	char *status_octets;    /* what the spans point into */
	char *returned_octets;  /* what `returned` points into */
};

/* Reads a whole message. Returns 1 when it is a notification: a multipart of any sort (OpenSMTPD says mixed) with a
 * message/delivery-status or message/global-delivery-status part that speaks of at least one recipient; 0 when it is
 * any other message, *d is untouched then; -1 for memory. Parts in base64 or quoted-printable are decoded. At most
 * DSN_RECIPIENTS_MAX recipients are read. Nothing of the message is borrowed. Free with dsn_fini after 1. */
int dsn_parse(struct dsn *d, struct span message, struct error *err);
void dsn_fini(struct dsn *d);

#endif
