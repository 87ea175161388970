/* Provider profiles. One table says which keys there are and how their text is read; no provider is known by name in
 * code. */
#include "providers/profile.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/ini.h"
#include "harness/base/text.h"

enum { CONNECTIONS_MAX = 15 };
enum { INTERVAL_MIN_MS = 1000, SCAN_INTERVAL_MAX_MS = 3600 * 1000, IDLE_LIMIT_MAX_MS = 29 * 60 * 1000 /* RFC 2177 */ };

static const char *const user_words[] = { "address", "local-part", NULL };
static const char *const auth_words[] = { "password", "oauth2", NULL };
static const char *const results_words[] = { "above", "either", NULL };
static const char *const method_words[] = { "spf", "dkim", "dmarc", NULL }; /* as enum auth_method */

/* A name or an address: nothing that could be a second thing. */
static int profile_check_host(struct span value, struct error *err)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_alnum(value.p[i]) && !memchr("-._:", value.p[i], 4) && (unsigned char)value.p[i] < 0x80)
			return setting_refuse(err, value, "write the name or the address of a server, without a port");
	return 0;
}

static const struct setting_form profile_form_host = { "a domain name or an IP address", profile_check_host };

/* Of a key whose value may be nothing, as it is in a new profile. */
#define PROFILE_NONE .fallback = "", .fallback_is = "what the shipped profile says", .may_be_empty = true

static const struct setting_key profile_rows[] = {
	{ "host", SETTING_TEXT(profile, host), .form = &profile_form_host, PROFILE_NONE,
	  .help = "Name of the IMAP server." },
	{ "port", SETTING_NUMBER(profile, given_port), .min = 1, .max = UINT16_MAX, PROFILE_NONE,
	  .help = "Its port. Default: 993 for security = tls, else 143." },
	{ "security", SETTING_WORD(profile, security), .words = imap_security_words, .fallback = "tls",
	  .help = "tls: from the first octet. starttls: required after connecting in plaintext. none: no protection, "
		  "for a server on this machine." },
	{ "user", SETTING_WORD(profile, user_form), .words = user_words, .fallback = "address",
	  .help = "What a seed's login name is made of where it gives none: its whole address, or its local-part." },
	{ "auth", SETTING_WORD(profile, auth), .words = auth_words, .fallback = "password",
	  .help = "password: an ordinary or an app password. oauth2: OAuth 2 only, which is not supported yet: such "
		  "seeds are not tested." },
	{ "mechanism", SETTING_WORD(profile, mechanism), .fallback = "auto", .words = sasl_mechanism_words,
	  .help = SASL_MECHANISM_HELP },
	{ "inbox", SETTING_LIST(profile, inbox), PROFILE_NONE,
	  .help = "Names of the folder of new mail, where it is not INBOX, best first." },
	{ "spam", SETTING_LIST(profile, spam), PROFILE_NONE,
	  .help = "Names of the spam folder, best first: for servers that do not mark it (RFC 6154). Names that are "
		  "common in many languages are tried after them." },
	{ "connections", SETTING_NUMBER(profile, connections), .min = 1, .max = CONNECTIONS_MAX, .fallback = "2",
	  .help = "Sessions at once for each account: with 2, inbox and spam are watched at the same time." },
	{ "idle", SETTING_BOOL(profile, idle), .fallback = "yes",
	  .help = "Whether IDLE (RFC 2177) may be used where the server offers it: no where it is known not to work." },
	{ "idle_limit", SETTING_DURATION(profile, idle_limit_ms), .min = INTERVAL_MIN_MS, .max = IDLE_LIMIT_MAX_MS,
	  .fallback = "28m", .help = "IDLE is left and entered again after this time, before the server ends it." },
	{ "scan_interval", SETTING_DURATION(profile, scan_interval_ms), .min = INTERVAL_MIN_MS,
	  .max = SCAN_INTERVAL_MAX_MS, .fallback = "10s",
	  .help = "Time between two looks at a folder that is not watched by IDLE." },
	{ "authserv_id", SETTING_LIST(profile, authserv_ids), PROFILE_NONE,
	  .help = "Patterns (* and ?) of the names that the provider puts at the front of its Authentication-Results. "
		  "Others are not trusted." },
	{ "no_authserv_id", SETTING_BOOL(profile, no_authserv_id), .fallback = "no",
	  .help = "Whether its Authentication-Results have no such name (Microsoft)." },
	{ "results_stand", SETTING_WORD(profile, results_stand), .words = results_words, .fallback = "either",
	  .help = "Where its results stand to the Received field of its own hop that took the message from outside. "
		  "above: only above it, where nobody else can write. either: also directly below it, down to the next "
		  "Received field, signature or field of the message itself (Gmail, iCloud, Yandex, Postfix with "
		  "OpenDKIM); there the first of each method counts." },
	{ "arc_domains", SETTING_LIST(profile, arc_domains), PROFILE_NONE,
	  .help = "Patterns (* and ?) of the domains (d=) under which the provider seals what it receives (ARC, RFC "
		  "8617). Results in such a set, once its seal has been verified, count where it reports them nowhere "
		  "else." },
	{ "received_by", SETTING_LIST(profile, received_by), PROFILE_NONE,
	  .help = "Patterns (* and ?) of the hosts behind `by` in the Received fields that the provider writes itself: "
		  "what stands below them came with the message. Without it nothing that the provider stamps is "
		  "trusted, so that SPF, DKIM, DMARC and TLS cannot be read." },
	{ "reports", SETTING_FLAGS(profile, reports), .words = method_words, .fallback = "spf, dkim, dmarc",
	  .may_be_empty = true, .help = "The methods that it reports at all. One that it does not is never judged." },
	{ "mend_auth", SETTING_TEXT(profile, mend_auth), PROFILE_NONE,
	  .help = "What a person can do when the provider refuses the password, in a sentence." },
	{ "ca_file", SETTING_PATH(profile, ca_file), .fallback_is = "the system's certificates",
	  .help =
	      "Certificates (PEM) that are trusted instead of the system's, for a provider with its own authority." },
};

const struct setting_table profile_settings_table = SETTING_TABLE(profile_rows);

/* The port is that of the security unless it is given. */
static void profile_settle_port(struct profile *p)
{
	p->port = p->given_port ? (uint16_t)p->given_port : imap_security_port(p->security);
}

int profile_new(const char *name, struct profile **ret, struct error *err)
{
	struct profile *p = calloc(1, sizeof(*p));
	if (!p || !(p->name = strdup(name)))
		error_memory(err);
	else if (settings_init(&profile_settings_table, p, err) == 0) {
		profile_settle_port(p);
		*ret = p;
		return 0;
	}
	profile_free(p);
	return -1;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	settings_fini(&profile_settings_table, p);
	free(p->name);
	free(p);
}

void profile_free_p(struct profile **p)
{
	profile_free(*p);
	*p = NULL;
}

static int profile_no_such_key(const char *key, struct error *err)
{
	const char *names[SETTING_KEYS_MAX];
	for (size_t i = 0; i < profile_settings_table.count; i++)
		names[i] = profile_settings_table.keys[i].name;
	const char *nearest = text_nearest(span_of(key), names, profile_settings_table.count);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "there is no key \"%s\"%s%s%s", key,
			 nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

int profile_set(struct profile *p, const char *name, const char *value, const char *base_dir, struct error *err)
{
	const struct setting_key *key = setting_find(&profile_settings_table, name);
	if (!key)
		return profile_no_such_key(name, err);
	if (setting_set(key, span_of(value), base_dir, p, err) < 0)
		return -1;
	profile_settle_port(p);
	p->changed |= UINT64_C(1) << (key - profile_settings_table.keys);
	return 0;
}

int profile_check(const struct profile *p, struct error *err)
{
	if (p->host[0])
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "host is missing: write the name of the IMAP server");
}

static int profile_read_item(struct profile *p, const struct ini_item *item, const char *folder, struct error *err)
{
	if (strcmp(item->section, "provider") != 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "[%s]: a profile has one section, [provider]",
				 item->section);
	if (profile_set(p, item->key, item->value, folder, err) == 0)
		return 0;
	return setting_find(&profile_settings_table, item->key) ? error_prefix(err, "%s", item->key) : -1;
}

static int profile_read_items(struct profile *p, const struct ini *ini, struct error *err)
{
	_cleanup_(free_p) char *folder = path_folder(ini->file);
	if (!folder)
		return error_memory(err);
	for (size_t i = 0; i < ini->item_count; i++)
		if (profile_read_item(p, &ini->items[i], folder, err) < 0)
			return error_prefix(err, "%s:%u", ini->file, ini->items[i].line);
	p->changed = 0;
	return 0;
}

int profile_read(const char *path, const char *name, struct profile **ret, struct error *err)
{
	struct profile *p = NULL;
	struct ini *ini = NULL;
	if (ini_read_file(path, &ini, err) < 0)
		return -1;
	int result = ini_check(ini, err);
	if (result == 0)
		result = profile_new(name, &p, err);
	if (result == 0)
		result = profile_read_items(p, ini, err);
	ini_free(ini);
	if (result < 0) {
		profile_free(p);
		return -1;
	}
	*ret = p;
	return 0;
}

char *profile_user(const struct profile *p, const char *address, const char *user)
{
	const char *at = strrchr(address, '@');
	if (user)
		return strdup(user);
	if (p->user_form == PROFILE_USER_LOCAL_PART && at)
		return span_dup(span_make(address, (size_t)(at - address)));
	return strdup(address);
}
