/* Which folders of a mailbox can be read. Must not cost a seed what one of its folders is refused for. */
#include "harness/watch/folder_look.h"

/* A server that does not say which UID comes next is asked for the highest that there is. */
static int ask_for_highest(struct imap_session *session, struct imap_folder_state *state, struct error *err)
{
	uint32_t highest = 0;
	if (state->messages == 0) {
		state->uidnext = 1;
		return 0;
	}
	int told = imap_session_highest(session, &highest, err);
	if (told > 0 && highest < UINT32_MAX)
		state->uidnext = highest + 1;
	return told < 0 ? -1 : 0;
}

static int look_at_state(struct imap_session *session, const char *raw, struct imap_folder_state *ret,
			 struct error *err)
{
	int told = imap_session_status(session, raw, ret, err);
	if (told == 0 && ret->uidnext != 0)
		return 0;
	if (told < 0 && (err->kind != ERROR_REFUSED || err->retry != RETRY_NEVER))
		return -1;
	if (imap_session_examine(session, raw, ret, err) < 0)
		return -1;
	return ret->uidnext == 0 ? ask_for_highest(session, ret, err) : 0;
}

int folder_look(struct imap_session *session, const struct imap_folder *folder, struct imap_folder_state *ret,
		struct error *err)
{
	if (look_at_state(session, folder->raw, ret, err) == 0)
		return 1;
	error_prefix(err, "folder %s", folder->name);
	return imap_session_dead(session) || folder->role == FOLDER_INBOX ? -1 : 0;
}

bool folder_look_matters(enum folder_role role, const struct error *why)
{
	return role == FOLDER_SPAM || why->retry != RETRY_NEVER;
}
