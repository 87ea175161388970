/* The queue of one run. It must never give out a task twice at once, nor two of one provider within the pace. */
#include "harness/send/smtp_queue.h"

#include <stdlib.h>

#include "harness/base/vec.h"

struct provider {
	char *name;
	int64_t free_ms; /* monotonic; no message before then */
	size_t seen;     /* mark of smtp_queue_ready */
};

struct smtp_queue {
	int64_t pace_ms, retry_ms, retry_max_ms;
	struct smtp_task **tasks; /* in the order of their adding */
	size_t count, cap;
	struct provider *providers;
	size_t provider_count, provider_cap;
};

static void last_fini(struct smtp_result *last)
{
	const char *owned[] = { last->enhanced, last->text, last->peer, last->tls_version, last->tls_cipher };
	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		free((void *)(uintptr_t)owned[i]);
	*last = (struct smtp_result){ 0 };
}

static void task_free(struct smtp_task *task)
{
	const char *owned[] = { task->job.provider, task->job.mail_from, task->job.rcpt };
	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		free((void *)(uintptr_t)owned[i]);
	last_fini(&task->last);
	free(task);
}

int smtp_queue_new(int64_t pace_ms, int64_t retry_ms, int64_t retry_max_ms, struct smtp_queue **ret, struct error *err)
{
	struct smtp_queue *queue = calloc(1, sizeof(*queue));
	if (!queue)
		return error_memory(err);
	queue->pace_ms = pace_ms;
	queue->retry_ms = retry_ms;
	queue->retry_max_ms = retry_max_ms;
	*ret = queue;
	return 0;
}

void smtp_queue_free(struct smtp_queue *queue)
{
	if (!queue)
		return;
	for (size_t i = 0; i < queue->count; i++)
		task_free(queue->tasks[i]);
	for (size_t i = 0; i < queue->provider_count; i++)
		free(queue->providers[i].name);
	free(queue->tasks);
	free(queue->providers);
	free(queue);
}

static int provider_index(struct smtp_queue *queue, const char *name, size_t *ret, struct error *err)
{
	for (size_t i = 0; i < queue->provider_count; i++) {
		if (span_is(span_of(name), queue->providers[i].name)) {
			*ret = i;
			return 0;
		}
	}
	if (vec_grow(&queue->providers, queue->provider_count, &queue->provider_cap, sizeof(*queue->providers), err) <
	    0)
		return -1;
	char *copy = span_dup(span_of(name));
	if (!copy)
		return error_memory(err);
	*ret = queue->provider_count++;
	queue->providers[*ret] = (struct provider){ .name = copy, .free_ms = INT64_MIN };
	return 0;
}

int smtp_queue_add(struct smtp_queue *queue, const struct smtp_job *job, struct error *err)
{
	if (queue->count >= SMTP_JOBS_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "more than %d messages", SMTP_JOBS_MAX);
	size_t provider = 0;
	if (provider_index(queue, job->provider, &provider, err) < 0 ||
	    vec_grow(&queue->tasks, queue->count, &queue->cap, sizeof(*queue->tasks), err) < 0)
		return -1;
	struct smtp_task *task = calloc(1, sizeof(*task));
	if (!task)
		return error_memory(err);
	task->job = *job;
	task->provider = provider;
	task->due_ms = INT64_MIN;
	task->job.provider = span_dup(span_of(job->provider));
	task->job.mail_from = span_dup(span_of(job->mail_from));
	task->job.rcpt = span_dup(span_of(job->rcpt));
	if (!task->job.provider || !task->job.mail_from || !task->job.rcpt) {
		task_free(task);
		return error_memory(err);
	}
	queue->tasks[queue->count++] = task;
	return 0;
}

size_t smtp_queue_count(const struct smtp_queue *queue)
{
	return queue->count;
}

static int64_t may_start(const struct smtp_queue *queue, const struct smtp_task *task)
{
	int64_t free_ms = queue->providers[task->provider].free_ms;
	return task->due_ms > free_ms ? task->due_ms : free_ms;
}

struct smtp_task *smtp_queue_next(struct smtp_queue *queue, int64_t now_ms)
{
	struct smtp_task *best = NULL;
	for (size_t i = 0; i < queue->count; i++) {
		struct smtp_task *task = queue->tasks[i];
		if (!task->active && may_start(queue, task) <= now_ms && (!best || task->due_ms < best->due_ms))
			best = task;
	}
	if (!best)
		return NULL;
	best->active = true;
	best->tries++;
	queue->providers[best->provider].free_ms = now_ms + queue->pace_ms;
	return best;
}

int64_t smtp_queue_due(const struct smtp_queue *queue, int64_t now_ms)
{
	int64_t due_ms = INT64_MAX;
	for (size_t i = 0; i < queue->count; i++) {
		if (queue->tasks[i]->active)
			continue;
		int64_t start_ms = may_start(queue, queue->tasks[i]);
		if (start_ms > now_ms && start_ms < due_ms)
			due_ms = start_ms;
	}
	return due_ms;
}

size_t smtp_queue_ready(const struct smtp_queue *queue, int64_t now_ms, size_t most)
{
	size_t ready = 0;
	for (size_t i = 0; i < queue->provider_count; i++)
		queue->providers[i].seen = 0;
	for (size_t i = 0; i < queue->count && ready < most; i++) {
		const struct smtp_task *task = queue->tasks[i];
		if (task->active || may_start(queue, task) > now_ms)
			continue;
		if (queue->pace_ms == 0 || queue->providers[task->provider].seen++ == 0)
			ready++;
	}
	return ready;
}

int64_t smtp_queue_retry_at(const struct smtp_queue *queue, const struct smtp_task *task, int64_t now_ms)
{
	int64_t wait_ms = queue->retry_ms;
	for (int i = 1; i < task->tries && wait_ms < queue->retry_max_ms; i++)
		wait_ms *= 3;
	return now_ms + (wait_ms < queue->retry_max_ms ? wait_ms : queue->retry_max_ms);
}

static const char *smtp_queue_copy(const char *string)
{
	return string ? span_dup(span_of(string)) : NULL;
}

void smtp_queue_defer(struct smtp_queue *queue, struct smtp_task *task, int64_t due_ms,
		      const struct smtp_result *result)
{
	(void)queue;
	last_fini(&task->last);
	task->last = *result;
	task->last.enhanced = smtp_queue_copy(result->enhanced);
	task->last.text = smtp_queue_copy(result->text);
	task->last.peer = smtp_queue_copy(result->peer);
	task->last.tls_version = smtp_queue_copy(result->tls_version);
	task->last.tls_cipher = smtp_queue_copy(result->tls_cipher);
	task->active = false;
	task->due_ms = due_ms;
}

void smtp_queue_return(struct smtp_queue *queue, struct smtp_task *task, int64_t now_ms)
{
	(void)queue;
	task->tries--;
	task->active = false;
	task->due_ms = now_ms;
}

void smtp_queue_done(struct smtp_queue *queue, struct smtp_task *task)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (queue->tasks[i] != task)
			continue;
		for (size_t k = i + 1; k < queue->count; k++)
			queue->tasks[k - 1] = queue->tasks[k];
		queue->count--;
		break;
	}
	task_free(task);
}

struct smtp_task *smtp_queue_drain(struct smtp_queue *queue)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (!queue->tasks[i]->active) {
			queue->tasks[i]->active = true;
			return queue->tasks[i];
		}
	}
	return NULL;
}
