/* What every connection of a command is made from. What must hold for all of them together, to mailboxes and to the
 * SMTP server alike, has its place in this room: nothing else signs in. */
#ifndef CONNECT_CONNECT_H
#define CONNECT_CONNECT_H

#include "harness/base/log.h"
#include "harness/config/config.h"

/* Borrowed, and constant while a connection made from it is open. */
struct connect_context {
	const struct config *config;
	struct log *log; /* gets the logins and, where it wants them, the dialogues without credentials; NULL: none */
	int cancel_fd;   /* ends every wait when readable, and is never read from; -1: none */
};

#endif
