/* Preloaded into postproof by a benchmark; measures from outside its code and never changes what it does.
 * BENCH_LOG=FILE gets a line "detected TOTAL TAKEN SERVER COMMIT" in microseconds for each commit that follows octets
 * on a parked IMAP session: from the arrival of those octets to the end of the commit; the share of that until a worker
 * read them; until the server had answered the worker's commands; in COMMIT itself. What remains is postproof's own
 * work and its waiting for the store. At the end comes "octets N": what was received from port 993.
 *
 * A parked session is a descriptor that the program gives to epoll with EPOLLONESHOT. When octets arrived is the
 * kernel's word (SO_TIMESTAMPNS), and so does not depend on when anything runs. The commit is matched to the session
 * that its thread woke for last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 65536, IMAPS = 993 };

typedef int exec_fn(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);
typedef int epoll_ctl_fn(int epoll, int op, int fd, struct epoll_event *event);
typedef ssize_t recv_fn(int fd, void *octets, size_t size, int flags);
typedef ssize_t send_fn(int fd, const void *octets, size_t size, int flags);

static exec_fn *real_exec;
static epoll_ctl_fn *real_epoll_ctl;
static recv_fn *real_recv;
static send_fn *real_send;
static int log_fd = -1;
static atomic_bool parked[DESCRIPTORS];
static atomic_llong octets_received;

/* What the thread does since it was woken. Times in microseconds of the wall clock, as the kernel's timestamps are. */
static _Thread_local struct {
	int fd;
	long long arrived, taken, sent, server; /* arrived 0: it was not woken by octets; sent 0: no command is open */
} wake;

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);

static long long microseconds(const struct timespec *t)
{
	return (long long)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

static long long now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return microseconds(&t);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("BENCH_LOG");
	real_exec = (exec_fn *)dlsym(RTLD_NEXT, "sqlite3_exec");
	real_epoll_ctl = (epoll_ctl_fn *)dlsym(RTLD_NEXT, "epoll_ctl");
	real_recv = (recv_fn *)dlsym(RTLD_NEXT, "recv");
	real_send = (send_fn *)dlsym(RTLD_NEXT, "send");
	log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (log_fd < 0)
		abort();
}

__attribute__((destructor)) static void end(void)
{
	dprintf(log_fd, "octets %lld\n", atomic_load(&octets_received));
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	if (event && (event->events & EPOLLONESHOT) && fd >= 0 && fd < DESCRIPTORS)
		atomic_store(&parked[fd], true);
	return real_epoll_ctl(epoll, op, fd, event);
}

static int is_imap(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
		return 0;
	if (peer.ss_family == AF_INET6)
		return ((struct sockaddr_in6 *)&peer)->sin6_port == htons(IMAPS);
	return peer.ss_family == AF_INET && ((struct sockaddr_in *)&peer)->sin_port == htons(IMAPS);
}

/* As recv, and when the octets arrived: 0 where the kernel does not say. */
static ssize_t recv_with_time(int fd, void *octets, size_t size, int flags, long long *ret_arrived)
{
	const int on = 1;
	union {
		char octets[256];
		struct cmsghdr aligned;
	} control;
	struct iovec part = { octets, size };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	*ret_arrived = 0;
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	ssize_t n = recvmsg(fd, &message, flags);
	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL; c; c = CMSG_NXTHDR(&message, c)) {
		struct timespec t;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		*ret_arrived = microseconds(&t);
	}
	return n;
}

static bool was_parked(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && atomic_exchange(&parked[fd], false);
}

/* The thread has taken up a session; arrived 0: it was not octets that woke it. */
static void note_wake(int fd, long long arrived)
{
	wake.fd = fd;
	wake.arrived = arrived;
	wake.taken = now_us() - arrived;
	wake.sent = wake.server = 0;
}

static void note_receipt(int fd, long long arrived)
{
	if (was_parked(fd)) {
		note_wake(fd, arrived);
	} else if (wake.fd != fd) {
		wake.arrived = 0; /* the thread has gone on to another session */
	} else if (wake.sent) {
		wake.server += now_us() - wake.sent;
		wake.sent = 0;
	}
}

ssize_t recv(int fd, void *octets, size_t size, int flags)
{
	long long arrived;
	if ((flags & MSG_PEEK) || !is_imap(fd))
		return real_recv(fd, octets, size, flags);
	ssize_t n = recv_with_time(fd, octets, size, flags, &arrived);
	int saved = errno;
	if (n > 0) {
		atomic_fetch_add(&octets_received, n);
		note_receipt(fd, arrived);
	}
	errno = saved;
	return n;
}

ssize_t send(int fd, const void *octets, size_t size, int flags)
{
	/* DONE is said before anything is read: what is there now has woken the session, what comes later is the
	 * answer. */
	if (was_parked(fd)) {
		char octet;
		long long arrived;
		recv_with_time(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT, &arrived);
		note_wake(fd, arrived);
	}
	if (wake.fd == fd)
		wake.sent = now_us();
	return real_send(fd, octets, size, flags);
}

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message)
{
	long long before = now_us();
	int result = real_exec(db, sql, row, user, message);
	if (result != 0 || strcmp(sql, "COMMIT") != 0 || !wake.arrived)
		return result;
	long long committed = now_us();
	dprintf(log_fd, "detected %lld %lld %lld %lld\n", committed - wake.arrived, wake.taken, wake.server,
		committed - before);
	wake.arrived = 0;
	return result;
}
