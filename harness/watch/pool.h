/* A worker pool whose threads are shared out among groups (mail providers): a group whose jobs all hang until their
 * deadlines holds only its own share and delays no other group. Jobs of one group start in the order of their
 * submission.
 */
#ifndef WATCH_POOL_H
#define WATCH_POOL_H

#include <stddef.h>

#include "harness/base/error.h"

struct pool;

/* Something to do on a worker thread; it must end by itself (every wait in it has a deadline). */
typedef void pool_job_fn(void *argument);

enum { POOL_THREADS_MAX = 64 };

/* threads: 1 to POOL_THREADS_MAX; groups: number of groups, at least 1. Each group may hold
 * max(1, threads / groups) threads at once. Errors: ERROR_ENVIRONMENT. */
int pool_new(struct pool **ret, size_t threads, size_t groups, struct error *err);

/* Hands a job over; it may run at once. group < groups. Any thread, jobs included. Errors: memory. */
int pool_submit(struct pool *pool, size_t group, pool_job_fn *job, void *argument, struct error *err);

/* Waits until every submitted job has run, ends the threads, frees. NULL is allowed. Not from a job. */
void pool_free(struct pool *pool);

/* Threads that one group may hold at once. */
size_t pool_share(const struct pool *pool);

#endif
