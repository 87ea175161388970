/* Connects to a server by name: both address families side by side (RFC 8305), everything under one deadline. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

enum { DIAL_PEER_MAX = 64 };

/* Resolves `host` (a name, or an address without brackets) and connects to the first of its addresses that answers; a
 * further one is tried 250 ms after the last (RFC 8305 section 5), families in turn. *ret_fd becomes a non-blocking,
 * close-on-exec socket with TCP_NODELAY that the caller owns; peer its address: `192.0.2.1:993`, `[2001:db8::1]:993`.
 * cancel_fd ends the wait when readable; -1: none.
 *
 * Errors: ERROR_NETWORK (no such name: code is getaddrinfo's, below 0; every address refused: code is the errno of the
 * last, the text names each), ERROR_TIMEOUT, ERROR_INTERRUPTED, ERROR_ENVIRONMENT. Any thread. */
int dial(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, int *ret_fd,
	 char peer[DIAL_PEER_MAX], struct error *err);

#endif
