/* Shell commands under a deadline. Must never leave a process behind that it started, nor hand it a descriptor of ours.
 */
#include "harness/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is connected to the running command. */
struct child {
	pid_t pid; /* also its process group */
	int pidfd; /* readable once it has ended */
	int out;   /* our end of its standard output, non-blocking; -1 after its end */
};

static int spawn_shell(const struct process_command *command, int out, pid_t *ret)
{
	char shell[] = "sh", option[] = "-c";
	char *argv[] = { shell, option, (char *)(uintptr_t)command->shell_line, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;
	sigemptyset(&none);
	sigemptyset(&defaults);
	for (int signal = SIGHUP; signal <= SIGTERM; signal++)
		if (signal != SIGKILL)
			sigaddset(&defaults, signal);
	sigaddset(&defaults, SIGCHLD);
	int result = posix_spawn_file_actions_init(&actions);
	if (result)
		return result;
	result = posix_spawnattr_init(&attributes);
	if (result) {
		posix_spawn_file_actions_destroy(&actions);
		return result;
	}
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	result = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!result)
		result = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!result)
		result = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (!result)
		result = posix_spawn(ret, "/bin/sh", &actions, &attributes, argv,
				     command->environment ? command->environment : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int process_start(const struct process_command *command, struct child *ret, struct error *err)
{
	int ends[2];
	struct child child = { .pidfd = -1 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, errno, "cannot make a pipe");
	int result = spawn_shell(command, ends[1], &child.pid);
	close(ends[1]);
	if (result) {
		close(ends[0]);
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, result, "cannot start /bin/sh");
	}
	child.out = ends[0];
	fcntl(child.out, F_SETFL, O_NONBLOCK);
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	*ret = child;
	return 0;
}

/* Adds what can be read now. At the end of the output child->out becomes -1. */
static int take_output(struct child *child, struct buf *out, struct error *err)
{
	char part[4096];
	while (child->out >= 0) {
		ssize_t n = read(child->out, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			close_p(&child->out);
		else if (buf_add(out, part, (size_t)n) < 0)
			return buf_check(out, "the output of the command", err);
	}
	return 0;
}

/* Reads until the command has ended. A process that it left in the background may hold its output open: that is not
 * waited for. */
static int process_follow(struct child *child, const struct process_command *command, struct buf *out,
			  struct error *err)
{
	if (child->pidfd < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, errno, "cannot watch the command");
	for (;;) {
		struct pollfd fds[] = { { .fd = child->pidfd, .events = POLLIN },
					{ .fd = child->out, .events = POLLIN },
					{ .fd = command->cancel_fd, .events = POLLIN } };
		int n = poll(fds, ARRAY_LEN(fds), deadline_poll_ms(command->deadline));
		if (n < 0 && errno != EINTR)
			return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, errno, "poll");
		if (n > 0 && fds[2].revents)
			return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "interrupted");
		if (n <= 0 && deadline_passed(command->deadline))
			return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "the command did not end in time");
		if (take_output(child, out, err) < 0)
			return -1;
		if (n > 0 && fds[0].revents)
			return take_output(child, out, err);
	}
}

int process_run(const struct process_command *command, struct buf *out, int *ret_status, struct error *err)
{
	struct child child;
	int status = 0;
	if (process_start(command, &child, err) < 0)
		return -1;
	int result = process_follow(&child, command, out, err);
	if (result < 0)
		kill(-child.pid, SIGKILL);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	close_p(&child.pidfd);
	close_p(&child.out);
	if (result == 0)
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return result;
}
