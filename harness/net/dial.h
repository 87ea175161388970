/* Connecting by name over TCP, IPv4 and IPv6 alike: RFC 8305 (Happy Eyeballs 2), under a deadline from the first
 * question to the last packet. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

/* Room for `[2001:db8::1]:993` with a NUL, the longest address included. */
enum { DIAL_PEER_MAX = 64 };

struct dial_to {
	const char *host; /* name or address, without brackets */
	uint16_t port;
	struct deadline deadline; /* for resolving and connecting together */
	int cancel_fd;            /* wait.h; -1 for none */
};

struct dialed {
	int fd;                   /* connected, non-blocking, close-on-exec, TCP_NODELAY, keep-alive; the caller's */
	char peer[DIAL_PEER_MAX]; /* `192.0.2.1:993`, `[2001:db8::1]:993` */
};

/* Connects to the first address of the host that answers: addresses of both families in turn, the preferred family
 * first, a new attempt 250 ms after the one before or as soon as that fails. Errors name host and port, and each
 * address with what became of it: ERROR_NETWORK (no such host: code EAI_NONAME's negative value; refused, unreachable:
 * code = errno of the last address), ERROR_TIMEOUT, ERROR_INTERRUPTED, ERROR_ENVIRONMENT. Any thread. */
int dial(const struct dial_to *to, struct dialed *ret, struct error *err);

#endif
