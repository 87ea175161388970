/* Provider profiles in the configuration: the shipped ones, and what [provider] sections change in them. */
#ifndef CONFIG_CONFIG_PROVIDER_H
#define CONFIG_CONFIG_PROVIDER_H

#include "harness/config/config_reader.h"

/* The provider of that name: the one that is there, else the shipped profile, else (with a line, or from a store) an
 * empty one. Returns 1, 0 when no profile has that name, -1. Borrowed until the next call. */
int config_provider_open(struct config_reader *reader, const char *name, unsigned line, struct config_provider **ret,
			 struct error *err);

/* Reports a seed whose provider has no profile, with the nearest name. */
void config_report_unknown_provider(struct config_reader *reader, const struct seed *seed);

/* Whether its seeds sign in with a password. */
bool config_provider_wants_password(const struct config_provider *provider);

/* Reports profiles that are not complete. */
void config_check_providers(struct config_reader *reader);

#endif
