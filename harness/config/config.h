/* The configuration as data: what a file (config_load.h) or a stored plan (config_stored.h) was read into. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/setting.h"
#include "harness/dns/dns_settings.h"
#include "harness/judge/rule_settings.h"
#include "harness/posture/posture_settings.h"
#include "harness/run/run_settings.h"
#include "harness/send/send_settings.h"
#include "harness/watch/bounces_settings.h"
#include "seeds/seed.h"
#include "store/store_settings.h"

struct profile;      /* providers/profile.h */
struct expectations; /* harness/judge/expect.h */

/* In the order in which everything is shown. */
enum config_section_kind {
	SECTION_SERVICE,
	SECTION_SMTP,
	SECTION_MESSAGE,
	SECTION_SEED,
	SECTION_PROVIDER,
	SECTION_EXPECT,
	SECTION_BOUNCES,
	SECTION_DNS,
	SECTION_CHECK,
	SECTION_OUTBOUND,
	SECTION_INBOUND,
	SECTION_RUN,
	SECTION_STORE,
	SECTION_COUNT
};

struct config_provider {
	char *name;
	struct profile *profile; /* shipped profile with the overrides of the configuration, or a new one */
	unsigned line;           /* of its section; 0 for a shipped profile without one */
};

struct config {
	char *path; /* of the file; "" where it was rebuilt from settings */
	struct service_settings service;
	struct smtp_settings smtp;
	struct message_settings *messages; /* in the order of the file */
	size_t message_count;
	struct seed_list seeds;
	struct config_provider *providers; /* those of the file and those that a seed names */
	size_t provider_count;
	struct expectations *expect;
	struct bounces_settings bounces;
	struct dns_settings dns;
	struct check_settings check;
	struct rule_settings rules;          /* of [check] too */
	struct outbound_settings *outbounds; /* in the order of the file */
	size_t outbound_count;
	struct inbound_settings inbound;
	struct run_settings run;
	struct store_settings store;
	unsigned lines[SECTION_COUNT]; /* of the sections that stand there once; 0 where it does not */
};

/* What a section's keys fill: a table of the room that has these settings, and its structure. */
struct config_part {
	const struct setting_table *table;
	size_t offset; /* in struct config, of sections that stand there once; else 0 */
};

enum { CONFIG_PARTS_MAX = 2 };

struct config_section {
	const char *name;                               /* its first word */
	const char *title;                              /* with what stands behind: `message NAME` */
	size_t words_min, words_max;                    /* behind the first word; 0 and 0: it stands there once */
	struct config_part parts[CONFIG_PARTS_MAX + 1]; /* up to one without a table; keys in this order */
	const char *help;                               /* sentences */
};

/* The list of all tables: parsing, defaults, `config show`, --help-config, postproof.ini(5) and the settings that a
 * plan stores are read off it. The keys of expectations stand in harness/judge/expect.h. */
extern const struct config_section config_sections[SECTION_COUNT];

/* Sets the defaults of a section's keys, and frees its fields. `base` is the configuration for a section that stands
 * there once, else the structure of the section's one part. Errors: memory. */
int config_section_init(const struct config_section *section, void *base, struct error *err);
void config_section_fini(const struct config_section *section, void *base);

/* A configuration of defaults, with the path of its file, or "". Errors: memory. */
int config_new(const char *path, struct config **ret, struct error *err);
void config_free(struct config *config); /* NULL is allowed */
void config_free_p(struct config **config);

/* The provider of that name, or NULL. Borrowed. */
const struct config_provider *config_provider(const struct config *config, const char *name);
const struct message_settings *config_message(const struct config *config, const char *name);

#endif
