/* The sender's side of one mail transaction (RFC 5321 section 3.3) without any socket: which reply leads where and
 * what a command looks like. */
#ifndef SEND_SMTP_DIALOGUE_H
#define SEND_SMTP_DIALOGUE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/send/smtp_job.h"

enum smtp_state {
	SMTP_OPENING, /* connect, TLS, EHLO: libcurl's */
	SMTP_AUTH,    /* signing in */
	SMTP_IDLE,    /* a transaction may begin */
	SMTP_MAIL,    /* from here on: sent, the reply is awaited */
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_CONTENT, /* content is leaving; a reply is not expected */
	SMTP_COMMIT,  /* content has left; the handing over is being committed, and nothing is read until it is */
	SMTP_END,     /* handed over */
	SMTP_RSET,
	SMTP_QUIT,
	SMTP_CLOSED,
	SMTP_STATE_COUNT
};

/* Where a reply leads. */
struct smtp_move {
	enum smtp_state next;
	bool settled; /* the transaction is over, as `class` says */
	enum smtp_class class;
};

/* Where the reply code that came in this state leads (RFC 5321 section 4.3.2). Pure. */
struct smtp_move smtp_dialogue_step(enum smtp_state state, int code);

/* The stage that a failure in this state is reported under. */
enum send_stage smtp_state_stage(enum smtp_state state);

enum { SMTP_AUTH_NAMES_MAX = 512 };

/* What the server announced in its last EHLO reply. */
struct smtp_extensions {
	bool size;                      /* RFC 1870 */
	bool smtputf8;                  /* RFC 6531 */
	char auth[SMTP_AUTH_NAMES_MAX]; /* RFC 4954: names of mechanisms, separated by blanks, as the server writes
					   them; those that do not fit are left out */
};

/* Reads one line of an EHLO reply without its code: `SIZE 1000`. */
void smtp_extensions_read(struct smtp_extensions *extensions, struct span line);

/* Adds the command that is sent on entering `state` (MAIL, RCPT, DATA, RSET, QUIT; for END the end-of-data line), with
 * CRLF. */
void smtp_dialogue_command(enum smtp_state state, const struct smtp_job *job, const struct smtp_extensions *extensions,
			   struct buf *out);

/* Whether the transaction needs SMTPUTF8: an address or the header is not ASCII. */
bool smtp_job_needs_utf8(const struct smtp_job *job);

#endif
