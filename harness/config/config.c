/* The configuration as a whole: loading, looking up, handing out, storing and freeing. */
#include "harness/config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/judge/expect.h"
#include "harness/config/config_provider.h"
#include "harness/config/config_read.h"
#include "harness/config/config_value.h"

static const enum config_section_kind plain_sections[] = { SECTION_SERVICE, SECTION_SMTP,  SECTION_BOUNCES,
							   SECTION_DNS,     SECTION_CHECK, SECTION_INBOUND,
							   SECTION_RUN,     SECTION_STORE };

static void *section_of(struct config *config, enum config_section_kind kind)
{
	return (char *)config + config_sections[kind].offset;
}

static int config_new(const char *path, struct config **ret, struct error *err)
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
		config_provider_fini(&config->providers[i]);
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

/* Reads the file's sections, with a look at other files or without. */
static int fill(const struct ini *ini, bool look_at_files, struct config **ret, struct config_problems *problems,
		struct error *err)
{
	_cleanup_(config_free_p) struct config *config = NULL;
	_cleanup_(free_p) char *folder = path_folder(ini->file);
	if (!folder)
		return error_memory(err);
	if (config_new(ini->file, &config, err) < 0)
		return -1;
	struct config_reader reader = { .config = config, .problems = problems, .file = ini->file, .folder = folder };
	config_read_ini(&reader, ini);
	config_complete(&reader, ini);
	if (look_at_files)
		config_check_files(&reader);
	if (reader.error.kind != ERROR_NONE) {
		*err = reader.error;
		return -1;
	}
	config_problems_sort(problems);
	*ret = config;
	config = NULL;
	return 0;
}

int config_load(const char *path, struct config **ret, struct config_problems *problems, struct error *err)
{
	struct ini *ini;
	if (ini_read_file(path, &ini, err) < 0)
		return -1;
	int result = fill(ini, true, ret, problems, err);
	ini_free(ini);
	return result;
}

int config_parse(const char *path, struct span octets, struct config **ret, struct config_problems *problems,
		 struct error *err)
{
	struct ini *ini;
	if (ini_read_span(path, octets, &ini, err) < 0)
		return -1;
	int result = fill(ini, false, ret, problems, err);
	ini_free(ini);
	return result;
}

/* Behind the folder that a variable names, or behind `below` in the home folder. NULL where neither is known, or when
 * out of memory (*err then). */
static char *user_path(const char *variable, const char *below, const char *name, struct error *err)
{
	const char *folder = getenv(variable), *home = getenv("HOME");
	struct buf path = BUF_INIT(65536);
	/* The XDG base directory specification: a relative path is to be passed over. */
	if (folder && folder[0] == '/')
		buf_addf(&path, "%s/%s", folder, name);
	else if (home && *home)
		buf_addf(&path, "%s/%s/%s", home, below, name);
	else
		return NULL;
	if (buf_check(&path, variable, err) < 0) {
		buf_fini(&path);
		return NULL;
	}
	return buf_take(&path);
}

int config_find(char **ret, struct error *err)
{
	const char *named = getenv("POSTPROOF_CONFIG");
	char *path;
	if (named && *named)
		path = strdup(named);
	else if (access("postproof.ini", F_OK) == 0)
		path = strdup("postproof.ini");
	else {
		path = user_path("XDG_CONFIG_HOME", ".config", "postproof/config.ini", err);
		if (!path)
			return err->kind == ERROR_NONE ? 0 : -1;
		if (access(path, F_OK) < 0) {
			free(path);
			return 0;
		}
	}
	if (!path)
		return error_memory(err);
	*ret = path;
	return 1;
}

int config_default_store(char **ret, struct error *err)
{
	char *path = user_path("XDG_STATE_HOME", ".local/state", "postproof/postproof.sqlite", err);
	if (!path && err->kind == ERROR_NONE)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "it is not known where the store is: HOME is not set: say it by --store FILE");
	if (!path)
		return -1;
	*ret = path;
	return 0;
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
