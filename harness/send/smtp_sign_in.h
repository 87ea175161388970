/* Signing in to the SMTP server (RFC 4954), reply by reply, without any socket. */
#ifndef SEND_SMTP_SIGN_IN_H
#define SEND_SMTP_SIGN_IN_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/net/sasl.h"
#include "harness/net/smtp_reply.h"
#include "harness/send/smtp_dialogue.h"
#include "harness/send/smtp_params.h"

/* Of one connection; zeroed at first. Holds what the password is proved with until it is finished. */
struct smtp_sign_in {
	const struct smtp_params *params; /* borrowed, as the next */
	const struct smtp_extensions *extensions;
	enum sasl_mechanism mechanism; /* that is tried */
	unsigned refused;              /* mechanisms that the server does not take although it offers them */
	bool answered;                 /* a challenge was */
	struct sasl *sasl;
	struct buf said; /* the last line that was sent, with what must not be seen */
};

/* Chooses a mechanism, fetches the password and adds the first line, with CRLF. Errors: ERROR_AUTH (no mechanism in
 * common), those of the password, of sasl_new and of sasl_begin. */
int smtp_sign_in_begin(struct smtp_sign_in *sign_in, const struct smtp_params *params,
		       const struct smtp_extensions *extensions, struct buf *out, struct error *err);

/* Takes the reply to the last line: 1 signed in; 0 another line was added to *out; -1 with *err: ERROR_AUTH where user
 * or password are refused, ERROR_REFUSED for what is temporary, and as sasl_step. A mechanism that the server refuses
 * as such gives way to the next, once. What was sent and the server repeats is hidden in *reply. */
int smtp_sign_in_reply(struct smtp_sign_in *sign_in, struct smtp_reply *reply, struct buf *out, struct error *err);

/* What may be seen of the line that was added last. */
void smtp_sign_in_show(const struct smtp_sign_in *sign_in, char *out, size_t size);

void smtp_sign_in_fini(struct smtp_sign_in *sign_in); /* overwrites; leaves it zeroed */

#endif
