/* Who handed the message to the receiving provider, as SPF needs it (RFC 7208 section 2): the address of the client,
 * its HELO name, the envelope sender. Read from what the provider itself wrote, at the hop that took the message from
 * outside; nothing that a sender could have written is believed. */
#ifndef MAIL_SENDER_H
#define MAIL_SENDER_H

#include <stdbool.h>

#include "harness/base/ip.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"
#include "harness/mail/theirs.h"
#include "harness/model/evaluation.h"

/* Spans point into the message, or into what `theirs` owns. A member without its `has_` is not known. */
struct sender {
	bool has_client, has_helo, has_mail_from;
	struct ip client;
	struct span helo;
	struct span mail_from; /* without angle brackets; empty: the null reverse-path. Where the source is
				  SENDER_AUTHRES it may be a domain alone, as Microsoft writes it */
	enum sender_source client_source, helo_source, mail_from_source; /* SENDER_RECEIVED also of a Return-Path */
};

/* Each member is taken from the first place that has it:
 * - the client's address from the hop from outside; a Received-SPF field (RFC 7208
 *   section 9.1): `client-ip`, or its comment (`designates 192.0.2.1 as permitted sender`); Authentication-Results:
 *   `smtp.remote-ip`, `policy.iprev`, or the comment of SPF (`sender IP is 192.0.2.1`);
 * - the HELO name from the boundary hop, `helo`, `smtp.helo`;
 * - the envelope sender from Return-Path, the boundary hop, `envelope-from`, `smtp.mailfrom` or Yandex's `smtp.mail`.
 * Of several fields of one kind, that which stands nearest above the boundary hop counts first, then what theirs_read
 * believes of the block below it. `theirs` is what theirs_read made of the same header. Any thread. */
void sender_find(const struct header *header, const struct theirs *theirs, struct sender *ret);

#endif
