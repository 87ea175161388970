/* What a worker does with a mailbox: connect, note baselines, read what is new, sweep. Cost follows new mail, never the
 * size of a mailbox. Must leave the mailbox as it was: EXAMINE and BODY.PEEK only. */
#include "harness/watch/account.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/vec.h"
#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "harness/watch/notices.h"
#include "providers/folder_role.h"
#include "store/seed.h"

/* A message of ours that is larger is kept up to here. */
enum { MESSAGE_MAX = 26 * 1024 * 1024, NOTICE_MAX = 8 * 1024 * 1024, FOLDERS_TOLD_MAX = 3000 };

static const struct baseline *stored_baseline(const struct account *account, const char *folder)
{
	const struct run_facts *facts = account->environment->facts;
	for (size_t i = 0; i < facts->baseline_count; i++)
		if (strcmp(facts->baselines[i].seed, account->seed) == 0 &&
		    strcmp(facts->baselines[i].folder, folder) == 0)
			return &facts->baselines[i];
	return NULL;
}

/* The folders of the account with their roles. The bounce mailbox has one that matters, and it plays the inbox. */
static int list_folders(struct account_session *s, struct imap_folder_list *ret, struct error *err)
{
	const struct account *account = s->account;
	if (imap_session_list(s->imap, ret, err) < 0)
		return -1;
	if (!account->bounce_folder)
		return folder_roles(ret, account->mailbox.profile, err);
	for (size_t i = 0; i < ret->count; i++) {
		bool watched = span_is_nocase(span_of(ret->folders[i].name), account->bounce_folder);
		ret->folders[i].role = watched ? FOLDER_INBOX : FOLDER_OTHER;
	}
	return 0;
}

/* One folder becomes part of the account; what the run noted of it before stands. */
static int add_folder(struct account_session *s, const struct imap_folder *listed, struct baseline *ret_baseline,
		      struct error *err)
{
	struct account *account = s->account;
	struct imap_folder_state state;
	const int64_t now_ms = clock_wall_ms(); /* before the state is told: it may have changed when it has come */
	if (imap_session_status(s->imap, listed->raw, &state, err) < 0)
		return error_prefix(err, "folder %s", listed->name);
	const struct baseline *known = stored_baseline(account, listed->name);
	struct account_folder *f = &account->folders[account->folder_count];
	*f = (struct account_folder){
		.name = strdup(listed->name),
		.raw = strdup(listed->raw),
		.role = listed->role,
		.watched = listed->role == FOLDER_INBOX || listed->role == FOLDER_SPAM,
		.uidvalidity = known ? known->uidvalidity : state.uidvalidity,
		.uidnext = known ? known->uidnext : state.uidnext,
		.read_ms = known ? known->at_ms : now_ms,
	};
	account->folder_count++;
	if (!f->name || !f->raw)
		return error_memory(err);
	*ret_baseline = (struct baseline){ .seed = fact_lend(account->seed),
					   .folder = f->name,
					   .role = listed->role,
					   .watched = f->watched,
					   .uidvalidity = f->uidvalidity,
					   .uidnext = f->uidnext,
					   .exists = state.messages,
					   .at_ms = now_ms };
	return 0;
}

static void log_folders(const struct account *account)
{
	_cleanup_(buf_fini) struct buf line = BUF_INIT(FOLDERS_TOLD_MAX);
	for (size_t i = 0; i < account->folder_count; i++)
		buf_addf(&line, "%s%s (%s%s)", i ? ", " : "", account->folders[i].name,
			 folder_role_name(account->folders[i].role), account->folders[i].watched ? ", watched" : "");
	log_event(account->mailbox.log, "imap %s: folders: %.*s", account->mailbox.name, SPAN_ARG(buf_span(&line)));
}

static void drop_folders(struct account *account)
{
	for (size_t i = 0; i < account->folder_count; i++) {
		free(account->folders[i].name);
		free(account->folders[i].raw);
	}
	free(account->folders);
	account->folders = NULL;
	account->folder_count = 0;
}

static int note_folders(struct account_session *s, const struct imap_folder_list *list, struct error *err)
{
	struct account *account = s->account;
	struct baseline *baselines = calloc(list->count + 1, sizeof(*baselines));
	account->folders = calloc(list->count + 1, sizeof(*account->folders));
	bool inbox = false;
	int result = baselines && account->folders ? 0 : error_memory(err);
	for (size_t i = 0; i < list->count && result == 0; i++) {
		const struct imap_folder *listed = &list->folders[i];
		inbox = inbox || (listed->selectable && listed->role == FOLDER_INBOX);
		if (listed->selectable && (!account->bounce_folder || listed->role == FOLDER_INBOX))
			result = add_folder(s, listed, &baselines[account->folder_count], err);
	}
	if (result == 0 && !inbox)
		result = error_set(err, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER,
				   "the server lists no folder %s",
				   account->bounce_folder ? account->bounce_folder : "INBOX");
	if (result == 0)
		result = store_baselines_add(account->environment->store, account->environment->facts->summary.id,
					     baselines, account->folder_count, err);
	free(baselines);
	if (result < 0)
		drop_folders(account);
	else
		log_folders(account);
	return result;
}

int account_connect(struct account_session *s, struct error *err)
{
	s->selected = -1;
	s->idling = false;
	if (connect_mailbox_open(&s->account->mailbox, CONNECT_NO_LIMIT, &s->imap, err) < 0)
		return -1;
	if (s->account->folder_count > 0)
		return 0;
	struct imap_folder_list list = { 0 };
	int result = list_folders(s, &list, err);
	if (result == 0)
		result = note_folders(s, &list, err);
	imap_folder_list_fini(&list);
	return result;
}

/* Messages that a scan found to be worth fetching whole. */
struct hit {
	uint32_t uid;
	ptrdiff_t probe; /* -1 for what may be a notification */
	int64_t internal_ms, size, at_ms;
};

struct scan {
	const struct account *account;
	const struct account_folder *folder;
	struct hit *hits;
	size_t count, cap;
	uint32_t highest;
	int64_t absent_ms; /* when the folder was read before; 0: never */
};

static int add_hit(struct scan *scan, const struct imap_message *m, ptrdiff_t probe, struct error *err)
{
	if (vec_grow(&scan->hits, scan->count, &scan->cap, sizeof(*scan->hits), err) < 0)
		return -1;
	scan->hits[scan->count++] = (struct hit){ m->uid, probe, m->internal_ms, m->size, clock_wall_ms() };
	return 0;
}

/* One message of a scan, by its few header fields. */
static int account_recheck(void *user, const struct imap_message *m, struct error *err)
{
	struct scan *scan = user;
	const struct account *account = scan->account;
	struct ledger *ledger = account->environment->ledger;
	struct header header;
	char tag[TAG_SIZE];
	int result = 0;
	if (m->uid > scan->highest)
		scan->highest = m->uid;
	if (header_parse(&header, m->header, err) < 0)
		return -1;
	if (account->bounce_folder) {
		if (notice_likely(ledger, &header))
			result = add_hit(scan, m, -1, err);
	} else if (tag_from_header(&header, tag)) {
		ptrdiff_t probe = ledger_find_tag(ledger, span_of(tag));
		bool mine = probe >= 0 && strcmp(account->environment->facts->probes[probe].seed, account->seed) == 0;
		if (mine && !ledger_knows(ledger, (size_t)probe, scan->folder->name, scan->folder->uidvalidity, m->uid))
			result = add_hit(scan, m, probe, err);
	}
	header_fini(&header);
	return result;
}

static int keep_message(const struct scan *scan, const struct hit *hit, struct span octets, bool truncated,
			const char *found_by, struct error *err)
{
	struct header header;
	if (header_parse(&header, octets, err) < 0)
		return -1;
	struct span head = span_sub(octets, 0, header.body_offset),
		    body = span_sub(octets, header.body_offset, SIZE_MAX);
	header_fini(&header);
	const struct observation o = {
		.at_ms = hit->at_ms,
		.folder = scan->folder->name,
		.role = scan->folder->role,
		.uidvalidity = scan->folder->uidvalidity,
		.uid = hit->uid,
		.internal_ms = hit->internal_ms,
		.absent_ms = scan->absent_ms,
		.size = hit->size,
		.truncated = truncated,
		.header = fact_lend(head.p),
		.header_len = head.len,
		.body = fact_lend(body.p ? body.p : ""),
		.body_len = body.len,
		.found_by = fact_lend(found_by),
	};
	return ledger_observed(scan->account->environment->ledger, (size_t)hit->probe, &o, err);
}

static int keep_hits(struct account_session *s, const struct scan *scan, const char *found_by, struct error *err)
{
	int result = 0;
	for (size_t i = 0; i < scan->count && result == 0; i++) {
		const struct hit *hit = &scan->hits[i];
		struct buf octets = BUF_INIT(hit->probe >= 0 ? MESSAGE_MAX : NOTICE_MAX);
		bool truncated = false;
		int found = imap_session_fetch(s->imap, hit->uid, octets.max, &octets, &truncated, err);
		if (found < 0)
			result = -1;
		else if (found > 0 && hit->probe >= 0)
			result = keep_message(scan, hit, buf_span(&octets), truncated, found_by, err);
		else if (found > 0)
			result = notice_keep(scan->account->environment->ledger, buf_span(&octets), hit->at_ms, err);
		buf_fini(&octets);
	}
	return result;
}

/* Opens the folder unless it is open already. */
static int select_folder(struct account_session *s, size_t index, bool again, struct imap_folder_state *ret,
			 struct error *err)
{
	if (!again && s->selected == (ptrdiff_t)index)
		return 0;
	s->selected = -1;
	if (imap_session_examine(s->imap, s->account->folders[index].raw, ret, err) < 0)
		return error_prefix(err, "folder %s", s->account->folders[index].name);
	s->selected = (ptrdiff_t)index;
	return 1;
}

/* Reads a folder from where it was read to; all of what may be new where its UIDs have been given anew. */
static int read_folder(struct account_session *s, size_t index, bool again, const char *found_by, struct error *err)
{
	struct account_folder *f = &s->account->folders[index];
	struct imap_folder_state state = { 0 };
	struct scan scan = { .account = s->account, .folder = f, .absent_ms = f->read_ms };
	const int64_t began_ms = clock_wall_ms();
	int opened = select_folder(s, index, again, &state, err), result;
	if (opened < 0)
		return -1;
	if (opened > 0 && state.uidvalidity != f->uidvalidity) {
		f->uidvalidity = state.uidvalidity;
		f->uidnext = state.uidnext;
		scan.absent_ms = 0; /* what was read may have been another folder */
		result = imap_session_scan_recent(s->imap, s->account->environment->since_ms, account_recheck, &scan,
						  err);
	} else if (opened > 0 && state.uidnext != 0 && state.uidnext <= f->uidnext) {
		f->read_ms = began_ms;
		return 0;
	} else {
		result = imap_session_scan(s->imap, f->uidnext, account_recheck, &scan, err);
	}
	if (result == 0)
		result = keep_hits(s, &scan, found_by, err);
	if (result == 0 && scan.highest >= f->uidnext)
		f->uidnext = scan.highest + 1;
	if (result == 0)
		f->read_ms = began_ms;
	free(scan.hits);
	return result;
}

int account_read(struct account_session *s, struct error *err)
{
	for (size_t i = 0; i < s->folder_count; i++)
		if (read_folder(s, s->folders[i], !s->may_idle, "watch", err) < 0)
			return -1;
	return 0;
}

int account_park(struct account_session *s, struct error *err)
{
	if (imap_session_idle_start(s->imap, err) < 0)
		return -1;
	s->idling = true;
	if (!imap_session_idle_pending(s->imap))
		return 1;
	return account_unpark(s, err);
}

int account_unpark(struct account_session *s, struct error *err)
{
	if (!s->idling)
		return 0;
	s->idling = false;
	return imap_session_idle_done(s->imap, err);
}

static ptrdiff_t folder_index(const struct account *account, const char *name)
{
	for (size_t i = 0; i < account->folder_count; i++)
		if (strcmp(account->folders[i].name, name) == 0)
			return (ptrdiff_t)i;
	return -1;
}

/* Whether the message is where it was seen last: 1 yes, 0 no, -1 error. */
static int still_there(struct account_session *s, const struct whereabouts *w, struct error *err)
{
	struct imap_folder_state state = { 0 };
	ptrdiff_t index = folder_index(s->account, w->folder);
	if (index < 0)
		return 0;
	struct account_folder *f = &s->account->folders[index];
	int opened = select_folder(s, (size_t)index, false, &state, err);
	if (opened < 0)
		return err->kind == ERROR_REFUSED ? 0 : -1; /* the folder itself is gone */
	if (opened > 0 && state.uidvalidity != f->uidvalidity)
		return read_folder(s, (size_t)index, true, "look-again", err) < 0 ? -1 : 1;
	if (f->uidvalidity != w->uidvalidity)
		return 1; /* seen again under the new numbers */
	return imap_session_has_uid(s->imap, w->uid, err);
}

static int look_again(struct account_session *s, size_t probe, struct error *err)
{
	struct ledger *ledger = s->account->environment->ledger;
	struct whereabouts w = ledger_whereabouts(ledger, probe);
	if (!w.seen || w.gone)
		return 0;
	int there = still_there(s, &w, err);
	if (there != 0)
		return there < 0 ? -1 : 0;
	ptrdiff_t index = folder_index(s->account, w.folder);
	const struct observation gone = {
		.at_ms = clock_wall_ms(),
		.gone = true,
		.folder = w.folder,
		.role = index >= 0 ? s->account->folders[index].role : FOLDER_OTHER,
		.uidvalidity = w.uidvalidity,
		.uid = w.uid,
		.found_by = fact_lend("look-again"),
	};
	return ledger_observed(ledger, probe, &gone, err);
}

/* Folders that were made since the baseline become part of the account: all of what is in them is new. */
static int take_in_new_folders(struct account_session *s, struct error *err)
{
	struct account *account = s->account;
	struct imap_folder_list list = { 0 };
	int result = list_folders(s, &list, err);
	for (size_t i = 0; i < list.count && result == 0; i++) {
		const struct imap_folder *listed = &list.folders[i];
		struct imap_folder_state state;
		if (!listed->selectable || folder_index(account, listed->name) >= 0)
			continue;
		struct account_folder *grown = reallocarray(account->folders, account->folder_count + 1,
							    sizeof(*grown));
		if (!grown) {
			result = error_memory(err);
			break;
		}
		account->folders = grown;
		result = imap_session_status(s->imap, listed->raw, &state, err);
		if (result < 0)
			break;
		struct account_folder *f = &grown[account->folder_count++];
		/* Another UIDVALIDITY than the server's: read by date, so that a renamed archive is not read whole. */
		*f = (struct account_folder){ .name = strdup(listed->name),
					      .raw = strdup(listed->raw),
					      .role = listed->role,
					      .uidvalidity = state.uidvalidity + 1,
					      .uidnext = 1 };
		if (!f->name || !f->raw)
			result = error_memory(err);
	}
	imap_folder_list_fini(&list);
	return result;
}

static int read_all_folders(struct account_session *s, bool *ret_complete, struct error *err)
{
	*ret_complete = true;
	for (size_t i = 0; i < s->account->folder_count; i++) {
		if (read_folder(s, i, true, "sweep", err) == 0)
			continue;
		if (err->kind != ERROR_REFUSED)
			return -1;
		/* A folder that is no longer listed cannot hold the message; one that is and cannot be opened can. */
		struct imap_folder_state state;
		*ret_complete = *ret_complete &&
				imap_session_status(s->imap, s->account->folders[i].raw, &state, err) < 0;
	}
	return 0;
}

int account_sweep(struct account_session *s, bool *ret_complete, struct error *err)
{
	struct account *account = s->account;
	const struct run_facts *facts = account->environment->facts;
	*ret_complete = true;
	if (account_unpark(s, err) < 0)
		return -1;
	for (size_t i = 0; i < facts->probe_count; i++)
		if (strcmp(facts->probes[i].seed, account->seed) == 0 && look_again(s, i, err) < 0)
			return -1;
	if (!ledger_awaits(account->environment->ledger, account->seed))
		return 1;
	if (take_in_new_folders(s, err) < 0)
		return -1;
	return read_all_folders(s, ret_complete, err);
}

void account_disconnect(struct account_session *s)
{
	struct error ignored = ERROR_INIT;
	if (s->imap && account_unpark(s, &ignored) == 0)
		imap_session_logout(s->imap);
	imap_session_free(s->imap);
	s->imap = NULL;
	s->selected = -1;
	s->idling = false;
}

void account_fini(struct account *account)
{
	drop_folders(account);
	connect_mailbox_fini(&account->mailbox);
}
