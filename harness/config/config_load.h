/* A configuration from a file: one INI file, read by the tables of settings (config.h). Every mistake is
 * reported at once. */
#ifndef CONFIG_CONFIG_LOAD_H
#define CONFIG_CONFIG_LOAD_H

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/config/config.h"
#include "harness/config/config_problem.h"

/* Reads, checks and completes a configuration: relative paths are taken from the file's folder, `~/` is the home
 * folder; provider profiles are loaded, templates and CA files looked at. Secrets are not fetched.
 *
 * Returns 0 when the file could be read: *ret is then what could be understood, and complete exactly when
 * problems->errors is 0. The caller frees *ret, and finishes *problems, which starts zeroed, in any case. Errors:
 * ERROR_CONFIG (not found, not readable), ERROR_LIMIT, memory. */
int config_load(const char *path, struct config **ret, struct config_problems *problems, struct error *err);

/* The same for octets in memory, without looking at any other file than provider profiles. `path` names the file in
 * messages and gives the folder of relative paths. */
int config_parse(const char *path, struct span octets, struct config **ret, struct config_problems *problems,
		 struct error *err);

#endif
