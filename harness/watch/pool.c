/* Worker threads shared out per group. Knows nothing of mail; must never run more jobs of a group than its share. */
#include "harness/watch/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base/thread.h"

/* libetpan's parser recurses; the stream's depth limit keeps it far below this. */
enum { STACK_OCTETS = 1024 * 1024 };

struct pool_job {
	pool_job_fn *run;
	void *argument;
	struct pool_job *next;
};

struct group {
	struct pool_job *first, **last;
	size_t active;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct group *groups;
	size_t group_count, share, next_group;
	struct thread *threads;
	size_t thread_count;
	bool ending;
};

/* The next job in turn among the groups that have one and a free share; round-robin, so that no group waits behind
 * another's queue. NULL where there is none. The lock is held. */
static struct pool_job *take_job(struct pool *pool, struct group **ret_group)
{
	for (size_t i = 0; i < pool->group_count; i++) {
		struct group *group = &pool->groups[(pool->next_group + i) % pool->group_count];
		if (!group->first || group->active >= pool->share)
			continue;
		struct pool_job *job = group->first;
		group->first = job->next;
		if (!group->first)
			group->last = &group->first;
		group->active++;
		pool->next_group = (pool->next_group + i + 1) % pool->group_count;
		*ret_group = group;
		return job;
	}
	return NULL;
}

static bool any_queued(const struct pool *pool)
{
	for (size_t i = 0; i < pool->group_count; i++)
		if (pool->groups[i].first)
			return true;
	return false;
}

static void *pool_work(void *argument)
{
	struct pool *pool = argument;
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct group *group;
		struct pool_job *job = take_job(pool, &group);
		if (!job) {
			if (pool->ending && !any_queued(pool))
				break;
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		pthread_mutex_unlock(&pool->lock);
		job->run(job->argument);
		free(job);
		pthread_mutex_lock(&pool->lock);
		group->active--;
		/* A share is free again: a thread may be waiting for just that, or for the end. */
		if (group->first || pool->ending)
			pthread_cond_broadcast(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static int start_threads(struct pool *pool, size_t threads, struct error *err)
{
	for (; pool->thread_count < threads; pool->thread_count++)
		if (thread_start(&pool->threads[pool->thread_count], pool_work, pool, STACK_OCTETS, err) < 0)
			return error_prefix(err, "worker %zu of %zu", pool->thread_count + 1, threads);
	return 0;
}

int pool_new(struct pool **ret, size_t threads, size_t groups, struct error *err)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	if (!pool)
		return error_memory(err);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->groups = calloc(groups, sizeof(*pool->groups));
	pool->threads = calloc(threads, sizeof(*pool->threads));
	if (!pool->groups || !pool->threads) {
		pool_free(pool);
		return error_memory(err);
	}
	pool->group_count = groups;
	pool->share = threads / groups ? threads / groups : 1;
	for (size_t i = 0; i < groups; i++)
		pool->groups[i].last = &pool->groups[i].first;
	if (start_threads(pool, threads, err) < 0) {
		pool_free(pool);
		return -1;
	}
	*ret = pool;
	return 0;
}

int pool_submit(struct pool *pool, size_t group, pool_job_fn *run, void *argument, struct error *err)
{
	struct pool_job *job = malloc(sizeof(*job));
	if (!job)
		return error_memory(err);
	*job = (struct pool_job){ .run = run, .argument = argument };
	pthread_mutex_lock(&pool->lock);
	*pool->groups[group].last = job;
	pool->groups[group].last = &job->next;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++)
		thread_join(&pool->threads[i]);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool->groups);
	free(pool->threads);
	free(pool);
}

size_t pool_share(const struct pool *pool)
{
	return pool->share;
}
