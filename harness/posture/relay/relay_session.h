/* Sessions in which a server is asked for one recipient after the other. Private to harness/posture. */
#ifndef RELAY_RELAY_SESSION_H
#define RELAY_RELAY_SESSION_H

#include "harness/mail/tag.h"
#include "harness/posture/engine/check.h"
#include "harness/posture/relay/relay_forms.h"

enum relay_state {
	RELAY_UNTESTED, /* no reply that says anything */
	RELAY_REFUSED,
	RELAY_DEFERRED, /* 4xx */
	RELAY_ACCEPTED, /* the recipient; nothing was sent */
	RELAY_SENT,     /* the message too */
	RELAY_ARRIVED,  /* and it came to the mailbox; set by who looked there */
};

enum { RELAY_REPLY_MAX = 80 };

struct relay_probe {
	const char *name;
	char sender[RELAY_PATH_MAX], recipient[RELAY_PATH_MAX];
	char token[TAG_SIZE]; /* "": nothing is sent, whatever the server says */
	enum relay_state state;
	char reply[RELAY_REPLY_MAX]; /* the last one, or why there is none; cut */
};

/* Of one address of a server. Borrowed. */
struct relay_server {
	const char *host, *address;
	uint16_t port;
	const char *probe_to; /* header To of what is sent */
};

/* Asks for all of them, in order, over as many connections as it takes, one at a time. False where there is no way to
 * the address from here (no IPv6, for example). */
bool relay_ask(struct check *check, const struct relay_server *server, struct relay_probe *probes, size_t count);

#endif
