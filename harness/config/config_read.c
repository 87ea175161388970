/* Sections and keys into a configuration. Each mistake is reported and the rest is read nevertheless. */
#include "harness/config/config_read.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/judge/expect.h"
#include "harness/config/config_doc.h"
#include "harness/config/config_provider.h"
#include "harness/send/template.h"
#include "providers/profile.h"

enum { WORDS_MAX = 4, NAME_OCTETS_MAX = 64 };

/* The section that keys are being read into. */
struct target {
	const char *title; /* as written */
	unsigned line;
	const struct config_section *section; /* NULL: its keys are passed over, the section was reported */
	void *base;                           /* of its parts; NULL where it has none */
	struct message_settings *message;     /* one of these three, where the section is of that kind */
	struct seed *seed;
	struct config_provider *provider;
	char *words[WORDS_MAX];           /* behind the first word; owned */
	uint64_t tried[CONFIG_PARTS_MAX]; /* bit of each key that stood there, with a good value or a bad one */
};

static void target_fini(struct target *target)
{
	for (size_t i = 0; i < WORDS_MAX; i++)
		free(target->words[i]);
}

/* Passes an error on: what the user can mend becomes a problem, anything else ends the reading. */
static void report_error(struct config_reader *reader, const struct target *target, unsigned line, const char *key,
			 const struct error *err)
{
	if (err->kind != ERROR_CONFIG && err->kind != ERROR_PROTOCOL && err->kind != ERROR_LIMIT)
		reader->error = *err;
	else if (key)
		config_report(reader, CONFIG_ERROR, line, "[%s] %s: %s", target->title, key, err->text);
	else
		config_report(reader, CONFIG_ERROR, line, "[%s]: %s", target->title, err->text);
}

static const struct config_section *find_section(const char *name)
{
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (strcmp(config_sections[i].name, name) == 0)
			return &config_sections[i];
	return NULL;
}

static void report_unknown_section(struct config_reader *reader, const struct target *target, struct span word)
{
	const char *names[SECTION_COUNT];
	for (size_t i = 0; i < SECTION_COUNT; i++)
		names[i] = config_sections[i].name;
	const char *nearest = text_nearest(word, names, SECTION_COUNT);
	const struct config_section *section = nearest ? find_section(nearest) : NULL;
	if (section)
		config_report(reader, CONFIG_ERROR, target->line, "[%s]: there is no such section: did you mean [%s]?",
			      target->title, section->title);
	else
		config_report(reader, CONFIG_ERROR, target->line,
			      "[%s]: there is no such section: see postproof.ini(5) for those that there are",
			      target->title);
}

/* Names stand in file names of exports, on the command line and in titles of sections. */
static bool config_read_is_name(const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < len; i++)
		if (!ascii_is_alnum(name[i]) && !memchr("._-", name[i], 3))
			return false;
	return len <= NAME_OCTETS_MAX;
}

static int check_names(struct config_reader *reader, const struct target *target)
{
	for (size_t i = 0; i < WORDS_MAX && target->words[i]; i++) {
		if (config_read_is_name(target->words[i]))
			continue;
		config_report(reader, CONFIG_ERROR, target->line,
			      "[%s]: \"%s\" is no name: write at most %d letters, digits, \".\", \"_\" and \"-\"",
			      target->title, target->words[i], NAME_OCTETS_MAX);
		return -1;
	}
	return 0;
}

static int config_read_add_message(struct config_reader *reader, struct target *target, struct error *err)
{
	struct config *config = reader->config;
	if (vec_grow(&config->messages, config->message_count, &reader->message_cap, sizeof(*config->messages), err) <
	    0)
		return -1;
	struct message_settings *message = &config->messages[config->message_count];
	message->name = strdup(target->words[0]);
	message->line = target->line;
	if (!message->name)
		return error_memory(err);
	config->message_count++;
	target->message = message;
	target->base = message;
	return 0;
}

static int add_outbound(struct config_reader *reader, struct target *target, struct error *err)
{
	struct config *config = reader->config;
	if (vec_grow(&config->outbounds, config->outbound_count, &reader->outbound_cap, sizeof(*config->outbounds),
		     err) < 0)
		return -1;
	struct outbound_settings *outbound = &config->outbounds[config->outbound_count];
	if (!(outbound->host = strdup(target->words[0])))
		return error_memory(err);
	outbound->line = target->line;
	config->outbound_count++;
	target->base = outbound;
	return config_section_init(target->section, outbound, err);
}

/* Finds or makes what the keys of the section go into. */
static int open_structure(struct config_reader *reader, struct target *target, struct error *err)
{
	enum config_section_kind kind = (enum config_section_kind)(target->section - config_sections);
	switch (kind) {
	case SECTION_MESSAGE:
		return config_read_add_message(reader, target, err) < 0
			   ? -1
			   : config_section_init(target->section, target->base, err);
	case SECTION_SEED:
		if (seed_list_add(&reader->config->seeds, span_of(target->words[0]), target->line, &target->seed, err) <
		    0)
			return -1;
		target->base = target->seed;
		return 0;
	case SECTION_PROVIDER:
		if (config_provider_open(reader, target->words[0], target->line, &target->provider, err) < 0)
			return -1;
		target->base = target->provider->profile;
		return 0;
	case SECTION_OUTBOUND:
		return add_outbound(reader, target, err);
	case SECTION_EXPECT:
		return 0;
	default:
		reader->config->lines[kind] = target->line;
		target->base = reader->config;
		return 0;
	}
}

static void open_target(struct config_reader *reader, struct target *target)
{
	struct span rest = span_of(target->title), first = { "", 0 }, word;
	struct error err = ERROR_INIT;
	size_t count = 0;
	span_next(&rest, ' ', &first);
	while (count < WORDS_MAX && span_next(&rest, ' ', &word))
		if (!(target->words[count++] = span_dup(word)))
			error_memory(&reader->error);
	char name[NAME_OCTETS_MAX];
	const struct config_section *section = span_copy(first, name, sizeof(name)) ? find_section(name) : NULL;
	if (first.len == 0) {
		config_report(reader, CONFIG_ERROR, target->line,
			      "settings stand before the first section: put them into one");
	} else if (!section && reader->stored) {
		return; /* another release's: nothing here asks for it */
	} else if (!section) {
		report_unknown_section(reader, target, first);
	} else if (count < section->words_min || count > section->words_max) {
		config_report(reader, CONFIG_ERROR, target->line, "[%s]: write it as [%s]", target->title,
			      section->title);
	} else if (reader->error.kind == ERROR_NONE &&
		   (section == &config_sections[SECTION_SEED] || check_names(reader, target) == 0)) {
		target->section = section;
		if (open_structure(reader, target, &err) < 0) {
			target->section = NULL;
			report_error(reader, target, target->line, NULL, &err);
		}
	}
}

static int add_var(struct message_settings *message, const char *name, const char *value, struct error *err)
{
	struct template_var var = { name, value };
	size_t cap = message->var_count;
	if (template_var_check(&var, err) < 0 ||
	    vec_grow(&message->vars, message->var_count, &cap, sizeof(*message->vars), err) < 0)
		return -1;
	struct message_var copy = { strdup(name), strdup(value) };
	if (!copy.name || !copy.value) {
		free(copy.name);
		free(copy.value);
		return error_memory(err);
	}
	message->vars[message->var_count++] = copy;
	return 0;
}

static void check_secret(struct config_reader *reader, const struct target *target, unsigned line,
			 const struct setting_key *key, const void *structure)
{
	struct secret_ref *ref;
	memcpy(&ref, (const char *)structure + key->offset, sizeof(ref));
	if (secret_ref_kind(ref) == SECRET_INLINE)
		config_report(reader, CONFIG_WARNING, line,
			      "[%s] %s: the secret itself stands in the file: write env:NAME, file:PATH or cmd:COMMAND "
			      "instead",
			      target->title, key->name);
	/* Whoever can write the file could have anything run in our name. */
	if (secret_ref_kind(ref) == SECRET_CMD && reader->exposed)
		config_report(reader, CONFIG_ERROR, line,
			      "[%s] %s: cmd: is not run from a configuration that others can change: %s", target->title,
			      key->name, reader->exposed);
}

static void report_unknown_key(struct config_reader *reader, const struct target *target, unsigned line,
			       const char *name)
{
	const char *names[CONFIG_KEYS_MAX];
	size_t count = config_key_names((enum config_section_kind)(target->section - config_sections), names);
	const char *nearest = text_nearest(span_of(name), names, count);
	struct buf known = BUF_INIT(ERROR_TEXT_MAX);
	for (size_t i = 0; i < count && !nearest; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", names[i]);
	config_report(reader, CONFIG_ERROR, line, "[%s] %s: there is no such key: %s%s%s", target->title, name,
		      nearest ? "did you mean " : "the keys are ", nearest ? nearest : buf_str(&known),
		      nearest ? "?" : "");
	buf_fini(&known);
}

/* Sets a key of one of the section's tables. Returns 1, 0 when there is no such key, -1 with *err. */
static int config_set_typed(struct config_reader *reader, struct target *target, unsigned line, const char *name,
			    const char *value, struct error *err)
{
	const struct config_section *section = target->section;
	for (size_t i = 0; section->parts[i].table; i++) {
		const struct config_part *part = &section->parts[i];
		const struct setting_key *key = setting_find(part->table, name);
		void *structure = (char *)target->base + part->offset;
		if (!key)
			continue;
		target->tried[i] |= UINT64_C(1) << (key - part->table->keys);
		/* A secret of a store is a reference of another place, or hidden. */
		if (reader->stored && key->type == SETTING_TYPE_SECRET)
			return 1;
		if (target->provider)
			return profile_set(structure, name, value, reader->folder, err) < 0 ? -1 : 1;
		if (setting_set(key, span_of(value), reader->folder, structure, err) < 0)
			return -1;
		if (key->type == SETTING_TYPE_SECRET)
			check_secret(reader, target, line, key, structure);
		return 1;
	}
	return 0;
}

/* Sets one key of the target. Returns as config_set_typed. */
static int set_key(struct config_reader *reader, struct target *target, unsigned line, const char *name,
		   const char *value, struct error *err)
{
	enum expect_key expected;
	if (target->message && strncmp(name, "var.", 4) == 0)
		return add_var(target->message, name + 4, value, err) < 0 ? -1 : 1;
	if (target->section == &config_sections[SECTION_EXPECT] && expect_key_from(span_of(name), &expected))
		return expectations_set(reader->config->expect, target->words[0], target->words[1], name, value, err) <
			       0
			   ? -1
			   : 1;
	return config_set_typed(reader, target, line, name, value, err);
}

static void config_read_key(struct config_reader *reader, struct target *target, unsigned line, const char *name,
			    const char *value)
{
	struct error err = ERROR_INIT;
	if (!target->section)
		return;
	int result = set_key(reader, target, line, name, value, &err);
	if (result < 0)
		report_error(reader, target, line, name, &err);
	else if (result == 0 && !reader->stored)
		report_unknown_key(reader, target, line, name);
}

/* What must be there is only asked for in a file: a store holds what a complete configuration gave. */
static void check_required(struct config_reader *reader, const struct target *target)
{
	for (size_t i = 0; target->section && target->section->parts[i].table; i++) {
		const struct setting_table *table = target->section->parts[i].table;
		for (size_t k = 0; k < table->count; k++)
			if (table->keys[k].required && !(target->tried[i] & UINT64_C(1) << k))
				config_report(reader, CONFIG_ERROR, target->line, "[%s] %s: is missing: %s",
					      target->title, table->keys[k].name, table->keys[k].help);
	}
}

/* Whether what is wrong is only that a key stands there twice which may. */
static bool may_repeat(const struct ini_problem *problem)
{
	const struct config_section *section = problem->twin ? find_section(problem->twin->section) : NULL;
	for (size_t i = 0; section && section->parts[i].table; i++) {
		const struct setting_key *key = setting_find(section->parts[i].table, problem->twin->key);
		if (key)
			return key->type == SETTING_TYPE_LINES;
	}
	return false;
}

void config_read_ini(struct config_reader *reader, const struct ini *ini)
{
	for (size_t i = 0; i < ini->problem_count; i++)
		if (!may_repeat(&ini->problems[i]))
			config_report(reader, CONFIG_ERROR, ini->problems[i].line, "%s", ini->problems[i].text);
	for (size_t s = 0; s < ini->section_count && reader->error.kind == ERROR_NONE; s++) {
		const struct ini_section *section = &ini->sections[s];
		_cleanup_(target_fini) struct target target = { .title = section->name, .line = section->line };
		if (section->line == 0)
			target.line = ini->items[section->first].line;
		open_target(reader, &target);
		for (size_t i = section->first; i < section->first + section->count; i++)
			config_read_key(reader, &target, ini->items[i].line, ini->items[i].key, ini->items[i].value);
		check_required(reader, &target);
	}
}

void config_read_settings(struct config_reader *reader, const struct setting *settings, size_t count)
{
	for (size_t i = 0; i < count && reader->error.kind == ERROR_NONE;) {
		_cleanup_(target_fini) struct target target = { .title = settings[i].section };
		open_target(reader, &target);
		for (; i < count && strcmp(settings[i].section, target.title) == 0; i++)
			config_read_key(reader, &target, 0, settings[i].key, settings[i].value);
	}
}
