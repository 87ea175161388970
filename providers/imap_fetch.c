/* Messages of the open folder. Cost must follow what is new, never the size of the folder; and no answer may be larger
 * than what was asked for warrants. */
#include "providers/imap_session.h"

#include <inttypes.h>
#include <libetpan/mailimap.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"
#include "harness/mail/date.h"
#include "providers/imap_command.h"

enum {
	BATCH = 32,                       /* messages whose header fields are asked for at once */
	HEADER_OCTETS = 1024 * 1024,      /* of the header fields of one message */
	BATCH_OCTETS = 16 * 1024 * 1024,  /* of those of one batch */
	NUMBERS_OCTETS = 4 * 1024 * 1024, /* UIDs of new messages: some 100,000 */
	NUMBERS_MAX = 200000,
	PIECE_OCTETS = 4 * 1024 * 1024, /* of a whole message that are asked for at once */
	PIECE_SLACK = 64 * 1024,
	CHUNK = 4000, /* messages whose dates are asked for at once */
	WORDS_MAX = 2048,
};

#define FIELDS                                                                                                         \
	"X-Postproof-Tag Message-ID Subject From To Delivered-To X-Original-To Envelope-To Return-Path Content-Type "  \
	"X-Failed-Recipients Auto-Submitted X-Envelope-To X-Delivered-To In-Reply-To References"

static const struct imap_command NUMBERS = { .name = "FETCH",
					     .asked = IMAP_ASKED_OTHER,
					     .limits = { .octets = NUMBERS_OCTETS, .responses = NUMBERS_MAX } };
static const struct imap_command HEADERS = {
	.name = "FETCH",
	.asked = IMAP_ASKED_OTHER,
	.limits = { .octets = BATCH_OCTETS, .literal = HEADER_OCTETS },
};
static const struct imap_command PIECE = {
	.name = "FETCH",
	.asked = IMAP_ASKED_OTHER,
	.limits = { .octets = PIECE_OCTETS + 2 * PIECE_SLACK, .literal = PIECE_OCTETS + PIECE_SLACK },
};

/* What the server said of one message. */
struct item {
	uint32_t uid; /* 0: not said */
	int64_t internal_ms, size;
	bool has_body;
	struct span body; /* borrowed from libetpan, until imap_command_forget */
};

struct items {
	struct item *list;
	size_t count, cap;
	uint32_t last; /* the highest sequence number that was told */
};

static int64_t internal_date(const struct mailimap_date_time *d)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[64];
	int64_t ms;
	if (!d || d->dt_month < 1 || d->dt_month > 12)
		return 0;
	snprintf(text, sizeof(text), "%02d-%.3s-%04d %02d:%02d:%02d %c%04d", d->dt_day, months + 3 * (d->dt_month - 1),
		 d->dt_year, d->dt_hour, d->dt_min, d->dt_sec, d->dt_zone < 0 ? '-' : '+', abs(d->dt_zone));
	return date_parse_imap(span_of(text), &ms) ? ms : 0;
}

static struct item read_item(const struct mailimap_msg_att *att)
{
	struct item item = { .size = -1 };
	for (clistiter *i = clist_begin(att->att_list); i; i = clist_next(i)) {
		const struct mailimap_msg_att_item *part = clist_content(i);
		if (part->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC || !part->att_data.att_static)
			continue;
		const struct mailimap_msg_att_static *fact = part->att_data.att_static;
		const struct mailimap_msg_att_body_section *section = fact->att_data.att_body_section;
		if (fact->att_type == MAILIMAP_MSG_ATT_UID)
			item.uid = fact->att_data.att_uid;
		else if (fact->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
			item.size = fact->att_data.att_rfc822_size;
		else if (fact->att_type == MAILIMAP_MSG_ATT_INTERNALDATE)
			item.internal_ms = internal_date(fact->att_data.att_internal_date);
		else if (fact->att_type == MAILIMAP_MSG_ATT_BODY_SECTION && section && section->sec_body_part) {
			item.has_body = true;
			item.body = span_make(section->sec_body_part, section->sec_length);
		}
	}
	return item;
}

static int by_uid_only(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	return left->uid == right->uid ? 0 : left->uid < right->uid ? -1 : 1;
}

static int by_uid(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	int order = by_uid_only(a, b);
	return order ? order : right->has_body - left->has_body; /* the one that says more is first */
}

static void keep_first_of_each(struct items *items)
{
	size_t kept = 0;
	for (size_t i = 0; i < items->count; i++)
		if (kept == 0 || items->list[kept - 1].uid != items->list[i].uid)
			items->list[kept++] = items->list[i];
	items->count = kept;
}

/* Runs a FETCH and takes what it says of messages with UIDs from `from` to `to`, by rising UID, each once. Servers say
 * NO behind the data where one of many messages is out of order: the data counts. */
static int imap_fetch_fetch(struct imap_session *s, const struct imap_command *command, const char *words,
			    uint32_t from, uint32_t to, struct items *ret, struct error *err)
{
	int result = imap_command_run(s, command, words, err);
	if (result < 0 && imap_session_dead(s))
		return -1;
	const struct mailimap_response_info *info = s->imap->imap_response_info;
	for (clistiter *i = info && info->rsp_fetch_list ? clist_begin(info->rsp_fetch_list) : NULL; i;
	     i = clist_next(i)) {
		const struct mailimap_msg_att *att = clist_content(i);
		struct item item = read_item(att);
		if (att->att_number > ret->last)
			ret->last = att->att_number;
		if (item.uid == 0 || item.uid < from || item.uid > to)
			continue;
		if (vec_grow(&ret->list, ret->count, &ret->cap, sizeof(item), err) < 0)
			return -1;
		ret->list[ret->count++] = item;
	}
	if (ret->count > 1)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_uid);
	keep_first_of_each(ret);
	return ret->count > 0 ? 0 : result;
}

static void items_fini(struct items *items)
{
	free(items->list);
	*items = (struct items){ 0 };
}

/* A UID set: runs become ranges. */
static void add_set(struct buf *words, const struct item *wanted, size_t count)
{
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;
		while (end < count && wanted[end].uid == wanted[end - 1].uid + 1)
			end++;
		buf_addf(words, "%s%" PRIu32, i ? "," : "", wanted[i].uid);
		if (end - i > 1)
			buf_addf(words, ":%" PRIu32, wanted[end - 1].uid);
		i = end;
	}
}

struct telling {
	imap_message_fn *fn;
	void *user;
	bool ended; /* fn has seen enough */
	struct imap_scanned scanned;
};

static bool shows_header(const struct item *item)
{
	return item->has_body && span_trim(item->body).len > 0;
}

static int imap_fetch_hand_out(struct telling *telling, const struct item *item, struct error *err)
{
	const struct imap_message message = { item->uid, item->internal_ms, item->size, item->body };
	int result = telling->fn(telling->user, &message, err);
	telling->ended = result > 0;
	return result < 0 ? -1 : 0;
}

/* One message by its UID with what `asked` names: 1, 0, -1. The item's body lasts until imap_command_forget. */
static int fetch_one(struct imap_session *s, const struct imap_command *command, uint32_t uid, const char *asked,
		     struct item *ret, struct error *err)
{
	struct items got = { 0 };
	char words[WORDS_MAX];
	snprintf(words, sizeof(words), "UID FETCH %" PRIu32 " (UID%s)", uid, asked);
	int result = uid == 0 ? 0 : imap_fetch_fetch(s, command, words, uid, uid, &got, err);
	bool found = result == 0 && got.count > 0;
	if (found)
		*ret = got.list[0];
	items_fini(&got);
	return result < 0 ? -1 : found;
}

int imap_session_has_uid(struct imap_session *s, uint32_t uid, struct error *err)
{
	struct item item;
	int found = fetch_one(s, &NUMBERS, uid, "", &item, err);
	imap_command_forget(s);
	return found;
}

/* The server was asked for the header of a message among others and gave none. It is asked again for this one alone,
 * and then for the header as a whole. */
static int hand_out_alone(struct imap_session *s, uint32_t uid, struct telling *telling, struct error *err)
{
	static const char *const asked[] = { " INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" FIELDS ")]",
					     " INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]" };
	struct imap_scanned *scanned = &telling->scanned;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct item item = { 0 };
		int found = fetch_one(s, &HEADERS, uid, asked[i], &item, err), told = 0;
		bool shown = found > 0 && shows_header(&item);
		if (shown)
			told = imap_fetch_hand_out(telling, &item, err);
		imap_command_forget(s);
		if (shown || (found < 0 && imap_session_dead(s)))
			return shown ? told : -1;
	}
	int there = imap_session_has_uid(s, uid, err);
	if (there < 0 && imap_session_dead(s))
		return -1;
	if (there != 0 && (scanned->first_left == 0 || uid < scanned->first_left))
		scanned->first_left = uid;
	return 0;
}

/* Asks for the header fields of at most BATCH messages and tells of them in their order. */
static int hand_out_batch(struct imap_session *s, const struct item *wanted, size_t count, struct telling *telling,
			  struct error *err)
{
	_cleanup_(buf_fini) struct buf words = BUF_INIT(WORDS_MAX);
	struct item rising[BATCH];
	uint32_t silent[BATCH];
	size_t silent_count = 0;
	struct items got = { 0 };
	memcpy(rising, wanted, count * sizeof(*wanted));
	qsort(rising, count, sizeof(*rising), by_uid);
	buf_add_str(&words, "UID FETCH ");
	add_set(&words, rising, count);
	buf_add_str(&words, " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" FIELDS ")])");
	int result = buf_check(&words, "command", err);
	if (result == 0)
		result = imap_fetch_fetch(s, &HEADERS, buf_str(&words), rising[0].uid, rising[count - 1].uid, &got,
					  err);
	/* One of them may be to blame: each is asked for alone. */
	if (result < 0 && err->kind == ERROR_REFUSED && !imap_session_dead(s))
		result = 0;
	for (size_t i = 0; i < count && result == 0 && !telling->ended; i++) {
		const struct item *item = got.count
					      ? bsearch(&wanted[i], got.list, got.count, sizeof(*wanted), by_uid_only)
					      : NULL;
		if (item && shows_header(item))
			result = imap_fetch_hand_out(telling, item, err);
		else
			silent[silent_count++] = wanted[i].uid;
	}
	imap_command_forget(s);
	items_fini(&got);
	for (size_t i = 0; i < silent_count && result == 0 && !telling->ended; i++)
		result = hand_out_alone(s, silent[i], telling, err);
	return result;
}

static int hand_out_all(struct imap_session *s, const struct items *wanted, struct telling *telling, struct error *err)
{
	for (size_t done = 0; done < wanted->count && !telling->ended;) {
		size_t count = wanted->count - done < BATCH ? wanted->count - done : BATCH;
		if (hand_out_batch(s, wanted->list + done, count, telling, err) < 0)
			return -1;
		done += count;
	}
	return 0;
}

/* What is in the folder when a scan begins is known to its owner from then on; of what is told while its answer comes,
 * that which is in the answer. */
static void count_begin(struct imap_session *s)
{
	s->counted = s->messages;
}

static void count_end(struct imap_session *s, const struct items *told)
{
	uint32_t last = told->last < s->messages ? told->last : s->messages;
	if (imap_command_answer(s)->expunged == 0 && last > s->counted)
		s->counted = last;
}

static void imap_fetch_note(struct telling *telling, const struct items *told)
{
	telling->scanned = (struct imap_scanned){ .count = (uint32_t)told->count };
	if (told->count)
		telling->scanned.highest = told->list[told->count - 1].uid;
}

int imap_session_scan(struct imap_session *s, uint32_t from, imap_message_fn *fn, void *user, struct imap_scanned *ret,
		      struct error *err)
{
	struct telling telling = { .fn = fn, .user = user };
	struct items new = { 0 };
	char words[64];
	if (from == 0)
		from = 1;
	count_begin(s);
	/* `*` is the highest UID there is: where nothing is new, an old message answers (RFC 9051 section 6.4.9). */
	snprintf(words, sizeof(words), "UID FETCH %" PRIu32 ":* (UID)", from);
	int result = imap_fetch_fetch(s, &NUMBERS, words, from, UINT32_MAX, &new, err);
	imap_command_forget(s);
	if (result == 0) {
		count_end(s, &new);
		imap_fetch_note(&telling, &new);
		result = hand_out_all(s, &new, &telling, err);
	}
	items_fini(&new);
	telling.scanned.messages = s->counted;
	telling.scanned.complete = telling.scanned.first_left == 0;
	if (result == 0)
		*ret = telling.scanned;
	return result;
}

int imap_session_highest(struct imap_session *s, uint32_t *ret, struct error *err)
{
	struct items told = { 0 };
	int result = imap_fetch_fetch(s, &NUMBERS, "UID FETCH * (UID)", 1, UINT32_MAX, &told, err);
	bool any = result == 0 && told.count > 0;
	imap_command_forget(s);
	if (any)
		*ret = told.list[told.count - 1].uid;
	items_fini(&told);
	return result < 0 ? -1 : any;
}

static void keep_recent(struct items *items, int64_t since_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < items->count; i++)
		if (items->list[i].internal_ms == 0 || items->list[i].internal_ms >= since_ms)
			items->list[kept++] = items->list[i];
	items->count = kept;
}

/* The newest first; one without a date may be as new as any. */
static int by_date(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	int64_t l = left->internal_ms ? left->internal_ms : INT64_MAX;
	int64_t r = right->internal_ms ? right->internal_ms : INT64_MAX;
	if (l != r)
		return l > r ? -1 : 1;
	return by_uid_only(b, a);
}

/* UID and date of every message, as far as there is room for them. */
static int fetch_dates(struct imap_session *s, struct items *ret, struct error *err)
{
	int result = 0;
	for (uint32_t high = s->messages; high > 0 && ret->count < NUMBERS_MAX && result == 0;) {
		uint32_t low = high > CHUNK ? high - CHUNK + 1 : 1;
		char words[80];
		snprintf(words, sizeof(words), "FETCH %" PRIu32 ":%" PRIu32 " (UID INTERNALDATE)", low, high);
		result = imap_fetch_fetch(s, &NUMBERS, words, 1, UINT32_MAX, ret, err);
		imap_command_forget(s);
		high = low - 1;
	}
	return result;
}

int imap_session_scan_recent(struct imap_session *s, int64_t since_ms, imap_message_fn *fn, void *user,
			     struct imap_scanned *ret, struct error *err)
{
	struct telling telling = { .fn = fn, .user = user };
	struct items items = { 0 };
	count_begin(s);
	uint32_t messages = s->messages;
	int result = fetch_dates(s, &items, err);
	bool complete = items.count >= messages;
	if (result == 0) {
		imap_fetch_note(&telling, &items);
		keep_recent(&items, since_ms);
		if (items.count > 1)
			qsort(items.list, items.count, sizeof(*items.list), by_date);
		if (items.count > IMAP_RECENT_MAX)
			items.count = IMAP_RECENT_MAX;
		complete = complete && items.count == telling.scanned.count;
		result = hand_out_all(s, &items, &telling, err);
	}
	items_fini(&items);
	telling.scanned.messages = s->counted;
	telling.scanned.complete = complete && telling.scanned.first_left == 0;
	if (result == 0)
		*ret = telling.scanned;
	return result;
}

/* Octets of a message by what `asked` names. 1 found, 0 none, -1; *ret_len: how many they were. */
static int fetch_octets(struct imap_session *s, const struct imap_command *command, uint32_t uid, const char *asked,
			size_t room, struct buf *octets, size_t *ret_len, struct error *err)
{
	struct item item = { 0 };
	int found = fetch_one(s, command, uid, asked, &item, err);
	if (found > 0 && !item.has_body)
		found = 0;
	if (found > 0) {
		*ret_len = item.body.len;
		if (buf_add_span(octets, span_sub(item.body, 0, room)) < 0)
			found = buf_check(octets, "message", err);
	}
	imap_command_forget(s);
	return found;
}

static int fetch_whole(struct imap_session *s, uint32_t uid, size_t cap, struct buf *octets, bool *ret_truncated,
		       struct error *err)
{
	struct imap_command whole = PIECE;
	size_t len = 0;
	/* RFC822.SIZE is an estimate at some servers. */
	whole.limits.literal = cap + cap / 4 + PIECE_SLACK;
	whole.limits.octets = whole.limits.literal + PIECE_SLACK;
	int found = fetch_octets(s, &whole, uid, " BODY.PEEK[]", cap, octets, &len, err);
	if (found <= 0 || len == 0)
		return found < 0 ? -1 : 0;
	*ret_truncated = len > cap;
	return 1;
}

int imap_session_fetch(struct imap_session *s, uint32_t uid, int64_t size, size_t cap, struct buf *octets,
		       bool *ret_truncated, struct error *err)
{
	size_t done = 0;
	if (size >= 0 && (uint64_t)size <= cap)
		return fetch_whole(s, uid, cap, octets, ret_truncated, err);
	for (;;) {
		/* One octet more than there is room for tells whether there is more. */
		size_t wanted = cap - done + 1 < PIECE_OCTETS ? cap - done + 1 : PIECE_OCTETS, len = 0;
		char asked[64];
		snprintf(asked, sizeof(asked), " BODY.PEEK[]<%zu.%zu>", done, wanted);
		int found = fetch_octets(s, &PIECE, uid, asked, cap - done, octets, &len, err);
		if (found <= 0 || (done == 0 && len == 0))
			return found < 0 ? -1 : 0;
		bool last = len != wanted; /* shorter: the end; longer: a server that sends messages whole */
		if (last || len > cap - done) {
			*ret_truncated = len > cap - done;
			return 1;
		}
		done += len;
	}
}
