/* The table of the configuration: what sections and keys there are, what they mean and what they default to. Parsing,
 * `config show`, --help-config and postproof.ini(5) are all read off it; nothing else knows the name of a key. */
#ifndef CONFIG_CONFIG_TABLE_H
#define CONFIG_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value is read, and what the field at its offset is. */
enum config_type {
	CONFIG_TEXT,     /* char *: one line */
	CONFIG_FROM,     /* char *: one mailbox, with or without display name */
	CONFIG_SENDER,   /* char *: an address that may hold {tag} */
	CONFIG_DOMAIN,   /* char *: a domain name */
	CONFIG_HOST,     /* char *: a domain name or an IP address */
	CONFIG_SERVERS,  /* char *: IP addresses with ports or without, separated by commas */
	CONFIG_URL,      /* char *: smtp:// or smtps://, host, port */
	CONFIG_HTTP,     /* char *: http:// or https://, host, port */
	CONFIG_PEER,     /* char *: host, colon, port */
	CONFIG_ADDRESS,  /* char *: a mail address */
	CONFIG_NAMES,    /* char *: names of the DNS, separated by commas */
	CONFIG_RULES,    /* char *: names of rule packs, or paths relative to the configuration's folder; commas */
	CONFIG_WAIVERS,  /* char *: a waiver; the key may stand there several times: one a line */
	CONFIG_PATH,     /* char *: relative to the configuration's folder */
	CONFIG_SECRET,   /* struct secret_ref * */
	CONFIG_DURATION, /* int64_t: ms, min to max */
	CONFIG_NUMBER,   /* uint64_t, min to max; 0 is "no value" */
	CONFIG_BOOL,     /* bool: yes or no */
	CONFIG_WORD,     /* an enum: index into words */
};

struct config_key {
	const char *name;
	enum config_type type;
	size_t offset; /* of the field in the section's structure */
	bool required;
	const char *fallback;     /* the default as it would be written, or NULL */
	const char *fallback_is;  /* what holds without a value, in words, where there is no fallback */
	int64_t min, max;         /* DURATION in ms, NUMBER */
	const char *const *words; /* WORD: what is accepted, up to a NULL */
	const char *help;         /* sentences */
};

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

struct config_section {
	const char *name;            /* its first word */
	const char *title;           /* with what stands behind: `message NAME` */
	size_t words_min, words_max; /* behind the first word */
	size_t offset;               /* of its structure in struct config, where there is one */
	const struct config_key *keys;
	size_t key_count;
	const char *help; /* sentences */
};

/* In the order in which everything is shown, indexed by enum config_section_kind. The keys of provider profiles and of
 * expectations stand in tables of their own rooms; config_each_key walks over all. */
extern const struct config_section config_sections[SECTION_COUNT];

/* The key of that name in a section's own table, or NULL. */
const struct config_key *config_key_find(const struct config_section *section, const char *name);

#endif
