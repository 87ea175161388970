/* The effective settings, handed out one by one. Never a secret. */
#ifndef CONFIG_CONFIG_SHOW_H
#define CONFIG_CONFIG_SHOW_H

#include <stdbool.h>

#include "harness/base/error.h"
#include "harness/config/config.h"

/* One effective setting, defaults and provider profiles included. Secrets come as secret_ref_text says. All strings are
 * borrowed for the call. Returns 0 to go on, anything else ends the walk. */
typedef int config_setting_fn(void *argument, const char *section, const char *key, const char *value, bool is_default);

/* Hands out every effective setting, section by section, keys in the order of the table. Returns what the function
 * returned last, or -1 for memory. */
int config_each(const struct config *config, config_setting_fn *fn, void *argument, struct error *err);

#endif
