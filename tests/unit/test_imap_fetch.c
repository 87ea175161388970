/* Reading messages: what is found and in which order, what it costs, and servers that do not play by the rules. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/unit/imap_box.h"

enum { PATIENCE_MS = 20000, SEEN_MAX = 4000 };

#define NOW INT64_C(1795600000000)

struct seen {
	uint32_t uids[SEEN_MAX];
	int64_t internal_ms[SEEN_MAX];
	size_t count;
	size_t end_after; /* 0: never */
	bool fail;
	bool wrong_header;
	int64_t size;
};

static int look(void *user, const struct imap_message *m, struct error *err)
{
	struct seen *seen = user;
	char expected[100];
	if (seen->fail)
		return error_set(err, ERROR_STORE, RETRY_NEVER, 0, "the store is full");
	snprintf(expected, sizeof(expected),
		 "Message-ID: <%" PRIu32 "@box.test>\r\nSubject: message %" PRIu32 "\r\n\r\n", m->uid, m->uid);
	seen->wrong_header = seen->wrong_header || !span_starts(m->header, span_of(expected));
	assert_true(seen->count < SEEN_MAX);
	seen->internal_ms[seen->count] = m->internal_ms;
	seen->uids[seen->count++] = m->uid;
	seen->size = m->size;
	return seen->end_after && seen->count >= seen->end_after;
}

static struct imap_scanned scanned; /* by the last scan */

static struct seen *scan(struct imap_session *session, uint32_t from)
{
	static struct seen seen;
	struct error err = ERROR_INIT;
	seen = (struct seen){ 0 };
	if (imap_session_scan(session, from, look, &seen, &scanned, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(seen.wrong_header);
	return &seen;
}

static struct seen *scan_recent(struct imap_session *session, int64_t since_ms)
{
	static struct seen seen;
	struct error err = ERROR_INIT;
	seen = (struct seen){ 0 };
	if (imap_session_scan_recent(session, since_ms, look, &seen, &scanned, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(seen.wrong_header);
	return &seen;
}

static void end(struct imap_session *session, struct test_server *server)
{
	imap_session_free(session);
	test_server_free(server);
}

static const struct scan_row {
	const char *label;
	struct imap_box box;
	uint32_t from;
	size_t count;
	uint32_t first, last;
} scans[] = {
	{ "nothing new", { .messages = 5 }, 6, 0, 0, 0 },
	{ "nothing new, far below", { .messages = 5 }, 4000000000u, 0, 0, 0 },
	{ "empty folder", { .messages = 0 }, 1, 0, 0, 0 },
	{ "one new", { .messages = 6 }, 6, 1, 6, 6 },
	{ "from the beginning", { .messages = 3 }, 0, 3, 1, 3 },
	{ "numbers with holes", { .messages = 30, .uid_first = 7, .uid_step = 1000 }, 20007, 10, 20007, 29007 },
	{ "behind a hole of a million", { .messages = 10, .gap_after = 5, .gap = 1000000 }, 6, 5, 1000006, 1000010 },
	{ "a flood", { .messages = 3000 }, 1001, 2000, 1001, 3000 },
	{ "a flood with holes", { .messages = 1000, .uid_step = 3 }, 1000, 667, 1000, 2998 },
	{ "the highest number there is",
	  { .messages = 2, .uid_first = UINT32_MAX - 1 },
	  UINT32_MAX,
	  1,
	  UINT32_MAX,
	  UINT32_MAX },
};

static void scan_hands_out_what_is_new_by_rising_uid(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(scans); i++) {
		static struct imap_box box;
		box = scans[i].box;
		box.body_octets = 1234;
		box.recent_ms = NOW;
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		struct seen *seen = scan(session, scans[i].from);
		ROW_ASSERT(scans[i].label, seen->count == scans[i].count);
		if (seen->count) {
			ROW_ASSERT(scans[i].label, seen->uids[0] == scans[i].first);
			ROW_ASSERT(scans[i].label, seen->uids[seen->count - 1] == scans[i].last);
			ROW_ASSERT(scans[i].label, seen->size == 1234);
		}
		for (size_t k = 1; k < seen->count; k++)
			ROW_ASSERT(scans[i].label, seen->uids[k - 1] < seen->uids[k]);
		end(session, server);
	}
}

static void scan_looks_without_marking(void **state)
{
	static struct imap_box box = { .messages = 3 };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	assert_non_null(strstr(imap_box_command(&box, 0), "EXAMINE"));
	scan(session, 1);
	assert_null(strstr(imap_box_command(&box, 0), " BODY["));
	assert_non_null(strstr(imap_box_command(&box, 0), "BODY.PEEK[HEADER.FIELDS (X-Postproof-Tag "));
	end(session, server);
}

static void callback_ends_or_fails_a_scan_and_the_session_stays_sound(void **state)
{
	static struct imap_box box = { .messages = 200, .recent = 200, .recent_ms = NOW };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	static struct seen seen;
	struct error err = ERROR_INIT;
	seen = (struct seen){ .end_after = 40 };
	assert_int_equal(imap_session_scan(session, 1, look, &seen, &scanned, &err), 0);
	assert_int_equal(seen.count, 40);
	seen = (struct seen){ .end_after = 40 };
	assert_int_equal(imap_session_scan_recent(session, NOW, look, &seen, &scanned, &err), 0);
	assert_int_equal(seen.count, 40);
	for (int recent = 0; recent < 2; recent++) {
		seen = (struct seen){ .fail = true };
		err = (struct error)ERROR_INIT;
		assert_int_equal(recent ? imap_session_scan_recent(session, NOW, look, &seen, &scanned, &err)
					: imap_session_scan(session, 1, look, &seen, &scanned, &err),
				 -1);
		assert_int_equal(err.kind, ERROR_STORE);
		assert_false(imap_session_dead(session));
	}
	assert_int_equal(scan(session, 200)->count, 1);
	end(session, server);
}

/* What is told of other messages, twice, or without what was asked for. */
static bool answer_oddly(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	if (strncmp(command, "UID FETCH", 9) != 0)
		return false;
	bool fields = strstr(command, "HEADER.FIELDS") != NULL;
	const char *data = fields ? " BODY[HEADER.FIELDS (\"MESSAGE-ID\" SUBJECT)] {51}\r\n"
				    "Message-ID: <7@box.test>\r\nSubject: message 7\r\n\r\n123"
				  : "";
	peer_send(peer, "* 3 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n* 1 EXPUNGE\r\n* 7 FETCH (UID 7)\r\n");
	peer_sendf(peer, "* 7 FETCH (RFC822.SIZE 99%s UID 7 INTERNALDATE \"01-Feb-2026 03:04:05 -0130\")\r\n", data);
	peer_send(peer, "* 7 FETCH (UID 7 FLAGS (\\Recent $Junk NonJunk))\r\n* X-UNHEARD-OF (1 \"(((\")\r\n");
	peer_sendf(peer, "* 2 FETCH (UID 2)\r\n%s OK [X-CODE \"a]b\"] done\r\n", tag);
	return true;
}

static void what_was_not_asked_for_is_passed_over(void **state)
{
	static struct imap_box box = { .messages = 7, .answer = answer_oddly };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct error err = ERROR_INIT;
	struct seen *seen = scan(session, 5);
	assert_int_equal(seen->count, 1);
	assert_int_equal(seen->uids[0], 7);
	assert_int_equal(seen->size, 99);
	assert_true(seen->internal_ms[0] == INT64_C(1769920445000)); /* 2026-02-01T04:34:05Z */
	assert_int_equal(imap_session_has_uid(session, 7, &err), 1);
	assert_int_equal(imap_session_has_uid(session, 6, &err), 0);
	assert_false(imap_session_dead(session));
	end(session, server);
}

/* One of eleven new messages is ours; the rest of the folder is of no consequence. */
static uint64_t cost_of(uint32_t messages, bool anew)
{
	static struct imap_box box;
	box = (struct imap_box){
		.messages = messages, .recent = 11, .recent_ms = NOW, .body_octets = 5000, .uid_first = 500000
	};
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	uint64_t before = imap_session_received(session);
	struct seen *seen = anew ? scan_recent(session, NOW - 60000) : scan(session, imap_box_uid(&box, messages - 10));
	assert_int_equal(seen->count, 11);
	uint64_t cost = imap_session_received(session) - before;
	end(session, server);
	return cost;
}

static void cost_follows_new_mail_and_not_the_folder(void **state)
{
	uint64_t small = cost_of(21, false), large = cost_of(100000, false);
	/* Sequence numbers are written with more digits. */
	assert_true(large >= small && large - small < 200);
	/* Where UIDs were given anew: number and date of every message, and no more. */
	small = cost_of(21, true);
	large = cost_of(20000, true);
	assert_true(large - small < 20000 * 100);
}

static void recent_messages_come_newest_first_and_older_ones_not_at_all(void **state)
{
	static struct imap_box box = { .messages = 500, .uid_step = 2, .recent = 70, .recent_ms = NOW };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct seen *seen = scan_recent(session, NOW);
	assert_int_equal(seen->count, 70);
	for (uint32_t i = 0; i < 70; i++) {
		assert_int_equal(seen->uids[i], imap_box_uid(&box, 500 - i));
		assert_true(seen->internal_ms[i] == NOW + 1000 * (69 - (int64_t)i));
	}
	/* Between two of them: the line is drawn to the second. */
	assert_int_equal(scan_recent(session, NOW + 60000)->count, 10);
	assert_int_equal(scan_recent(session, NOW + 70000)->count, 0);
	end(session, server);
}

/* In a mailbox that was built anew the order is not by date. */
static bool answer_without_order(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	unsigned low, high;
	if (sscanf(command, "FETCH %u:%u (UID INTERNALDATE)", &low, &high) != 2)
		return false;
	for (unsigned i = low; i <= high; i++)
		peer_sendf(peer, "* %u FETCH (UID %u INTERNALDATE \"%s\")\r\n", i, i,
			   i == 3 || i == 150 || i == 4999 ? "01-Feb-2026 03:04:05 +0000"
							   : "01-Feb-2016 03:04:05 +0000");
	peer_sendf(peer, "%s OK done\r\n", tag);
	return true;
}

static void recent_messages_are_found_wherever_they_are(void **state)
{
	static struct imap_box box = { .messages = 5000, .answer = answer_without_order };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct seen *seen = scan_recent(session, INT64_C(1769900000000));
	assert_int_equal(seen->count, 3);
	assert_int_equal(seen->uids[0], 4999);
	assert_int_equal(seen->uids[1], 150);
	assert_int_equal(seen->uids[2], 3);
	assert_int_equal(scanned.count, 5000);
	assert_int_equal(scanned.highest, 5000);
	end(session, server);
}

static void scan_says_what_was_left_out(void **state)
{
	static const struct {
		const char *label;
		uint32_t messages, recent;
		int64_t since_ms;
		bool complete;
	} rows[] = {
		{ "nothing there", 0, 0, NOW, true },
		{ "all are recent", 20, 20, NOW, true },
		{ "by age", 20, 19, NOW, false },
		{ "nothing is too old", 20, 3, 0, true },
		{ "as many as are looked at", IMAP_RECENT_MAX, 5, 0, true },
		{ "by the cap", IMAP_RECENT_MAX + 1, 5, 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct imap_box box;
		box = (struct imap_box){ .messages = rows[i].messages, .recent = rows[i].recent, .recent_ms = NOW };
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		scan_recent(session, rows[i].since_ms);
		ROW_ASSERT(rows[i].label, scanned.complete == rows[i].complete);
		ROW_ASSERT(rows[i].label, scanned.count == rows[i].messages);
		end(session, server);
	}
}

/* How a server says nothing of message 3, so many times. */
static struct {
	const char *says; /* in place of the header, as the rest of the item; NULL: the message is left out */
	bool fields_only; /* a question for the whole header is answered */
	bool expunged;    /* it is not there any more */
	unsigned times;
} silence;

static bool answer_silently(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	bool fields = strstr(command, "HEADER.FIELDS"), whole = strstr(command, "BODY.PEEK[HEADER]");
	if (strncmp(command, "UID FETCH 3 ", 12) == 0 && silence.expunged) {
		peer_sendf(peer, "%s OK done\r\n", tag);
		return true;
	}
	if (whole && silence.fields_only) {
		peer_sendf(peer,
			   "* 3 FETCH (UID 3 BODY[HEADER] {54}\r\nMessage-ID: <3@box.test>\r\nSubject: message 3\r\n"
			   "X: y\r\n\r\n)\r\n%s OK\r\n",
			   tag);
		return true;
	}
	if ((!fields && !whole) || silence.times == 0)
		return false;
	silence.times--;
	if (strncmp(command, "UID FETCH 1:5 ", 14) == 0)
		for (unsigned uid = 1; uid <= 5; uid++)
			if (uid != 3)
				peer_sendf(
				    peer,
				    "* %u FETCH (UID %u BODY[HEADER.FIELDS (X)] {51}\r\nMessage-ID: <%u@box.test>\r\n"
				    "Subject: message %u\r\n\r\n   )\r\n",
				    uid, uid, uid, uid);
	if (silence.says)
		peer_sendf(peer, "* 3 FETCH (UID 3 %s %s)\r\n", fields ? "BODY[HEADER.FIELDS (X)]" : "BODY[HEADER]",
			   silence.says);
	peer_sendf(peer, "%s OK done\r\n", tag);
	return true;
}

static void header_that_is_not_shown_is_asked_for_again(void **state)
{
	static const struct {
		const char *label, *says;
		bool fields_only, expunged;
		unsigned times;
		size_t count;
		uint32_t first_left;
	} rows[] = {
		{ "left out once", NULL, false, false, 1, 5, 0 },
		{ "NIL once", "NIL", false, false, 1, 5, 0 },
		{ "empty once", "\"\"", false, false, 1, 5, 0 },
		{ "empty literal once", "{0}\r\n", false, false, 1, 5, 0 },
		{ "a line end alone, once", "{2}\r\n\r\n", false, false, 1, 5, 0 },
		{ "NIL twice", "NIL", true, false, 2, 5, 0 },
		{ "fields never, the whole header", "NIL", true, false, 9, 5, 0 },
		{ "never", NULL, false, false, 9, 4, 3 },
		{ "NIL always", "NIL", false, false, 9, 4, 3 },
		{ "a line end always", "{2}\r\n\r\n", false, false, 9, 4, 3 },
		{ "gone since", NULL, false, true, 1, 4, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct imap_box box;
		static struct seen seen;
		struct error err = ERROR_INIT;
		box = (struct imap_box){ .messages = 5, .answer = answer_silently };
		silence.says = rows[i].says;
		silence.fields_only = rows[i].fields_only;
		silence.expunged = rows[i].expunged;
		silence.times = rows[i].times;
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		seen = (struct seen){ 0 };
		if (imap_session_scan(session, 1, look, &seen, &scanned, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT(rows[i].label, seen.count == rows[i].count);
		ROW_ASSERT(rows[i].label, scanned.first_left == rows[i].first_left);
		ROW_ASSERT(rows[i].label, scanned.complete == (rows[i].first_left == 0));
		ROW_ASSERT(rows[i].label, scanned.count == 5);
		end(session, server);
	}
}

/* RFC 9051 section 5.2: the number of messages comes with any answer. */
static const char *extra; /* in the answer to the command that begins with extra_at */
static const char *extra_at;

static bool answer_with_extra(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	if (extra && strncmp(command, extra_at, strlen(extra_at)) == 0) {
		peer_send(peer, extra);
		extra = NULL;
	}
	return false;
}

static void messages_are_counted_in_every_answer(void **state)
{
	static const struct {
		const char *label, *at, *says;
		uint32_t messages;
		bool news;
	} rows[] = {
		{ "nothing", "NOOP", "", 3, false },
		{ "in the answer to NOOP", "NOOP", "* 4 EXISTS\r\n", 4, true },
		{ "while UIDs are asked for", "UID FETCH 2:*", "* 4 EXISTS\r\n", 4, true },
		{ "while headers are read", "UID FETCH 2:3 (UID INTERNALDATE", "* 4 EXISTS\r\n", 4, true },
		{ "while a message is read", "UID FETCH 3 (UID BODY", "* 4 EXISTS\r\n* 1 RECENT\r\n", 4, true },
		{ "the number that was known", "NOOP", "* 3 EXISTS\r\n", 3, false },
		{ "one came and one went", "NOOP", "* 4 EXISTS\r\n* 1 EXPUNGE\r\n", 3, true },
		{ "one went and one came", "NOOP", "* 1 EXPUNGE\r\n* 3 EXISTS\r\n", 3, true },
		{ "one went", "NOOP", "* 2 EXPUNGE\r\n", 2, false },
		{ "all went, and more", "NOOP", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", 0,
		  false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct imap_box box;
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf octets = BUF_INIT(10000);
		bool truncated;
		box = (struct imap_box){ .messages = 3, .body_octets = 300, .answer = answer_with_extra };
		extra = rows[i].says;
		extra_at = rows[i].at;
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		ROW_ASSERT(rows[i].label, imap_session_messages(session) == 3 && !imap_session_has_news(session));
		scan(session, 2);
		ROW_ASSERT(rows[i].label, imap_session_fetch(session, 3, 300, 10000, &octets, &truncated, &err) == 1);
		ROW_ASSERT(rows[i].label, imap_session_noop(session, &err) == 0);
		ROW_ASSERT(rows[i].label, imap_session_messages(session) == rows[i].messages);
		ROW_ASSERT(rows[i].label, imap_session_has_news(session) == rows[i].news);
		scan(session, 2);
		ROW_ASSERT(rows[i].label, !imap_session_has_news(session));
		end(session, server);
	}
}

/* A part is answered in another form by some servers: one that fits is asked for whole. */
static void message_that_fits_is_asked_for_whole(void **state)
{
	static const struct {
		const char *label, *asked;
		int64_t size;
		size_t octets, cap, len;
		bool truncated;
	} rows[] = {
		{ "it fits", "BODY.PEEK[])", 5000, 5000, 9000, 5000, false },
		{ "to the octet", "BODY.PEEK[])", 5000, 5000, 5000, 5000, false },
		{ "its size is an estimate", "BODY.PEEK[])", 4000, 5000, 5000, 5000, false },
		{ "an estimate, and it does not fit", "BODY.PEEK[])", 4000, 5000, 4500, 4500, true },
		{ "too large", "BODY.PEEK[]<0.4001>", 5000, 5000, 4000, 4000, true },
		{ "no size is known", "BODY.PEEK[]<0.9001>", -1, 5000, 9000, 5000, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct imap_box box;
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf octets = BUF_INIT(10000);
		bool truncated = !rows[i].truncated;
		box = (struct imap_box){ .messages = 3, .body_octets = rows[i].octets };
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		if (imap_session_fetch(session, 2, rows[i].size, rows[i].cap, &octets, &truncated, &err) != 1)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT(rows[i].label, octets.len == rows[i].len && truncated == rows[i].truncated);
		ROW_ASSERT(rows[i].label, strstr(imap_box_command(&box, 0), rows[i].asked) != NULL);
		end(session, server);
	}
}

static void highest_uid_is_told_by_the_star(void **state)
{
	static struct imap_box box = { .messages = 3, .uid_first = 100, .uid_step = 7 };
	uint32_t highest = 0;
	struct error err = ERROR_INIT;
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	assert_int_equal(imap_session_highest(session, &highest, &err), 1);
	assert_int_equal(highest, 114);
	box.messages = 0;
	assert_int_equal(imap_session_highest(session, &highest, &err), 0);
	end(session, server);
}

static void recent_messages_are_looked_at_up_to_the_cap(void **state)
{
	static struct imap_box box = { .messages = 100000, .recent = 100000, .recent_ms = NOW };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct seen *seen = scan_recent(session, NOW);
	assert_int_equal(seen->count, IMAP_RECENT_MAX);
	assert_int_equal(seen->uids[IMAP_RECENT_MAX - 1], 100000 - IMAP_RECENT_MAX + 1);
	end(session, server);
}

static void empty_folder_has_nothing_recent(void **state)
{
	static struct imap_box box = { .messages = 0 };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	assert_int_equal(scan_recent(session, NOW)->count, 0);
	end(session, server);
}

static const struct whole_row {
	const char *label;
	size_t octets, cap;
	size_t len;
	bool truncated;
} wholes[] = {
	{ "fits", 5000, 10000, 5000, false },
	{ "fits to the octet", 5000, 5000, 5000, false },
	{ "one octet too many", 5001, 5000, 5000, true },
	{ "cut", 100000, 1000, 1000, true },
	{ "many pieces", 9 * 1024 * 1024 + 17, 26 * 1024 * 1024, 9 * 1024 * 1024 + 17, false },
	{ "many pieces, cut", 9 * 1024 * 1024 + 17, 8 * 1024 * 1024 + 5, 8 * 1024 * 1024 + 5, true },
	{ "as long as a piece", 4 * 1024 * 1024, 26 * 1024 * 1024, 4 * 1024 * 1024, false },
};

static void whole_messages_are_read_up_to_the_cap(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wholes); i++) {
		static struct imap_box box;
		box = (struct imap_box){ .messages = 3, .body_octets = wholes[i].octets };
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		struct buf octets = BUF_INIT(32 * 1024 * 1024);
		struct error err = ERROR_INIT;
		bool truncated = !wholes[i].truncated;
		buf_add_str(&octets, "before");
		int found = imap_session_fetch(session, 2, -1, wholes[i].cap, &octets, &truncated, &err);
		if (found != 1)
			fail_msg("%s: %d %s", wholes[i].label, found, err.text);
		ROW_ASSERT(wholes[i].label, octets.len == wholes[i].len + 6);
		ROW_ASSERT(wholes[i].label, memcmp(octets.p, "beforeMessage-ID: <2@box.test>\r\n", 32) == 0);
		ROW_ASSERT(wholes[i].label, octets.p[octets.len - 1] == "0123456789abcdef"[(wholes[i].len - 1) % 16]);
		ROW_ASSERT(wholes[i].label, truncated == wholes[i].truncated);
		ROW_ASSERT(wholes[i].label, strstr(imap_box_command(&box, 0), "BODY.PEEK[]<") != NULL);
		buf_fini(&octets);
		end(session, server);
	}
}

static void missing_message_is_absent_and_a_small_buffer_an_error(void **state)
{
	static struct imap_box box = { .messages = 3, .body_octets = 5000 };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct buf octets = BUF_INIT(100);
	struct error err = ERROR_INIT;
	bool truncated;
	assert_int_equal(imap_session_fetch(session, 4, -1, 100, &octets, &truncated, &err), 0);
	assert_int_equal(octets.len, 0);
	assert_int_equal(imap_session_has_uid(session, 4, &err), 0);
	assert_int_equal(imap_session_has_uid(session, 3, &err), 1);
	assert_int_equal(imap_session_fetch(session, 3, -1, 1000, &octets, &truncated, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	assert_false(imap_session_dead(session));
	buf_fini(&octets);
	end(session, server);
}

/* Sends the message whole, whatever part of it is asked for. */
static bool answer_whole(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	if (!strstr(command, "BODY.PEEK[]"))
		return false;
	peer_sendf(peer, "* 3 FETCH (UID 3 BODY[] {10}\r\n0123456789)\r\n%s OK\r\n", tag);
	return true;
}

static void server_that_knows_no_parts_is_cut_here(void **state)
{
	static struct imap_box box = { .messages = 3, .answer = answer_whole };
	struct test_server *server = imap_box_start(&box);
	struct imap_session *session = imap_box_open(server, PATIENCE_MS);
	struct buf octets = BUF_INIT(100);
	struct error err = ERROR_INIT;
	bool truncated = false;
	assert_int_equal(imap_session_fetch(session, 3, -1, 4, &octets, &truncated, &err), 1);
	assert_string_equal(buf_str(&octets), "0123");
	assert_true(truncated);
	buf_fini(&octets);
	end(session, server);
}

static void send_repeated(struct test_peer *peer, const char *text, size_t times)
{
	for (size_t i = 0; i < times && peer_send(peer, text); i++)
		continue;
}

static void drip(struct test_peer *peer, const char *tag)
{
	struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	while (peer_send(peer, "x"))
		nanosleep(&pause, NULL);
}

static void drip_in_literal(struct test_peer *peer, const char *tag)
{
	peer_send(peer, "* 7 FETCH (UID 7 BODY[] {1000}\r\n");
	drip(peer, tag);
}

static void say_nothing(struct test_peer *peer, const char *tag)
{
	peer_wait_for_end(peer);
}

static void nest(struct test_peer *peer, const char *tag)
{
	peer_send(peer, "* 7 FETCH (UID 7 BODYSTRUCTURE ");
	send_repeated(peer, "((((((((((", 10000);
	peer_sendf(peer, "\r\n%s OK\r\n", tag);
}

static void nest_after_lookalike(struct test_peer *peer, const char *tag)
{
	/* What looks like a literal, in a text: an octet counter that believes it would skip the parentheses. */
	peer_send(peer, "* OK look {100000}\r\n* 7 FETCH (UID 7 BODYSTRUCTURE ");
	send_repeated(peer, "((((((((((", 10000);
	peer_sendf(peer, "\r\n%s OK\r\n", tag);
}

static void flood_line(struct test_peer *peer, const char *tag)
{
	peer_send(peer, "* OK ");
	send_repeated(peer, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 1000000);
}

static void flood_responses(struct test_peer *peer, const char *tag)
{
	send_repeated(peer, "* 7 FETCH (FLAGS ())\r\n", 1000000);
}

static const struct hostile_row {
	const char *label;
	const char *sends;                                /* %s is the tag; then it waits for the client to go */
	void (*act)(struct test_peer *, const char *tag); /* instead */
	bool closes;
	enum error_kind kind;
	bool dead;
	const char *says;
} hostile[] = {
	{ "NO", "%s NO [UNAVAILABLE] not now\r\n", NULL, false, ERROR_REFUSED, false, "[UNAVAILABLE] not now" },
	{ "BAD", "%s BAD what?\r\n", NULL, false, ERROR_REFUSED, false, "BAD what?" },
	{ "accepts and never answers", NULL, say_nothing, false, ERROR_TIMEOUT, true, "in time" },
	{ "an octet now and then", "* OK ", drip, false, ERROR_TIMEOUT, true, "in time" },
	{ "an octet now and then, in a literal", NULL, drip_in_literal, false, ERROR_TIMEOUT, true, "in time" },
	{ "closes", "", NULL, true, ERROR_NETWORK, true, "closed the connection" },
	{ "closes in the middle of a line", "* 7 FETCH (UID 7 BO", NULL, true, ERROR_NETWORK, true,
	  "closed the connection" },
	{ "closes in the middle of a literal", "* 7 FETCH (UID 7 BODY[] {1000}\r\nabc", NULL, true, ERROR_NETWORK, true,
	  "closed the connection" },
	{ "closes behind a literal", "* 7 FETCH (UID 7 BODY[] {3}\r\nabc", NULL, true, ERROR_NETWORK, true,
	  "closed the connection" },
	{ "literal of 4 GB", "* 7 FETCH (UID 7 BODY[] {4294967295}\r\n", NULL, false, ERROR_LIMIT, true, "" },
	{ "literal beyond 64 bits", "* 7 FETCH (UID 7 BODY[] {99999999999999999999999}\r\n", NULL, false, ERROR_LIMIT,
	  true, "" },
	{ "literal of 4 GB without a line end", "* 7 FETCH (UID 7 BODY[] {4294967295} ", NULL, false, ERROR_LIMIT, true,
	  "" },
	{ "literal of 4 GB without waiting", "* 7 FETCH (UID 7 BODY[] {4294967295+}\r\n", NULL, false, ERROR_LIMIT,
	  true, "" },
	{ "binary literal of 4 GB", "* 7 FETCH (UID 7 BODY[] ~{4294967295}\r\n", NULL, false, ERROR_LIMIT, true, "" },
	{ "100,000 parentheses", NULL, nest, false, ERROR_LIMIT, true, "" },
	{ "100,000 parentheses behind what looks like a literal", NULL, nest_after_lookalike, false, ERROR_LIMIT, true,
	  "" },
	{ "line without an end", NULL, flood_line, false, ERROR_LIMIT, true, "" },
	{ "answers without an end", NULL, flood_responses, false, ERROR_LIMIT, true, "" },
	{ "garbage", "\x16\x03\x01\x02garbage\r\n", NULL, false, ERROR_PROTOCOL, true, "does not speak IMAP" },
	{ "answer to another command", "999 OK done\r\n", NULL, false, ERROR_PROTOCOL, true, "" },
	{ "HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", NULL, false, ERROR_PROTOCOL, true, "does not speak IMAP" },
	{ "BYE", "* BYE shutting down\r\n", NULL, true, ERROR_NETWORK, true, "shutting down" },
	{ "BYE without closing", "* BYE shutting down\r\n", NULL, false, ERROR_NETWORK, true, "shutting down" },
	{ "BYE behind an answer", "* 7 FETCH (UID 7)\r\n* BYE Autologout\r\n%s OK\r\n", NULL, false, ERROR_NETWORK,
	  true, "Autologout" },
	{ "asks for more", "+ go on\r\n", say_nothing, false, ERROR_TIMEOUT, true, "" },
};

static bool answer_hostilely(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	const struct hostile_row *row = box->user;
	if (strncmp(command, "UID FETCH", 9) != 0)
		return false;
	if (row->sends) {
		struct buf text = BUF_INIT(1000);
		const char *place = strstr(row->sends, "%s");
		buf_add(&text, row->sends, place ? (size_t)(place - row->sends) : strlen(row->sends));
		if (place)
			buf_addf(&text, "%s%s", tag, place + 2);
		peer_send_octets(peer, text.p, text.len);
		buf_fini(&text);
	}
	if (row->act)
		row->act(peer, tag);
	if (row->closes)
		shutdown(peer->fd, SHUT_RDWR);
	return true;
}

/* One odd line costs that line only. */
static void odd_answers_cost_no_session(void **state)
{
	static const struct hostile_row rows[] = {
		{ .label = "NO behind data", .sends = "* 7 FETCH (UID 7)\r\n%s NO some went away\r\n" },
		{ .label = "an item that does not end", .sends = "* 7 FETCH (UID 7 BODY[ x\r\n%s OK\r\n" },
		{ .label = "a number that is none", .sends = "* 7 FETCH (UID x)\r\n%s OK\r\n" },
		{ .label = "a string that does not end", .sends = "* 7 FETCH (UID 7 X \"a\r\n%s OK\r\n" },
		{ .label = "a size with a blank", .sends = "* 7 FETCH (UID 7 X { 3}\r\n%s OK\r\n" },
		{ .label = "no list", .sends = "* 7 FETCH UID\r\n%s OK\r\n" },
		{ .label = "no such number", .sends = "* 99999999999 FETCH (UID 7)\r\n%s OK\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct imap_box box;
		box =
		    (struct imap_box){ .messages = 7, .answer = answer_hostilely, .user = (void *)(uintptr_t)&rows[i] };
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, PATIENCE_MS);
		struct buf octets = BUF_INIT(10000);
		struct error err = ERROR_INIT;
		bool truncated;
		ROW_ASSERT(rows[i].label, imap_session_fetch(session, 7, -1, 5000, &octets, &truncated, &err) == 0);
		ROW_ASSERT(rows[i].label, octets.len == 0 && !imap_session_dead(session));
		box.answer = NULL;
		ROW_ASSERT(rows[i].label, imap_session_fetch(session, 7, -1, 5000, &octets, &truncated, &err) == 1);
		buf_fini(&octets);
		end(session, server);
	}
}

static void hostile_servers_are_survived_and_named(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct hostile_row *row = &hostile[i];
		static struct imap_box box;
		static struct seen seen;
		box = (struct imap_box){ .messages = 7, .answer = answer_hostilely, .user = (void *)(uintptr_t)row };
		struct test_server *server = imap_box_start(&box);
		struct imap_session *session = imap_box_open(server, row->kind == ERROR_TIMEOUT ? 400 : PATIENCE_MS);
		struct buf octets = BUF_INIT(10000);
		struct error err = ERROR_INIT;
		bool truncated;
		seen = (struct seen){ 0 };
		/* The whole message, so that what comes is what was asked for. */
		ROW_ASSERT(row->label, imap_session_fetch(session, 7, -1, 5000, &octets, &truncated, &err) == -1);
		if (err.kind != row->kind || !strstr(err.text, row->says))
			fail_msg("%s: %s: %s", row->label, error_kind_name(err.kind), err.text);
		ROW_ASSERT(row->label, octets.len == 0);
		ROW_ASSERT(row->label, imap_session_dead(session) == row->dead);
		if (row->dead) {
			struct error again = ERROR_INIT;
			ROW_ASSERT(row->label, imap_session_scan(session, 1, look, &seen, &scanned, &again) == -1);
			ROW_ASSERT(row->label, again.kind == row->kind);
			ROW_ASSERT(row->label, imap_session_noop(session, &again) == -1);
		} else {
			ROW_ASSERT(row->label, imap_session_noop(session, &err) == 0);
		}
		buf_fini(&octets);
		end(session, server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan_hands_out_what_is_new_by_rising_uid),
		cmocka_unit_test(scan_looks_without_marking),
		cmocka_unit_test(callback_ends_or_fails_a_scan_and_the_session_stays_sound),
		cmocka_unit_test(what_was_not_asked_for_is_passed_over),
		cmocka_unit_test(cost_follows_new_mail_and_not_the_folder),
		cmocka_unit_test(recent_messages_come_newest_first_and_older_ones_not_at_all),
		cmocka_unit_test(recent_messages_are_found_wherever_they_are),
		cmocka_unit_test(scan_says_what_was_left_out),
		cmocka_unit_test(header_that_is_not_shown_is_asked_for_again),
		cmocka_unit_test(messages_are_counted_in_every_answer),
		cmocka_unit_test(message_that_fits_is_asked_for_whole),
		cmocka_unit_test(highest_uid_is_told_by_the_star),
		cmocka_unit_test(recent_messages_are_looked_at_up_to_the_cap),
		cmocka_unit_test(empty_folder_has_nothing_recent),
		cmocka_unit_test(whole_messages_are_read_up_to_the_cap),
		cmocka_unit_test(missing_message_is_absent_and_a_small_buffer_an_error),
		cmocka_unit_test(server_that_knows_no_parts_is_cut_here),
		cmocka_unit_test(odd_answers_cost_no_session),
		cmocka_unit_test(hostile_servers_are_survived_and_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
