/* The configuration as data: the list of its tables; made, looked up and freed. */
#include "harness/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "harness/judge/expect.h"
#include "providers/profile.h"

/* A part of a section that stands there once, such a section, and one that is given a name. */
#define PART(table, field)                                                                                             \
	{                                                                                                              \
		&table##_settings_table, offsetof(struct config, field)                                                \
	}
#define ONCE(...)                                                                                                      \
	0, 0,                                                                                                          \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define NAMED(table)                                                                                                   \
	1, 1,                                                                                                          \
	{                                                                                                              \
		{                                                                                                      \
			&table, 0                                                                                      \
		}                                                                                                      \
	}

const struct config_section config_sections[SECTION_COUNT] = {
	[SECTION_SERVICE] = { "service", "service", ONCE(PART(service, service)), "Who sends." },
	[SECTION_SMTP] = { "smtp", "smtp", ONCE(PART(smtp, smtp)), "How it is sent." },
	[SECTION_MESSAGE] = { "message", "message NAME", NAMED(message_settings_table),
			      "A message that is sent to every seed: one of the service's real mails. NAME stands in "
			      "the matrix. There must be at least one." },
	[SECTION_SEED] = { "seed", "seed ADDRESS", NAMED(seed_settings_table),
			   "A mailbox of your own at a provider. Nothing is ever sent to an address without such a "
			   "section. There must be at least one." },
	[SECTION_PROVIDER] = { "provider", "provider NAME", NAMED(profile_settings_table),
			       "A provider that no shipped profile knows, or changes to the shipped profile of that "
			       "name. Defaults are those of a new provider; a shipped profile has its own." },
	[SECTION_EXPECT] = { "expect",
			     "expect [PROVIDER [MESSAGE]]",
			     0,
			     2,
			     { { 0 } },
			     "What must become of a message for its cells to pass. A section with a provider outranks "
			     "the one without, and one with provider and message outranks both, key by key." },
	[SECTION_BOUNCES] = { "bounces", "bounces", ONCE(PART(bounces, bounces)),
			      "The mailbox where bounces arrive. Without it a message that bounces is missing." },
	[SECTION_DNS] = { "dns", "dns", ONCE(PART(dns, dns)),
			  "Where our own evaluation of SPF, DKIM, DMARC and ARC asks the DNS." },
	[SECTION_CHECK] = { "check", "check", ONCE(PART(rule, rules), PART(check, check)),
			    "How the sending domain, its servers and its messages are looked at, before anything is "
			    "sent." },
	[SECTION_OUTBOUND] = { "outbound", "outbound HOST", NAMED(outbound_settings_table),
			       "A host that sends for the service." },
	[SECTION_INBOUND] = { "inbound", "inbound", ONCE(PART(inbound, inbound)),
			      "A mailbox at the service's own servers, for postproof inbound: what they do with mail "
			      "that they should not take." },
	[SECTION_RUN] = { "run", "run", ONCE(PART(run, run)), "How long and how much." },
	[SECTION_STORE] = { "store", "store", ONCE(PART(store, store)), "Where runs are kept." },
};

int config_section_init(const struct config_section *section, void *base, struct error *err)
{
	for (const struct config_part *part = section->parts; part->table; part++)
		if (settings_init(part->table, (char *)base + part->offset, err) < 0)
			return -1;
	return 0;
}

void config_section_fini(const struct config_section *section, void *base)
{
	for (const struct config_part *part = section->parts; part->table; part++)
		settings_fini(part->table, (char *)base + part->offset);
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
	for (size_t i = 0; i < SECTION_COUNT && result == 0; i++)
		if (config_sections[i].words_max == 0)
			result = config_section_init(&config_sections[i], config, err);
	if (result < 0)
		config_free(config);
	else
		*ret = config;
	return result;
}

static void config_free_message(struct message_settings *message)
{
	config_section_fini(&config_sections[SECTION_MESSAGE], message);
	for (size_t v = 0; v < message->var_count; v++) {
		free(message->vars[v].name);
		free(message->vars[v].value);
	}
	free(message->vars);
	free(message->name);
}

static void config_free_provider(struct config_provider *provider)
{
	profile_free(provider->profile);
	free(provider->name);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (config_sections[i].words_max == 0)
			config_section_fini(&config_sections[i], config);
	free(config->service.from_name);
	free(config->service.from_address);
	for (size_t i = 0; i < config->message_count; i++)
		config_free_message(&config->messages[i]);
	free(config->messages);
	for (size_t i = 0; i < config->provider_count; i++)
		config_free_provider(&config->providers[i]);
	free(config->providers);
	for (size_t i = 0; i < config->outbound_count; i++) {
		config_section_fini(&config_sections[SECTION_OUTBOUND], &config->outbounds[i]);
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

const struct message_settings *config_message(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->message_count; i++)
		if (strcmp(config->messages[i].name, name) == 0)
			return &config->messages[i];
	return NULL;
}
