/* The one way to a mailbox: from the settings of a seed, of [bounces] or of [inbound] to an IMAP session that is signed
 * in. */
#ifndef CONNECT_CONNECT_MAILBOX_H
#define CONNECT_CONNECT_MAILBOX_H

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/connect/connect.h"
#include "providers/imap_session.h"

struct profile; /* providers/profile.h */

/* Where a mailbox is, and as whom one signs in. Zeroed or made by a function below; all but `user` is borrowed from the
 * configuration. */
struct connect_mailbox {
	const char *name;                  /* in the log: the address of a seed or of [inbound], or "bounces" */
	const struct profile *profile;     /* of a seed's provider; NULL of another mailbox */
	struct imap_params imap;           /* but for the transcript */
	char *user;                        /* owned */
	const struct secret_ref *password; /* NULL: there is none in the configuration */
	struct log *log;
};

/* What the settings say of a seed, whose provider is in the configuration; of [bounces] and of [inbound], which are
 * there. Nothing is opened or fetched. Errors: memory. */
int connect_mailbox_seed(const struct connect_context *context, const struct seed *seed, struct connect_mailbox *ret,
			 struct error *err);
int connect_mailbox_bounces(const struct connect_context *context, struct connect_mailbox *ret, struct error *err);
int connect_mailbox_inbound(const struct connect_context *context, struct connect_mailbox *ret, struct error *err);

/* Fetches the password, connects and signs in. No later command of the session lasts beyond the deadline either
 * (CONNECT_NO_LIMIT: each has its own time-out alone). The mailbox must outlive the session. Errors: as
 * imap_session_open and imap_session_login; ERROR_UNSUPPORTED with IMAP_CAUSE_OAUTH where no password can be used;
 * ERROR_CONFIG of the secret. Any thread. */
#define CONNECT_NO_LIMIT ((struct deadline){ INT64_MAX })
int connect_mailbox_open(const struct connect_mailbox *mailbox, struct deadline deadline, struct imap_session **ret,
			 struct error *err);

/* NULL is allowed. */
void connect_mailbox_fini(struct connect_mailbox *mailbox);

#endif
