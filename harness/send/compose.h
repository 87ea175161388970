/* From a template and a seed to the octets that are sent. Pure: no clock, no randomness, no I/O; the same inputs give
 * the same octets, so that a resumed run can compose again. */
#ifndef SEND_COMPOSE_H
#define SEND_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/send/template.h"

struct compose_params {
	const struct template *template;
	const char *to;       /* the seed's address, `local@domain`, UTF-8 where the mailbox is (RFC 6532) */
	const char *from;     /* [service] from: `address` or `Display Name <address>`, UTF-8 */
	const char *envelope; /* [service] envelope sender, may hold `{tag}` (VERP): `b+{tag}@bounces.example` */
	const char *domain;   /* right-hand side of the Message-ID */
	const char *tag;      /* 32 lower-case hexadecimal digits */
	int64_t date_ms;      /* wall clock; becomes Date and {{date}} */
	bool tag_in_subject;  /* adds ` [pp:TAG]` to the Subject (tag.h) */
};

/* A composed message. Owns its strings. */
struct composed {
	char *octets; /* the message without dot-stuffing: CRLF lines of at most 998 octets, no NUL, no bare CR or LF;
			 7-bit but for the header when smtputf8 is set. NUL-terminated for convenience */
	size_t len;
	char *message_id; /* without angle brackets */
	char *mail_from;  /* envelope sender, the tag put in */
	bool smtputf8;    /* an address is not ASCII: needs SMTPUTF8 (RFC 6531) on the whole way */
};

/* Composes.
 *
 * - Header fields that are ASCII, hold no variable and no line above 998 octets are kept octet for octet. Others are
 *   unfolded, get their variables, are encoded by RFC 2047 where they are not ASCII and folded anew (78 preferred).
 *   Variables in the header can add neither a line nor a field.
 * - Set where the template has none: From, To is always the template's, Date, Subject (only with tag_in_subject),
 *   MIME-Version (where needed). Always set: Message-ID, X-Postproof-Tag. A From of the template keeps its display
 *   name; its address must be that of `from`, since that is the one whose authentication is tested.
 * - A part that is 7-bit with lines of at most 998 octets keeps its encoding; any other becomes quoted-printable or
 *   base64, whichever is shorter, in place, with its Content-Transfer-Encoding mended. Parts that nothing changes in
 *   are kept octet for octet.
 *
 * Errors: ERROR_CONFIG (a bad address, From that differs, a header line that cannot be folded below 998 octets, a
 * non-ASCII value in a part with another charset than UTF-8), ERROR_ENVIRONMENT (memory). *ret is untouched then. Any
 * thread. */
int compose(const struct compose_params *params, struct composed *ret, struct error *err);

void composed_fini(struct composed *composed);

#endif
