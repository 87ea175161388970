/* Threads begin with every signal blocked, are woken by a descriptor, and are joined once. */
#include "harness/base/thread.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum { SMALL_STACK = 128 * 1024, WAIT_MS = 20000 };

static const struct {
	const char *label;
	int signal;
} signals[] = {
	{ "interrupt", SIGINT }, { "terminate", SIGTERM }, { "hang up", SIGHUP },  { "pipe", SIGPIPE },
	{ "child", SIGCHLD },    { "alarm", SIGALRM },     { "window", SIGWINCH }, { "user", SIGUSR1 },
};

/* What a thread saw of itself. */
struct seen {
	sigset_t mask;
	size_t stack_octets;
	pthread_t id;
	int woken_fd; /* woken at its end, unless -1 */
};

static void *see(void *argument)
{
	struct seen *seen = argument;
	pthread_attr_t attr;
	pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
	seen->id = pthread_self();
	if (pthread_getattr_np(seen->id, &attr) == 0) {
		pthread_attr_getstacksize(&attr, &seen->stack_octets);
		pthread_attr_destroy(&attr);
	}
	if (seen->woken_fd >= 0)
		thread_wake(seen->woken_fd);
	return NULL;
}

static bool readable(int fd, int timeout_ms)
{
	return poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, timeout_ms) > 0;
}

static void assert_all_blocked(const char *how, const sigset_t *mask)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (sigismember(mask, signals[i].signal) != 1)
			fail_msg("%s: the signal \"%s\" is not blocked", how, signals[i].label);
}

static void assert_same_mask(const char *how, const sigset_t *before)
{
	sigset_t now;
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	for (int signal = 1; signal < NSIG; signal++)
		if (sigismember(&now, signal) != sigismember(before, signal))
			fail_msg("%s: the mask of the caller changed: signal %d", how, signal);
}

static void a_thread_takes_no_signal(void **state)
{
	struct seen joined = { .woken_fd = -1 }, detached = { .woken_fd = -1 };
	struct thread thread = { 0 };
	struct error err = ERROR_INIT;
	sigset_t before;
	assert_int_equal(thread_wake_open(&detached.woken_fd, &err), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(sigismember(&before, SIGTERM), 0);
	assert_int_equal(thread_start(&thread, see, &joined, 0, &err), 0);
	assert_same_mask("joined", &before);
	thread_join(&thread);
	assert_all_blocked("joined", &joined.mask);
	assert_int_equal(thread_start_detached(see, &detached, 0, &err), 0);
	assert_same_mask("detached", &before);
	assert_true(readable(detached.woken_fd, WAIT_MS));
	assert_true(thread_wake_drain(detached.woken_fd));
	assert_all_blocked("detached", &detached.mask);
	close(detached.woken_fd);
}

/* A library's thread inherits the mask of the one that it was started in. */
static void a_mask_is_lent_and_given_back(void **state)
{
	sigset_t before, lent, old;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	thread_block_signals(&old);
	pthread_sigmask(SIG_SETMASK, NULL, &lent);
	assert_all_blocked("lent", &lent);
	thread_restore_signals(&old);
	assert_same_mask("given back", &before);
}

/* The stack of a thread for which so much was asked. */
static size_t stack_of(size_t asked)
{
	struct seen seen = { .woken_fd = -1 };
	struct thread thread = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(thread_start(&thread, see, &seen, asked, &err), 0);
	thread_join(&thread);
	return seen.stack_octets;
}

/* A sanitizer adds to what was asked for. */
static void a_stack_is_as_large_as_was_asked_for(void **state)
{
	static const struct {
		const char *label;
		size_t asked;
	} rows[] = {
		{ "small", SMALL_STACK },
		{ "of a look-up", 256 * 1024 },
		{ "of a worker", 1024 * 1024 },
	};
	size_t usual = stack_of(0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t got = stack_of(rows[i].asked);
		ROW_ASSERT(rows[i].label, got >= rows[i].asked && got < usual);
	}
	assert_true(stack_of(2 * usual) >= 2 * usual);
}

static void one_that_cannot_start_is_an_error_of_the_environment(void **state)
{
	static const struct {
		const char *label;
		size_t stack_octets;
		int code;
	} rows[] = {
		{ "no memory has room for the stack", (size_t)1 << 62, EAGAIN },
		{ "nor for half of that", (size_t)1 << 61, EAGAIN },
		{ "a stack too small to run on", 1, EINVAL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT, of_detached = ERROR_INIT;
		struct seen seen = { .woken_fd = -1 };
		struct thread thread = { 0 };
		sigset_t before;
		pthread_sigmask(SIG_SETMASK, NULL, &before);
		ROW_ASSERT(rows[i].label, thread_start(&thread, see, &seen, rows[i].stack_octets, &err) == -1);
		ROW_ASSERT(rows[i].label, err.kind == ERROR_ENVIRONMENT && err.code == rows[i].code);
		ROW_ASSERT(rows[i].label, strncmp(err.text, "cannot start a thread: ", 23) == 0);
		ROW_ASSERT(rows[i].label, !thread.started);
		ROW_ASSERT(rows[i].label, thread_start_detached(see, &seen, rows[i].stack_octets, &of_detached) == -1);
		ROW_ASSERT_STRING(rows[i].label, of_detached.text, err.text);
		assert_same_mask(rows[i].label, &before);
		thread_join(&thread); /* nothing to wait for */
	}
}

static void a_thread_is_joined_once_and_starts_again(void **state)
{
	struct thread thread = { 0 };
	struct error err = ERROR_INIT;
	thread_join(&thread);
	for (int turn = 0; turn < 3; turn++) {
		struct seen seen = { .woken_fd = -1 };
		assert_int_equal(thread_start(&thread, see, &seen, 0, &err), 0);
		assert_true(thread.started);
		thread_join(&thread);
		assert_false(thread.started);
		/* What it wrote is seen after it was joined. */
		assert_false(pthread_equal(seen.id, pthread_self()));
		thread_join(&thread);
	}
}

static void a_descriptor_is_readable_from_waking_to_draining(void **state)
{
	static const struct {
		const char *label;
		int wakes;
	} rows[] = { { "never", 0 }, { "once", 1 }, { "twice", 2 }, { "often", 1000 } };
	struct error err = ERROR_INIT;
	int fd;
	assert_int_equal(thread_wake_open(&fd, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int wake = 0; wake < rows[i].wakes; wake++)
			thread_wake(fd);
		ROW_ASSERT(rows[i].label, readable(fd, 0) == (rows[i].wakes > 0));
		ROW_ASSERT(rows[i].label, thread_wake_drain(fd) == (rows[i].wakes > 0));
		ROW_ASSERT(rows[i].label, !readable(fd, 0));
		ROW_ASSERT(rows[i].label, !thread_wake_drain(fd));
	}
	close(fd);
}

static void one_that_is_full_stays_readable(void **state)
{
	struct error err = ERROR_INIT;
	int fd;
	assert_int_equal(thread_wake_open(&fd, &err), 0);
	assert_int_equal(eventfd_write(fd, UINT64_MAX - 1), 0);
	thread_wake(fd);
	assert_true(readable(fd, 0));
	assert_true(thread_wake_drain(fd));
	assert_false(readable(fd, 0));
	close(fd);
}

static void one_that_waits_is_woken_by_another(void **state)
{
	struct thread thread = { 0 };
	struct seen seen;
	struct error err = ERROR_INIT;
	assert_int_equal(thread_wake_open(&seen.woken_fd, &err), 0);
	assert_int_equal(thread_start(&thread, see, &seen, 0, &err), 0);
	assert_true(readable(seen.woken_fd, WAIT_MS));
	thread_join(&thread);
	close(seen.woken_fd);
}

static void no_descriptor_is_an_error_of_the_environment(void **state)
{
	struct rlimit limit, none;
	struct error err = ERROR_INIT;
	int fd = 0;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int result = thread_wake_open(&fd, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(result, -1);
	assert_int_equal(fd, -1);
	assert_int_equal(err.kind, ERROR_ENVIRONMENT);
	assert_int_equal(err.code, EMFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_takes_no_signal),
		cmocka_unit_test(a_mask_is_lent_and_given_back),
		cmocka_unit_test(a_stack_is_as_large_as_was_asked_for),
		cmocka_unit_test(one_that_cannot_start_is_an_error_of_the_environment),
		cmocka_unit_test(a_thread_is_joined_once_and_starts_again),
		cmocka_unit_test(a_descriptor_is_readable_from_waking_to_draining),
		cmocka_unit_test(one_that_is_full_stays_readable),
		cmocka_unit_test(one_that_waits_is_woken_by_another),
		cmocka_unit_test(no_descriptor_is_an_error_of_the_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
