/* Which folders of a mailbox can be read. Must not cost a seed what one of its folders is refused for. */
#include "harness/watch/folder_look.h"

static int look_at_state(struct imap_session *session, const char *raw, struct imap_folder_state *ret,
			 struct error *err)
{
	if (imap_session_status(session, raw, ret, err) == 0)
		return 0;
	if (err->kind != ERROR_REFUSED || err->retry != RETRY_NEVER)
		return -1;
	return imap_session_examine(session, raw, ret, err);
}

int folder_look(struct imap_session *session, const struct imap_folder *folder, struct imap_folder_state *ret,
		struct error *err)
{
	if (look_at_state(session, folder->raw, ret, err) == 0)
		return 1;
	error_prefix(err, "folder %s", folder->name);
	return imap_session_dead(session) || folder->role == FOLDER_INBOX ? -1 : 0;
}

bool folder_look_matters(const struct imap_folder *folder, const struct error *why)
{
	return folder->role == FOLDER_SPAM || why->retry != RETRY_NEVER;
}
