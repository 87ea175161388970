/* Runs all checks side by side and collects what they find. Knows nothing of what they look at. */
#include "harness/posture/engine/check.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/thread.h"

enum { THREADS_MAX = 64 };

struct check {
	const struct posture_params *params;
	struct deadline deadline;
	pthread_mutex_t lock; /* of the members below */
	struct findings findings;
	bool memory_short;
	struct error trouble; /* the first of a resolver that could not work; kind NONE while there is none */
	size_t threads;
	atomic_size_t questions, connections;
};

const struct posture_params *check_params(const struct check *check)
{
	return check->params;
}

struct deadline check_deadline(const struct check *check)
{
	return check->deadline;
}

void check_buf(struct check *check, const struct buf *b)
{
	if (b->failed == BUF_NO_MEMORY)
		check_memory(check);
}

const char *check_text(struct check *check, const struct buf *text)
{
	check_buf(check, text);
	return buf_str(text);
}

void check_memory(struct check *check)
{
	pthread_mutex_lock(&check->lock);
	check->memory_short = true;
	pthread_mutex_unlock(&check->lock);
}

void check_connected(struct check *check)
{
	atomic_fetch_add(&check->connections, 1);
}

/* --- jobs ------------------------------------------------------------------------------------------------------- */

struct check_job {
	struct check *check;
	check_fn *fn;
	void *argument;
	struct thread thread; /* not started where it has that of check_each */
};

static void *run_job(void *argument)
{
	struct check_job *job = argument;
	job->fn(job->check, job->argument);
	return NULL;
}

/* Takes one of the threads that are left, where there is one. */
static void start_job(struct check_job *job)
{
	struct check *check = job->check;
	struct error ignored = ERROR_INIT;
	pthread_mutex_lock(&check->lock);
	bool free = check->threads < THREADS_MAX;
	check->threads += free;
	pthread_mutex_unlock(&check->lock);
	if (!free || thread_start(&job->thread, run_job, job, 0, &ignored) == 0)
		return;
	pthread_mutex_lock(&check->lock);
	check->threads--;
	pthread_mutex_unlock(&check->lock);
}

void check_each(struct check *check, check_fn *fn, void *const *arguments, size_t count)
{
	struct check_job *jobs = calloc(count + 1, sizeof(*jobs));
	if (!jobs) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct check_job){ .check = check, .fn = fn, .argument = arguments[i] };
		/* The last one has this thread. */
		if (i + 1 < count)
			start_job(&jobs[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (!jobs[i].thread.started)
			run_job(&jobs[i]);
	for (size_t i = 0; i < count; i++) {
		if (!jobs[i].thread.started)
			continue;
		thread_join(&jobs[i].thread);
		pthread_mutex_lock(&check->lock);
		check->threads--;
		pthread_mutex_unlock(&check->lock);
	}
	free(jobs);
}

/* --- questions -------------------------------------------------------------------------------------------------- */

int check_ask_once(struct check *check, const struct dns_question *questions, size_t count,
		   struct dns_answer *ret_answers)
{
	struct error err = ERROR_INIT;
	if (deadline_left_ms(check->deadline) <= check->params->question_ms) {
		for (size_t i = 0; i < count; i++)
			ret_answers[i] = (struct dns_answer){ .state = DNS_FAILED,
							      .detail = strdup("the time for the look is over") };
		return 0;
	}
	atomic_fetch_add(&check->questions, count);
	if (resolver_ask_many(check->params->resolver, questions, count, ret_answers, &err) == 0)
		return 0;
	pthread_mutex_lock(&check->lock);
	if (check->trouble.kind == ERROR_NONE)
		check->trouble = err;
	pthread_mutex_unlock(&check->lock);
	check_memory(check);
	return -1;
}

/* --- findings --------------------------------------------------------------------------------------------------- */

static struct finding *find_known(const struct findings *findings, const char *id, const char *subject)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0 && strcmp(findings->v[i].subject, subject) == 0)
			return &findings->v[i];
	return NULL;
}

static void check_add(struct check *check, enum finding_state state, const char *id, const char *subject,
		      const char *mend, const char *evidence)
{
	struct error err = ERROR_INIT;
	const struct finding finding = {
		(char *)(uintptr_t)id,       (char *)(uintptr_t)(subject ? subject : ""), state,
		(char *)(uintptr_t)evidence, (char *)(uintptr_t)(mend ? mend : ""),       check->params->now_ms
	};
	pthread_mutex_lock(&check->lock);
	if (!find_known(&check->findings, id, finding.subject) && findings_add(&check->findings, &finding, &err) < 0)
		check->memory_short = true;
	pthread_mutex_unlock(&check->lock);
}

#define FORMAT(text, fmt)                                                                                              \
	char text[FINDING_TEXT_MAX];                                                                                   \
	va_list args;                                                                                                  \
	va_start(args, fmt);                                                                                           \
	vsnprintf(text, sizeof(text), fmt, args);                                                                      \
	va_end(args)

void check_good(struct check *check, const char *id, const char *subject, const char *fmt, ...)
{
	FORMAT(text, fmt);
	check_add(check, FINDING_GOOD, id, subject, NULL, text);
}

void check_bad(struct check *check, const char *id, const char *subject, const char *mend, const char *fmt, ...)
{
	FORMAT(text, fmt);
	check_add(check, FINDING_BAD, id, subject, mend, text);
}

void check_that(struct check *check, bool good, const char *id, const char *subject, const char *mend, const char *fmt,
		...)
{
	FORMAT(text, fmt);
	check_add(check, good ? FINDING_GOOD : FINDING_BAD, id, subject, good ? NULL : mend, text);
}

void check_seen(struct check *check, const char *id, const char *subject, const char *version, const char *sha256)
{
	pthread_mutex_lock(&check->lock);
	struct finding *f = find_known(&check->findings, id, subject);
	if (f && !f->seen_version) {
		f->seen_version = strdup(version);
		f->seen_sha256 = strdup(sha256);
		check->memory_short = check->memory_short || !f->seen_version || !f->seen_sha256;
	}
	pthread_mutex_unlock(&check->lock);
}

void check_enumerate(struct buf *list, const char *separator, const char *fmt, ...)
{
	FORMAT(text, fmt);
	size_t left = list->max - list->len, needed = list->len > 0 ? strlen(separator) : 0;
	if (left > needed)
		buf_addf(list, "%s%.*s", list->len > 0 ? separator : "", (int)(left - needed), text);
}

const struct finding *check_previous(const struct check *check, const char *id, const char *subject)
{
	const struct findings *previous = check->params->previous;
	for (size_t i = 0; previous && i < previous->count; i++) {
		const struct finding *f = &previous->v[i];
		if (f->state != FINDING_OPEN && strcmp(f->id, id) == 0 &&
		    strcmp(f->subject, subject ? subject : "") == 0)
			return f;
	}
	return NULL;
}

static void add_open(struct check *check, const char *id, const char *subject, const char *mend,
		     char text[FINDING_TEXT_MAX])
{
	const struct finding *before = check_previous(check, id, subject);
	if (before) {
		char age[TIME_TEXT_MAX];
		size_t len = strlen(text);
		snprintf(text + len, FINDING_TEXT_MAX - len, "; %s ago it was %s: %s",
			 duration_words(check->params->now_ms - before->at_ms, age), finding_state_name(before->state),
			 before->evidence);
	}
	check_add(check, FINDING_OPEN, id, subject, mend, text);
}

void check_open(struct check *check, const char *id, const char *subject, const char *fmt, ...)
{
	FORMAT(text, fmt);
	add_open(check, id, subject, NULL, text);
}

void check_open_until(struct check *check, const char *id, const char *subject, const char *mend, const char *fmt, ...)
{
	FORMAT(text, fmt);
	add_open(check, id, subject, mend, text);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void run_entry(struct check *check, void *argument)
{
	const struct check_entry *entry = argument;
	entry->run(check, NULL);
}

static int run_all(struct check *check, const struct check_entry *entries, size_t count, struct error *err)
{
	void **arguments = calloc(count + 1, sizeof(*arguments));
	if (!arguments)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		arguments[i] = (void *)(uintptr_t)&entries[i];
	check_each(check, run_entry, arguments, count);
	free(arguments);
	if (check->trouble.kind != ERROR_NONE) {
		*err = check->trouble;
		return -1;
	}
	return check->memory_short ? error_memory(err) : 0;
}

int check_run(const struct check_entry *entries, size_t count, const struct posture_params *params,
	      struct findings *ret, struct posture_cost *ret_cost, struct error *err)
{
	int64_t begun_ms = clock_mono_ms();
	struct check check = { .params = params, .deadline = deadline_in(params->timeout_ms) };
	pthread_mutex_init(&check.lock, NULL);
	int result = run_all(&check, entries, count, err);
	pthread_mutex_destroy(&check.lock);
	if (result < 0) {
		findings_fini(&check.findings);
		return -1;
	}
	findings_sort(&check.findings);
	*ret = check.findings;
	*ret_cost = (struct posture_cost){ .questions = check.questions,
					   .connections = check.connections,
					   .took_ms = clock_mono_ms() - begun_ms };
	return 0;
}
