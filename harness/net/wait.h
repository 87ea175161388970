/* The one wait of everything that talks to a network: until a descriptor is ready, a deadline passes, or the program is
 * asked to stop. */
#ifndef NET_WAIT_H
#define NET_WAIT_H

#include <poll.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

/* Waits for `events` (POLLIN, POLLOUT) of fd. cancel_fd, unless negative, is a descriptor that becomes readable when
 * all waits must end (an eventfd or a pipe; nothing is read from it). Errors: ERROR_TIMEOUT, ERROR_INTERRUPTED,
 * ERROR_ENVIRONMENT. Any thread. */
int wait_fd(int fd, short events, struct deadline deadline, int cancel_fd, struct error *err);

/* The same for several descriptors; their revents are filled. */
int wait_fds(struct pollfd *fds, size_t count, struct deadline deadline, int cancel_fd, struct error *err);

#endif
