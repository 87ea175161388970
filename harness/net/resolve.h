/* Name to addresses under a deadline, which getaddrinfo(3) does not know. Private to net/. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <netdb.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

/* The addresses of a name for TCP, as the system orders them; the caller frees them with freeaddrinfo. A look-up that
 * is given up goes on in the background until the system's resolver ends it. Errors as dial(). */
int resolve_host(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, struct addrinfo **ret,
		 struct error *err);

#endif
