/* The messages that a receiving server should not take, and one that it should: composing and handing over. Private to
 * harness/posture. */
#ifndef RELAY_INBOUND_LETTER_H
#define RELAY_INBOUND_LETTER_H

#include "harness/mail/tag.h"
#include "harness/model/words.h"
#include "harness/posture/engine/check.h"

enum letter_body { LETTER_PLAIN, LETTER_EICAR, LETTER_GTUBE };

/* What is wrong with a message. */
struct letter_kind {
	const char *id;   /* of the finding */
	const char *what; /* in words, for the plan and the subject */
	enum letter_body body;
	bool from_service;     /* From is the service's; else postproof@ our HELO name */
	bool sender_service;   /* the same of the envelope sender */
	bool broken_signature; /* a DKIM signature of the service's domain that cannot hold */
	unsigned marks;        /* mask of enum auth_method: a bad result of one of them marks the message */
	const char *mend;
};

enum letter_state {
	LETTER_UNSENT, /* no reply */
	LETTER_REFUSED,
	LETTER_DEFERRED, /* by every try */
	LETTER_TAKEN,
};

enum { LETTER_REPLY_MAX = 300 };

struct letter {
	const struct letter_kind *kind;
	char token[TAG_SIZE];
	enum letter_state state;
	char reply[LETTER_REPLY_MAX]; /* with the command that it answers, or why there is none; cut */
};

/* The servers of a domain: addresses in the order in which they are to be tried. */
struct letter_route {
	const char *const *addresses;
	size_t count;
	uint16_t port;
	struct deadline deadline; /* until then a temporary failure is tried again */
};

/* Composes it for params->inbound. Errors: memory, ERROR_LIMIT. */
int letter_compose(const struct posture_params *params, const struct letter *letter, struct buf *out,
		   struct error *err);

/* Hands it over to the first address that answers; sets state and reply. */
void letter_send(struct check *check, const struct letter_route *route, struct letter *letter);

#endif
