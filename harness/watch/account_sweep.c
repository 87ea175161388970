/* The last look into a mailbox. Must never say that every folder was read where something was left out. */
#include "harness/watch/account_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "harness/watch/account_place.h"
#include "harness/watch/account_read.h"
#include "harness/watch/folder_look.h"

enum { SWEEP_TRIES = 2 };

/* Every place of a probe: what was seen in two folders may be in both. */
static int look_again(struct account_session *s, size_t probe, struct error *err)
{
	struct whereabouts place;
	for (size_t n = 0; ledger_place(s->account->environment->ledger, probe, n, &place); n++)
		if (!place.gone && account_ask(s, probe, &place, err) < 0)
			return -1;
	return 0;
}

/* Folders that were made since the baseline become part of the account: nothing of what is in them was read. */
static int take_in_new_folders(struct account_session *s, struct error *err)
{
	struct account *account = s->account;
	struct imap_folder_list list = { 0 };
	int result = account_list(s, &list, err);
	for (size_t i = 0; i < list.count && result == 0; i++) {
		const struct imap_folder *listed = &list.folders[i];
		if (!listed->selectable || account_folder_index(account, listed->name) >= 0)
			continue;
		struct account_folder *grown = reallocarray(account->folders, account->folder_count + 1,
							    sizeof(*grown));
		if (!grown) {
			result = error_memory(err);
			break;
		}
		account->folders = grown;
		struct account_folder *f = &grown[account->folder_count++];
		*f = (struct account_folder){ .name = strdup(listed->name),
					      .raw = strdup(listed->raw),
					      .role = listed->role };
		if (!f->name || !f->raw)
			result = error_memory(err);
	}
	imap_folder_list_fini(&list);
	return result;
}

/* Whether this user could look at the folder at the beginning, so that mail may be delivered there. */
static bool was_readable(const struct account_folder *f)
{
	return f->uidvalidity != 0;
}

/* Reads one folder to its end: 1 whole, 0 not, -1 error. A folder that is no longer listed cannot hold a message; one
 * that is and cannot be opened can, and is tried once more, since servers are out of order for a moment. */
static int read_to_end(struct account_session *s, size_t index, bool awaited, struct error *err)
{
	const struct account_reading how = { .again = true, .to_end = true, .awaited = awaited };
	const struct account_folder *f = &s->account->folders[index];
	for (int times = 0; times < SWEEP_TRIES; times++) {
		bool whole = true;
		if (account_read_folder(s, index, &how, &whole, err) == 0)
			return whole;
		if (err->kind != ERROR_REFUSED)
			return -1;
		bool matters = was_readable(f) || folder_look_matters(f->role, err);
		int listed = matters ? account_folder_listed(s, f->name, err) : 0;
		if (listed <= 0)
			return listed < 0 ? -1 : 1;
	}
	return 0;
}

static int sweep_folder(struct account_session *s, size_t index, bool awaited, bool *complete, struct error *err)
{
	int whole = read_to_end(s, index, awaited, err);
	if (whole == 0 && *complete)
		s->unread = (ptrdiff_t)index;
	*complete = *complete && whole != 0;
	return whole < 0 ? -1 : 0;
}

/* The folders that are watched, to the end: whatever is missing or not. */
static int sweep_watched(struct account_session *s, bool *complete, struct error *err)
{
	for (size_t i = 0; i < s->account->folder_count; i++)
		if (s->account->folders[i].watched && sweep_folder(s, i, false, complete, err) < 0)
			return -1;
	return 0;
}

/* All folders; views last, so that a message is found in its folder and not in a view of it. */
static int sweep_all(struct account_session *s, bool *complete, struct error *err)
{
	for (int views = 0; views < 2; views++)
		for (size_t i = 0; i < s->account->folder_count; i++) {
			const struct account_folder *f = &s->account->folders[i];
			if (folder_role_is_view(f->role) == (views == 1) &&
			    sweep_folder(s, i, !f->watched, complete, err) < 0)
				return -1;
		}
	return 0;
}

int account_sweep(struct account_session *s, bool *ret_complete, struct error *err)
{
	const struct account *account = s->account;
	const struct run_facts *facts = account->environment->facts;
	*ret_complete = true;
	s->unread = -1;
	if (account_unpark(s, err) < 0 || sweep_watched(s, ret_complete, err) < 0)
		return -1;
	if (account->bounce_folder)
		return *ret_complete;
	for (size_t i = 0; i < facts->probe_count; i++)
		if (strcmp(facts->probes[i].seed, account->seed) == 0 && look_again(s, i, err) < 0)
			return -1;
	if (!ledger_awaits(account->environment->ledger, account->seed))
		return 1;
	*ret_complete = true;
	return take_in_new_folders(s, err) < 0 || sweep_all(s, ret_complete, err) < 0 ? -1 : 0;
}
