/* Makes and ends a watch: accounts from the plan and the configuration, descriptors, pool. */
#include "harness/watch/watch_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "harness/base/thread.h"

/* Mail clocks differ; what a run looks for is not older than its beginning less this. */
enum { CLOCK_SLACK_MS = 10 * 60 * 1000, SPARE_DESCRIPTORS = 64, GOODBYE_MS = 5000 };

/* Raises the soft limit to what the sessions need; says so where the hard limit does not allow it. */
static int reserve_descriptors(const struct watch *watch, struct error *err)
{
	struct rlimit limit;
	rlim_t need = watch->session_count + watch->params.config->smtp.connections + SPARE_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot read the limit of file descriptors");
	if (limit.rlim_cur >= need)
		return 0;
	if (limit.rlim_max < need)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, EMFILE,
				 "%zu mail sessions need %llu file descriptors, and the hard limit of this process is "
				 "%llu: raise it "
				 "(ulimit -Hn, LimitNOFILE=) or choose fewer seeds with --provider or --seed",
				 watch->session_count, (unsigned long long)need, (unsigned long long)limit.rlim_max);
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot raise the limit of file descriptors");
	return 0;
}

static void add_sessions(struct watch *watch, struct watched_account *a, size_t count)
{
	a->session_count = count;
	for (size_t i = 0; i < count; i++)
		a->sessions[i] =
		    (struct session){ .watch = watch, .owner = a, .at = { .account = &a->account, .selected = -1 } };
	watch->session_count += count;
}

static struct connect_context context_of(const struct watch *watch)
{
	return (struct connect_context){ watch->params.config, watch->params.log, watch->cancel_fd };
}

static struct watched_account *add_account(struct watch *watch, const char *seed, size_t group)
{
	struct watched_account *a = &watch->accounts[watch->account_count++];
	a->account.environment = &watch->environment;
	a->account.seed = seed;
	a->group = group;
	return a;
}

/* A seed of the plan. One that the configuration no longer has stays without a session. */
static int add_seed(struct watch *watch, const struct probe *probe, size_t group, struct error *err)
{
	const struct config *config = watch->params.config;
	struct watched_account *a = add_account(watch, probe->seed, group);
	const struct seed *seed = seed_list_find(&config->seeds, span_of(probe->seed));
	const struct config_provider *provider = seed ? config_provider(config, seed->provider) : NULL;
	const struct connect_context context = context_of(watch);
	if (!provider)
		return 0;
	const struct profile *profile = provider->profile;
	a->may_idle = profile->idle;
	a->idle_ms = profile->idle_limit_ms;
	a->scan_ms = profile->scan_interval_ms;
	add_sessions(watch, a, profile->connections >= 2 ? 2 : 1);
	return connect_mailbox_seed(&context, seed, &a->account.mailbox, err);
}

static int add_bounces(struct watch *watch, size_t group, struct error *err)
{
	const struct connect_context context = context_of(watch);
	struct watched_account *a = add_account(watch, "", group);
	a->account.bounce_folder = watch->params.config->bounces.folder;
	a->may_idle = true;
	a->idle_ms = BOUNCES_IDLE_MS;
	a->scan_ms = BOUNCES_SCAN_MS;
	add_sessions(watch, a, 1);
	return connect_mailbox_bounces(&context, &a->account.mailbox, err);
}

/* The number of the provider of probe `at` among those of the probes before it, or a new one. */
static size_t group_of(const struct run_facts *facts, size_t at, size_t *groups_by_probe, size_t *count)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(facts->probes[i].provider, facts->probes[at].provider) == 0)
			return groups_by_probe[i];
	return (*count)++;
}

static bool seen_before(const struct watch *watch, const char *seed)
{
	for (size_t i = watch->account_count; i > 0; i--)
		if (strcmp(watch->accounts[i - 1].account.seed, seed) == 0)
			return true;
	return false;
}

static int add_accounts(struct watch *watch, size_t *ret_groups, struct error *err)
{
	const struct run_facts *facts = watch->params.facts;
	size_t *groups = calloc(facts->probe_count + 1, sizeof(*groups));
	size_t count = 0;
	int result = groups ? 0 : error_memory(err);
	for (size_t i = 0; i < facts->probe_count && result == 0; i++) {
		groups[i] = i > 0 && strcmp(facts->probes[i].provider, facts->probes[i - 1].provider) == 0
				? groups[i - 1]
				: group_of(facts, i, groups, &count);
		if (!seen_before(watch, facts->probes[i].seed))
			result = add_seed(watch, &facts->probes[i], groups[i], err);
	}
	free(groups);
	if (result == 0 && watch->params.config->bounces.host)
		result = add_bounces(watch, count++, err);
	*ret_groups = count ? count : 1;
	return result;
}

static int64_t start_of(const struct run_facts *facts)
{
	return facts->summary.created_ms - CLOCK_SLACK_MS;
}

static int add_epoll(struct watch *watch, struct error *err)
{
	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (watch->epoll < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot prepare the watch");
	if (thread_wake_open(&watch->done_fd, err) < 0 || thread_wake_open(&watch->cancel_fd, err) < 0)
		return -1;
	return watch_add_fd(watch, watch->done_fd, err);
}

int watch_new(struct watch **ret, const struct watch_params *params, struct error *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	size_t groups = 1;
	if (!watch)
		return error_memory(err);
	watch->params = *params;
	watch->epoll = watch->done_fd = watch->cancel_fd = -1;
	pthread_mutex_init(&watch->done_lock, NULL);
	watch->environment = (struct account_environment){ .store = params->store,
							   .ledger = params->ledger,
							   .facts = params->facts,
							   .verp = params->config->service.envelope_sender,
							   .since_ms = start_of(params->facts) };
	watch->accounts = calloc(params->facts->probe_count + 1, sizeof(*watch->accounts));
	int result = watch->accounts ? add_epoll(watch, err) : error_memory(err);
	if (result == 0)
		result = add_accounts(watch, &groups, err);
	if (result == 0)
		result = reserve_descriptors(watch, err);
	if (result == 0)
		result = pool_new(&watch->pool, (size_t)params->config->run.workers, groups, err);
	if (result < 0) {
		watch_free(watch);
		return -1;
	}
	*ret = watch;
	return 0;
}

/* Servers that hang are not waited for: sessions that have not ended by then are cut. */
static void wait_for_goodbyes(struct watch *watch)
{
	struct deadline deadline = deadline_in(GOODBYE_MS);
	struct pollfd fd = { .fd = watch->done_fd, .events = POLLIN };
	while (watch->working > 0 && !deadline_passed(deadline)) {
		if (poll(&fd, 1, deadline_poll_ms(deadline)) <= 0 || !thread_wake_drain(fd.fd))
			continue;
		pthread_mutex_lock(&watch->done_lock);
		for (const struct session *s = watch->done; s; s = s->next_done)
			watch->working--;
		watch->done = NULL;
		pthread_mutex_unlock(&watch->done_lock);
	}
	watch_cancel(watch);
}

void watch_free(struct watch *watch)
{
	struct error ignored = ERROR_INIT;
	if (!watch)
		return;
	/* Sessions say goodbye on the workers, so that a thousand of them do it side by side. */
	for (size_t i = 0; i < watch->account_count; i++)
		for (size_t k = 0; k < watch->accounts[i].session_count; k++) {
			struct session *s = &watch->accounts[i].sessions[k];
			if (s->state != SESSION_WORKING && s->at.imap)
				watch_hand_out(s, JOB_CLOSE, &ignored);
		}
	if (watch->pool)
		wait_for_goodbyes(watch);
	pool_free(watch->pool);
	for (size_t i = 0; i < watch->account_count; i++) {
		for (size_t k = 0; k < watch->accounts[i].session_count; k++)
			imap_session_free(watch->accounts[i].sessions[k].at.imap);
		account_fini(&watch->accounts[i].account);
	}
	close_p(&watch->epoll);
	close_p(&watch->done_fd);
	close_p(&watch->cancel_fd);
	pthread_mutex_destroy(&watch->done_lock);
	free(watch->accounts);
	free(watch);
}
