/* Threads on pthread, waking on eventfd. Must never let a thread take a signal that is meant for the thread of main().
 */
#include "harness/base/thread.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int thread_create(pthread_t *ret, int detach_state, size_t stack_octets, thread_fn *fn, void *argument)
{
	pthread_attr_t attr;
	sigset_t old;
	int failed = pthread_attr_init(&attr);
	if (failed)
		return failed;
	pthread_attr_setdetachstate(&attr, detach_state);
	if (stack_octets)
		failed = pthread_attr_setstacksize(&attr, stack_octets);
	thread_block_signals(&old);
	if (!failed)
		failed = pthread_create(ret, &attr, fn, argument);
	thread_restore_signals(&old);
	pthread_attr_destroy(&attr);
	return failed;
}

static int thread_failed(int failed, struct error *err)
{
	/* Limits of the user and of memory pass when other threads end. */
	return error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, failed, "cannot start a thread");
}

int thread_start(struct thread *thread, thread_fn *fn, void *argument, size_t stack_octets, struct error *err)
{
	pthread_t id;
	int failed = thread_create(&id, PTHREAD_CREATE_JOINABLE, stack_octets, fn, argument);
	if (failed)
		return thread_failed(failed, err);
	*thread = (struct thread){ .id = id, .started = true };
	return 0;
}

int thread_start_detached(thread_fn *fn, void *argument, size_t stack_octets, struct error *err)
{
	pthread_t id;
	int failed = thread_create(&id, PTHREAD_CREATE_DETACHED, stack_octets, fn, argument);
	return failed ? thread_failed(failed, err) : 0;
}

void thread_join(struct thread *thread)
{
	if (thread->started)
		pthread_join(thread->id, NULL);
	thread->started = false;
}

void thread_block_signals(sigset_t *ret_old)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, ret_old);
}

void thread_restore_signals(const sigset_t *old)
{
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

int thread_wake_open(int *ret_fd, struct error *err)
{
	*ret_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return *ret_fd < 0 ? error_errno(err, ERROR_ENVIRONMENT, RETRY_LATER, errno,
					 "cannot make a descriptor to wake a thread by")
			   : 0;
}

void thread_wake(int fd)
{
	const uint64_t one = 1;
	if (write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort(); /* it takes a 1 until it is full, and then it is readable */
}

bool thread_wake_drain(int fd)
{
	uint64_t count;
	if (read(fd, &count, sizeof(count)) > 0)
		return true;
	if (errno != EAGAIN)
		abort(); /* it is no descriptor of thread_wake_open */
	return false;
}
