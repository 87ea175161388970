/* The folder that a session has open, and whether a message is still where it was seen. On a worker, as account.h. */
#ifndef WATCH_ACCOUNT_PLACE_H
#define WATCH_ACCOUNT_PLACE_H

#include "harness/watch/account.h"

/* Opens the folder, also when it is open already where `again` is set. 1 opened (*ret: how it stands), 0 it was open,
 * -1 error. */
int account_select(struct account_session *session, size_t folder, bool again, struct imap_folder_state *ret,
		   struct error *err);

/* Index in account->folders, or -1. */
ptrdiff_t account_folder_index(const struct account *account, const char *name);

/* Whether the server still lists the folder as one that can be opened: 1 yes, 0 no, -1 error. A refusal to open it says
 * little: servers are out of order for a moment, and some refuse everything by the same words. */
int account_folder_listed(struct account_session *session, const char *name, struct error *err);

/* Asks whether the message of the probe is still at a place, and stores it when it is gone. 1 it is there, or that
 * cannot be told at the moment; 0 gone; -1 error. Changes which folder is open. */
int account_ask(struct account_session *session, size_t probe, const struct whereabouts *place, struct error *err);

#endif
