/* Preloaded into postproof by a benchmark; measures from outside its code and never changes what it does.
 * BENCH_LOG=FILE gets "detected MICROSECONDS" for each commit that follows octets on a parked IMAP session, and at the
 * end "octets N": what was received from port 993.
 *
 * A parked session is a descriptor that the program gives to epoll with EPOLLONESHOT. It is given to a second epoll as
 * well, on which a thread of this library waits, so that the moment at which octets became readable is known without
 * regard to when the program looks. The commit is matched to the session by the descriptor that its thread read last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 65536, EVENTS = 64, IMAPS = 993 };

typedef int exec_fn(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);
typedef int epoll_ctl_fn(int epoll, int op, int fd, struct epoll_event *event);
typedef ssize_t recv_fn(int fd, void *octets, size_t size, int flags);

static exec_fn *real_exec;
static epoll_ctl_fn *real_epoll_ctl;
static recv_fn *real_recv;
static int log_fd = -1, second = -1;
static atomic_llong readable_us[DESCRIPTORS]; /* 0: nothing since it was parked */
static atomic_llong octets_received;
static _Thread_local int last_read = -1;

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);

static long long now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void *wait_for_octets(void *unused)
{
	(void)unused;
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(second, events, EVENTS, -1);
		long long now = now_us();
		for (int i = 0; i < n; i++)
			atomic_store(&readable_us[events[i].data.fd], now);
	}
	return NULL;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("BENCH_LOG");
	sigset_t all, old;
	pthread_t thread;
	real_exec = (exec_fn *)dlsym(RTLD_NEXT, "sqlite3_exec");
	real_epoll_ctl = (epoll_ctl_fn *)dlsym(RTLD_NEXT, "epoll_ctl");
	real_recv = (recv_fn *)dlsym(RTLD_NEXT, "recv");
	log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	second = epoll_create1(EPOLL_CLOEXEC);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (log_fd < 0 || second < 0 || pthread_create(&thread, NULL, wait_for_octets, NULL) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

__attribute__((destructor)) static void end(void)
{
	dprintf(log_fd, "octets %lld\n", atomic_load(&octets_received));
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	if (event && (event->events & EPOLLONESHOT) && fd >= 0 && fd < DESCRIPTORS) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT, .data.fd = fd };
		atomic_store(&readable_us[fd], 0);
		if (real_epoll_ctl(second, EPOLL_CTL_MOD, fd, &e) < 0 && errno == ENOENT)
			real_epoll_ctl(second, EPOLL_CTL_ADD, fd, &e);
	}
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

ssize_t recv(int fd, void *octets, size_t size, int flags)
{
	ssize_t n = real_recv(fd, octets, size, flags);
	int saved = errno;
	last_read = fd;
	if (n > 0 && !(flags & MSG_PEEK) && is_imap(fd))
		atomic_fetch_add(&octets_received, n);
	errno = saved;
	return n;
}

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message)
{
	int result = real_exec(db, sql, row, user, message);
	if (result != 0 || strcmp(sql, "COMMIT") != 0 || last_read < 0 || last_read >= DESCRIPTORS)
		return result;
	long long committed = now_us(), since = atomic_exchange(&readable_us[last_read], 0);
	if (since > 0)
		dprintf(log_fd, "detected %lld\n", committed - since);
	return result;
}
