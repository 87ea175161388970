/* The plan of a run: which message goes to which seed, with fresh tags, and the settings that it is judged by. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"
#include "harness/send/template.h"

struct plan_choice {
	struct seed_filter seeds;
	const char *const *messages; /* names; all where there are none */
	size_t message_count;
	const char *label; /* "" for none */
};

/* Fills *ret with a plan as store_run_create takes it; created_ms is the wall clock. Errors: ERROR_USAGE for a choice
 * that names nothing, ERROR_CONFIG when the plan is larger than [run] max_messages or a template cannot be read. Free
 * with run_facts_fini. */
int plan_make(const struct config *config, const struct plan_choice *choice, int64_t created_ms, struct run_facts *ret,
	      struct error *err);

/* Adds the rule packs that the plan's look will be judged by; none where it takes no look. Errors: as rule_packs_hash.
 */
int plan_add_packs(const struct config *config, struct run_facts *plan, struct error *err);

/* The configuration as the stored plan has it, for what is composed: a run that is resumed sends what it was planned to
 * send, whatever the configuration has become. Only the paths of templates are those of `config`, where it still has
 * the message. Connections and secrets are not in it. Errors: as config_from_settings. The caller frees *ret. */
int plan_config(const struct config *config, const struct run_facts *plan, struct config **ret, struct error *err);

/* The templates of the plan's messages, by position in plan->messages. Errors: ERROR_CONFIG, also where a template is
 * not the one that was planned; memory. */
struct plan_templates {
	struct template **templates;
	size_t count;
};
int plan_templates_load(const struct config *config, const struct run_facts *plan, struct plan_templates *ret,
			struct error *err);
void plan_templates_fini(struct plan_templates *templates);

/* Number of the message in plan->messages, which has it. */
size_t plan_message_index(const struct run_facts *plan, const char *name);

#endif
