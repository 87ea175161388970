/* Makes accounts: where each mailbox is, how it may be watched, and whose share of the pool its sessions use. */
#include "harness/watch/watch_accounts.h"

#include <stdlib.h>
#include <string.h>

#include "providers/profile.h"

enum { BOUNCES_IDLE_MS = 25 * 60 * 1000, BOUNCES_SCAN_MS = 5000 };

/* What the making of accounts goes by. */
struct accounts_maker {
	struct watched_accounts *accounts;
	const struct connect_context *context;
	const struct account_environment *environment;
	struct watch_workers *workers;
};

static struct watched_account *accounts_add(const struct accounts_maker *maker, const char *seed, size_t group)
{
	struct watched_account *a = &maker->accounts->v[maker->accounts->count++];
	*a = (struct watched_account){ .account = { .environment = maker->environment, .seed = seed },
				       .state = ACCOUNT_OPENING,
				       .group = group };
	return a;
}

static void add_sessions(const struct accounts_maker *maker, struct watched_account *a, size_t count)
{
	a->session_count = count;
	for (size_t i = 0; i < count; i++)
		a->sessions[i] = (struct session){ .workers = maker->workers,
						   .owner = a,
						   .state = SESSION_RESTING,
						   .at = { .account = &a->account, .selected = -1 } };
	maker->accounts->session_count += count;
}

static int watch_accounts_add_seed(const struct accounts_maker *maker, const struct probe *probe, size_t group,
				   struct error *err)
{
	const struct config *config = maker->context->config;
	struct watched_account *a = accounts_add(maker, probe->seed, group);
	const struct seed *seed = seed_list_find(&config->seeds, span_of(probe->seed));
	const struct config_provider *provider = seed ? config_provider(config, seed->provider) : NULL;
	if (!provider)
		return 0;
	const struct profile *profile = provider->profile;
	a->idle_ms = profile->idle ? profile->idle_limit_ms : 0;
	a->scan_ms = profile->scan_interval_ms;
	add_sessions(maker, a, profile->connections >= 2 ? 2 : 1);
	return connect_mailbox_seed(maker->context, seed, &a->account.mailbox, err);
}

static int add_bounces(const struct accounts_maker *maker, size_t group, struct error *err)
{
	struct watched_account *a = accounts_add(maker, "", group);
	a->account.bounce_folder = maker->context->config->bounces.folder;
	a->idle_ms = BOUNCES_IDLE_MS;
	a->scan_ms = BOUNCES_SCAN_MS;
	add_sessions(maker, a, 1);
	return connect_mailbox_bounces(maker->context, &a->account.mailbox, err);
}

/* The number of the provider of probe `at` among those of the probes before it, or a new one. */
static size_t watch_accounts_group_of(const struct run_facts *facts, size_t at, const size_t *groups_by_probe,
				      size_t *count)
{
	for (size_t i = at; i > 0; i--)
		if (strcmp(facts->probes[i - 1].provider, facts->probes[at].provider) == 0)
			return groups_by_probe[i - 1];
	return (*count)++;
}

static bool seen_before(const struct watched_accounts *accounts, const char *seed)
{
	for (size_t i = accounts->count; i > 0; i--)
		if (strcmp(accounts->v[i - 1].account.seed, seed) == 0)
			return true;
	return false;
}

int watched_accounts_init(struct watched_accounts *ret, const struct connect_context *context,
			  const struct account_environment *environment, struct watch_workers *workers,
			  struct error *err)
{
	const struct accounts_maker maker = { ret, context, environment, workers };
	const struct run_facts *facts = environment->facts;
	size_t *groups = calloc(facts->probe_count + 1, sizeof(*groups));
	size_t count = 0;
	*ret = (struct watched_accounts){ .v = calloc(facts->probe_count + 1, sizeof(*ret->v)) };
	int result = groups && ret->v ? 0 : error_memory(err);
	for (size_t i = 0; i < facts->probe_count && result == 0; i++) {
		groups[i] = watch_accounts_group_of(facts, i, groups, &count);
		if (!seen_before(ret, facts->probes[i].seed))
			result = watch_accounts_add_seed(&maker, &facts->probes[i], groups[i], err);
	}
	free(groups);
	if (result == 0 && context->config->bounces.host)
		result = add_bounces(&maker, count++, err);
	ret->groups = count ? count : 1;
	return result;
}

void watched_accounts_fini(struct watched_accounts *accounts)
{
	for (size_t i = 0; i < accounts->count; i++) {
		for (size_t k = 0; k < accounts->v[i].session_count; k++)
			imap_session_free(accounts->v[i].sessions[k].at.imap);
		account_fini(&accounts->v[i].account);
	}
	free(accounts->v);
}
