/* Asking for a message by its UID. Must never take a refusal for the absence of a message. */
#include "harness/watch/account_place.h"

#include <string.h>

#include "harness/base/clock.h"

int account_select(struct account_session *s, size_t index, bool again, struct imap_folder_state *ret,
		   struct error *err)
{
	if (!again && s->selected == (ptrdiff_t)index)
		return 0;
	s->selected = -1;
	if (imap_session_examine(s->imap, s->account->folders[index].raw, ret, err) < 0)
		return error_prefix(err, "folder %s", s->account->folders[index].name);
	s->selected = (ptrdiff_t)index;
	s->uidvalidity = ret->uidvalidity;
	return 1;
}

ptrdiff_t account_folder_index(const struct account *account, const char *name)
{
	for (size_t i = 0; i < account->folder_count; i++)
		if (strcmp(account->folders[i].name, name) == 0)
			return (ptrdiff_t)i;
	return -1;
}

int account_folder_listed(struct account_session *s, const char *name, struct error *err)
{
	struct imap_folder_list list = { 0 };
	int result = imap_session_list(s->imap, &list, err);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = list.folders[i].selectable && strcmp(list.folders[i].name, name) == 0;
	imap_folder_list_fini(&list);
	return result;
}

/* 1 there or not known, 0 gone, -1 error. */
static int still_there(struct account_session *s, const struct whereabouts *place, struct error *err)
{
	struct imap_folder_state state = { 0 };
	ptrdiff_t index = account_folder_index(s->account, place->folder);
	if (index < 0)
		return 0;
	if (account_select(s, (size_t)index, false, &state, err) < 0)
		return err->kind == ERROR_REFUSED ? account_folder_listed(s, place->folder, err) : -1;
	/* The UID is another message's now: reading the whole folder tells, which has found it under a new one or not.
	 */
	if (s->uidvalidity != place->uidvalidity)
		return !s->account->folders[index].whole;
	return imap_session_has_uid(s->imap, place->uid, err);
}

int account_ask(struct account_session *s, size_t probe, const struct whereabouts *place, struct error *err)
{
	int there = still_there(s, place, err);
	if (there != 0)
		return there;
	ptrdiff_t index = account_folder_index(s->account, place->folder);
	const struct observation gone = {
		.at_ms = clock_wall_ms(),
		.gone = true,
		.folder = fact_lend(place->folder),
		.role = index >= 0 ? s->account->folders[index].role : FOLDER_OTHER,
		.uidvalidity = place->uidvalidity,
		.uid = place->uid,
		.found_by = fact_lend("look-again"),
	};
	return ledger_observed(s->account->environment->ledger, probe, &gone, err);
}
