/* What the parts of the scripted server share (imap_script.h). */
#ifndef TESTS_IMAP_SCRIPT_STATE_H
#define TESTS_IMAP_SCRIPT_STATE_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "tests/unit/peer.h"

enum { SCRIPT_UIDVALIDITY = 1436832059, SCRIPT_FOLDERS_MAX = 12, SCRIPT_MESSAGES_MAX = 8, SCRIPT_GROUPS = 2 };

/* Habits that cases tell in prose. */
enum {
	SCRIPT_UIDNEXT_0 = 1 << 0,     /* right as soon as a message is there */
	SCRIPT_ONCE = 1 << 1,          /* the FETCH answers of the case are given once each */
	SCRIPT_CORRUPT_OTHER = 1 << 2, /* given where another message is asked for too */
	SCRIPT_EMPTY_BAD = 1 << 3,     /* a FETCH that no message fits is BAD */
	SCRIPT_ANSWERS_ALL = 1 << 4,   /* whatever was asked for */
	SCRIPT_EMPTY_QUOTED = 1 << 5,  /* a part beyond the end is "" */
	SCRIPT_IDLE_ENDS = 1 << 6,     /* after half a second */
	SCRIPT_IDLE_CLOSES = 1 << 7,   /* twice, after 0.3 s */
	SCRIPT_PLAIN_LIST = 1 << 8,    /* what LIST says is said of an extended one */
	SCRIPT_REWOUND = 1 << 9,       /* UIDNEXT goes back before our message comes */
	SCRIPT_ALL_MAIL = 1 << 10,     /* our message is in the view too */
	SCRIPT_ONE_SESSION = 1 << 11,  /* told as a wrong password */
	SCRIPT_ONE_SESSION_SAID = 1 << 12,
};

enum script_whose { SCRIPT_OLD, SCRIPT_OTHER, SCRIPT_OURS };

struct script_message {
	uint32_t uid;
	enum script_whose whose;
	char *octets;
};

struct script_folder {
	char *name;
	uint32_t uidnext;
	struct script_message messages[SCRIPT_MESSAGES_MAX];
	size_t count;
};

/* A response of a FETCH answer as the case has it: @TAG@ is in it still. */
struct script_response {
	char *octets;
	bool ours; /* of our message, else of another one */
	bool tagged;
};

struct script_group {
	struct script_response responses[16];
	size_t count;
	bool usual; /* as any server would */
	bool used;
};

/* Numbers as the case has them; 0: no such message. */
struct script_example {
	unsigned long our_number; /* sequence */
	uint32_t our_uid, old_uid;
};

struct imap_script {
	json_t *form, *login; /* login: NULL for a case of `forms` */
	const char *of;
	unsigned habits;
	bool with_others;
	uint16_t port;
	int listener;
	pthread_t thread;
	struct script_group groups[SCRIPT_GROUPS]; /* of header fields; of the whole message */
	struct script_example example;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t ended;
	struct script_folder folders[SCRIPT_FOLDERS_MAX];
	size_t folder_count;
	struct script_folder *message_in, *view;
	char tag[64];
	unsigned version, sessions, signed_in, passwords, fetches, idle_cuts;
	bool ending;
};

/* What the case has the server say on a command; NULL: nothing. */
json_t *script_says(const struct imap_script *script, const char *on);

/* Adds a line as it is sent. */
void script_add_line(struct buf *out, const char *say, const char *tag, const struct script_folder *folder);

/* Whether a line ends its command. */
bool script_is_tagged(const char *say);

/* Adds all that is said there but remarks. Returns whether the command has its end by that. */
bool script_add_said(json_t *say, const char *tag, const struct script_folder *folder, struct buf *out);

/* The same for lines that may begin with NUL octets. */
void script_add_octets_said(json_t *say, const char *tag, const struct script_folder *folder, struct buf *out);

/* Folders: those of the case, and the one that the message will be in. */
void script_make_folders(struct imap_script *script);
struct script_folder *script_find_folder(struct imap_script *script, struct span name);
void script_put_message(struct script_folder *folder, uint32_t uid, enum script_whose whose, char *octets);

#endif
