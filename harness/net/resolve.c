/* getaddrinfo on a thread of its own, so that the waiting ends when its deadline does. */
#include "harness/net/resolve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { STACK_OCTETS = 256 * 1024 };

/* Belongs to the one who asked and to the thread: the last to let go frees it. */
struct lookup {
	atomic_int owners;
	int done_fd;
	atomic_bool done; /* what follows it may be read */
	char *host;
	char port[8];
	int result;
	int system_error;
	struct addrinfo *list;
};

static void let_go(struct lookup *l)
{
	if (atomic_fetch_sub(&l->owners, 1) != 1)
		return;
	if (l->list)
		freeaddrinfo(l->list);
	close(l->done_fd);
	free(l->host);
	free(l);
}

static void *look_up(void *argument)
{
	struct lookup *l = argument;
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	const uint64_t one = 1;
	l->result = getaddrinfo(l->host, l->port, &hints, &l->list);
	l->system_error = errno;
	atomic_store(&l->done, true);
	if (write(l->done_fd, &one, sizeof(one)) < 0)
		abort(); /* a new eventfd takes a 1 */
	let_go(l);
	return NULL;
}

static int start_thread(struct lookup *l, struct error *err)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_OCTETS);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int failed = pthread_create(&thread, &attr, look_up, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (failed)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, failed,
				   "cannot start a thread to resolve a name");
	return 0;
}

static struct lookup *lookup_new(const char *host, uint16_t port)
{
	struct lookup *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->done_fd = eventfd(0, EFD_CLOEXEC);
	l->host = strdup(host);
	snprintf(l->port, sizeof(l->port), "%u", (unsigned)port);
	atomic_init(&l->owners, 1);
	if (l->done_fd >= 0 && l->host)
		return l;
	let_go(l);
	return NULL;
}

static int wait_for(struct lookup *l, struct deadline deadline, int cancel_fd, struct error *err)
{
	struct pollfd fds[2] = { { .fd = l->done_fd, .events = POLLIN }, { .fd = cancel_fd, .events = POLLIN } };
	int n = poll(fds, 2, deadline_poll_ms(deadline));
	while (n < 0 && errno == EINTR)
		n = poll(fds, 2, deadline_poll_ms(deadline));
	if (fds[1].revents && n > 0)
		return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted while resolving %s", l->host);
	if (n <= 0 || !atomic_load(&l->done))
		return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "resolving %s took too long", l->host);
	return 0;
}

/* An address needs no look-up and so no thread. */
static int resolve_numeric(const char *host, uint16_t port, struct addrinfo **ret)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	char service[8];
	snprintf(service, sizeof(service), "%u", (unsigned)port);
	return getaddrinfo(host, service, &hints, ret);
}

int resolve_host(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, struct addrinfo **ret,
		 struct error *err)
{
	if (resolve_numeric(host, port, ret) == 0)
		return 0;
	struct lookup *l = lookup_new(host, port);
	if (!l)
		return error_memory(err);
	atomic_store(&l->owners, 2);
	if (start_thread(l, err) < 0) {
		atomic_store(&l->owners, 1);
		let_go(l);
		return -1;
	}
	int result = wait_for(l, deadline, cancel_fd, err);
	if (result == 0 && l->result != 0) {
		bool passes = l->result == EAI_AGAIN || l->result == EAI_SYSTEM;
		result = error_set(err, ERROR_NETWORK, passes ? RETRY_LATER : RETRY_NEVER, l->result,
				   "the name %s cannot be resolved: %s", host,
				   l->result == EAI_SYSTEM ? strerrordesc_np(l->system_error)
							   : gai_strerror(l->result));
	} else if (result == 0) {
		*ret = l->list;
		l->list = NULL;
	}
	let_go(l);
	return result;
}
