/* A configuration as the settings that a plan stores, and back. */
#include "harness/config/config_stored.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"
#include "harness/config/config_check.h"
#include "harness/config/config_read.h"
#include "harness/config/config_show.h"

/* The settings while they are copied. */
struct copies {
	struct setting *list;
	size_t count, cap;
	struct error *err;
};

static int copy_setting(void *argument, const char *section, const char *key, const char *value, bool is_default)
{
	struct copies *copies = argument;
	/* What [expect] does not say is left to the judge, whose defaults also look at what a provider reports. */
	if (is_default && strcmp(section, config_sections[SECTION_EXPECT].name) == 0)
		return 0;
	if (vec_grow(&copies->list, copies->count, &copies->cap, sizeof(*copies->list), copies->err) < 0)
		return -1;
	struct setting *setting = &copies->list[copies->count++];
	*setting = (struct setting){ strdup(section), strdup(key), strdup(value) };
	return setting->section && setting->key && setting->value ? 0 : error_memory(copies->err);
}

int config_settings(const struct config *config, struct setting **ret, size_t *ret_count, struct error *err)
{
	struct copies copies = { .err = err };
	if (config_each(config, copy_setting, &copies, err) < 0) {
		settings_free(copies.list, copies.count);
		return -1;
	}
	*ret = copies.list;
	*ret_count = copies.count;
	return 0;
}

void settings_free(struct setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(settings[i].section);
		free(settings[i].key);
		free(settings[i].value);
	}
	free(settings);
}

int config_from_settings(const struct setting *settings, size_t count, struct config **ret, struct error *err)
{
	_cleanup_(config_free_p) struct config *config = NULL;
	_cleanup_(config_problems_fini) struct config_problems problems = { 0 };
	if (config_new("", &config, err) < 0)
		return -1;
	struct config_reader reader = {
		.config = config, .problems = &problems, .file = "the stored plan", .folder = ".", .stored = true
	};
	config_read_settings(&reader, settings, count);
	config_complete(&reader, NULL);
	if (reader.error.kind != ERROR_NONE) {
		*err = reader.error;
		return -1;
	}
	if (problems.errors > 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: %s", problems.list[0].file,
				 problems.list[0].text);
	*ret = config;
	config = NULL;
	return 0;
}
