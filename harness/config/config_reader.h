/* A configuration that is being filled, and where what is wrong with it goes. For the files of this room. */
#ifndef CONFIG_CONFIG_READER_H
#define CONFIG_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/compiler.h"
#include "harness/base/error.h"
#include "harness/base/ini.h"
#include "harness/config/config.h"
#include "harness/config/config_problem.h"

struct config_reader {
	struct config *config;
	struct config_problems *problems;
	const char *file;      /* what messages call it */
	const char *folder;    /* of relative paths */
	const struct ini *ini; /* the file; NULL where there is none */
	const char *exposed;   /* who else can change the file, in words; NULL: nobody but its user and root */
	bool stored;           /* from a store: profiles are complete as they come, secrets are not there */
	size_t message_cap, provider_cap, outbound_cap;
	struct error error; /* what reading cannot go on after (memory); kind NONE while there is none */
};

/* Notes a problem. `line` 0: of the file as a whole. */
void config_report(struct config_reader *reader, enum config_severity severity, unsigned line, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* The line of a key of the section that begins in that line; that line where the key is not there. */
unsigned config_key_line(const struct config_reader *reader, unsigned section_line, const char *key);

#endif
