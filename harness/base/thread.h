/* Threads of this program: how they begin and end, and how one wakes another. Which thread runs what, and the order of
 * locks: doc/threads.md. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"

/* All zero: not started. */
struct thread {
	pthread_t id;
	bool started;
};

/* Its result is not used. */
typedef void *thread_fn(void *argument);

/* Starts a thread that runs fn(argument) with every signal blocked: signals belong to the thread of main(). A stack of
 * stack_octets; 0: as large as the system makes it. The thread must be joined. Errors: ERROR_ENVIRONMENT, RETRY_LATER;
 * *thread is untouched then. */
int thread_start(struct thread *thread, thread_fn *fn, void *argument, size_t stack_octets, struct error *err);

/* The same for a thread that nobody waits for: it may outlive whoever started it, so `argument` must live as long as
 * the process. */
int thread_start_detached(thread_fn *fn, void *argument, size_t stack_octets, struct error *err);

/* Waits for the end of a thread that was started, and only of one: may be called on any struct thread, and again. */
void thread_join(struct thread *thread);

/* Blocks every signal in the calling thread, for as long as a library may start a thread of its own in it (threads
 * inherit the mask); and back. */
void thread_block_signals(sigset_t *ret_old);
void thread_restore_signals(const sigset_t *old);

/* A descriptor that is readable, in poll or epoll, from the first thread_wake on until it is drained. Not blocking;
 * closed by close_p. Errors: ERROR_ENVIRONMENT, RETRY_LATER; *ret_fd is -1 then. */
int thread_wake_open(int *ret_fd, struct error *err);

/* Makes it readable. Any thread, any number of times. */
void thread_wake(int fd);

/* Makes it unreadable; true where it had been woken since it was drained last. */
bool thread_wake_drain(int fd);

#endif
