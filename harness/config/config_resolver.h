/* The resolver that a configuration asks for. */
#ifndef CONFIG_CONFIG_RESOLVER_H
#define CONFIG_CONFIG_RESOLVER_H

#include "harness/base/error.h"
#include "harness/config/config.h"

struct resolver; /* harness/dns/resolver.h */

/* Opens a resolver that asks the DNS as [dns] says. Errors: as resolver_live_new. */
int config_resolver(const struct config *config, struct resolver **ret, struct error *err);

#endif
