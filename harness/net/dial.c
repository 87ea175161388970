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
#include "harness/base/ip.h"
#include "harness/net/resolve.h"

enum { ATTEMPTS_MAX = RESOLVE_ADDRESSES_MAX, STAGGER_MS = 250, FAILURES_TEXT_MAX = 400 };

struct attempt {
	const union resolved_address *address;
	int fd;
};

struct race {
	const char *host;
	bool literal; /* the host is an address: failures need not say which it was */
	unsigned port;
	struct attempt attempts[ATTEMPTS_MAX]; /* families in turn, the preferred one first */
	size_t count, begun;
	struct buf failures;
	int last_failure; /* errno */
	bool hurry;       /* an attempt has just failed: the next one need not wait */
	int cancel_fd;
};

/* The first address at or behind `at` that is of this family, or is not; the count where there is none. */
static size_t find_family(const struct resolved *r, size_t at, int family, bool is)
{
	while (at < r->count && (r->addresses[at].any.sa_family == family) != is)
		at++;
	return at;
}

/* RFC 8305 section 4: interleave the families, beginning with that of the first address. */
static void interleave(struct race *race, const struct resolved *r)
{
	int family = r->addresses[0].any.sa_family;
	size_t same = 0, other = find_family(r, 0, family, false);
	while (race->count < r->count) {
		if (same < r->count)
			race->attempts[race->count++] = (struct attempt){ &r->addresses[same], -1 };
		if (other < r->count)
			race->attempts[race->count++] = (struct attempt){ &r->addresses[other], -1 };
		same = find_family(r, same + 1, family, true);
		other = find_family(r, other + 1, family, false);
	}
}

static void format_peer(const union resolved_address *address, char peer[DIAL_PEER_MAX])
{
	char text[INET6_ADDRSTRLEN] = "?";
	if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->in6.sin6_addr, text, sizeof(text));
		snprintf(peer, DIAL_PEER_MAX, "[%s]:%u", text, (unsigned)ntohs(address->in6.sin6_port));
	} else {
		inet_ntop(AF_INET, &address->in.sin_addr, text, sizeof(text));
		snprintf(peer, DIAL_PEER_MAX, "%s:%u", text, (unsigned)ntohs(address->in.sin_port));
	}
}

static void note_failure(struct race *race, const struct attempt *a, int errnum)
{
	char peer[DIAL_PEER_MAX];
	format_peer(a->address, peer);
	race->last_failure = errnum;
	race->hurry = true;
	if (!race->literal)
		buf_addf(&race->failures, "%s%s: ", race->failures.len ? ", " : "", peer);
	buf_add_str(&race->failures, strerrordesc_np(errnum));
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

static void dial_begin(struct race *race)
{
	struct attempt *a = &race->attempts[race->begun++];
	const int on = 1, family = a->address->any.sa_family;
	const socklen_t len = family == AF_INET6 ? sizeof(a->address->in6) : sizeof(a->address->in);
	a->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (a->fd < 0) {
		note_failure(race, a, errno);
		return;
	}
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	keep_alive(a->fd);
	if (connect(a->fd, &a->address->any, len) == 0 || errno == EINPROGRESS)
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
			dial_begin(race);
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
	struct ip ip;
	struct race race = { .host = host,
			     .literal = ip_parse(span_of(host), &ip),
			     .port = port,
			     .cancel_fd = cancel_fd,
			     .failures = BUF_INIT(FAILURES_TEXT_MAX) };
	struct resolved resolved;
	size_t winner = 0;
	if (resolve_host(host, port, deadline, cancel_fd, &resolved, err) < 0)
		return -1;
	interleave(&race, &resolved);
	int result = run_race(&race, deadline, &winner, err);
	for (size_t i = 0; i < race.begun; i++)
		if (race.attempts[i].fd >= 0 && (result < 0 || i != winner))
			close(race.attempts[i].fd);
	if (result == 0) {
		*ret_fd = race.attempts[winner].fd;
		format_peer(race.attempts[winner].address, peer);
	}
	buf_fini(&race.failures);
	return result;
}
