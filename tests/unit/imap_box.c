/* A mailbox made of rules. */
#include "tests/unit/imap_box.h"

#include <inttypes.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/base/span.h"
#include "harness/net/dial.h"

uint32_t imap_box_uid(const struct imap_box *box, uint32_t seq)
{
	uint32_t uid = (box->uid_first ? box->uid_first : 1) + (seq - 1) * (box->uid_step ? box->uid_step : 1);
	return box->gap_after && seq > box->gap_after ? uid + box->gap : uid;
}

static uint32_t highest_uid(const struct imap_box *box)
{
	return box->messages ? imap_box_uid(box, box->messages) : 0;
}

/* The first sequence number whose UID is `uid` or above; messages + 1 where there is none. */
static uint32_t seq_from(const struct imap_box *box, uint32_t uid)
{
	uint32_t low = 1, high = box->messages + 1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (imap_box_uid(box, middle) >= uid)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void add_date(const struct imap_box *box, uint32_t seq, struct buf *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t ms = box->recent_ms - INT64_C(365) * 86400000;
	if (seq > box->messages - box->recent)
		ms = box->recent_ms + 1000 * (int64_t)(seq - (box->messages - box->recent) - 1);
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	buf_addf(out, " INTERNALDATE \"%2d-%.3s-%04d %02d:%02d:%02d +0000\"", tm.tm_mday, months + 3 * tm.tm_mon,
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_padded(struct buf *out, const struct buf *text, size_t octets, size_t from, size_t cap)
{
	size_t total = octets > text->len ? octets : text->len;
	size_t end = cap < total - from ? from + cap : total;
	buf_addf(out, " {%zu}\r\n", from < total ? end - from : 0);
	for (size_t i = from; i < end; i++)
		buf_add_char(out, i < text->len ? text->p[i] : "0123456789abcdef"[i % 16]);
}

/* Message-ID, Subject, empty line: what the whole message begins with as well. */
static void add_fields(const struct imap_box *box, uint32_t seq, struct buf *out)
{
	uint32_t uid = imap_box_uid(box, seq);
	buf_addf(out, "Message-ID: <%" PRIu32 "@box.test>\r\nSubject: message %" PRIu32 "\r\n\r\n", uid, uid);
}

static void send_message(const struct imap_box *box, struct test_peer *peer, uint32_t seq, const char *items)
{
	struct buf out = BUF_INIT(64 * 1024 * 1024), text = BUF_INIT(1024);
	const char *partial = strstr(items, "BODY.PEEK[]<");
	size_t from = 0, cap = SIZE_MAX;
	add_fields(box, seq, &text);
	buf_addf(&out, "* %" PRIu32 " FETCH (UID %" PRIu32, seq, imap_box_uid(box, seq));
	if (strstr(items, "INTERNALDATE"))
		add_date(box, seq, &out);
	if (strstr(items, "RFC822.SIZE"))
		buf_addf(&out, " RFC822.SIZE %zu", box->body_octets);
	if (strstr(items, "HEADER.FIELDS")) {
		buf_add_str(&out, " BODY[HEADER.FIELDS (Message-ID Subject)]");
		add_padded(&out, &text, box->header_octets, 0, SIZE_MAX);
	}
	if (partial && sscanf(partial, "BODY.PEEK[]<%zu.%zu>", &from, &cap) == 2) {
		buf_addf(&out, " BODY[]<%zu>", from);
		add_padded(&out, &text, box->body_octets, from, cap);
	}
	if (strstr(items, "BODY.PEEK[])")) {
		buf_add_str(&out, " BODY[]");
		add_padded(&out, &text, box->body_octets, 0, SIZE_MAX);
	}
	buf_add_str(&out, ")\r\n");
	peer_send_octets(peer, out.p, out.len);
	buf_fini(&text);
	buf_fini(&out);
}

static uint32_t number_of(struct span text, uint32_t star)
{
	uint64_t number = 0;
	if (span_is(text, "*"))
		return star;
	assert_true(span_to_u64(text, UINT32_MAX, &number));
	return (uint32_t)number;
}

/* `FETCH set (items)`, of sequence numbers or of UIDs. */
static void send_fetch(const struct imap_box *box, struct test_peer *peer, const char *rest, bool by_uid)
{
	const char *items = strchr(rest, ' ');
	struct span set = span_make(rest, items ? (size_t)(items - rest) : strlen(rest)), range;
	uint32_t star = by_uid ? highest_uid(box) : box->messages;
	while (span_next(&set, ',', &range)) {
		ptrdiff_t colon = span_find_char(range, ':', 0);
		uint32_t low = number_of(colon < 0 ? range : span_sub(range, 0, (size_t)colon), star);
		uint32_t high = colon < 0 ? low : number_of(span_sub(range, (size_t)colon + 1, SIZE_MAX), star);
		if (low > high) { /* RFC 9051: `559:*` with a highest UID of 300 is `300:559` */
			uint32_t other = low;
			low = high;
			high = other;
		}
		for (uint32_t seq = by_uid ? seq_from(box, low) : low;
		     seq <= box->messages && (by_uid ? imap_box_uid(box, seq) : seq) <= high; seq++)
			send_message(box, peer, seq, items ? items : "");
	}
}

static void send_state(const struct imap_box *box, struct test_peer *peer)
{
	peer_sendf(peer,
		   "* FLAGS (\\Seen)\r\n* %" PRIu32 " EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %" PRIu32 "] x\r\n",
		   box->messages, box->uidvalidity ? box->uidvalidity : 1);
	if (!box->silent_uidnext)
		peer_sendf(peer, "* OK [UIDNEXT %" PRIu32 "] x\r\n", highest_uid(box) + 1);
}

static void answer(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	snprintf(box->commands[box->command_count++ % BOX_COMMANDS_KEPT], BOX_COMMAND_MAX, "%s", command);
	if (box->answer && box->answer(box, peer, tag, command))
		return;
	if (strncmp(command, "UID FETCH ", 10) == 0)
		send_fetch(box, peer, command + 10, true);
	else if (strncmp(command, "FETCH ", 6) == 0)
		send_fetch(box, peer, command + 6, false);
	else if (strncmp(command, "EXAMINE ", 8) == 0)
		send_state(box, peer);
	else if (strncmp(command, "STATUS ", 7) == 0)
		peer_sendf(peer,
			   "* STATUS INBOX (MESSAGES %" PRIu32 " UIDNEXT %" PRIu32 " UIDVALIDITY %" PRIu32 ")\r\n",
			   box->messages, highest_uid(box) + 1, box->uidvalidity ? box->uidvalidity : 1);
	peer_sendf(peer, "%s OK done\r\n", tag);
}

void imap_box_serve(struct test_peer *peer)
{
	struct imap_box *box = peer->user;
	char line[BOX_COMMAND_MAX];
	peer_sendf(peer, "* PREAUTH [CAPABILITY %s] box\r\n", box->capabilities ? box->capabilities : "IMAP4rev1 IDLE");
	while (peer_read_line(peer, line, sizeof(line))) {
		char *space = strchr(line, ' ');
		if (!space)
			continue;
		*space = '\0';
		answer(box, peer, line, space + 1);
	}
}

const char *imap_box_command(const struct imap_box *box, size_t n)
{
	return box->commands[(box->command_count - 1 - n) % BOX_COMMANDS_KEPT];
}

struct test_server *imap_box_start(struct imap_box *box)
{
	return test_server_new(false, imap_box_serve, box);
}

struct imap_session *imap_box_connect(struct test_server *server, int64_t timeout_ms)
{
	const struct imap_params params = { .host = "127.0.0.1",
					    .port = test_server_port(server),
					    .security = IMAP_PLAIN,
					    .login_timeout_ms = timeout_ms,
					    .command_timeout_ms = timeout_ms,
					    .cancel_fd = -1 };
	struct imap_session *session = NULL;
	struct secret *password = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(secret_new(SPAN_LIT("secret"), &password, &err), 0);
	if (imap_session_open(&session, &params, &err) < 0 || imap_session_login(session, "ana", password, &err) < 0)
		fail_msg("%s", err.text);
	secret_free(password);
	return session;
}

struct imap_session *imap_box_open(struct test_server *server, int64_t timeout_ms)
{
	struct imap_session *session = imap_box_connect(server, timeout_ms);
	struct imap_folder_state state;
	struct error err = ERROR_INIT;
	if (imap_session_examine(session, "INBOX", &state, &err) < 0)
		fail_msg("%s", err.text);
	return session;
}
