/* Reading what is new in a folder. On a worker, as account.h. */
#ifndef WATCH_ACCOUNT_READ_H
#define WATCH_ACCOUNT_READ_H

#include "harness/watch/account.h"

struct account_reading {
	bool again;   /* the folder is opened anew, so that the server says how it stands */
	bool to_end;  /* the last reading: nothing may be left out by its date, and what cannot be fetched is stored as
			 seen without its octets */
	bool awaited; /* only messages that are not in a mailbox yet: a copy in a folder that is read because some other
			 message is missing must not change what is said of this one */
};

/* Reads a folder from where it was read to; by date where the server's counters contradict each other, or UIDs were
 * given anew. The position moves only after everything was stored. *ret_complete: nothing was left out. Errors: as
 * account_read. */
int account_read_folder(struct account_session *session, size_t folder, const struct account_reading *how,
			bool *ret_complete, struct error *err);

/* Reads what is new in every folder of the session and stores it. */
int account_read(struct account_session *session, struct error *err);

#endif
