/* Which message is next: pacing per provider and waiting times after failures, on a clock that is handed in. */
#ifndef SEND_SMTP_QUEUE_H
#define SEND_SMTP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/send/smtp_job.h"

enum { SMTP_JOBS_MAX = 1000 * 1000 };

/* A job and what is known of its attempts. */
struct smtp_task {
	struct smtp_job job; /* strings owned */
	size_t provider;     /* index in the queue's table */
	int tries;           /* attempts begun in this run */
	bool active;         /* on a connection now */
	int64_t due_ms;      /* monotonic; not before then */
	uint64_t number;     /* in the order of their adding */
	size_t index;        /* the queue's */

	/* The last attempt's end, kept for the final result that only repeats it; strings owned, NULL where absent
	 * or where memory for a copy was short. */
	struct smtp_result last;
};

struct smtp_queue;

/* pace_ms: between two starts at one provider. retry_ms: before the second try, three times
 * as long for each further one, up to retry_max_ms. Errors: memory. */
int smtp_queue_new(int64_t pace_ms, int64_t retry_ms, int64_t retry_max_ms, struct smtp_queue **ret, struct error *err);
void smtp_queue_free(struct smtp_queue *queue);

/* Copies the job's strings; it is due at once. ERROR_LIMIT, memory. */
int smtp_queue_add(struct smtp_queue *queue, const struct smtp_job *job, struct error *err);

/* Tasks that are queued or active. */
size_t smtp_queue_count(const struct smtp_queue *queue);

/* The task that may start now, earliest due first, then as they were added: it becomes active, is counted as a try and
 * sets the pace of its provider. NULL when none may. */
struct smtp_task *smtp_queue_next(struct smtp_queue *queue, int64_t now_ms);

/* The first time after now_ms at which a provider without a task that may start now has one; INT64_MAX when there is
 * none. */
int64_t smtp_queue_due(const struct smtp_queue *queue, int64_t now_ms);

/* How many tasks smtp_queue_next would give out one after the other at this time, counted up to `most`. */
size_t smtp_queue_ready(const struct smtp_queue *queue, int64_t now_ms, size_t most);

/* When the task would be due again after its last try failed at now_ms: retry_ms, three times that, nine times...,
 * at most retry_max_ms later. */
int64_t smtp_queue_retry_at(const struct smtp_queue *queue, const struct smtp_task *task, int64_t now_ms);

/* Back into the queue, due at that time; the result of the attempt is copied into task->last. */
void smtp_queue_defer(struct smtp_queue *queue, struct smtp_task *task, int64_t due_ms,
		      const struct smtp_result *result);

/* Back into the queue as if it had not been taken: nothing of it was heard by the server. Its pace stays counted. */
void smtp_queue_return(struct smtp_queue *queue, struct smtp_task *task, int64_t now_ms);

/* Removes and frees an active task. */
void smtp_queue_done(struct smtp_queue *queue, struct smtp_task *task);

/* Any task that is not active, taken as active without counting a try; NULL when none is left. For ending a run. */
struct smtp_task *smtp_queue_drain(struct smtp_queue *queue);

#endif
