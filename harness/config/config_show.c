/* The effective settings, for people and for the store. Must never hand out a secret. */
#include "harness/config/config_show.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/string_list.h"
#include "harness/judge/expect.h"
#include "providers/profile.h"

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

static void config_show_hand_out(struct walk *walk, const char *section, const char *key, const char *value,
				 bool is_default)
{
	if (walk->result == 0)
		walk->result = walk->fn(walk->argument, section, key, value, is_default);
}

/* A value each: of a key that stands there several times one a line. */
static void hand_out_value(struct walk *walk, const char *title, const struct setting_key *key, bool is_default)
{
	_cleanup_(string_list_fini) struct string_list lines = { 0 };
	if (key->type != SETTING_TYPE_LINES) {
		config_show_hand_out(walk, title, key->name, buf_str(&walk->value), is_default);
		return;
	}
	if (string_list_split(&lines, buf_str(&walk->value), '\n', &walk->error) < 0)
		walk->result = -1;
	for (size_t i = 0; i < lines.count; i++)
		config_show_hand_out(walk, title, key->name, lines.v[i], is_default);
}

/* What is there, and what is left empty against a default. changed: bit of each key that is not as it was shipped; NULL
 * where the values alone tell. */
static void walk_table(struct walk *walk, const char *title, const struct setting_table *table, const void *structure,
		       const uint64_t *changed)
{
	for (size_t i = 0; i < table->count && walk->result == 0; i++) {
		const struct setting_key *key = &table->keys[i];
		const char *fallback = key->fallback ? key->fallback : "";
		buf_clear(&walk->value);
		if (setting_add_text(key, structure, &walk->value) < 0)
			walk->result = buf_check(&walk->value, key->name, &walk->error);
		else if (walk->value.len > 0 || *fallback)
			hand_out_value(walk, title, key,
				       changed ? !(*changed >> i & 1) : span_is(buf_span(&walk->value), fallback));
	}
}

static void walk_section(struct walk *walk, enum config_section_kind kind, const char *title, const void *base)
{
	for (const struct config_part *part = config_sections[kind].parts; part->table; part++)
		walk_table(walk, title, part->table, (const char *)base + part->offset, NULL);
}

static void walk_plain(struct walk *walk, enum config_section_kind kind)
{
	walk_section(walk, kind, config_sections[kind].title, walk->config);
}

static void walk_messages(struct walk *walk)
{
	char title[TITLE_MAX], key[TITLE_MAX];
	for (size_t i = 0; i < walk->config->message_count; i++) {
		const struct message_settings *message = &walk->config->messages[i];
		snprintf(title, sizeof(title), "message %s", message->name);
		walk_section(walk, SECTION_MESSAGE, title, message);
		for (size_t v = 0; v < message->var_count; v++) {
			snprintf(key, sizeof(key), "var.%s", message->vars[v].name);
			config_show_hand_out(walk, title, key, message->vars[v].value, false);
		}
	}
}

static void walk_seeds(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->seeds.count; i++) {
		const struct seed *seed = &walk->config->seeds.seeds[i];
		snprintf(title, sizeof(title), "seed %s", seed->address);
		walk_section(walk, SECTION_SEED, title, seed);
	}
}

static void walk_outbounds(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->outbound_count; i++) {
		snprintf(title, sizeof(title), "outbound %s", walk->config->outbounds[i].host);
		walk_section(walk, SECTION_OUTBOUND, title, &walk->config->outbounds[i]);
	}
}

static void walk_providers(struct walk *walk)
{
	char title[TITLE_MAX];
	for (size_t i = 0; i < walk->config->provider_count; i++) {
		const struct profile *profile = walk->config->providers[i].profile;
		snprintf(title, sizeof(title), "provider %s", walk->config->providers[i].name);
		walk_table(walk, title, &profile_settings_table, profile, &profile->changed);
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
	config_show_hand_out(walk, title, expect_key_name(key), value, false);
	return walk->result;
}

static void walk_expect(struct walk *walk)
{
	expectations_each(walk->config->expect, note_base, walk);
	for (int key = 0; key < EXPECT_KEY_COUNT; key++)
		if (!(walk->base_set & 1U << key))
			config_show_hand_out(walk, "expect", expect_key_name((enum expect_key)key),
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
