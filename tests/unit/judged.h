/* A message that was found at a provider, taken through assessment and judgement as a run does: facts in memory, a DNS
 * in which 192.0.2.10 may send for svc.test, a key of svc.test with which the message may be signed. */
#ifndef TESTS_JUDGED_H
#define TESTS_JUDGED_H

#include "harness/assess/assess.h"
#include "harness/auth/spf.h"
#include "harness/base/buf.h"
#include "harness/mail/sender.h"

#define JUDGED_TAG       "00000000000000000000000000000001"
#define JUDGED_MAIL_FROM "b+" JUDGED_TAG "@bounces.svc.test"
#define JUDGED_SEED      "u1@seed.test"

struct judged_request {
	const char *provider; /* name of a profile */
	const char *config;   /* lines that the configuration has besides; may be "" */
	struct span header;   /* as the provider leaves it, without the empty line; LF or CRLF; `@MF@` and `@RCPT@` are
				 the   envelope sender and the seed */
	const char *sent;     /* name of the first field of the message that was sent: this and all below it */
	bool is_signed;       /* that message is signed by DKIM (svc.test), the field is put in front of it */
	const char *sealer;   /* the header's own results are sealed (ARC) under this domain, on top; NULL: no seal */
	const char *sealed;   /* value of that ARC-Authentication-Results behind `i=1;` */
};

struct judged {
	struct config *config;
	struct matrix matrix;
	const struct matrix_row *row;
	struct sender sender; /* of the hop from outside */
	/* What the row borrows. */
	struct header header;
	struct theirs theirs;
	struct buf message, composed;
	struct observation seen;
	struct probe probe;
	struct send_event sends[3];
	struct dns_fact dns[12];
	size_t dns_count;
};

/* Judges; ends the program with a word of what is wrong where that is not possible. Free with judged_fini. */
void judged_make(struct judged *judged, const struct judged_request *request);
void judged_fini(struct judged *judged);

#endif
