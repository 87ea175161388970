/* The queue of one run: a heap of waiting tasks for each provider, so that nothing here takes longer the more wait. It
 * must never give out a task twice at once, nor two of one provider within the pace. */
#include "harness/send/smtp_queue.h"

#include <stdlib.h>

#include "harness/base/vec.h"

struct provider {
	char *name;
	int64_t free_ms;         /* monotonic; no message before then */
	struct smtp_task **heap; /* those that wait, the next one first; with room for all of the provider's */
	size_t waiting;
	size_t count, cap; /* all of them, active too */
};

struct smtp_queue {
	int64_t pace_ms, retry_ms, retry_max_ms;
	struct smtp_task **tasks; /* all, in no order */
	size_t count, cap;
	uint64_t added;
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

static bool smtp_queue_before(const struct smtp_task *a, const struct smtp_task *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void smtp_queue_push(struct smtp_queue *queue, struct smtp_task *task)
{
	struct provider *p = &queue->providers[task->provider];
	size_t i = p->waiting++;
	for (; i > 0 && smtp_queue_before(task, p->heap[(i - 1) / 2]); i = (i - 1) / 2)
		p->heap[i] = p->heap[(i - 1) / 2];
	p->heap[i] = task;
	task->active = false;
}

/* The next one of a provider, which has one: it is active now. */
static struct smtp_task *smtp_queue_pop(struct provider *p)
{
	struct smtp_task *first = p->heap[0], *last = p->heap[--p->waiting];
	size_t i = 0;
	for (size_t child = 1; child < p->waiting; child = 2 * i + 1) {
		if (child + 1 < p->waiting && smtp_queue_before(p->heap[child + 1], p->heap[child]))
			child++;
		if (!smtp_queue_before(p->heap[child], last))
			break;
		p->heap[i] = p->heap[child];
		i = child;
	}
	p->heap[i] = last;
	first->active = true;
	return first;
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
	for (size_t i = 0; i < queue->provider_count; i++) {
		free(queue->providers[i].name);
		free(queue->providers[i].heap);
	}
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
	struct provider *p = &queue->providers[provider];
	if (vec_grow(&p->heap, p->count, &p->cap, sizeof(*p->heap), err) < 0)
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
	task->number = queue->added++;
	task->index = queue->count;
	queue->tasks[queue->count++] = task;
	p->count++;
	smtp_queue_push(queue, task);
	return 0;
}

size_t smtp_queue_count(const struct smtp_queue *queue)
{
	return queue->count;
}

/* When the provider's next task may start; INT64_MAX where none waits. */
static int64_t may_start(const struct provider *p)
{
	if (!p->waiting)
		return INT64_MAX;
	return p->heap[0]->due_ms > p->free_ms ? p->heap[0]->due_ms : p->free_ms;
}

struct smtp_task *smtp_queue_next(struct smtp_queue *queue, int64_t now_ms)
{
	struct provider *best = NULL;
	for (size_t i = 0; i < queue->provider_count; i++) {
		struct provider *p = &queue->providers[i];
		if (may_start(p) <= now_ms && (!best || smtp_queue_before(p->heap[0], best->heap[0])))
			best = p;
	}
	if (!best)
		return NULL;
	best->free_ms = now_ms + queue->pace_ms;
	struct smtp_task *task = smtp_queue_pop(best);
	task->tries++;
	return task;
}

int64_t smtp_queue_due(const struct smtp_queue *queue, int64_t now_ms)
{
	int64_t due_ms = INT64_MAX;
	for (size_t i = 0; i < queue->provider_count; i++) {
		int64_t start_ms = may_start(&queue->providers[i]);
		if (start_ms > now_ms && start_ms < due_ms)
			due_ms = start_ms;
	}
	return due_ms;
}

/* Tasks in the heap from i on that are due, counted up to `most`: below one that is not due there is none. */
static size_t smtp_queue_count_due(const struct provider *p, size_t i, int64_t now_ms, size_t most)
{
	if (most == 0 || i >= p->waiting || p->heap[i]->due_ms > now_ms)
		return 0;
	size_t count = 1 + smtp_queue_count_due(p, 2 * i + 1, now_ms, most - 1);
	return count + smtp_queue_count_due(p, 2 * i + 2, now_ms, most - count);
}

size_t smtp_queue_ready(const struct smtp_queue *queue, int64_t now_ms, size_t most)
{
	size_t ready = 0;
	for (size_t i = 0; i < queue->provider_count && ready < most; i++) {
		const struct provider *p = &queue->providers[i];
		if (may_start(p) <= now_ms)
			ready += queue->pace_ms ? 1 : smtp_queue_count_due(p, 0, now_ms, most - ready);
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
	last_fini(&task->last);
	task->last = *result;
	task->last.enhanced = smtp_queue_copy(result->enhanced);
	task->last.text = smtp_queue_copy(result->text);
	task->last.peer = smtp_queue_copy(result->peer);
	task->last.tls_version = smtp_queue_copy(result->tls_version);
	task->last.tls_cipher = smtp_queue_copy(result->tls_cipher);
	task->due_ms = due_ms;
	smtp_queue_push(queue, task);
}

void smtp_queue_return(struct smtp_queue *queue, struct smtp_task *task, int64_t now_ms)
{
	task->tries--;
	task->due_ms = now_ms;
	smtp_queue_push(queue, task);
}

void smtp_queue_done(struct smtp_queue *queue, struct smtp_task *task)
{
	struct smtp_task *last = queue->tasks[--queue->count];
	queue->tasks[task->index] = last;
	last->index = task->index;
	queue->providers[task->provider].count--;
	task_free(task);
}

struct smtp_task *smtp_queue_drain(struct smtp_queue *queue)
{
	for (size_t i = 0; i < queue->provider_count; i++)
		if (queue->providers[i].waiting)
			return smtp_queue_pop(&queue->providers[i]);
	return NULL;
}
