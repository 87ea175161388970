/* The first look at each folder of a mailbox, by a run as by `seeds check`. Only the inbox is vital: another folder
 * that the server does not show is left out, and named. */
#ifndef WATCH_FOLDER_LOOK_H
#define WATCH_FOLDER_LOOK_H

#include <stdbool.h>

#include "harness/base/error.h"
#include "providers/imap_session.h"

/* How a folder stands: by STATUS, or where a server does not take that or does not tell UIDNEXT, by opening it. 1
 * known; 0 left out, and *err says why; -1 error: the session is dead, or the folder is the inbox. On a worker. */
int folder_look(struct imap_session *session, const struct imap_folder *folder, struct imap_folder_state *ret,
		struct error *err);

/* Whether a message may be in a folder that was left out: a spam folder, or one whose trouble may pass. One that is not
 * for this user to open is none that mail is delivered to. */
bool folder_look_matters(enum folder_role role, const struct error *why);

#endif
