/* What an IMAP server says beside messages and lists of folders: status texts, capabilities, how a folder stands. Read
 * here rather than by libetpan, whose handling of it does not stand a hostile server (RFC 9051 section 7). Pure. */
#ifndef PROVIDERS_IMAP_SIEVE_H
#define PROVIDERS_IMAP_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "providers/imap_folder.h"

enum { IMAP_TEXT_MAX = 1024 }; /* octets of a status text that are kept, with a NUL */

enum imap_greeting { GREETING_NONE, GREETING_OK, GREETING_PREAUTH };

enum imap_condition { CONDITION_NONE, CONDITION_OK, CONDITION_NO, CONDITION_BAD };

/* What was heard in answer to one command. */
struct imap_heard {
	enum imap_condition condition; /* of the last line with a tag */
	uint32_t tag;
	char text[IMAP_TEXT_MAX]; /* of that line, or of the continuation: with its code, as sent */
	bool more;                /* a continuation request (`+`) has come */
	bool has_capabilities;    /* they were said anew */
	bool has_exists;
	uint32_t exists;               /* as the last EXISTS says, less what was expunged after it */
	uint32_t expunged;             /* EXPUNGE responses (RFC 9051 section 7.5.1) */
	uint32_t uidvalidity, uidnext; /* 0 where not said */
	bool has_status;
	struct imap_folder_state status; /* of the last STATUS response */
};

struct imap_sieve {
	struct imap_heard heard;
	enum imap_greeting greeting;
	char *capabilities; /* the newest list, separated by blanks; NULL where none was heard */
};

void imap_sieve_fini(struct imap_sieve *sieve);

/* Reads one response, with its line ends, without the content of its literals, and adds to *out, in the plainest form,
 * what libetpan must see of it: the greeting, and the end of a command. Everything else that is in order is kept or
 * ignored, also what nobody knows. Errors: ERROR_PROTOCOL for what is no IMAP; ERROR_NETWORK after BYE, ERROR_REFUSED
 * when it is the greeting, RETRY_LATER, with the server's reason; memory. */
int imap_sieve_line(struct imap_sieve *sieve, struct span line, struct buf *out, struct error *err);

#endif
