/* The configuration as data: made, looked up and freed. */
#include "harness/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "harness/judge/expect.h"
#include "harness/config/config_table.h"
#include "harness/config/config_value.h"
#include "providers/profile.h"

static const enum config_section_kind plain_sections[] = { SECTION_SERVICE, SECTION_SMTP,  SECTION_BOUNCES,
							   SECTION_DNS,     SECTION_CHECK, SECTION_INBOUND,
							   SECTION_RUN,     SECTION_STORE };

static void *section_of(struct config *config, enum config_section_kind kind)
{
	return (char *)config + config_sections[kind].offset;
}

int config_new(const char *path, struct config **ret, struct error *err)
{
	struct config *config = calloc(1, sizeof(*config));
	if (!config)
		return error_memory(err);
	int result = -1;
	if (!(config->path = strdup(path)))
		error_memory(err);
	else
		result = expectations_new(&config->expect, err);
	for (size_t i = 0; i < ARRAY_LEN(plain_sections) && result == 0; i++)
		result = config_defaults_set(&config_sections[plain_sections[i]], section_of(config, plain_sections[i]),
					     err);
	if (result < 0)
		config_free(config);
	else
		*ret = config;
	return result;
}

static void free_provider(struct config_provider *provider)
{
	config_fields_clear(&config_sections[SECTION_PROVIDER], provider);
	profile_free(provider->profile);
	free(provider->name);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < ARRAY_LEN(plain_sections); i++)
		config_fields_clear(&config_sections[plain_sections[i]], section_of(config, plain_sections[i]));
	free(config->service.from_name);
	free(config->service.from_address);
	for (size_t i = 0; i < config->message_count; i++) {
		struct config_message *message = &config->messages[i];
		config_fields_clear(&config_sections[SECTION_MESSAGE], message);
		for (size_t v = 0; v < message->var_count; v++) {
			free(message->vars[v].name);
			free(message->vars[v].value);
		}
		free(message->vars);
		free(message->name);
	}
	free(config->messages);
	for (size_t i = 0; i < config->provider_count; i++)
		free_provider(&config->providers[i]);
	free(config->providers);
	for (size_t i = 0; i < config->outbound_count; i++) {
		config_fields_clear(&config_sections[SECTION_OUTBOUND], &config->outbounds[i]);
		free(config->outbounds[i].host);
	}
	free(config->outbounds);
	seed_list_fini(&config->seeds);
	expectations_free(config->expect);
	free(config->path);
	free(config);
}

void config_free_p(struct config **config)
{
	config_free(*config);
	*config = NULL;
}

const struct config_provider *config_provider(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->provider_count; i++)
		if (strcmp(config->providers[i].name, name) == 0)
			return &config->providers[i];
	return NULL;
}

const struct config_message *config_message(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->message_count; i++)
		if (strcmp(config->messages[i].name, name) == 0)
			return &config->messages[i];
	return NULL;
}
