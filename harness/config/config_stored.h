/* A configuration as the settings that a plan stores, and back. */
#ifndef CONFIG_CONFIG_STORED_H
#define CONFIG_CONFIG_STORED_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/config/config.h"
#include "harness/model/facts.h"

/* The effective settings as a plan stores them; the caller frees them with settings_free. Errors: memory. */
int config_settings(const struct config *config, struct setting **ret, size_t *ret_count, struct error *err);
void settings_free(struct setting *settings, size_t count);

/* Rebuilds a configuration from stored settings, for judging: what this release does not know is left out, no secret is
 * there, and profiles are as they were stored. Errors: ERROR_CONFIG when a value cannot be understood, memory. */
int config_from_settings(const struct setting *settings, size_t count, struct config **ret, struct error *err);

#endif
