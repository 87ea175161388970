/* An IMAP server with a mailbox that changes while sessions look at it: folders come and go, messages are delivered,
 * moved and numbered anew, the server closes connections. For tests of what watches mailboxes. */
#ifndef TESTS_IMAP_MAILBOX_H
#define TESTS_IMAP_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "tests/unit/peer.h"

enum { MAILBOX_FOLDERS_MAX = 8, MAILBOX_MESSAGES_MAX = 64 };

struct mailbox_message {
	uint32_t uid;
	int64_t internal_ms;
	char *octets;
};

struct mailbox_folder {
	const char *name, *flags; /* flags: as LIST has them, `\\Junk` */
	uint32_t uidvalidity, uidnext;
	struct mailbox_message messages[MAILBOX_MESSAGES_MAX];
	size_t count;
	bool deleted;
	bool locked;        /* STATUS and LIST show it, EXAMINE is refused */
	const char *hidden; /* what STATUS and EXAMINE are answered with behind the tag; NULL: it is not */
};

struct imap_mailbox;

/* Answers a command in a way of its own: adds untagged responses to *out and returns what stands behind the tag, or
 * returns NULL to leave the command to the mailbox, behind what it has added. The lock is held. */
typedef const char *imap_mailbox_habit(struct imap_mailbox *mailbox, const char *command, struct buf *out);

struct imap_mailbox {
	pthread_mutex_t lock; /* of what follows, while the server runs */
	const char *capabilities;
	struct mailbox_folder folders[MAILBOX_FOLDERS_MAX];
	size_t folder_count;
	unsigned version; /* grows with every change of a folder */
	unsigned idling;  /* sessions in IDLE */
	bool cut;         /* the session that is open is closed at once */
	/* The next `close_times` commands that begin with this get `close_with` (without an answer: NULL), and the
	 * connection ends. */
	const char *close_at, *close_with;
	unsigned close_times;
	const char *refuse_login; /* what LOGIN is answered with behind its tag; NULL: it is taken */
	const char *refuse_idle;  /* the same for IDLE */
	const char *slow_at;      /* commands that begin with this are answered after slow_ms */
	int64_t slow_ms;
	imap_mailbox_habit *habit; /* NULL: none */
	bool silent_uidnext;       /* UIDNEXT is never told */
	uint32_t stale_uidnext;    /* EXAMINE always tells this UIDNEXT; 0: the true one */
	unsigned logins;
	unsigned looks;         /* at the header of a message */
	unsigned whole_fetches; /* of whole messages */
	struct test_server *server;
};

/* A mailbox with an INBOX and a server on 127.0.0.1 that takes any password. One session at a time. */
void mailbox_start(struct imap_mailbox *mailbox);
void mailbox_stop(struct imap_mailbox *mailbox);
uint16_t mailbox_port(const struct imap_mailbox *mailbox);

/* All below: any thread, seen by sessions from then on. */
void mailbox_add_folder(struct imap_mailbox *mailbox, const char *name, const char *flags);
void mailbox_delete_folder(struct imap_mailbox *mailbox, const char *name);
void mailbox_lock_folder(struct imap_mailbox *mailbox, const char *name);
/* LIST shows it, and nothing else does. */
void mailbox_hide_folder(struct imap_mailbox *mailbox, const char *name, const char *answer);
/* Puts a message in, and returns its UID. internal_ms 0: now. */
uint32_t mailbox_deliver(struct imap_mailbox *mailbox, const char *folder, const char *octets, int64_t internal_ms);
void mailbox_move(struct imap_mailbox *mailbox, const char *from, uint32_t uid, const char *to);
void mailbox_expunge(struct imap_mailbox *mailbox, const char *folder, uint32_t uid);
/* Another UIDVALIDITY, and every message gets another UID. */
void mailbox_renumber(struct imap_mailbox *mailbox, const char *folder);
/* The folder's next UIDs are lower by so much, without another UIDVALIDITY. */
void mailbox_rewind(struct imap_mailbox *mailbox, const char *folder, uint32_t by);
void mailbox_close_at(struct imap_mailbox *mailbox, const char *command, unsigned times, const char *with);
void mailbox_refuse_login(struct imap_mailbox *mailbox, const char *answer);
void mailbox_refuse_idle(struct imap_mailbox *mailbox, const char *answer);
void mailbox_slow_down(struct imap_mailbox *mailbox, const char *command, int64_t ms);
/* Closes the session that is open. */
void mailbox_cut(struct imap_mailbox *mailbox);
/* Whether a session is in IDLE. */
bool mailbox_idling(struct imap_mailbox *mailbox);
unsigned mailbox_logins(struct imap_mailbox *mailbox);
unsigned mailbox_looks(struct imap_mailbox *mailbox);
unsigned mailbox_whole_fetches(struct imap_mailbox *mailbox);

#endif
