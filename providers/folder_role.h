/* What the folders of a mailbox are for. Pure. */
#ifndef PROVIDERS_FOLDER_ROLE_H
#define PROVIDERS_FOLDER_ROLE_H

#include "harness/base/error.h"
#include "providers/imap_folder.h"

struct profile;

/* Sets the role of every folder of the list. INBOX is FOLDER_INBOX. FOLDER_SPAM are all folders with the attribute
 * \Junk (RFC 6154); without one, the first name of the profile's `spam` list that is there; else all that have one of
 * the names that servers use in many languages, as far as none is nearer to the top. Names are compared with the last
 * part of a folder's path, and with the whole of it, without regard to case (utf8_fold). Other roles come from
 * attributes alone. Errors: memory. */
int folder_roles(struct imap_folder_list *list, const struct profile *profile, struct error *err);

#endif
