/* Planning: who gets what. Never sends to an address that is not a configured seed. */
#include "harness/run/plan.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/mail/tag.h"
#include "harness/config/config_stored.h"
#include "harness/config/rule_packs.h"
#include "harness/model/reading.h"
#include "harness/send/message_template.h"

static int no_such_message(const struct config *config, const char *name, struct error *err)
{
	const char **names = calloc(config->message_count + 1, sizeof(*names));
	if (!names)
		return error_memory(err);
	for (size_t i = 0; i < config->message_count; i++)
		names[i] = config->messages[i].name;
	const char *nearest = text_nearest(span_of(name), names, config->message_count);
	error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "there is no [message %s]%s%s%s", name,
		  nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	free(names);
	return -1;
}

static bool chosen_message(const struct plan_choice *choice, const char *name)
{
	for (size_t i = 0; i < choice->message_count; i++)
		if (strcmp(choice->messages[i], name) == 0)
			return true;
	return choice->message_count == 0;
}

static int load_template(const struct config *config, const char *name, struct template **ret, struct error *err)
{
	const struct message_settings *m = config_message(config, name);
	if (!m)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "[message %s] is not in the plan of the run: make a new run", name);
	return message_template_load(m, ret, err);
}

static int add_messages(const struct config *config, const struct plan_choice *choice, struct run_facts *plan,
			struct error *err)
{
	for (size_t i = 0; i < choice->message_count; i++)
		if (!config_message(config, choice->messages[i]))
			return no_such_message(config, choice->messages[i], err);
	plan->messages = calloc(config->message_count + 1, sizeof(*plan->messages));
	if (!plan->messages)
		return error_memory(err);
	for (size_t i = 0; i < config->message_count; i++) {
		const struct message_settings *m = &config->messages[i];
		struct template *template = NULL;
		if (!chosen_message(choice, m->name))
			continue;
		if (load_template(config, m->name, &template, err) < 0)
			return -1;
		struct plan_message *planned = &plan->messages[plan->message_count++];
		*planned = (struct plan_message){ strdup(m->name), m->stream, strdup(template_sha256(template)) };
		template_free(template);
		if (!planned->name || !planned->sha256)
			return error_memory(err);
	}
	return 0;
}

static int plan_add_probe(struct run_facts *plan, const struct seed *seed, const char *message, struct error *err)
{
	struct probe *p = &plan->probes[plan->probe_count++];
	char tag[TAG_SIZE];
	if (tag_new(tag, err) < 0)
		return -1;
	*p = (struct probe){ .seed = strdup(seed->address),
			     .provider = strdup(seed->provider),
			     .message = strdup(message),
			     .tag = strdup(tag) };
	return p->seed && p->provider && p->message && p->tag ? 0 : error_memory(err);
}

static int add_probes(const struct config *config, const bool *chosen, struct run_facts *plan, struct error *err)
{
	size_t seeds = 0;
	for (size_t i = 0; i < config->seeds.count; i++)
		seeds += chosen[i];
	size_t total = seeds * plan->message_count;
	if (total > config->run.max_messages)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%zu seeds and %zu messages make %zu messages to send, and [run] max_messages is "
				 "%llu: choose fewer "
				 "with --seed, --provider or --message, or raise it",
				 seeds, plan->message_count, total, (unsigned long long)config->run.max_messages);
	plan->probes = calloc(total + 1, sizeof(*plan->probes));
	if (!plan->probes)
		return error_memory(err);
	for (size_t i = 0; i < config->seeds.count; i++)
		for (size_t m = 0; chosen[i] && m < plan->message_count; m++)
			if (plan_add_probe(plan, &config->seeds.seeds[i], plan->messages[m].name, err) < 0)
				return -1;
	return 0;
}

int plan_make(const struct config *config, const struct plan_choice *choice, int64_t created_ms, struct run_facts *ret,
	      struct error *err)
{
	struct run_facts plan = { .summary = { .created_ms = created_ms, .label = strdup(choice->label) },
				  .program = { strdup(PACKAGE_VERSION), READING_VERSION } };
	bool *chosen = calloc(config->seeds.count + 1, sizeof(*chosen));
	int result = chosen && plan.summary.label && plan.program.version ? 0 : error_memory(err);
	if (result == 0)
		result = seed_list_choose(&config->seeds, &choice->seeds, chosen, err);
	if (result == 0)
		result = add_messages(config, choice, &plan, err);
	if (result == 0)
		result = add_probes(config, chosen, &plan, err);
	if (result == 0)
		result = config_settings(config, &plan.settings, &plan.setting_count, err);
	free(chosen);
	if (result < 0)
		run_facts_fini(&plan);
	else
		*ret = plan;
	return result;
}

int plan_add_packs(const struct config *config, struct run_facts *plan, struct error *err)
{
	if (config->run.check == RUN_CHECK_OFF)
		return 0;
	return rule_packs_hash(config->rules.packs, &plan->packs, &plan->pack_count, err);
}

int plan_config(const struct config *config, const struct run_facts *plan, struct config **ret, struct error *err)
{
	struct config *planned = NULL;
	if (config_from_settings(plan->settings, plan->setting_count, &planned, err) < 0)
		return -1;
	for (size_t i = 0; i < planned->message_count; i++) {
		struct message_settings *m = &planned->messages[i];
		const struct message_settings *now = config_message(config, m->name);
		char *path = now ? strdup(now->template_path) : NULL;
		if (!now)
			continue;
		if (!path) {
			config_free(planned);
			return error_memory(err);
		}
		free(m->template_path);
		m->template_path = path;
	}
	*ret = planned;
	return 0;
}

int plan_templates_load(const struct config *config, const struct run_facts *plan, struct plan_templates *ret,
			struct error *err)
{
	struct plan_templates loaded = { calloc(plan->message_count + 1, sizeof(*loaded.templates)), 0 };
	if (!loaded.templates)
		return error_memory(err);
	for (size_t i = 0; i < plan->message_count; i++) {
		const struct plan_message *m = &plan->messages[i];
		int result = load_template(config, m->name, &loaded.templates[i], err);
		loaded.count += result == 0;
		if (result < 0)
			error_prefix(err, "the run cannot go on without the template of message %s", m->name);
		else if (strcmp(template_sha256(loaded.templates[i]), m->sha256) != 0)
			result = error_set(
			    err, ERROR_CONFIG, RETRY_NEVER, 0,
			    "%s has changed since the run was planned: put back what it was, or make a new "
			    "run",
			    template_name(loaded.templates[i]));
		if (result < 0) {
			plan_templates_fini(&loaded);
			return -1;
		}
	}
	*ret = loaded;
	return 0;
}

void plan_templates_fini(struct plan_templates *templates)
{
	for (size_t i = 0; i < templates->count; i++)
		template_free(templates->templates[i]);
	free(templates->templates);
	*templates = (struct plan_templates){ 0 };
}

size_t plan_message_index(const struct run_facts *plan, const char *name)
{
	size_t i = 0;
	while (i + 1 < plan->message_count && strcmp(plan->messages[i].name, name) != 0)
		i++;
	return i;
}
