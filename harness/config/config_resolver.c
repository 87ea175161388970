/* The resolver that the configuration asks for. */
#include "harness/config/config_resolver.h"

#include "harness/base/string_list.h"
#include "harness/dns/resolver_live.h"

int config_resolver(const struct config *config, struct resolver **ret, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list servers = { 0 };
	if (string_list_split(&servers, config->dns.servers, ',', err) < 0)
		return -1;
	const struct resolver_live_options options = { .servers = string_list_get(&servers),
						       .server_count = servers.count,
						       .anchor_file = config->dns.trust_anchor,
						       .timeout_ms = config->dns.timeout_ms };
	return resolver_live_new(&options, ret, err);
}
