/* Preloaded into postproof by a test: kills the process before or after its Nth commit, from outside its code.
 * KILL_AT=N, KILL_WHEN=before|after; COMMIT_LOG=FILE gets one octet per commit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int exec_fn(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message);

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **message)
{
	static atomic_int commits;
	exec_fn *real = (exec_fn *)dlsym(RTLD_NEXT, "sqlite3_exec");
	const char *at = getenv("KILL_AT"), *when = getenv("KILL_WHEN"), *log = getenv("COMMIT_LOG");
	if (strcmp(sql, "COMMIT") != 0)
		return real(db, sql, row, user, message);
	int number = atomic_fetch_add(&commits, 1) + 1;
	int now = at && strtol(at, NULL, 10) == number;
	int fd = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0) {
		if (write(fd, ".", 1) != 1)
			abort();
		close(fd);
	}
	if (now && when && strcmp(when, "before") == 0)
		kill(getpid(), SIGKILL);
	int result = real(db, sql, row, user, message);
	if (now)
		kill(getpid(), SIGKILL);
	return result;
}
