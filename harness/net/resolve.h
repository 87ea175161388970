/* Name to addresses under a deadline, which getaddrinfo(3) does not know. Private to net/. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

enum {
	RESOLVE_ADDRESSES_MAX = 16, /* of one name; further ones are left out */
	RESOLVE_THREADS_MAX = 16,   /* look-ups of different names under way in this process */
	RESOLVE_FRESH_MS = 500,     /* an answer, good or bad, serves those who ask within this time */
};

union resolved_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct resolved {
	union resolved_address addresses[RESOLVE_ADDRESSES_MAX];
	size_t count; /* at least 1 */
};

/* The addresses of a name for TCP, as the system orders them, with the port (host byte order) in them. Those who ask
 * for one name at the same time share one look-up, so that a thousand mailboxes of one provider ask its name a few
 * times. A look-up that is given up goes on in the background until the system's resolver ends it, and those who come
 * meanwhile join it; more names than RESOLVE_THREADS_MAX wait for their turn, still under their deadlines. Any thread.
 * Errors as dial(). */
int resolve_host(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, struct resolved *ret,
		 struct error *err);

#endif
