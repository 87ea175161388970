/* A look into mailboxes of the configuration for messages that carry a token: how the checks of a domain's servers
 * learn what became of what they sent (posture.h, struct posture_mailbox). */
#ifndef WATCH_MAILBOX_H
#define WATCH_MAILBOX_H

#include "harness/connect/connect.h"
#include "harness/posture/engine/posture.h"

/* Borrowed and constant while somebody waits. */
struct mailbox_access {
	struct connect_context context;
	int64_t since_ms; /* wall clock: nothing that is looked for is older */
};

/* A posture_mailbox.await over the seeds and the mailbox of [inbound]; user is a struct mailbox_access. Reads every
 * folder but "all mail" once a second by EXAMINE and BODY.PEEK. Errors: ERROR_CONFIG (no mailbox of the configuration
 * has that address; its secret), as imap_session.h, memory. Any thread. */
int mailbox_await(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
		  struct deadline deadline, struct error *err);

#endif
