/* Reads octets as a configuration. What is accepted is shown, stored and rebuilt. */
#include <stdint.h>

#include "harness/config/config_load.h"
#include "harness/config/config_show.h"
#include "harness/config/config_stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int look(void *argument, const char *section, const char *key, const char *value, bool is_default)
{
	*(size_t *)argument += strlen(section) + strlen(key) + strlen(value) + is_default;
	return 0;
}

static void rebuild(const struct config *config)
{
	struct error err = ERROR_INIT;
	struct setting *settings;
	struct config *rebuilt;
	size_t count;
	if (config_settings(config, &settings, &count, &err) < 0)
		return;
	/* What a complete configuration gives must be understood again. */
	if (config_from_settings(settings, count, &rebuilt, &err) < 0) {
		fprintf(stderr, "not rebuilt: %s\n", err.text);
		abort();
	}
	config_free(rebuilt);
	settings_free(settings, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *config;
	size_t octets = 0;
	if (config_parse("conf/pp.ini", span_make((const char *)data, size), &config, &problems, &err) == 0) {
		config_each(config, look, &octets, &err);
		if (problems.errors == 0)
			rebuild(config);
		config_free(config);
	}
	config_problems_fini(&problems);
	return 0;
}
