/* What is new in a folder, and how far it has been read. Three things may lie: UIDVALIDITY says that UIDs mean nothing
 * any more, UIDNEXT is set back or not told at some servers, EXISTS counts what cannot be seen. Where they contradict
 * each other the folder is read by date. Must never move the position past a message that was not read. */
#include "harness/watch/account_read.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/vec.h"
#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "harness/watch/account_place.h"
#include "harness/watch/notices.h"
#include "providers/profile.h"

/* A message of ours that is larger is kept up to here. */
enum { MESSAGE_MAX = 26 * 1024 * 1024, NOTICE_MAX = 8 * 1024 * 1024, ASK_TIMES = 3 };

/* Messages that a scan found to be worth fetching whole. */
struct hit {
	uint32_t uid;
	ptrdiff_t probe; /* -1 for what may be a notification */
	int64_t internal_ms, size, at_ms;
};

struct scan {
	struct account_session *session;
	struct account_folder *folder;
	const struct account_reading *how;
	uint32_t uidvalidity;
	struct hit *hits;
	size_t count, cap;
	int64_t absent_ms;   /* when the folder was read before; 0: never, or it may have been another folder */
	uint32_t first_left; /* lowest UID of a hit that the server did not hand over; 0: none */
	struct imap_scanned scanned;
};

static int add_hit(struct scan *scan, const struct imap_message *m, ptrdiff_t probe, struct error *err)
{
	for (size_t i = 0; i < scan->count; i++)
		if (scan->hits[i].uid == m->uid)
			return 0;
	if (vec_grow(&scan->hits, scan->count, &scan->cap, sizeof(*scan->hits), err) < 0)
		return -1;
	scan->hits[scan->count++] = (struct hit){ m->uid, probe, m->internal_ms, m->size, clock_wall_ms() };
	return 0;
}

/* The probe that a header is of, -1 for none of this seed. */
static ptrdiff_t probe_of(const struct account *account, const struct header *header)
{
	const struct account_environment *environment = account->environment;
	char tag[TAG_SIZE];
	if (!tag_of_probe(header, span_of(environment->from ? environment->from : ""), tag))
		return -1;
	ptrdiff_t probe = ledger_find_tag(environment->ledger, span_of(tag));
	bool mine = probe >= 0 && strcmp(environment->facts->probes[probe].seed, account->seed) == 0;
	return mine ? probe : -1;
}

static bool is_news(const struct scan *scan, ptrdiff_t probe, uint32_t uid)
{
	struct ledger *ledger = scan->session->account->environment->ledger;
	if (probe < 0 || ledger_knows(ledger, (size_t)probe, scan->folder->name, scan->uidvalidity, uid))
		return false;
	struct whereabouts w = ledger_whereabouts(ledger, (size_t)probe);
	return !scan->how->awaited || !w.seen || w.gone;
}

/* One message of a scan, by its few header fields. */
static int account_read_check(void *user, const struct imap_message *m, struct error *err)
{
	struct scan *scan = user;
	const struct account *account = scan->session->account;
	struct header header;
	int result = 0;
	if (header_parse(&header, m->header, err) < 0)
		return -1;
	if (account->bounce_folder) {
		if (notice_likely(account->environment->ledger, &header))
			result = add_hit(scan, m, -1, err);
	} else {
		ptrdiff_t probe = probe_of(account, &header);
		if (is_news(scan, probe, m->uid))
			result = add_hit(scan, m, probe, err);
	}
	header_fini(&header);
	return result;
}

/* --- whole messages --------------------------------------------------------------------------------------------- */

/* Whether these octets are of the message that the scan has shown, and not what a server puts in the place of one that
 * it cannot read. 1, 0, -1. */
static int is_same(const struct scan *scan, const struct hit *hit, struct span octets, struct error *err)
{
	const struct account *account = scan->session->account;
	struct header header;
	if (header_parse(&header, octets, err) < 0)
		return -1;
	bool same = hit->probe >= 0 ? probe_of(account, &header) == hit->probe
				    : notice_likely(account->environment->ledger, &header);
	header_fini(&header);
	return same;
}

/* After an answer that ended the session the same question would end the next one. */
static int fetch_failed(const struct scan *scan, const struct hit *hit, const struct error *err)
{
	if (imap_session_dead(scan->session->imap)) {
		if (err->kind == ERROR_PROTOCOL || err->kind == ERROR_LIMIT)
			scan->folder->broke_uid = hit->uid;
		return -1;
	}
	return err->kind == ERROR_REFUSED ? 0 : -1;
}

/* The whole message: 1 handed over, 0 not, though the server was asked several times, -1 error. One that is always
 * shorter than RFC822.SIZE says is taken as cut: at some servers that number is an estimate. */
static int fetch_hit(const struct scan *scan, const struct hit *hit, struct buf *octets, bool *ret_truncated,
		     struct error *err)
{
	struct imap_session *imap = scan->session->imap;
	if (hit->uid == scan->folder->broke_uid)
		return 0;
	for (int times = 1; times <= ASK_TIMES; times++) {
		bool truncated = false;
		buf_fini(octets);
		int found = imap_session_fetch(imap, hit->uid, hit->size, octets->max, octets, &truncated, err);
		if (found < 0 && fetch_failed(scan, hit, err) < 0)
			return -1;
		int same = found > 0 ? is_same(scan, hit, buf_span(octets), err) : 0;
		if (same < 0)
			return -1;
		bool cut = !truncated && (int64_t)octets->len < hit->size;
		if (same == 0 || (cut && times < ASK_TIMES))
			continue;
		*ret_truncated = truncated || cut;
		return 1;
	}
	return 0;
}

static int keep_sight(const struct scan *scan, const struct hit *hit, struct observation *o, struct error *err)
{
	o->at_ms = hit->at_ms;
	o->folder = scan->folder->name;
	o->role = scan->folder->role;
	o->uidvalidity = scan->uidvalidity;
	o->uid = hit->uid;
	o->internal_ms = hit->internal_ms;
	o->absent_ms = scan->absent_ms;
	o->size = hit->size;
	o->found_by = fact_lend(scan->how->to_end ? "sweep" : "watch");
	return ledger_observed(scan->session->account->environment->ledger, (size_t)hit->probe, o, err);
}

static int keep_message(const struct scan *scan, const struct hit *hit, struct span octets, bool truncated,
			struct error *err)
{
	struct header header;
	if (header_parse(&header, octets, err) < 0)
		return -1;
	struct span head = span_sub(octets, 0, header.body_offset),
		    body = span_sub(octets, header.body_offset, SIZE_MAX);
	header_fini(&header);
	struct observation o = { .truncated = truncated,
				 .header = fact_lend(head.p),
				 .header_len = head.len,
				 .body = fact_lend(body.p ? body.p : ""),
				 .body_len = body.len };
	return keep_sight(scan, hit, &o, err);
}

/* The server shows the message, and does not hand it over. It is there, so that at the end this much is stored. */
static int keep_unread(struct scan *scan, const struct hit *hit, struct error *err)
{
	int there = hit->uid == scan->folder->broke_uid ? 1 : imap_session_has_uid(scan->session->imap, hit->uid, err);
	if (there <= 0)
		return there;
	if (scan->how->to_end && hit->probe >= 0)
		return keep_sight(scan, hit, &(struct observation){ .truncated = true }, err);
	if (scan->first_left == 0 || hit->uid < scan->first_left)
		scan->first_left = hit->uid;
	return 0;
}

static int keep_hit(struct scan *scan, const struct hit *hit, struct error *err)
{
	const struct account_environment *environment = scan->session->account->environment;
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(hit->probe >= 0 ? MESSAGE_MAX : NOTICE_MAX);
	bool truncated = false;
	int found = fetch_hit(scan, hit, &octets, &truncated, err);
	if (found <= 0)
		return found < 0 ? -1 : keep_unread(scan, hit, err);
	if (hit->probe >= 0)
		return keep_message(scan, hit, buf_span(&octets), truncated, err);
	return notice_keep(environment->ledger, buf_span(&octets), hit->at_ms, err);
}

/* Whether a message that is here now has left the places where it was seen before, or has copies there. */
static int ask_elsewhere(struct scan *scan, size_t probe, struct error *err)
{
	const struct account_environment *environment = scan->session->account->environment;
	const struct probe *p = &environment->facts->probes[probe];
	struct whereabouts place;
	for (size_t n = 0; ledger_place(environment->ledger, probe, n, &place); n++) {
		if (place.gone || strcmp(place.folder, scan->folder->name) == 0)
			continue;
		int there = account_ask(scan->session, probe, &place, err);
		if (there < 0)
			return -1;
		if (there > 0)
			ledger_notify(environment->ledger,
				      &(struct progress_event){ PROGRESS_COPIED, p->provider, p->seed, p->message,
								place.folder });
	}
	return 0;
}

static int keep_hits(struct scan *scan, struct error *err)
{
	int result = 0;
	for (size_t i = 0; i < scan->count && result == 0; i++)
		result = keep_hit(scan, &scan->hits[i], err);
	/* At the end every place is asked anyway. */
	for (size_t i = 0; i < scan->count && result == 0 && !scan->how->to_end; i++)
		if (scan->hits[i].probe >= 0)
			result = ask_elsewhere(scan, (size_t)scan->hits[i].probe, err);
	return result;
}

/* --- counters --------------------------------------------------------------------------------------------------- */

static bool uids_are_new(const struct account_folder *f, const struct imap_folder_state *now)
{
	return f->uidnext == 0 || (now->uidvalidity != 0 && f->uidvalidity != 0 && now->uidvalidity != f->uidvalidity);
}

static bool nothing_is_new(const struct account_folder *f, const struct imap_folder_state *now)
{
	return now->messages <= f->exists && now->uidnext != 0 &&
	       (now->uidnext == f->uidnext || now->uidnext == f->told);
}

/* More messages than new UIDs; or the next message will get a UID that was read past already. */
static bool counters_contradict(const struct account_folder *f, const struct imap_folder_state *now,
				const struct imap_scanned *scanned)
{
	if (scanned->messages > f->exists && scanned->messages - f->exists > scanned->count)
		return true;
	return now->uidnext != 0 && now->uidnext < f->uidnext && now->uidnext != f->told;
}

static int read_by_date(struct scan *scan, size_t index, bool opened, struct imap_folder_state *now, struct error *err)
{
	struct account_session *s = scan->session;
	if (!opened && account_select(s, index, true, now, err) < 0)
		return -1;
	if (scan->uidvalidity != s->uidvalidity)
		scan->count = 0;
	scan->uidvalidity = s->uidvalidity;
	scan->folder->by_date = true;
	return imap_session_scan_recent(s->imap, scan->how->to_end ? 0 : s->account->environment->since_ms,
					account_read_check, scan, &scan->scanned, err);
}

/* Everything was stored. What was left is asked for again the next time. */
static void move_on(const struct scan *scan, const struct imap_folder_state *now, bool by_date)
{
	struct account_folder *f = scan->folder;
	const struct imap_scanned *scanned = &scan->scanned;
	uint32_t left = scan->first_left;
	if (scanned->first_left != 0 && (left == 0 || scanned->first_left < left))
		left = scanned->first_left;
	uint32_t next = scanned->highest < UINT32_MAX ? scanned->highest + 1 : UINT32_MAX;
	if (left != 0) {
		if (!by_date && left > f->uidnext)
			f->uidnext = left;
		return;
	}
	if (uids_are_new(f, now))
		f->uidnext = next > now->uidnext ? next : now->uidnext;
	else if (next > f->uidnext)
		f->uidnext = next;
	if (now->uidvalidity != 0)
		f->uidvalidity = now->uidvalidity;
	if (now->uidnext != 0)
		f->told = now->uidnext;
	f->exists = by_date ? scanned->count : scanned->messages;
}

int account_read_folder(struct account_session *s, size_t index, const struct account_reading *how, bool *ret_complete,
			struct error *err)
{
	struct account_folder *f = &s->account->folders[index];
	struct imap_folder_state now = { 0 };
	const int64_t began_ms = clock_wall_ms();
	int opened = account_select(s, index, how->again, &now, err), result = 0;
	if (opened < 0)
		return -1;
	if (opened == 0)
		now = (struct imap_folder_state){ s->uidvalidity, 0, imap_session_messages(s->imap) };
	struct scan scan = { .session = s,
			     .folder = f,
			     .how = how,
			     .uidvalidity = s->uidvalidity,
			     .absent_ms = uids_are_new(f, &now) ? 0 : f->read_ms };
	bool by_date = uids_are_new(f, &now) || (how->to_end && f->by_date);
	*ret_complete = true;
	if (!by_date && opened > 0 && nothing_is_new(f, &now)) {
		f->exists = now.messages;
		f->read_ms = began_ms;
		return 0;
	}
	if (!by_date) {
		result = imap_session_scan(s->imap, f->uidnext, account_read_check, &scan, &scan.scanned, err);
		by_date = result == 0 && counters_contradict(f, &now, &scan.scanned);
	}
	if (result == 0 && by_date)
		result = read_by_date(&scan, index, opened > 0, &now, err);
	if (result == 0)
		result = keep_hits(&scan, err);
	if (result == 0) {
		move_on(&scan, &now, by_date);
		*ret_complete = scan.scanned.complete && scan.first_left == 0;
		if (*ret_complete)
			f->read_ms = began_ms;
		f->whole = f->whole || (by_date && how->to_end && !how->awaited && *ret_complete);
	}
	free(scan.hits);
	return result;
}

static void account_read_tell(const struct account *account, const char *text)
{
	const struct connect_mailbox *mailbox = &account->mailbox;
	log_event(mailbox->log, "imap %s: %s", mailbox->name, text);
	ledger_notify(account->environment->ledger,
		      &(struct progress_event){ PROGRESS_RETRY, mailbox->profile ? mailbox->profile->name : "",
						account->seed, "", text });
}

/* Only the inbox is vital: another folder that cannot be opened now is asked for again the next time, and at the end.
 */
int account_read(struct account_session *s, struct error *err)
{
	const struct account_reading how = { .again = !s->may_idle };
	bool complete;
	for (size_t i = 0; i < s->folder_count; i++) {
		struct account_folder *f = &s->account->folders[s->folders[i]];
		int result = account_read_folder(s, s->folders[i], &how, &complete, err);
		if (result < 0 && (f->role == FOLDER_INBOX || err->kind != ERROR_REFUSED || imap_session_dead(s->imap)))
			return -1;
		if (result < 0 && !f->refused)
			account_read_tell(s->account, err->text);
		f->refused = result < 0;
	}
	return 0;
}
