/* A mailbox that changes. */
#include "tests/unit/imap_mailbox.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/span.h"

enum { IDLE_LOOK_MS = 5, REPLY_MAX = 1 << 20 };

/* One session at work. */
struct talk {
	struct imap_mailbox *mailbox;
	struct test_peer *peer;
	const char *tag;
	struct mailbox_folder *open;
	unsigned told; /* version of the mailbox that the client has seen last */
	bool ended;
};

static struct mailbox_folder *find_folder(struct imap_mailbox *m, struct span name)
{
	for (size_t i = 0; i < m->folder_count; i++)
		if (!m->folders[i].deleted && span_is(name, m->folders[i].name))
			return &m->folders[i];
	return NULL;
}

static struct mailbox_folder *folder_named(struct imap_mailbox *m, const char *name)
{
	struct mailbox_folder *f = find_folder(m, span_of(name));
	assert_non_null(f);
	return f;
}

/* The name in `NAME ...` or `"NAME" ...`. */
static struct span name_in(const char *text)
{
	bool quoted = *text == '"';
	text += quoted;
	return span_make(text, strcspn(text, quoted ? "\"" : " "));
}

static void add_date(struct buf *out, int64_t ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	buf_addf(out, " INTERNALDATE \"%2d-%.3s-%04d %02d:%02d:%02d +0000\"", tm.tm_mday, months + 3 * tm.tm_mon,
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_message(struct talk *t, struct buf *out, size_t at, const char *items)
{
	const struct mailbox_message *message = &t->open->messages[at];
	const char *end = strstr(message->octets, "\r\n\r\n");
	size_t whole = strlen(message->octets), head = end ? (size_t)(end - message->octets) + 4 : whole;
	buf_addf(out, "* %zu FETCH (UID %" PRIu32, at + 1, message->uid);
	if (strstr(items, "INTERNALDATE"))
		add_date(out, message->internal_ms);
	if (strstr(items, "RFC822.SIZE"))
		buf_addf(out, " RFC822.SIZE %zu", whole);
	if (strstr(items, "HEADER.FIELDS")) {
		buf_addf(out, " BODY[HEADER.FIELDS (Message-ID)] {%zu}\r\n%.*s", head, (int)head, message->octets);
		t->mailbox->looks++;
	}
	if (strstr(items, "BODY.PEEK[]")) {
		buf_addf(out, " BODY[]%s {%zu}\r\n%s", strstr(items, "BODY.PEEK[]<0.") ? "<0>" : "", whole,
			 message->octets);
		t->mailbox->whole_fetches++;
	}
	buf_add_str(out, ")\r\n");
}

static uint32_t number_of(struct span text, uint32_t star)
{
	uint64_t number = 0;
	if (span_is(text, "*"))
		return star;
	assert_true(span_to_u64(text, UINT32_MAX, &number));
	return (uint32_t)number;
}

static void fetch(struct talk *t, struct buf *out, const char *rest, bool by_uid)
{
	struct mailbox_folder *f = t->open;
	const char *items = strchr(rest, ' ');
	struct span set = span_make(rest, strcspn(rest, " ")), range;
	if (!f || f->deleted || f->count == 0)
		return;
	uint32_t star = by_uid ? f->messages[f->count - 1].uid : (uint32_t)f->count;
	while (span_next(&set, ',', &range)) {
		ptrdiff_t colon = span_find_char(range, ':', 0);
		uint32_t low = number_of(colon < 0 ? range : span_sub(range, 0, (size_t)colon), star);
		uint32_t high = colon < 0 ? low : number_of(span_sub(range, (size_t)colon + 1, SIZE_MAX), star);
		if (low > high) /* RFC 9051: `559:*` with a highest UID of 300 is `300:559` */
			low = high;
		for (size_t i = 0; i < f->count; i++) {
			uint32_t number = by_uid ? f->messages[i].uid : (uint32_t)i + 1;
			if (number >= low && number <= high)
				add_message(t, out, i, items ? items : "");
		}
	}
}

static void list(const struct imap_mailbox *m, struct buf *out)
{
	for (size_t i = 0; i < m->folder_count; i++)
		if (!m->folders[i].deleted)
			buf_addf(out, "* LIST (%s) \"/\" \"%s\"\r\n", m->folders[i].flags, m->folders[i].name);
}

/* What a command is answered with behind its tag. The lock is held. */
static const char *answer(struct talk *t, const char *command, struct buf *out)
{
	struct imap_mailbox *m = t->mailbox;
	if (strncmp(command, "LOGIN ", 6) == 0 && m->refuse_login)
		return m->refuse_login;
	if (strncmp(command, "LOGIN ", 6) == 0) {
		m->logins++;
		buf_addf(out, "* CAPABILITY %s\r\n", m->capabilities);
	} else if (strncmp(command, "LIST ", 5) == 0) {
		list(m, out);
	} else if (strncmp(command, "STATUS ", 7) == 0 || strncmp(command, "EXAMINE ", 8) == 0) {
		bool status = command[0] == 'S';
		const char *named = command + (status ? 7 : 8);
		struct mailbox_folder *f = find_folder(m, name_in(named));
		if (!f)
			return "NO [NONEXISTENT] there is no such folder";
		if (f->hidden)
			return f->hidden;
		if (!status && f->locked)
			return "NO [NOPERM] it is not yours";
		if (status) {
			buf_addf(out, "* STATUS \"%s\" (MESSAGES %zu", f->name, f->count);
			if (!m->silent_uidnext)
				buf_addf(out, " UIDNEXT %" PRIu32, f->uidnext);
			buf_addf(out, " UIDVALIDITY %" PRIu32 ")\r\n", f->uidvalidity);
		} else {
			t->open = f;
			t->told = m->version;
			buf_addf(out,
				 "* FLAGS ()\r\n* %zu EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %" PRIu32 "] x\r\n",
				 f->count, f->uidvalidity);
			if (!m->silent_uidnext)
				buf_addf(out, "* OK [UIDNEXT %" PRIu32 "] x\r\n",
					 m->stale_uidnext ? m->stale_uidnext : f->uidnext);
		}
	} else if (strncmp(command, "UID FETCH ", 10) == 0) {
		t->told = m->version;
		fetch(t, out, command + 10, true);
	} else if (strncmp(command, "FETCH ", 6) == 0) {
		fetch(t, out, command + 6, false);
	} else if (strcmp(command, "IDLE") == 0) {
		return m->refuse_idle;
	} else if (strcmp(command, "LOGOUT") == 0) {
		t->ended = true;
	}
	return "OK done";
}

/* Waits for the client's DONE, and tells what has changed. */
static void idle(struct talk *t)
{
	struct imap_mailbox *m = t->mailbox;
	char line[64];
	peer_send(t->peer, "+ idling\r\n");
	pthread_mutex_lock(&m->lock);
	m->idling++;
	bool waiting = true;
	while (waiting && !m->cut) {
		size_t count = t->open ? t->open->count : 0;
		/* What came since the client looked, be it before IDLE began. */
		bool news = m->version != t->told;
		t->told = m->version;
		pthread_mutex_unlock(&m->lock);
		if (news)
			peer_sendf(t->peer, "* %zu EXISTS\r\n", count);
		struct pollfd fd = { .fd = t->peer->fd, .events = POLLIN };
		waiting = poll(&fd, 1, IDLE_LOOK_MS) == 0;
		pthread_mutex_lock(&m->lock);
	}
	t->ended = m->cut;
	m->cut = false;
	m->idling--;
	pthread_mutex_unlock(&m->lock);
	if (t->ended || !peer_read_line(t->peer, line, sizeof(line)) || strcmp(line, "DONE") != 0)
		t->ended = true;
	else
		peer_sendf(t->peer, "%s OK idled\r\n", t->tag);
}

/* Whether this command ends the session, as mailbox_close_at has it. The lock is held. */
static bool closes(struct imap_mailbox *m, const char *command)
{
	if (m->close_times == 0 || strncmp(command, m->close_at, strlen(m->close_at)) != 0)
		return false;
	m->close_times--;
	return true;
}

static void obey(struct talk *t, const char *command)
{
	struct imap_mailbox *m = t->mailbox;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(REPLY_MAX);
	pthread_mutex_lock(&m->lock);
	bool closing = closes(m, command);
	bool idling = !closing && !m->refuse_idle && strcmp(command, "IDLE") == 0;
	int64_t slow_ms = m->slow_at && strncmp(command, m->slow_at, strlen(m->slow_at)) == 0 ? m->slow_ms : 0;
	if (closing) {
		buf_add_str(&out, m->close_with ? m->close_with : "");
	} else if (!idling) {
		const char *last = m->habit ? m->habit(m, command, &out) : NULL;
		if (!last)
			last = answer(t, command, &out);
		buf_addf(&out, "%s %s\r\n", t->tag, last);
	}
	t->ended = t->ended || closing || m->cut;
	m->cut = false;
	pthread_mutex_unlock(&m->lock);
	struct pollfd gone = { .fd = t->peer->fd, .events = POLLRDHUP };
	if (slow_ms)
		poll(&gone, 1, (int)slow_ms);
	peer_send_octets(t->peer, buf_str(&out), out.len);
	if (idling)
		idle(t);
}

static void serve(struct test_peer *peer)
{
	struct talk t = { .mailbox = peer->user, .peer = peer };
	char line[8192];
	peer_sendf(peer, "* OK [CAPABILITY %s] ready\r\n", t.mailbox->capabilities);
	while (!t.ended && peer_read_line(peer, line, sizeof(line))) {
		char *space = strchr(line, ' ');
		if (!space)
			return;
		*space = '\0';
		t.tag = line;
		obey(&t, space + 1);
	}
}

void mailbox_start(struct imap_mailbox *m)
{
	*m = (struct imap_mailbox){ .lock = PTHREAD_MUTEX_INITIALIZER, .capabilities = "IMAP4rev1 IDLE" };
	mailbox_add_folder(m, "INBOX", "");
	m->server = test_server_new(false, serve, m);
	assert_non_null(m->server);
}

void mailbox_stop(struct imap_mailbox *m)
{
	test_server_free(m->server);
	for (size_t i = 0; i < m->folder_count; i++)
		for (size_t k = 0; k < m->folders[i].count; k++)
			free(m->folders[i].messages[k].octets);
}

uint16_t mailbox_port(const struct imap_mailbox *m)
{
	return test_server_port(m->server);
}

void mailbox_add_folder(struct imap_mailbox *m, const char *name, const char *flags)
{
	pthread_mutex_lock(&m->lock);
	assert_true(m->folder_count < MAILBOX_FOLDERS_MAX);
	m->folders[m->folder_count++] =
	    (struct mailbox_folder){ .name = name, .flags = flags, .uidvalidity = 7, .uidnext = 1 };
	pthread_mutex_unlock(&m->lock);
}

void mailbox_delete_folder(struct imap_mailbox *m, const char *name)
{
	pthread_mutex_lock(&m->lock);
	folder_named(m, name)->deleted = true;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_lock_folder(struct imap_mailbox *m, const char *name)
{
	pthread_mutex_lock(&m->lock);
	folder_named(m, name)->locked = true;
	pthread_mutex_unlock(&m->lock);
}

static uint32_t put(struct mailbox_folder *f, char *octets, int64_t internal_ms)
{
	assert_true(f->count < MAILBOX_MESSAGES_MAX && octets);
	f->messages[f->count++] = (struct mailbox_message){ f->uidnext, internal_ms, octets };
	return f->uidnext++;
}

uint32_t mailbox_deliver(struct imap_mailbox *m, const char *folder, const char *octets, int64_t internal_ms)
{
	pthread_mutex_lock(&m->lock);
	uint32_t uid = put(folder_named(m, folder), strdup(octets), internal_ms ? internal_ms : clock_wall_ms());
	m->version++;
	pthread_mutex_unlock(&m->lock);
	return uid;
}

void mailbox_move(struct imap_mailbox *m, const char *from, uint32_t uid, const char *to)
{
	pthread_mutex_lock(&m->lock);
	struct mailbox_folder *f = folder_named(m, from);
	size_t at = 0;
	while (at < f->count && f->messages[at].uid != uid)
		at++;
	assert_true(at < f->count);
	put(folder_named(m, to), f->messages[at].octets, f->messages[at].internal_ms);
	f->count--;
	memmove(&f->messages[at], &f->messages[at + 1], (f->count - at) * sizeof(f->messages[0]));
	m->version++;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_expunge(struct imap_mailbox *m, const char *folder, uint32_t uid)
{
	pthread_mutex_lock(&m->lock);
	struct mailbox_folder *f = folder_named(m, folder);
	size_t at = 0;
	while (at < f->count && f->messages[at].uid != uid)
		at++;
	assert_true(at < f->count);
	free(f->messages[at].octets);
	f->count--;
	memmove(&f->messages[at], &f->messages[at + 1], (f->count - at) * sizeof(f->messages[0]));
	m->version++;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_renumber(struct imap_mailbox *m, const char *folder)
{
	pthread_mutex_lock(&m->lock);
	struct mailbox_folder *f = folder_named(m, folder);
	f->uidvalidity++;
	for (size_t i = 0; i < f->count; i++)
		f->messages[i].uid += 1000;
	f->uidnext += 1000;
	m->version++;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_rewind(struct imap_mailbox *m, const char *folder, uint32_t by)
{
	pthread_mutex_lock(&m->lock);
	folder_named(m, folder)->uidnext -= by;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_close_at(struct imap_mailbox *m, const char *command, unsigned times, const char *with)
{
	pthread_mutex_lock(&m->lock);
	m->close_at = command;
	m->close_times = times;
	m->close_with = with;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_refuse_login(struct imap_mailbox *m, const char *with)
{
	pthread_mutex_lock(&m->lock);
	m->refuse_login = with;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_refuse_idle(struct imap_mailbox *m, const char *with)
{
	pthread_mutex_lock(&m->lock);
	m->refuse_idle = with;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_slow_down(struct imap_mailbox *m, const char *command, int64_t ms)
{
	pthread_mutex_lock(&m->lock);
	m->slow_at = command;
	m->slow_ms = ms;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_hide_folder(struct imap_mailbox *m, const char *name, const char *with)
{
	pthread_mutex_lock(&m->lock);
	folder_named(m, name)->hidden = with;
	pthread_mutex_unlock(&m->lock);
}

void mailbox_cut(struct imap_mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->cut = true;
	pthread_mutex_unlock(&m->lock);
}

bool mailbox_idling(struct imap_mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	bool idling = m->idling > 0;
	pthread_mutex_unlock(&m->lock);
	return idling;
}

unsigned mailbox_logins(struct imap_mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	unsigned logins = m->logins;
	pthread_mutex_unlock(&m->lock);
	return logins;
}

unsigned mailbox_looks(struct imap_mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	unsigned looks = m->looks;
	pthread_mutex_unlock(&m->lock);
	return looks;
}

unsigned mailbox_whole_fetches(struct imap_mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	unsigned fetches = m->whole_fetches;
	pthread_mutex_unlock(&m->lock);
	return fetches;
}
