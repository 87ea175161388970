/* Happy Eyeballs (RFC 8305) over the system's resolver. Every wait ends at the deadline. */
#include "harness/net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/net/resolve.h"

enum { ATTEMPTS_MAX = 16, STAGGER_MS = 250, FAILURES_TEXT_MAX = 400 };

struct attempt {
	const struct addrinfo *address;
	int fd;
};

struct race {
	const char *host;
	unsigned port;
	struct attempt attempts[ATTEMPTS_MAX]; /* families in turn, the preferred one first */
	size_t count, begun;
	struct buf failures;
	int last_failure; /* errno */
	bool hurry;       /* an attempt has just failed: the next one need not wait */
	int cancel_fd;
};

/* RFC 8305 section 4: interleave the families, beginning with that of the first address. */
static void interleave(struct race *race, const struct addrinfo *list)
{
	const struct addrinfo *same = list, *other = list;
	int family = list->ai_family;
	while (race->count < ATTEMPTS_MAX && (same || other)) {
		while (same && same->ai_family != family)
			same = same->ai_next;
		if (same) {
			race->attempts[race->count++] = (struct attempt){ same, -1 };
			same = same->ai_next;
		}
		while (other && other->ai_family == family)
			other = other->ai_next;
		if (other && race->count < ATTEMPTS_MAX) {
			race->attempts[race->count++] = (struct attempt){ other, -1 };
			other = other->ai_next;
		}
	}
}

static void format_peer(const struct sockaddr *address, char peer[DIAL_PEER_MAX])
{
	char text[INET6_ADDRSTRLEN] = "?";
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		snprintf(peer, DIAL_PEER_MAX, "[%s]:%u", text, (unsigned)ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const void *)address;
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		snprintf(peer, DIAL_PEER_MAX, "%s:%u", text, (unsigned)ntohs(in->sin_port));
	}
}

static void note_failure(struct race *race, const struct attempt *a, int errnum)
{
	char peer[DIAL_PEER_MAX];
	format_peer(a->address->ai_addr, peer);
	race->last_failure = errnum;
	race->hurry = true;
	buf_addf(&race->failures, "%s%s: %s", race->failures.len ? ", " : "", peer, strerrordesc_np(errnum));
}

/* A path that is cut in silence is noticed within two minutes, also while nothing is said. */
static void keep_alive(int fd)
{
	const int on = 1, idle_s = 60, interval_s = 20, probes = 3;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static void begin(struct race *race)
{
	struct attempt *a = &race->attempts[race->begun++];
	const int on = 1;
	a->fd = socket(a->address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (a->fd < 0) {
		note_failure(race, a, errno);
		return;
	}
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	keep_alive(a->fd);
	if (connect(a->fd, a->address->ai_addr, a->address->ai_addrlen) == 0 || errno == EINPROGRESS)
		return;
	note_failure(race, a, errno);
	close(a->fd);
	a->fd = -1;
}

/* 1 connected (index in *ret), 0 nothing yet, -1 cancelled. */
static int wait_for_one(struct race *race, int timeout_ms, size_t *ret)
{
	struct pollfd fds[ATTEMPTS_MAX + 1];
	for (size_t i = 0; i < race->begun; i++)
		fds[i] = (struct pollfd){ .fd = race->attempts[i].fd, .events = POLLOUT };
	fds[race->begun] = (struct pollfd){ .fd = race->cancel_fd, .events = POLLIN };
	if (poll(fds, race->begun + 1, timeout_ms) <= 0)
		return 0;
	if (fds[race->begun].revents)
		return -1;
	for (size_t i = 0; i < race->begun; i++) {
		struct attempt *a = &race->attempts[i];
		int failed = 0;
		socklen_t len = sizeof(failed);
		if (a->fd < 0 || !fds[i].revents)
			continue;
		getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &failed, &len);
		if (!failed) {
			*ret = i;
			return 1;
		}
		note_failure(race, a, failed);
		close(a->fd);
		a->fd = -1;
	}
	return 0;
}

static bool any_open(const struct race *race)
{
	for (size_t i = 0; i < race->begun; i++)
		if (race->attempts[i].fd >= 0)
			return true;
	return false;
}

static int run_race(struct race *race, struct deadline deadline, size_t *ret, struct error *err)
{
	struct deadline next = deadline_in(0);
	for (;;) {
		if (race->begun < race->count && (deadline_passed(next) || race->hurry)) {
			race->hurry = false;
			begin(race);
			next = deadline_in(STAGGER_MS);
			continue;
		}
		if (!any_open(race))
			return error_set(err, ERROR_NETWORK, RETRY_LATER, race->last_failure,
					 "cannot connect to %s port %u: %s", race->host, race->port,
					 buf_str(&race->failures));
		if (deadline_passed(deadline))
			return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0,
					 "connecting to %s port %u: no answer in time%s%s", race->host, race->port,
					 race->failures.len ? "; " : "", buf_str(&race->failures));
		struct deadline until = race->begun < race->count ? deadline_earlier(next, deadline) : deadline;
		int found = wait_for_one(race, deadline_poll_ms(until), ret);
		if (found > 0)
			return 0;
		if (found < 0)
			return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted while connecting to %s",
					 race->host);
	}
}

int dial(const char *host, uint16_t port, struct deadline deadline, int cancel_fd, int *ret_fd,
	 char peer[DIAL_PEER_MAX], struct error *err)
{
	struct race race = {
		.host = host, .port = port, .cancel_fd = cancel_fd, .failures = BUF_INIT(FAILURES_TEXT_MAX)
	};
	struct addrinfo *list = NULL;
	size_t winner = 0;
	if (resolve_host(host, port, deadline, cancel_fd, &list, err) < 0)
		return -1;
	interleave(&race, list);
	int result = run_race(&race, deadline, &winner, err);
	for (size_t i = 0; i < race.begun; i++)
		if (race.attempts[i].fd >= 0 && (result < 0 || i != winner))
			close(race.attempts[i].fd);
	if (result == 0) {
		*ret_fd = race.attempts[winner].fd;
		format_peer(race.attempts[winner].address->ai_addr, peer);
	}
	freeaddrinfo(list);
	buf_fini(&race.failures);
	return result;
}
