/* One mailbox account of a run (a seed, or the bounce mailbox) and its sessions. What is here talks to servers and so
 * runs on workers; one worker at a time has a session, and the first session of an account alone changes the account.
 */
#ifndef WATCH_ACCOUNT_H
#define WATCH_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/connect/connect_mailbox.h"
#include "harness/model/facts.h"
#include "harness/ledger/ledger.h"
#include "store/store.h"

/* What every account of a run needs; borrowed and constant while the run works. */
struct account_environment {
	struct store *store;
	struct ledger *ledger;
	const struct run_facts *facts;
	const char *from; /* of the service: `address` or `Name <address>` */
	int64_t since_ms; /* nothing that a run looks for is older than this */
};

/* How far a folder has been read. */
struct account_folder {
	char *name; /* UTF-8 */
	char *raw;  /* as the server spells it */
	enum folder_role role;
	bool watched;
	bool refused; /* it could not be opened the last time that it was to be read */
	uint32_t uidvalidity;
	uint32_t uidnext;   /* the first UID that was not read yet; 0: not known, nothing was read */
	uint32_t told;      /* UIDNEXT, as the server told it last */
	uint32_t exists;    /* messages that it had when it was read last */
	uint32_t broke_uid; /* fetching this message has ended a session; 0: none */
	bool by_date;       /* it was read by date, which may have left out messages */
	bool whole;         /* at the end every message of it was looked at under this UIDVALIDITY */
	int64_t read_ms;    /* wall clock: what came before that and is still there was read; 0: not known */
};

struct account {
	const struct account_environment *environment;
	const char *seed;               /* address; "" for the bounce mailbox */
	struct connect_mailbox mailbox; /* owned, as its folders */
	const char *bounce_folder;      /* NULL for a seed */
	struct account_folder *folders;
	size_t folder_count;
};

/* A session of an account and the folders that it watches (one, so that it can be parked in IDLE, or several in turn).
 */
struct account_session {
	struct account *account;
	struct imap_session *imap; /* NULL while not connected */
	size_t folders[2];         /* indices in account->folders */
	size_t folder_count;
	ptrdiff_t selected;   /* index in account->folders, or -1 */
	uint32_t uidvalidity; /* of that folder, as told when it was opened */
	ptrdiff_t unread;     /* after a sweep that was not complete: a folder that was not read whole */
	bool may_idle;
	bool idling;
	unsigned idle_failures; /* connections in a row that ended in IDLE; many at once where it is refused */
};

/* Connects and signs in. The first time for an account: lists its folders, finds their roles, notes and stores their
 * baselines (those that the run has already are kept). Only the inbox is vital: a folder that the server refuses to
 * show is left out, and said in the log. Errors: as
 * connect_mailbox_open and imap_session.h, ERROR_STORE. */
int account_connect(struct account_session *session, struct error *err);

/* The folders of the account as the server lists them now, with their roles. The bounce mailbox has one that matters,
 * and it plays the inbox. */
int account_list(struct account_session *session, struct imap_folder_list *ret, struct error *err);

/* Goes into IDLE, unless something is there to be read already. 1 parked, 0 read again first, -1 error. */
int account_park(struct account_session *session, struct error *err);
int account_unpark(struct account_session *session, struct error *err);

/* Whether a session that is connected can be parked: it watches one folder, and its server offers IDLE and has not been
 * found to refuse it, to be silent or to hang up. */
bool account_may_idle(const struct account_session *session);

/* Ends the session in order when it is sound, else at once. */
void account_disconnect(struct account_session *session);

void account_fini(struct account *account);

#endif
