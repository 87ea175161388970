/* What a server means by NO, BAD and BYE: its response code (RFC 9051 section 7.1, RFC 5530) and, where providers say
 * it in words only, its text. Pure. */
#ifndef PROVIDERS_IMAP_STATUS_H
#define PROVIDERS_IMAP_STATUS_H

#include <stdbool.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum imap_answer { IMAP_ANSWER_NO, IMAP_ANSWER_BAD, IMAP_ANSWER_BYE };

/* What the answer was to. */
enum imap_asked {
	IMAP_ASKED_GREETING, /* connecting */
	IMAP_ASKED_LOGIN,
	IMAP_ASKED_FOLDER, /* EXAMINE, STATUS */
	IMAP_ASKED_OTHER,
};

/* Fills *err and returns -1. `text` is what stands behind the answer's word: `[CODE args] words`; `what` says what was
 * refused: "the login of ana@alpha.test". Kinds: ERROR_AUTH, ERROR_REFUSED, ERROR_UNSUPPORTED, and ERROR_NETWORK for a
 * BYE that says nothing special; err->code is an enum imap_cause (imap_params.h), err->retry says whether the same can
 * succeed later: throttling and temporary troubles are RETRY_LATER, whatever the code says, wrong credentials are
 * RETRY_NEVER. */
int imap_status_error(enum imap_answer answer, enum imap_asked asked, struct span text, const char *what,
		      struct error *err);

/* Whether a line that is no response tells of a trouble that may pass: "Server Unavailable. 15". */
bool imap_status_passes(struct span text);

/* Whether NO or BAD to AUTHENTICATE or LOGIN is about the mechanism and says nothing of the password: BAD, `[CANNOT]`,
 * or words such as "mechanism not supported". `text` as above. */
bool imap_status_refuses_mechanism(enum imap_answer answer, struct span text);

#endif
