/* Provider profiles in the configuration. */
#include "harness/config/config_provider.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "providers/profile.h"

static int config_provider_add(struct config_reader *reader, const char *name, unsigned line, struct profile *profile,
			       struct config_provider **ret, struct error *err)
{
	struct config *config = reader->config;
	char *copy = strdup(name);
	if (!copy || vec_grow(&config->providers, config->provider_count, &reader->provider_cap,
			      sizeof(*config->providers), err) < 0) {
		free(copy);
		profile_free(profile);
		return error_memory(err);
	}
	*ret = &config->providers[config->provider_count++];
	**ret = (struct config_provider){ .name = copy, .profile = profile, .line = line };
	return 1;
}

int config_provider_open(struct config_reader *reader, const char *name, unsigned line, struct config_provider **ret,
			 struct error *err)
{
	struct profile *profile = NULL;
	for (size_t i = 0; i < reader->config->provider_count; i++)
		if (strcmp(reader->config->providers[i].name, name) == 0) {
			*ret = &reader->config->providers[i];
			return 1;
		}
	int found = reader->stored ? 0 : profile_find(name, &profile, err);
	if (found == 0 && (reader->stored || line > 0))
		found = profile_new(name, &profile, err) < 0 ? -1 : 1;
	return found > 0 ? config_provider_add(reader, name, line, profile, ret, err) : found;
}

/* The shipped profiles and those of the configuration, for the nearest name. */
static const char *nearest_provider(struct config_reader *reader, char **shipped, const char *word)
{
	const struct config *config = reader->config;
	size_t count = 0;
	while (shipped[count])
		count++;
	const char **names = calloc(count + config->provider_count + 1, sizeof(*names));
	if (!names) {
		error_memory(&reader->error);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = shipped[i];
	for (size_t i = 0; i < config->provider_count; i++)
		names[count + i] = config->providers[i].name;
	const char *nearest = text_nearest(span_of(word), names, count + config->provider_count);
	free(names);
	return nearest;
}

void config_report_unknown_provider(struct config_reader *reader, const struct seed *seed)
{
	char **shipped;
	if (profile_names(&shipped, &reader->error) < 0)
		return;
	const char *nearest = nearest_provider(reader, shipped, seed->provider);
	if (nearest)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, seed->line, "provider"),
			      "[seed %s] provider: there is no provider \"%s\": did you mean \"%s\"?", seed->address,
			      seed->provider, nearest);
	else
		config_report(
		    reader, CONFIG_ERROR, config_key_line(reader, seed->line, "provider"),
		    "[seed %s] provider: there is no provider \"%s\": add a section [provider %s] with its host",
		    seed->address, seed->provider, seed->provider);
	profile_names_free(shipped);
}

bool config_provider_wants_password(const struct config_provider *provider)
{
	return provider->profile->auth == PROFILE_AUTH_PASSWORD;
}

void config_check_providers(struct config_reader *reader)
{
	for (size_t i = 0; i < reader->config->provider_count; i++) {
		const struct config_provider *provider = &reader->config->providers[i];
		struct error err = ERROR_INIT;
		if (profile_check(provider->profile, &err) < 0)
			config_report(reader, CONFIG_ERROR, provider->line, "[provider %s]: %s", provider->name,
				      err.text);
		else if (!provider->profile->received_by[0])
			config_report(
			    reader, CONFIG_WARNING, provider->line,
			    "[provider %s] received_by: is missing, so SPF, DKIM, DMARC and TLS cannot be read: make a "
			    "run, see what it stamps in postproof explain, and set received_by, authserv_id and "
			    "reports",
			    provider->name);
	}
}
