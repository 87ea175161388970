/* The last look into a mailbox. On a worker, as account.h. */
#ifndef WATCH_ACCOUNT_SWEEP_H
#define WATCH_ACCOUNT_SWEEP_H

#include "harness/watch/account.h"

/* Reads the watched folders to their end, and looks whether each message of the seed is still where it was seen; then,
 * when something of the seed is missing, reads every folder from where it was read to. Returns 1 when nothing was
 * missing, 0 when the folders were read (*ret_complete: every one whole, else session->unread is one that was not), -1
 * on error. Of the bounce mailbox the one folder: 1 whole, 0 not. */
int account_sweep(struct account_session *session, bool *ret_complete, struct error *err);

#endif
