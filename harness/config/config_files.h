/* A look at the files that a configuration names. For the files of this room. */
#ifndef CONFIG_CONFIG_FILES_H
#define CONFIG_CONFIG_FILES_H

#include "harness/config/config_reader.h"

/* Looks at the files that the configuration names, and composes every message once: what a run would refuse is a
 * problem of the configuration. */
void config_check_files(struct config_reader *reader);

#endif
