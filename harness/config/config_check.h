/* What no single key of a configuration shows. For the files of this room. */
#ifndef CONFIG_CONFIG_CHECK_H
#define CONFIG_CONFIG_CHECK_H

#include "harness/base/ini.h"
#include "harness/config/config_reader.h"

/* Fills in what depends on other keys, then checks what no single key shows. */
void config_complete(struct config_reader *reader, const struct ini *ini);

#endif
