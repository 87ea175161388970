/* A whole session with a server that says what the fuzzer likes. The input is the server's part in pieces divided by
 * the octet 0x1e: the first is there from the beginning, each further one follows a line of the client. The octet 0x1f
 * becomes the tag of the last command. After the last piece the connection ends. Nothing is waited for: a wait with
 * nothing to read is interrupted at once. */
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/utf8.h"
#include "providers/imap_session.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 60000, BODY_MAX = 5000, TIMEOUT_MS = 10000 };

/* libetpan loses pieces of what it gives up parsing. The session ends there, so that they do not add up. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libetpan\n";
}

struct server {
	int fd;
	struct span rest; /* p is NULL when all has been said */
	uint32_t tag;
};

static void say_next(struct server *server)
{
	struct buf piece = BUF_INIT(16 * INPUT_MAX);
	struct span part;
	if (!span_next(&server->rest, '\x1e', &part)) {
		shutdown(server->fd, SHUT_WR);
		return;
	}
	for (size_t i = 0; i < part.len; i++) {
		if (part.p[i] == '\x1f')
			buf_addf(&piece, "%u", (unsigned)server->tag);
		else
			buf_add_char(&piece, part.p[i]);
	}
	/* What does not fit into the socket is lost: nobody reads at the moment. */
	if (piece.len && send(server->fd, piece.p, piece.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		shutdown(server->fd, SHUT_WR);
	buf_fini(&piece);
}

/* A line of the client stands for the server's next piece; the one that is not shown is a LOGIN. */
static void on_line(void *user, char direction, struct span line)
{
	struct server *server = user;
	char dropped[4096];
	uint64_t number;
	struct span rest = line, tag;
	CHECK(line.len < 500);
	if (direction != '>')
		return;
	while (recv(server->fd, dropped, sizeof(dropped), MSG_DONTWAIT) > 0)
		;
	if (span_next(&rest, ' ', &tag) && span_to_u64(tag, UINT32_MAX, &number))
		server->tag = (uint32_t)number;
	else if (span_starts(line, SPAN_LIT("LOGIN")) || span_starts(line, SPAN_LIT("AUTH")))
		server->tag++;
	say_next(server);
}

struct seen {
	uint32_t from;
	uint32_t uids[4096]; /* more do not fit into an input */
	size_t count;
};

static int see(void *user, const struct imap_message *message, struct error *err)
{
	struct seen *seen = user;
	CHECK(message->uid >= seen->from && seen->count < ARRAY_LEN(seen->uids));
	for (size_t i = 0; i < seen->count; i++)
		CHECK(message->uid != seen->uids[i]);
	seen->uids[seen->count++] = message->uid;
	return message->header.len == 7 ? 1 : 0;
}

static int see_any(void *user, const struct imap_message *message, struct error *err)
{
	CHECK(message->uid > 0);
	return message->header.len == 7 ? error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "seven") : 0;
}

static void look_at_folders(struct imap_session *session, struct error *err)
{
	struct imap_folder_list list = { 0 };
	struct imap_folder_state folder;
	if (imap_session_list(session, &list, err) == 0)
		for (size_t i = 0; i < list.count; i++)
			CHECK(utf8_valid(span_of(list.folders[i].name)) && list.folders[i].raw[0]);
	if (list.count > 0)
		imap_session_status(session, list.folders[0].raw, &folder, err);
	imap_folder_list_fini(&list);
	imap_session_examine(session, "INBOX", &folder, err);
}

static void look_at_messages(struct imap_session *session, struct error *err)
{
	struct seen seen = { .from = 5 };
	struct imap_scanned scanned;
	struct buf octets = BUF_INIT(BODY_MAX);
	bool truncated = false;
	imap_session_scan(session, seen.from, see, &seen, &scanned, err);
	imap_session_scan_recent(session, 1700000000000, see_any, NULL, &scanned, err);
	if (imap_session_fetch(session, 5, -1, BODY_MAX, &octets, &truncated, err) > 0)
		CHECK(!truncated || octets.len == BODY_MAX);
	imap_session_has_uid(session, 5, err);
	buf_fini(&octets);
}

static void use(struct imap_session *session, struct error *err)
{
	struct secret *password = NULL;
	CHECK(secret_new(SPAN_LIT("secret"), &password, err) == 0);
	imap_session_login(session, "ana", password, err);
	secret_free(password);
	CHECK(utf8_valid(span_of(imap_session_capabilities(session))));
	look_at_folders(session, err);
	look_at_messages(session, err);
	if (imap_session_idle_start(session, err) == 0) {
		imap_session_idle_pending(session);
		imap_session_idle_done(session, err);
	}
	bool dead = imap_session_dead(session);
	CHECK(imap_session_noop(session, err) < 0 || !dead);
	imap_session_logout(session);
	CHECK(imap_session_noop(session, err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2], interrupt;
	struct tls_stream *stream = NULL;
	struct imap_session *session = NULL;
	struct error err = ERROR_INIT;
	if (size > INPUT_MAX)
		return 0;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	interrupt = eventfd(1, EFD_CLOEXEC);
	struct server server = { .fd = fds[1], .rest = span_make((const char *)data, size) };
	const struct imap_params params = { .host = "imap.test",
					    .security = IMAP_PLAIN,
					    .login_timeout_ms = TIMEOUT_MS,
					    .command_timeout_ms = TIMEOUT_MS,
					    .cancel_fd = interrupt,
					    .transcript = on_line,
					    .transcript_user = &server };
	say_next(&server);
	CHECK(tls_stream_new(&stream, fds[0], interrupt, &err) == 0);
	if (imap_session_open_over(&session, stream, &params, &err) == 0)
		use(session, &err);
	imap_session_free(session);
	close(fds[1]);
	close(interrupt);
	return 0;
}
