/* The settings of [check] that are of rules. */
#ifndef JUDGE_RULE_SETTINGS_H
#define JUDGE_RULE_SETTINGS_H

#include "harness/base/setting.h"

struct rule_settings {
	char *packs; /* names of rule packs and paths, separated by commas */
	char *waive; /* waivers, one a line; NULL: none */
};

extern const struct setting_table rule_settings_table;

#endif
