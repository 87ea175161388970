/* Filling of a configuration from sections and keys, whether they come from a file or from a store. For the files of
 * this room. */
#ifndef CONFIG_CONFIG_READ_H
#define CONFIG_CONFIG_READ_H

#include <stddef.h>

#include "harness/base/ini.h"
#include "harness/config/config_reader.h"
#include "harness/model/facts.h"

/* Reads all that can be read by itself. What is wrong is reported. */
void config_read_ini(struct config_reader *reader, const struct ini *ini);
void config_read_settings(struct config_reader *reader, const struct setting *settings, size_t count);

#endif
