/* The layers behind --zone, --snapshot and --resolver. */
#include "harness/cmd/dns_source.h"

#include <stdlib.h>

#include "harness/cmd/stored_run.h"
#include "harness/dns/resolver_live.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/dns/resolver_zone.h"
#include "harness/config/config_resolver.h"

static int open_live(const struct command_args *args, struct resolver **ret, struct error *err)
{
	_cleanup_(free_p) const char **servers = calloc(args->value_count + 1, sizeof(*servers));
	struct resolver_live_options options = { .servers = servers };
	if (!servers)
		return error_memory(err);
	while ((servers[options.server_count] = args_value_at(args, "resolver", options.server_count)) != NULL)
		options.server_count++;
	if (resolver_live_new(&options, ret, err) == 0)
		return 0;
	if (err->kind == ERROR_CONFIG && options.server_count > 0)
		err->kind = ERROR_USAGE;
	return options.server_count > 0 ? error_prefix(err, "--resolver") : -1;
}

static int open_snapshot(struct dns_source *source, const struct command_context *context, const char *operand,
			 struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	int64_t id = 0;
	if (store_open(&store, context->store_path, STORE_READ, err) < 0 ||
	    stored_run_id(store, operand, false, &id, err) < 0)
		return -1;
	int found = store_run_load(store, id, STORE_LOAD_HEADERS, &source->facts, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "there is no run %lld in this store: `postproof history` lists them", (long long)id);
	return resolver_replay_new(source->facts.dns, source->facts.dns_count, &source->resolver, err);
}

static int open_zone(struct dns_source *source, const char *path, struct error *err)
{
	if (zone_new(&source->zone, err) < 0 || zone_read(source->zone, path, err) < 0)
		return -1;
	return resolver_zone_new(source->zone, source->below, &source->resolver, err);
}

int dns_source_open(struct dns_source *ret, const struct command_context *context, const struct command_args *args,
		    struct error *err)
{
	const char *zone = args_value(args, "zone", NULL), *snapshot = args_value(args, "snapshot", NULL);
	bool live = args_has(args, "resolver");
	if (snapshot && (zone || live))
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "--snapshot cannot be combined with --zone or --resolver: it is all of the DNS");
	if (snapshot)
		return open_snapshot(ret, context, snapshot, err);
	if (!zone)
		return open_live(args, &ret->resolver, err);
	if (live && open_live(args, &ret->below, err) < 0)
		return -1;
	return open_zone(ret, zone, err);
}

int dns_source_open_over(struct dns_source *ret, const struct command_context *context, const struct command_args *args,
			 struct error *err)
{
	const char *zone = args_value(args, "zone", NULL);
	bool configured = context->config && !args_has(args, "resolver");
	struct resolver **live = zone ? &ret->below : &ret->resolver;
	if ((configured ? config_resolver(context->config, live, err) : open_live(args, live, err)) < 0)
		return -1;
	return zone ? open_zone(ret, zone, err) : 0;
}

void dns_source_fini(struct dns_source *source)
{
	resolver_free(source->resolver);
	resolver_free(source->below);
	zone_free(source->zone);
	run_facts_fini(&source->facts);
	*source = (struct dns_source){ 0 };
}
