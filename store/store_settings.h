/* The settings of [store]. */
#ifndef STORE_STORE_SETTINGS_H
#define STORE_STORE_SETTINGS_H

#include "harness/base/setting.h"

struct store_settings {
	char *path; /* NULL: where configuration and store usually are */
};

extern const struct setting_table store_settings_table;

#endif
