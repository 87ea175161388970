/* An IMAP server with one folder of any number of messages, none of which is stored: it answers from rules. For tests
 * of what reads messages; a test may answer single commands itself. */
#ifndef TESTS_IMAP_BOX_H
#define TESTS_IMAP_BOX_H

#include "providers/imap_session.h"
#include "tests/unit/peer.h"

enum { BOX_COMMAND_MAX = 8192, BOX_COMMANDS_KEPT = 8 };

struct imap_box;

/* Answers a command (without its tag), or returns false to leave it to the box. */
typedef bool imap_box_answer(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command);

struct imap_box {
	uint32_t messages;            /* sequence numbers 1 to messages */
	uint32_t uid_first, uid_step; /* UID of sequence number n: uid_first + (n - 1) * uid_step; 0: 1 */
	uint32_t gap_after, gap;      /* behind this sequence number UIDs are larger by gap */
	uint32_t uidvalidity;
	bool silent_uidnext;      /* EXAMINE does not say UIDNEXT */
	uint32_t recent;          /* so many of the last messages arrived at recent_ms, a second apart */
	int64_t recent_ms;        /* the others a year before */
	size_t body_octets;       /* of each message, the header block included, at least 200 */
	size_t header_octets;     /* of the fields that are asked for; 0: as they are */
	const char *capabilities; /* NULL: a plain server of today */
	imap_box_answer *answer;
	void *user;
	char commands[BOX_COMMANDS_KEPT][BOX_COMMAND_MAX]; /* the last ones; valid once the client has its answer */
	size_t command_count;
};

/* The script of a test_server whose user is an imap_box. */
void imap_box_serve(struct test_peer *peer);

/* The command that came n before the last one. */
const char *imap_box_command(const struct imap_box *box, size_t n);

uint32_t imap_box_uid(const struct imap_box *box, uint32_t seq);

/* A server for the box, and a session that has signed in, with its folder open. Timeouts are `timeout_ms`. */
struct test_server *imap_box_start(struct imap_box *box);
struct imap_session *imap_box_connect(struct test_server *server, int64_t timeout_ms);
struct imap_session *imap_box_open(struct test_server *server, int64_t timeout_ms);

#endif
