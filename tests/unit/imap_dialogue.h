/* A scripted IMAP server: what it expects to be asked and what it answers, as a table. */
#ifndef TESTS_IMAP_DIALOGUE_H
#define TESTS_IMAP_DIALOGUE_H

#include "providers/imap_session.h"
#include "tests/unit/peer.h"

struct dialogue_step {
	const char *asked;  /* beginning of the command behind its tag, or of the line where it begins with `>`; NULL:
			     * answer  without being asked */
	const char *answer; /* octets; every `@` becomes the tag of the last command. NULL: say nothing more and wait
			     * until the client has gone */
	SSL_CTX *starttls;  /* the handshake that follows the answer; NULL: none */
};

enum { DIALOGUE_STEPS_MAX = 16 };

/* What a server does after its greeting; where the steps end it closes. A command that was not expected is answered
 * with `BAD not expected: COMMAND`. */
struct dialogue {
	SSL_CTX *tls; /* from the first octet; NULL: plaintext */
	const char *greeting;
	struct dialogue_step steps[DIALOGUE_STEPS_MAX]; /* ends with the first one without asked and answer */
};

/* The script for test_server_new; its user is the dialogue. */
void dialogue_play(struct test_peer *peer);

/* A server that signs in whoever comes. */
#define DIALOGUE_GREETING "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n"
#define DIALOGUE_LOGIN                                                                                                 \
	{                                                                                                              \
		.asked = "LOGIN", .answer = "@ OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"                                  \
	}
#define DIALOGUE_EXAMINE(messages)                                                                                     \
	{                                                                                                              \
		.asked = "EXAMINE",                                                                                    \
		.answer = "* FLAGS (\\Seen)\r\n* " messages                                                            \
			  " EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 100] ok\r\n"              \
			  "@ OK [READ-ONLY] done\r\n"                                                                  \
	}
#define DIALOGUE_SILENCE                                                                                               \
	{                                                                                                              \
		.asked = "", .answer = NULL                                                                            \
	}

/* Parameters for a server on this port of 127.0.0.1, in plaintext, with short timeouts. */
struct imap_params dialogue_params(uint16_t port);

/* Opens a session with the server, signs in as ana. Ends the test where that fails. */
struct imap_session *dialogue_sign_in(const struct imap_params *params);

/* The same, then opens INBOX. */
struct imap_session *dialogue_examine(const struct imap_params *params);

#endif
