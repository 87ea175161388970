/* A queue of found probes and the threads that evaluate them through the recording resolver. Must never hold up the
 * watch. */
#include "harness/run/evaluating.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "harness/auth/dkim.h"
#include "harness/base/thread.h"
#include "harness/dns/chain.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/assess/assess_message.h"
#include "harness/config/config_resolver.h"
#include "harness/run_posture/earlier_messages.h"
#include "store/dns.h"
#include "store/run.h"

enum {
	THREADS = 4,
	FURTHER_MS = 60000, /* for each part of what is asked for later */
};

/* Ends the questions of an evaluation that is no longer wanted. */
struct stoppable {
	struct resolver resolver;
	struct resolver *below;
	atomic_bool stop;
};

struct evaluating {
	const struct config *config;
	const struct run_facts *facts;
	struct store *store;
	struct log *log;
	struct resolver *live, *recording;
	struct stoppable stoppable;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* on the monotonic clock */
	size_t *queue;          /* numbers of probes; each is added once */
	bool *added;            /* by number of probe */
	size_t head, tail;      /* in queue */
	size_t busy;            /* threads that evaluate now */
	bool finishing;         /* nothing is added any more */
	bool ending;
	struct dns_chain *chain;
	struct thread further;
	bool further_ended;
	struct error failure; /* the first; kind NONE without one */
	struct thread threads[THREADS];
};

static int stoppable_ask(struct resolver *self, const struct dns_question *questions, size_t count,
			 struct dns_answer *ret_answers, struct error *err)
{
	struct stoppable *s = (struct stoppable *)self;
	if (atomic_load(&s->stop))
		return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "the evaluation was stopped");
	return resolver_ask_many(s->below, questions, count, ret_answers, err);
}

static const struct resolver_ops stoppable_ops = { .ask = stoppable_ask };

static int record(void *user, const struct dns_fact *fact, struct error *err)
{
	struct evaluating *e = user;
	if (store_dns_add(e->store, e->facts->summary.id, fact, err) < 0)
		return -1;
	return dns_chain_note(e->chain, fact, err);
}

static int evaluate_probe(struct evaluating *e, size_t number, struct dkim_keys *keys, struct error *err)
{
	struct probe probe = { 0 };
	int found = store_probe_load(e->store, e->facts->probes[number].id, STORE_LOAD_ALL, &probe, err);
	if (found <= 0)
		return found;
	int result = message_questions_ask(e->config, &probe, &e->stoppable.resolver, keys, err);
	probe_fini(&probe);
	return result;
}

/* The next probe, or false when there will be none. */
static bool next_probe(struct evaluating *e, size_t *ret)
{
	while (e->head == e->tail && !e->ending)
		pthread_cond_wait(&e->changed, &e->lock);
	if (e->ending)
		return false;
	*ret = e->queue[e->head++];
	return true;
}

/* At the end of a thread; the lock is held. */
static void evaluating_note_failure(struct evaluating *e, int result, const struct error *err)
{
	if (result < 0 && err->kind != ERROR_INTERRUPTED && e->failure.kind == ERROR_NONE)
		e->failure = *err;
	pthread_cond_broadcast(&e->changed);
}

static void *evaluating_work(void *argument)
{
	struct evaluating *e = argument;
	struct dkim_keys *keys = NULL;
	struct error err = ERROR_INIT;
	size_t number;
	int result = dkim_keys_new(&keys, &err);
	pthread_mutex_lock(&e->lock);
	while (result == 0 && next_probe(e, &number)) {
		e->busy++;
		pthread_mutex_unlock(&e->lock);
		result = evaluate_probe(e, number, keys, &err);
		pthread_mutex_lock(&e->lock);
		e->busy--;
		pthread_cond_broadcast(&e->changed);
	}
	evaluating_note_failure(e, result, &err);
	pthread_mutex_unlock(&e->lock);
	dkim_keys_free(keys);
	return NULL;
}

/* Waits until every message has been evaluated that ever will be; false where that is no longer wanted. */
static bool evaluating_wait_for_all(struct evaluating *e)
{
	pthread_mutex_lock(&e->lock);
	while (!e->ending && e->failure.kind == ERROR_NONE && !(e->finishing && e->head == e->tail && e->busy == 0))
		pthread_cond_wait(&e->changed, &e->lock);
	bool wanted = !e->ending && e->failure.kind == ERROR_NONE;
	pthread_mutex_unlock(&e->lock);
	return wanted;
}

/* Asks what nobody needs today and cannot be had later: what the messages of the run before ask, and what proves all
 * answers. */
static void *evaluating_ask_further(void *argument)
{
	struct evaluating *e = argument;
	struct error err = ERROR_INIT;
	int result = earlier_messages_ask(e->store, e->facts->summary.id, &e->stoppable.resolver,
					  deadline_in(FURTHER_MS), &err);
	if (result == 0 && evaluating_wait_for_all(e))
		result = dns_chain_close(e->chain, &e->stoppable.resolver, deadline_in(FURTHER_MS), &err);
	pthread_mutex_lock(&e->lock);
	e->further_ended = true;
	evaluating_note_failure(e, result, &err);
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

static int start_threads(struct evaluating *e, struct error *err)
{
	for (size_t i = 0; i < THREADS; i++)
		if (thread_start(&e->threads[i], evaluating_work, e, 0, err) < 0)
			return -1;
	return thread_start(&e->further, evaluating_ask_further, e, 0, err);
}

static int open_resolver(struct evaluating *e, struct error *err)
{
	if (dns_chain_new(&e->chain, err) < 0 || config_resolver(e->config, &e->live, err) < 0 ||
	    resolver_recording_new(e->live, e->facts->dns, e->facts->dns_count, record, e, &e->recording, err) < 0)
		return -1;
	e->stoppable.resolver.ops = &stoppable_ops;
	e->stoppable.below = e->recording;
	for (size_t i = 0; i < e->facts->dns_count; i++)
		if (dns_chain_note(e->chain, &e->facts->dns[i], err) < 0)
			return -1;
	return 0;
}

int evaluating_new(struct evaluating **ret, const struct config *config, const struct run_facts *facts,
		   struct store *store, struct log *log, struct error *err)
{
	struct evaluating *e = calloc(1, sizeof(*e));
	pthread_condattr_t monotonic;
	if (!e)
		return error_memory(err);
	e->config = config;
	e->facts = facts;
	e->store = store;
	e->log = log;
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&e->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	e->queue = calloc(facts->probe_count + 1, sizeof(*e->queue));
	e->added = calloc(facts->probe_count + 1, sizeof(*e->added));
	int result = e->queue && e->added ? open_resolver(e, err) : error_memory(err);
	if (result == 0)
		result = start_threads(e, err);
	if (result < 0) {
		evaluating_free(e);
		return -1;
	}
	for (size_t i = 0; i < facts->probe_count; i++)
		if (assess_first_seen(&facts->probes[i]))
			evaluating_add(e, i);
	*ret = e;
	return 0;
}

void evaluating_add(struct evaluating *e, size_t probe)
{
	pthread_mutex_lock(&e->lock);
	if (!e->added[probe]) {
		e->added[probe] = true;
		e->queue[e->tail++] = probe;
		pthread_cond_broadcast(&e->changed);
	}
	pthread_mutex_unlock(&e->lock);
}

static bool wait_until(struct evaluating *e, struct deadline deadline)
{
	const struct timespec at = { deadline.at_ms / 1000, deadline.at_ms % 1000 * 1000000 };
	return pthread_cond_timedwait(&e->changed, &e->lock, &at) == 0;
}

int evaluating_finish(struct evaluating *e, struct deadline deadline, struct error *err)
{
	pthread_mutex_lock(&e->lock);
	e->finishing = true;
	pthread_cond_broadcast(&e->changed);
	while (e->failure.kind == ERROR_NONE && (e->head < e->tail || e->busy > 0 || !e->further_ended) &&
	       wait_until(e, deadline))
		;
	size_t left = e->tail - e->head + e->busy;
	bool further_ended = e->further_ended;
	struct error failure = e->failure;
	pthread_mutex_unlock(&e->lock);
	if (failure.kind != ERROR_NONE) {
		*err = failure;
		return -1;
	}
	if (left > 0)
		log_problem(e->log,
			    "the DNS was too slow to evaluate %zu message%s: our own results for them are unknown",
			    left, left == 1 ? "" : "s");
	if (!further_ended)
		log_problem(e->log, "the DNS was too slow: some answers that only later comparisons need are missing");
	return 0;
}

struct resolver *evaluating_resolver(struct evaluating *e)
{
	return e->recording;
}

void evaluating_free(struct evaluating *e)
{
	if (!e)
		return;
	atomic_store(&e->stoppable.stop, true);
	pthread_mutex_lock(&e->lock);
	e->ending = true;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->lock);
	for (size_t i = 0; i < THREADS; i++)
		thread_join(&e->threads[i]);
	thread_join(&e->further);
	resolver_free(e->recording);
	resolver_free(e->live);
	dns_chain_free(e->chain);
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	free(e->queue);
	free(e->added);
	free(e);
}
