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
	CHUNK_FIRST = 16, /* sequence numbers that a search for recent messages begins with */
	CHUNK_MAX = 512,
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

/* Runs a FETCH and takes what it says of messages with UIDs from `from` to `to`, by rising UID, each once. */
static int imap_fetch_fetch(struct imap_session *s, const struct imap_command *command, const char *words,
			    uint32_t from, uint32_t to, struct items *ret, struct error *err)
{
	if (imap_command_run(s, command, words, err) < 0)
		return -1;
	const struct mailimap_response_info *info = s->imap->imap_response_info;
	for (clistiter *i = info && info->rsp_fetch_list ? clist_begin(info->rsp_fetch_list) : NULL; i;
	     i = clist_next(i)) {
		struct item item = read_item(clist_content(i));
		if (item.uid == 0 || item.uid < from || item.uid > to)
			continue;
		if (vec_grow(&ret->list, ret->count, &ret->cap, sizeof(item), err) < 0)
			return -1;
		ret->list[ret->count++] = item;
	}
	if (ret->count > 1)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_uid);
	keep_first_of_each(ret);
	return 0;
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
	bool newest_first;
	bool ended; /* fn has seen enough */
};

static int imap_fetch_hand_out(struct telling *telling, const struct item *wanted, const struct items *got,
			       struct error *err)
{
	const struct item *item = got->count ? bsearch(wanted, got->list, got->count, sizeof(*wanted), by_uid_only)
					     : NULL;
	if (!item || !item->has_body)
		return 0; /* gone since */
	const struct imap_message message = { item->uid, item->internal_ms, item->size, item->body };
	int result = telling->fn(telling->user, &message, err);
	telling->ended = result > 0;
	return result < 0 ? -1 : 0;
}

/* Asks for the header fields of at most BATCH messages and tells of them. */
static int hand_out_batch(struct imap_session *s, const struct item *wanted, size_t count, struct telling *telling,
			  struct error *err)
{
	_cleanup_(buf_fini) struct buf words = BUF_INIT(WORDS_MAX);
	struct items got = { 0 };
	buf_add_str(&words, "UID FETCH ");
	add_set(&words, wanted, count);
	buf_add_str(&words, " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" FIELDS ")])");
	int result = buf_check(&words, "command", err);
	if (result == 0)
		result = imap_fetch_fetch(s, &HEADERS, buf_str(&words), wanted[0].uid, wanted[count - 1].uid, &got,
					  err);
	for (size_t i = 0; i < count && result == 0 && !telling->ended; i++)
		result = imap_fetch_hand_out(telling, &wanted[telling->newest_first ? count - 1 - i : i], &got, err);
	imap_command_forget(s);
	items_fini(&got);
	return result;
}

static int hand_out_all(struct imap_session *s, const struct items *wanted, struct telling *telling, struct error *err)
{
	for (size_t done = 0; done < wanted->count && !telling->ended;) {
		size_t count = wanted->count - done < BATCH ? wanted->count - done : BATCH;
		size_t first = telling->newest_first ? wanted->count - done - count : done;
		if (hand_out_batch(s, wanted->list + first, count, telling, err) < 0)
			return -1;
		done += count;
	}
	return 0;
}

int imap_session_scan(struct imap_session *s, uint32_t from, imap_message_fn *fn, void *user, struct error *err)
{
	struct telling telling = { .fn = fn, .user = user };
	struct items new = { 0 };
	char words[64];
	if (from == 0)
		from = 1;
	/* `*` is the highest UID there is: where nothing is new, an old message answers (RFC 9051 section 6.4.9). */
	snprintf(words, sizeof(words), "UID FETCH %" PRIu32 ":* (UID)", from);
	int result = imap_fetch_fetch(s, &NUMBERS, words, from, UINT32_MAX, &new, err);
	imap_command_forget(s);
	if (result == 0)
		result = hand_out_all(s, &new, &telling, err);
	items_fini(&new);
	return result;
}

static void keep_recent(struct items *items, int64_t since_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < items->count; i++)
		if (items->list[i].internal_ms == 0 || items->list[i].internal_ms >= since_ms)
			items->list[kept++] = items->list[i];
	items->count = kept;
}

/* Sequence numbers from `low` to `high`. *ret_end: all of them are older. */
static int hand_out_chunk(struct imap_session *s, uint32_t low, uint32_t high, int64_t since_ms,
			  struct telling *telling, bool *ret_end, struct error *err)
{
	struct items chunk = { 0 };
	char words[80];
	snprintf(words, sizeof(words), "FETCH %" PRIu32 ":%" PRIu32 " (UID INTERNALDATE)", low, high);
	int result = imap_fetch_fetch(s, &NUMBERS, words, 1, UINT32_MAX, &chunk, err);
	imap_command_forget(s);
	if (result == 0) {
		bool any = chunk.count > 0;
		keep_recent(&chunk, since_ms);
		*ret_end = any && chunk.count == 0;
		result = hand_out_all(s, &chunk, telling, err);
	}
	items_fini(&chunk);
	return result;
}

int imap_session_scan_recent(struct imap_session *s, int64_t since_ms, imap_message_fn *fn, void *user,
			     struct error *err)
{
	struct telling telling = { .fn = fn, .user = user, .newest_first = true };
	uint32_t high = s->messages, left = IMAP_RECENT_MAX, chunk = CHUNK_FIRST;
	bool end = false;
	while (high > 0 && left > 0 && !end && !telling.ended) {
		uint32_t count = chunk < left ? chunk : left;
		count = count < high ? count : high;
		if (hand_out_chunk(s, high - count + 1, high, since_ms, &telling, &end, err) < 0)
			return -1;
		high -= count;
		left -= count;
		chunk = chunk < CHUNK_MAX ? chunk * 2 : CHUNK_MAX;
	}
	return 0;
}

/* One message by its UID with what `asked` names: 1, 0, -1. The item's body lasts until imap_command_forget. */
static int fetch_one(struct imap_session *s, const struct imap_command *command, uint32_t uid, const char *asked,
		     struct item *ret, struct error *err)
{
	struct items got = { 0 };
	char words[128];
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

/* The piece of `size` octets at `offset`. 1 found, 0 gone, -1; *ret_len: how long it was. */
static int fetch_piece(struct imap_session *s, uint32_t uid, size_t offset, size_t size, size_t room,
		       struct buf *octets, size_t *ret_len, struct error *err)
{
	struct item item = { 0 };
	char asked[64];
	snprintf(asked, sizeof(asked), " BODY.PEEK[]<%zu.%zu>", offset, size);
	int found = fetch_one(s, &PIECE, uid, asked, &item, err);
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

int imap_session_fetch(struct imap_session *s, uint32_t uid, size_t cap, struct buf *octets, bool *ret_truncated,
		       struct error *err)
{
	size_t done = 0;
	for (;;) {
		/* One octet more than there is room for tells whether there is more. */
		size_t wanted = cap - done + 1 < PIECE_OCTETS ? cap - done + 1 : PIECE_OCTETS, len = 0;
		int found = fetch_piece(s, uid, done, wanted, cap - done, octets, &len, err);
		if (found <= 0)
			return found;
		bool last = len != wanted; /* shorter: the end; longer: a server that sends messages whole */
		if (last || len > cap - done) {
			*ret_truncated = len > cap - done;
			return 1;
		}
		done += len;
	}
}
