/* The thread that commits the steps of the sending. It must never call a step committed that is not, nor commit one
 * behind another that was lost. */
#include "harness/run/recorder.h"

#include <pthread.h>
#include <stdlib.h>

#include "harness/base/thread.h"
#include "harness/base/vec.h"

/* Steps that wait; the texts of their events are their own. */
struct recorder_steps {
	struct recorder_step {
		size_t probe;
		struct send_event event;
	} * v;
	size_t count, cap;
};

/* A step that somebody waits for: `done` is the number of steps after which it is committed. */
struct recorder_wait {
	size_t probe;
	uint64_t done;
};

struct recorder {
	struct ledger *ledger;
	void (*wake)(void *user);
	void *user;
	struct thread thread;
	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t more;
	struct recorder_steps waiting;
	uint64_t added, committed; /* steps so far */
	struct recorder_wait *waits;
	size_t wait_count, wait_cap;
	bool ending;
	struct error error; /* the first */
};

static void recorder_step_fini(struct recorder_step *step)
{
	free(step->event.enhanced);
	free(step->event.text);
	free(step->event.tls_version);
	free(step->event.tls_cipher);
	free(step->event.peer);
}

static void recorder_steps_fini(struct recorder_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		recorder_step_fini(&steps->v[i]);
	free(steps->v);
	*steps = (struct recorder_steps){ 0 };
}

/* Makes a text its owner's. */
static bool recorder_own(char **text)
{
	if (*text)
		*text = span_dup(span_of(*text));
	return *text != NULL;
}

static int recorder_copy(struct recorder_step *step, struct error *err)
{
	char **texts[] = { &step->event.enhanced, &step->event.text, &step->event.tls_version, &step->event.tls_cipher,
			   &step->event.peer };
	bool failed = false;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		failed |= *texts[i] && !recorder_own(texts[i]);
	if (!failed)
		return 0;
	recorder_step_fini(step);
	return error_memory(err);
}

static int recorder_commit(struct recorder *r, const struct recorder_steps *steps, struct error *err)
{
	struct ledger_step *list = calloc(steps->count + 1, sizeof(*list));
	if (!list)
		return error_memory(err);
	for (size_t i = 0; i < steps->count; i++)
		list[i] = (struct ledger_step){ steps->v[i].probe, &steps->v[i].event };
	int result = ledger_send_events(r->ledger, list, steps->count, err);
	free(list);
	return result;
}

/* Takes the handings over out; false where there were none. */
static bool recorder_drop_handings_over(struct recorder_steps *steps)
{
	size_t kept = 0, count = steps->count;
	for (size_t i = 0; i < count; i++) {
		if (steps->v[i].event.kind != SEND_HANDING_OVER)
			steps->v[kept++] = steps->v[i];
		else
			recorder_step_fini(&steps->v[i]);
	}
	steps->count = kept;
	return kept < count;
}

/* Commits what waits, with the lock given up meanwhile. After a failure no handing over may happen, but what has
 * happened is tried once more. */
static void recorder_turn(struct recorder *r)
{
	struct recorder_steps steps = r->waiting;
	struct error err = ERROR_INIT, ignored = ERROR_INIT;
	size_t count = steps.count;
	r->waiting = (struct recorder_steps){ 0 };
	pthread_mutex_unlock(&r->lock);
	int result = recorder_commit(r, &steps, &err);
	if (result < 0 && recorder_drop_handings_over(&steps))
		(void)recorder_commit(r, &steps, &ignored); /* the first error is the one that counts */
	recorder_steps_fini(&steps);
	pthread_mutex_lock(&r->lock);
	if (result < 0 && r->error.kind == ERROR_NONE)
		r->error = err;
	else if (r->error.kind == ERROR_NONE)
		r->committed += count;
	pthread_mutex_unlock(&r->lock);
	r->wake(r->user);
	pthread_mutex_lock(&r->lock);
}

static void *recorder_run(void *argument)
{
	struct recorder *r = argument;
	pthread_mutex_lock(&r->lock);
	for (;;) {
		while (!r->waiting.count && !r->ending)
			pthread_cond_wait(&r->more, &r->lock);
		if (!r->waiting.count)
			break;
		recorder_turn(r);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int recorder_start(struct recorder **ret, struct ledger *ledger, void (*wake)(void *user), void *user,
		   struct error *err)
{
	struct recorder *r = calloc(1, sizeof(*r));
	if (!r)
		return error_memory(err);
	*r = (struct recorder){ .ledger = ledger, .wake = wake, .user = user, .error = ERROR_INIT };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->more, NULL);
	if (thread_start(&r->thread, recorder_run, r, 0, err) < 0) {
		recorder_free(r);
		return -1;
	}
	*ret = r;
	return 0;
}

static int recorder_add_locked(struct recorder *r, size_t probe, const struct send_event *event, struct error *err)
{
	struct recorder_steps *steps = &r->waiting;
	struct recorder_step step = { probe, *event };
	if (vec_grow(&steps->v, steps->count, &steps->cap, sizeof(*steps->v), err) < 0 || recorder_copy(&step, err) < 0)
		return -1;
	steps->v[steps->count++] = step;
	r->added++;
	pthread_cond_signal(&r->more);
	return 0;
}

int recorder_add(struct recorder *recorder, size_t probe, const struct send_event *event, struct error *err)
{
	pthread_mutex_lock(&recorder->lock);
	int result = recorder_add_locked(recorder, probe, event, err);
	pthread_mutex_unlock(&recorder->lock);
	return result;
}

/* As many may wait as there are connections: few. */
static struct recorder_wait *recorder_find_wait(const struct recorder *r, size_t probe)
{
	for (size_t i = 0; i < r->wait_count; i++)
		if (r->waits[i].probe == probe)
			return &r->waits[i];
	return NULL;
}

static int recorder_await_locked(struct recorder *r, size_t probe, const struct send_event *event, struct error *err)
{
	struct recorder_wait *wait = recorder_find_wait(r, probe);
	if (!wait && r->error.kind != ERROR_NONE) {
		*err = r->error;
		return -1;
	}
	if (!wait) {
		if (vec_grow(&r->waits, r->wait_count, &r->wait_cap, sizeof(*r->waits), err) < 0 ||
		    recorder_add_locked(r, probe, event, err) < 0)
			return -1;
		r->waits[r->wait_count++] = (struct recorder_wait){ probe, r->added };
		return 1;
	}
	int result = wait->done <= r->committed ? 0 : r->error.kind == ERROR_NONE ? 1 : -1;
	if (result < 0)
		*err = r->error;
	if (result != 1)
		*wait = r->waits[--r->wait_count];
	return result;
}

int recorder_await(struct recorder *recorder, size_t probe, const struct send_event *event, struct error *err)
{
	pthread_mutex_lock(&recorder->lock);
	int result = recorder_await_locked(recorder, probe, event, err);
	pthread_mutex_unlock(&recorder->lock);
	return result;
}

int recorder_finish(struct recorder *recorder, struct error *err)
{
	pthread_mutex_lock(&recorder->lock);
	recorder->ending = true;
	pthread_cond_signal(&recorder->more);
	pthread_mutex_unlock(&recorder->lock);
	thread_join(&recorder->thread);
	if (recorder->error.kind == ERROR_NONE)
		return 0;
	*err = recorder->error;
	return -1;
}

void recorder_free(struct recorder *recorder)
{
	struct error ignored = ERROR_INIT;
	if (!recorder)
		return;
	recorder_finish(recorder, &ignored);
	recorder_steps_fini(&recorder->waiting);
	pthread_cond_destroy(&recorder->more);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder->waits);
	free(recorder);
}
