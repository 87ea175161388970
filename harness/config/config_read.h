/* Filling of a configuration from sections and keys, whether they come from a file or from a store; shared by the files
 * of the config module only. */
#ifndef CONFIG_CONFIG_READ_H
#define CONFIG_CONFIG_READ_H

#include <stdbool.h>

#include "harness/base/compiler.h"
#include "harness/base/ini.h"
#include "harness/config/config.h"
#include "harness/config/config_table.h"

struct config_reader {
	struct config *config;
	struct config_problems *problems;
	const char *file;   /* what messages call it */
	const char *folder; /* of relative paths */
	bool stored;        /* from a store: profiles are complete as they come, secrets are not there */
	size_t message_cap, provider_cap, outbound_cap;
	struct error error; /* what reading cannot go on after (memory); kind NONE while there is none */
};

/* Notes a problem. `line` 0: of the file as a whole. */
void config_report(struct config_reader *reader, enum config_severity severity, unsigned line, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* Orders them by line. */
void config_problems_sort(struct config_problems *problems);

/* Reads all that can be read by itself. What is wrong is reported. */
void config_read_ini(struct config_reader *reader, const struct ini *ini);
void config_read_settings(struct config_reader *reader, const struct setting *settings, size_t count);

/* Fills in what depends on other keys, then checks what no single key shows (config_check.c). */
void config_complete(struct config_reader *reader, const struct ini *ini);

/* Looks at the files that the configuration names: templates and certificates (config_files.c). */
void config_check_files(struct config_reader *reader);

#endif
