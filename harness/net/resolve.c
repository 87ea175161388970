/* Look-ups by getaddrinfo on threads of their own, so that a wait ends when its deadline does, however long the
 * system's resolver takes. Their number is bounded, and there is never more than one look-up of a name. */
#include "harness/net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/thread.h"

enum { STACK_OCTETS = 256 * 1024 };

enum lookup_state { LOOKUP_QUEUED, LOOKUP_UNDER_WAY, LOOKUP_DONE };

struct answer {
	int result; /* of getaddrinfo */
	int system_error;
	struct resolved resolved; /* ports are 0 */
};

struct lookup {
	char *host;
	enum lookup_state state;
	size_t waiters;
	int done_fd; /* readable for good once the look-up is done */
	int64_t done_ms;
	struct answer answer;
	struct lookup *next;
};

/* Guards everything below, and every look-up. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *lookups; /* in the order in which they were asked for */
static size_t thread_count;

static void keep_addresses(const struct addrinfo *list, struct resolved *ret)
{
	*ret = (struct resolved){ 0 };
	for (const struct addrinfo *a = list; a && ret->count < RESOLVE_ADDRESSES_MAX; a = a->ai_next)
		if (a->ai_addrlen <= sizeof(ret->addresses[0]))
			memcpy(&ret->addresses[ret->count++], a->ai_addr, a->ai_addrlen);
}

static struct answer ask_system(const char *host, int flags)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addrinfo *list = NULL;
	struct answer answer = { .result = getaddrinfo(host, NULL, &hints, &list) };
	answer.system_error = errno;
	if (answer.result != 0)
		return answer;
	keep_addresses(list, &answer.resolved);
	freeaddrinfo(list);
	if (answer.resolved.count == 0)
		answer.result = EAI_NODATA;
	return answer;
}

static struct lookup *next_queued(void)
{
	struct lookup *l = lookups;
	while (l && l->state != LOOKUP_QUEUED)
		l = l->next;
	return l;
}

/* Ends when nothing waits for its turn. */
static void *resolve_lookup(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	for (struct lookup *l; (l = next_queued());) {
		l->state = LOOKUP_UNDER_WAY;
		pthread_mutex_unlock(&lock);
		struct answer answer = ask_system(l->host, 0);
		pthread_mutex_lock(&lock);
		l->answer = answer;
		l->state = LOOKUP_DONE;
		l->done_ms = clock_mono_ms();
		thread_wake(l->done_fd);
	}
	thread_count--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int start_thread(struct error *err)
{
	if (thread_start_detached(resolve_lookup, NULL, STACK_OCTETS, err) < 0)
		return error_prefix(err, "resolving a name");
	thread_count++;
	return 0;
}

static void lookup_free(struct lookup *l)
{
	close_p(&l->done_fd);
	free(l->host);
	free(l);
}

static bool fresh(const struct lookup *l)
{
	return l->state != LOOKUP_DONE || clock_mono_ms() - l->done_ms < RESOLVE_FRESH_MS;
}

static void drop_stale(void)
{
	for (struct lookup **at = &lookups; *at;) {
		struct lookup *l = *at;
		if (fresh(l) || l->waiters > 0) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		lookup_free(l);
	}
}

static int lookup_new(struct lookup **ret, const char *host, struct error *err)
{
	struct lookup *l = calloc(1, sizeof(*l));
	if (!l)
		return error_memory(err);
	l->done_fd = -1;
	l->host = strdup(host);
	if ((l->host ? thread_wake_open(&l->done_fd, err) : error_memory(err)) < 0) {
		lookup_free(l);
		return -1;
	}
	*ret = l;
	return 0;
}

static int add_lookup(struct lookup **ret, const char *host, struct error *err)
{
	/* Where a further thread cannot be had, those that there are take one look-up after the other. */
	if (thread_count < RESOLVE_THREADS_MAX && start_thread(err) < 0 && thread_count == 0)
		return -1;
	if (lookup_new(ret, host, err) < 0)
		return -1;
	struct lookup **end = &lookups;
	while (*end)
		end = &(*end)->next;
	*end = *ret;
	return 0;
}

/* The look-up of that name that is under way or has just ended, or a new one. */
static int join_lookup(const char *host, struct lookup **ret, struct error *err)
{
	int result = 0;
	pthread_mutex_lock(&lock);
	drop_stale();
	struct lookup *l = lookups;
	while (l && (!fresh(l) || strcasecmp(l->host, host) != 0))
		l = l->next;
	if (!l)
		result = add_lookup(&l, host, err);
	if (result == 0) {
		l->waiters++;
		*ret = l;
	}
	pthread_mutex_unlock(&lock);
	return result;
}

/* 1 with what was found out, 0 where it was not in time. */
static int leave_lookup(struct lookup *l, struct answer *ret)
{
	pthread_mutex_lock(&lock);
	int done = l->state == LOOKUP_DONE;
	if (done)
		*ret = l->answer;
	l->waiters--;
	pthread_mutex_unlock(&lock);
	return done;
}

/* Ends with the look-up, the deadline or the cancel: true for the last. */
static bool cancelled_before(const struct lookup *l, struct deadline deadline, int cancel_fd)
{
	struct pollfd fds[2] = { { .fd = l->done_fd, .events = POLLIN }, { .fd = cancel_fd, .events = POLLIN } };
	int n = poll(fds, 2, deadline_poll_ms(deadline));
	while (n < 0 && errno == EINTR)
		n = poll(fds, 2, deadline_poll_ms(deadline));
	return n > 0 && fds[1].revents;
}

static int cannot_be_resolved(const char *host, const struct answer *answer, struct error *err)
{
	bool system = answer->result == EAI_SYSTEM;
	return error_set(err, ERROR_NETWORK, system || answer->result == EAI_AGAIN ? RETRY_LATER : RETRY_NEVER,
			 answer->result, "the name %s cannot be resolved: %s", host,
			 system ? strerrordesc_np(answer->system_error) : gai_strerror(answer->result));
}

static int share_lookup(const char *host, struct deadline deadline, int cancel_fd, struct answer *ret,
			struct error *err)
{
	struct lookup *l;
	if (join_lookup(host, &l, err) < 0)
		return -1;
	bool cancelled = cancelled_before(l, deadline, cancel_fd);
	int done = leave_lookup(l, ret);
	if (cancelled)
		return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted while resolving %s", host);
	if (!done)
		return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "resolving %s took too long", host);
	return ret->result == 0 ? 0 : cannot_be_resolved(host, ret, err);
}

int resolve_host(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, struct resolved *ret,
		 struct error *err)
{
	/* An address needs no look-up and so no thread. */
	struct answer answer = ask_system(host, AI_NUMERICHOST);
	if (answer.result != 0 && share_lookup(host, deadline, cancel_fd, &answer, err) < 0)
		return -1;
	for (size_t i = 0; i < answer.resolved.count; i++) {
		union resolved_address *a = &answer.resolved.addresses[i];
		if (a->any.sa_family == AF_INET6)
			a->in6.sin6_port = htons(port);
		else
			a->in.sin_port = htons(port);
	}
	*ret = answer.resolved;
	return 0;
}
