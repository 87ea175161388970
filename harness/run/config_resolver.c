/* The resolver that the configuration asks for. */
#include <stdlib.h>

#include "harness/base/vec.h"
#include "harness/dns/resolver_live.h"
#include "harness/run/config.h"

/* The addresses of a list that was checked when it was read. */
struct servers {
	char **list;
	size_t count, cap;
};

static void servers_fini(struct servers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		free(servers->list[i]);
	free(servers->list);
}

static int split(const char *text, struct servers *ret, struct error *err)
{
	struct span rest = span_of(text), server;
	while (text && span_next(&rest, ',', &server)) {
		if (vec_grow(&ret->list, ret->count, &ret->cap, sizeof(*ret->list), err) < 0)
			return -1;
		if (!(ret->list[ret->count] = span_dup(span_trim(server))))
			return error_memory(err);
		ret->count++;
	}
	return 0;
}

int config_resolver(const struct config *config, struct resolver **ret, struct error *err)
{
	_cleanup_(servers_fini) struct servers servers = { 0 };
	if (split(config->dns.servers, &servers, err) < 0)
		return -1;
	const struct resolver_live_options options = { .servers = (const char *const *)servers.list,
						       .server_count = servers.count,
						       .anchor_file = config->dns.trust_anchor,
						       .timeout_ms = config->dns.timeout_ms };
	return resolver_live_new(&options, ret, err);
}
