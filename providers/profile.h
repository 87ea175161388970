/* Provider profiles: what is special about a mailbox provider, as data. A profile is a file NAME.ini with one section
 * `[provider]`; a section `[provider NAME]` of the configuration changes single keys or makes a new one. Adding a
 * provider needs no code.
 *
 * Its keys are the rows of profile_settings_table: a new key is a row there and a field here. */
#ifndef PROVIDERS_PROFILE_H
#define PROVIDERS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/setting.h"
#include "harness/model/imap_security.h"
#include "harness/model/sasl_mechanism.h"
#include "harness/model/words.h"

/* What a login name is made of when the seed gives none. */
enum profile_user_form { PROFILE_USER_ADDRESS, PROFILE_USER_LOCAL_PART };

enum profile_auth {
	PROFILE_AUTH_PASSWORD, /* password or app password */
	PROFILE_AUTH_OAUTH2,   /* OAuth 2 only: not supported yet, its seeds are not tested */
};

/* Where its results stand to the Received field of its hop from outside. */
enum profile_results { PROFILE_RESULTS_ABOVE, PROFILE_RESULTS_EITHER };

/* Lists are NULL-terminated and never NULL. Read only: changed by profile_set alone. */
struct profile {
	char *name;
	char *host;          /* "" in a new profile */
	uint64_t given_port; /* 0: that of the security */
	uint16_t port;       /* effective */
	enum imap_security security;
	enum profile_user_form user_form;
	enum profile_auth auth;
	enum sasl_mechanism mechanism;
	char **inbox;             /* names of the inbox besides INBOX */
	char **spam;              /* names of the spam folder where it has no attribute, best first */
	uint64_t connections;     /* sessions of one account at once */
	bool idle;                /* IDLE may be used where the server offers it */
	int64_t idle_limit_ms;    /* to be left and entered again by then */
	int64_t scan_interval_ms; /* between two scans of a folder that is not in IDLE */
	char **authserv_ids;      /* globs: authserv-ids of the provider's own Authentication-Results */
	bool no_authserv_id;      /* it writes them without one (Microsoft) */
	enum profile_results results_stand;
	char **arc_domains; /* globs: d= of the ARC seals that it makes of messages that it receives */
	char **received_by; /* globs: hosts behind `by` of the provider's own Received fields */
	unsigned reports;   /* 1u << enum auth_method for each method that it reports at all */
	char *mend_auth;    /* what to do when credentials are refused, a sentence; may be "" */
	char *ca_file;      /* certificates (PEM) that are trusted instead of the system's; NULL: those */
	uint64_t changed;   /* bit of each row of the table that was set since it was made or loaded */
};

extern const struct setting_table profile_settings_table;

/* A profile of defaults. Errors: memory. */
int profile_new(const char *name, struct profile **ret, struct error *err);
void profile_free(struct profile *profile);    /* NULL is allowed */
void profile_free_p(struct profile **profile); /* for _cleanup_ */

/* Sets one key; relative paths are taken from base_dir. Errors: ERROR_CONFIG when there is no such key (the text names
 * the nearest one); as setting_set. The profile is as before then. */
int profile_set(struct profile *profile, const char *key, const char *value, const char *base_dir, struct error *err);

/* 0 when the profile can be used, else ERROR_CONFIG: there is no host. */
int profile_check(const struct profile *profile, struct error *err);

/* Reads one file, which need not be complete. Errors: ERROR_CONFIG as `file:line: ...`, ERROR_LIMIT, memory. */
int profile_read(const char *path, const char *name, struct profile **ret, struct error *err);

/* Looks a profile up by name: NAME.ini in each folder of $POSTPROOF_PROFILES (separated by colons) where that is set,
 * else in postproof/profiles of $XDG_CONFIG_HOME (default ~/.config), then in the folder that was installed. 1 found, 0
 * absent, -1 error. Any thread, as long as none changes the environment. */
int profile_find(const char *name, struct profile **ret, struct error *err);

/* The names of all that profile_find can find, sorted, as a NULL-terminated heap list. Errors: memory. */
int profile_names(char ***ret, struct error *err);
void profile_names_free(char **names); /* NULL is allowed */

/* The login name of a seed: `user` unless it is NULL, else made from its address. Heap string; NULL when out of memory.
 */
char *profile_user(const struct profile *profile, const char *address, const char *user);

#endif
