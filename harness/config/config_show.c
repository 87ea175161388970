/* The effective settings, for people and for the store. Must never hand out a secret. */
#include "harness/config/config_show.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/string_list.h"
#include "harness/judge/expect.h"
#include "harness/config/config_provider.h"
#include "harness/config/config_value.h"

enum { TITLE_MAX = 512, SHOWN_MAX = 8 * 1024 * 1024 };

/* A walk over the settings. */
struct walk {
	const struct config *config;
	config_setting_fn *fn;
	void *argument;
	int result;        /* of fn; 0 to go on */
	struct buf value;  /* of the setting at hand */
	unsigned base_set; /* bit of each key that [expect] itself sets */
	struct error error;
};

static void hand_out(struct walk *walk, const char *section, const char *key, const char *value, bool is_default)
{
	if (walk->result == 0)
		walk->result = walk->fn(walk->argument, section, key, value, is_default);
}

/* Whether the value at hand is what the key's default means. */
static bool is_default(const struct config_key *key, const char *value)
{
	return key->fallback && strcmp(key->fallback, value) == 0;
}

/* A value each: of waivers one a line. */
static void hand_out_value(struct walk *walk, const char *title, const struct config_key *key)
{
	_cleanup_(string_list_fini) struct string_list lines = { 0 };
	bool as_default = is_default(key, buf_str(&walk->value));
	if (string_list_split(&lines, buf_str(&walk->value), '\n', &walk->error) < 0)
		walk->result = -1;
	for (size_t i = 0; i < lines.count; i++)
		hand_out(walk, title, key->name, lines.v[i], as_default);
}

static void walk_fields(struct walk *walk, enum config_section_kind kind, const char *title, const void *structure)
{
	const struct config_section *section = &config_sections[kind];
	for (size_t i = 0; i < section->key_count && walk->result == 0; i++) {
		const struct config_key *key = &section->keys[i];
		buf_clear(&walk->value);
		int given = config_value_text(key, structure, &walk->value);
		if (given < 0)
			walk->result = buf_check(&walk->value, key->name, &walk->error);
		else if (given > 0)
			hand_out_value(walk, title, key);
	}
}

static void walk_plain(struct walk *walk, enum config_section_kind kind)
{
	walk_fields(walk, kind, config_sections[kind].title, (const char *)walk->config + config_sections[kind].offset);
}

static void walk_messages(struct walk *walk)
{
	char title[TITLE_MAX], key[TITLE_MAX];
	for (size_t i = 0; i < walk->config->message_count; i++) {
		const struct config_message *message = &walk->config->messages[i];
		snprintf(title, sizeof(title), "message %s", message->name);
		walk_fields(walk, SECTION_MESSAGE, title, message);
		for (size_t v = 0; v < message->var_count; v++) {
			snprintf(key, sizeof(key), "var.%s", message->vars[v].name);
			hand_out(walk, title, key, message->vars[v].value, false);
		}
	}
}

static void walk_seeds(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->seeds.count; i++) {
		const struct seed *seed = &walk->config->seeds.seeds[i];
		snprintf(title, sizeof(title), "seed %s", seed->address);
		walk_fields(walk, SECTION_SEED, title, seed);
	}
}

static void walk_outbounds(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->outbound_count; i++) {
		snprintf(title, sizeof(title), "outbound %s", walk->config->outbounds[i].host);
		walk_fields(walk, SECTION_OUTBOUND, title, &walk->config->outbounds[i]);
	}
}

/* The provider whose profile is walked over. */
struct provider_walk {
	struct walk *walk;
	const char *title;
};

static int profile_setting(void *argument, const char *key, const char *value, bool is_shipped)
{
	struct provider_walk *of = argument;
	hand_out(of->walk, of->title, key, value, is_shipped);
	return of->walk->result;
}

static void walk_providers(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->provider_count && walk->result == 0; i++) {
		const struct config_provider *provider = &walk->config->providers[i];
		struct provider_walk of = { walk, title };
		snprintf(title, sizeof(title), "provider %s", provider->name);
		config_provider_each(provider, profile_setting, &of);
		walk_fields(walk, SECTION_PROVIDER, title, provider);
	}
}

static int note_base(void *argument, const char *provider, const char *message, enum expect_key key, const char *value)
{
	struct walk *walk = argument;
	if (!provider && !message)
		walk->base_set |= 1U << key;
	return 0;
}

static int expect_setting(void *argument, const char *provider, const char *message, enum expect_key key,
			  const char *value)
{
	struct walk *walk = argument;
	char title[TITLE_MAX];
	snprintf(title, sizeof(title), "expect%s%s%s%s", provider ? " " : "", provider ? provider : "",
		 message ? " " : "", message ? message : "");
	hand_out(walk, title, expect_key_name(key), value, false);
	return walk->result;
}

static void walk_expect(struct walk *walk)
{
	expectations_each(walk->config->expect, note_base, walk);
	for (int key = 0; key < EXPECT_KEY_COUNT; key++)
		if (!(walk->base_set & 1U << key))
			hand_out(walk, "expect", expect_key_name((enum expect_key)key),
				 expect_key_default((enum expect_key)key), true);
	if (walk->result == 0)
		expectations_each(walk->config->expect, expect_setting, walk);
}

int config_each(const struct config *config, config_setting_fn *fn, void *argument, struct error *err)
{
	struct walk walk = { .config = config, .fn = fn, .argument = argument, .value = BUF_INIT(SHOWN_MAX) };
	walk_plain(&walk, SECTION_SERVICE);
	walk_plain(&walk, SECTION_SMTP);
	walk_messages(&walk);
	walk_seeds(&walk);
	walk_providers(&walk);
	walk_expect(&walk);
	if (config->bounces.host)
		walk_plain(&walk, SECTION_BOUNCES);
	walk_plain(&walk, SECTION_DNS);
	walk_plain(&walk, SECTION_CHECK);
	walk_outbounds(&walk);
	if (config->inbound.address)
		walk_plain(&walk, SECTION_INBOUND);
	walk_plain(&walk, SECTION_RUN);
	walk_plain(&walk, SECTION_STORE);
	buf_fini(&walk.value);
	if (walk.result < 0 && walk.error.kind != ERROR_NONE)
		*err = walk.error;
	return walk.result;
}
