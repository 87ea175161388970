/* What a worker does with a mailbox: connect, note baselines, park. Must leave the mailbox as it was: EXAMINE and
 * BODY.PEEK only. */
#include "harness/watch/account.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/watch/folder_look.h"
#include "providers/folder_role.h"
#include "store/seed.h"

enum {
	FOLDERS_TOLD_MAX = 3000,
	IDLE_FAILURES_MAX = 4, /* in a row: from then on it is scanned */
	OPENING_COMMANDS = 4,  /* of all that an opening takes, those that may last as long as a command may */
};

static const struct baseline *stored_baseline(const struct account *account, const char *folder)
{
	const struct run_facts *facts = account->environment->facts;
	for (size_t i = 0; i < facts->baseline_count; i++)
		if (strcmp(facts->baselines[i].seed, account->seed) == 0 &&
		    strcmp(facts->baselines[i].folder, folder) == 0)
			return &facts->baselines[i];
	return NULL;
}

int account_list(struct account_session *s, struct imap_folder_list *ret, struct error *err)
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

/* Of several spam folders the first is watched; the others are read at the end. */
static bool watches_spam(const struct account *account)
{
	for (size_t i = 0; i < account->folder_count; i++)
		if (account->folders[i].role == FOLDER_SPAM && account->folders[i].watched)
			return true;
	return false;
}

/* One folder becomes part of the account; what the run noted of it before stands. */
static int add_folder(struct account_session *s, const struct imap_folder *listed, struct baseline *ret_baseline,
		      struct error *err)
{
	struct account *account = s->account;
	struct imap_folder_state state;
	const int64_t now_ms = clock_wall_ms(); /* before the state is told: it may have changed when it has come */
	int seen = folder_look(s->imap, listed, &state, err);
	if (seen == 0)
		log_event(account->mailbox.log, "imap %s: left out: %s", account->mailbox.name, err->text);
	if (seen <= 0)
		return seen;
	const struct baseline *known = stored_baseline(account, listed->name);
	struct account_folder *f = &account->folders[account->folder_count];
	*f = (struct account_folder){
		.name = strdup(listed->name),
		.raw = strdup(listed->raw),
		.role = listed->role,
		.watched = listed->role == FOLDER_INBOX || (listed->role == FOLDER_SPAM && !watches_spam(account)),
		.uidvalidity = known ? known->uidvalidity : state.uidvalidity,
		.uidnext = known ? known->uidnext : state.uidnext,
		.told = known ? known->uidnext : state.uidnext,
		.exists = known ? known->exists : state.messages,
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
					   .exists = f->exists,
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

/* However many folders there are, and however slow the server: a mailbox that needs longer to be opened is not tested,
 * and hinders no other. */
static int64_t opening_ms(const struct account *account)
{
	const struct imap_params *imap = &account->mailbox.imap;
	return 2 * imap->login_timeout_ms + OPENING_COMMANDS * imap->command_timeout_ms;
}

int account_connect(struct account_session *s, struct error *err)
{
	s->selected = -1;
	s->idling = false;
	bool first_time = s->account->folder_count == 0;
	struct deadline deadline = first_time ? deadline_in(opening_ms(s->account)) : CONNECT_NO_LIMIT;
	if (connect_mailbox_open(&s->account->mailbox, deadline, &s->imap, err) < 0)
		return -1;
	if (!first_time)
		return 0;
	struct imap_folder_list list = { 0 };
	int result = account_list(s, &list, err);
	if (result == 0)
		result = note_folders(s, &list, err);
	imap_folder_list_fini(&list);
	imap_session_set_limit(s->imap, CONNECT_NO_LIMIT);
	return result;
}

int account_park(struct account_session *s, struct error *err)
{
	/* Another folder was asked for a message, or a message was told of while the last one was read. */
	if (s->selected != (ptrdiff_t)s->folders[0] || imap_session_has_news(s->imap))
		return 0;
	if (imap_session_idle_start(s->imap, err) < 0) {
		/* One that refuses it, or does not answer, will not do otherwise later. */
		bool mute = err->kind == ERROR_REFUSED || err->kind == ERROR_TIMEOUT;
		s->idle_failures = mute ? IDLE_FAILURES_MAX : s->idle_failures + 1;
		return -1;
	}
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
	s->idle_failures++;
	if (imap_session_idle_done(s->imap, err) < 0)
		return -1;
	s->idle_failures = 0;
	return 0;
}

bool account_may_idle(const struct account_session *s)
{
	return s->folder_count == 1 && s->idle_failures < IDLE_FAILURES_MAX && imap_session_has(s->imap, "IDLE");
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
