/* A try of the secrets that a configuration names. */
#ifndef CONFIG_CONFIG_SECRETS_H
#define CONFIG_CONFIG_SECRETS_H

#include "harness/base/error.h"
#include "harness/config/config.h"
#include "harness/config/config_problem.h"

/* Fetches every secret but those of commands, for `config check`: what is wrong is added to *problems. Errors: memory.
 */
int config_check_secrets(const struct config *config, struct config_problems *problems, struct error *err);

#endif
