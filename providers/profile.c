/* Provider profiles. One table says which keys there are and how their text is read; no provider is known by name in
 * code. */
#include "providers/profile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/ini.h"
#include "harness/base/text.h"

enum { LIST_MAX = 100, CONNECTIONS_MAX = 15 };
enum { INTERVAL_MIN_MS = 1000, IDLE_LIMIT_MAX_MS = 29 * 60 * 1000 /* RFC 2177 */ };

enum key_type {
	KEY_TEXT,
	KEY_HOST,
	KEY_PORT,
	KEY_WORD, /* of words; an enum in their order */
	KEY_BOOL,
	KEY_COUNT,    /* 1 to max */
	KEY_DURATION, /* least to max milliseconds */
	KEY_LIST,
	KEY_METHODS, /* a list of authentication methods, as a mask */
};

static const char *const security_words[] = { "tls", "starttls", "none", NULL };
static const char *const user_words[] = { "address", "local-part", NULL };
static const char *const auth_words[] = { "password", "oauth2", NULL };

static const struct profile_key keys[PROFILE_KEY_COUNT] = {
	{ "host", "", "Name of the IMAP server." },
	{ "port", "", "Its port. Default: 993 for security = tls, else 143." },
	{ "security", "tls",
	  "tls: from the first octet. starttls: required after connecting in plaintext. none: no protection, for a "
	  "server "
	  "on this machine." },
	{ "user", "address",
	  "What a seed's login name is made of where it gives none: its whole address, or its local-part." },
	{ "auth", "password",
	  "password: an ordinary or an app password. oauth2: OAuth 2 only, which is not supported yet: such seeds are "
	  "not tested." },
	{ "inbox", "", "Names of the folder of new mail, where it is not INBOX, best first." },
	{ "spam", "",
	  "Names of the spam folder, best first: for servers that do not mark it (RFC 6154). Names that are common in "
	  "many languages are tried after them." },
	{ "connections", "2",
	  "Sessions at once for each account: with 2, inbox and spam are watched at the same time." },
	{ "idle", "yes",
	  "Whether IDLE (RFC 2177) may be used where the server offers it: no where it is known not to work." },
	{ "idle_limit", "28m", "IDLE is left and entered again after this time, before the server ends it." },
	{ "scan_interval", "10s", "Time between two looks at a folder that is not watched by IDLE." },
	{ "authserv_id", "",
	  "Patterns (* and ?) of the names that the provider puts at the front of its Authentication-Results. Others "
	  "are "
	  "not trusted." },
	{ "no_authserv_id", "no", "Whether its Authentication-Results have no such name (Microsoft)." },
	{ "received_by", "",
	  "Patterns (* and ?) of the hosts behind `by` in the Received fields that the provider writes itself: what "
	  "stands below them came with the message. Without it nothing that the provider stamps is trusted, so that "
	  "SPF, "
	  "DKIM, DMARC and TLS cannot be read." },
	{ "reports", "spf, dkim, dmarc", "The methods that it reports at all. One that it does not is never judged." },
	{ "mend_auth", "", "What a person can do when the provider refuses the password, in a sentence." },
};

static const struct reader {
	enum key_type type;
	size_t offset;
	int64_t least, most;
	const char *const *words;
} readers[PROFILE_KEY_COUNT] = {
	{ KEY_HOST, offsetof(struct profile, host) },
	{ KEY_PORT, offsetof(struct profile, port) },
	{ KEY_WORD, offsetof(struct profile, security), .words = security_words },
	{ KEY_WORD, offsetof(struct profile, user_form), .words = user_words },
	{ KEY_WORD, offsetof(struct profile, auth), .words = auth_words },
	{ KEY_LIST, offsetof(struct profile, inbox) },
	{ KEY_LIST, offsetof(struct profile, spam) },
	{ KEY_COUNT, offsetof(struct profile, connections), 1, CONNECTIONS_MAX },
	{ KEY_BOOL, offsetof(struct profile, idle) },
	{ KEY_DURATION, offsetof(struct profile, idle_limit_ms), INTERVAL_MIN_MS, IDLE_LIMIT_MAX_MS },
	{ KEY_DURATION, offsetof(struct profile, scan_interval_ms), INTERVAL_MIN_MS, INT64_C(3600) * 1000 },
	{ KEY_LIST, offsetof(struct profile, authserv_ids) },
	{ KEY_BOOL, offsetof(struct profile, no_authserv_id) },
	{ KEY_LIST, offsetof(struct profile, received_by) },
	{ KEY_METHODS, offsetof(struct profile, reports) },
	{ KEY_TEXT, offsetof(struct profile, mend_auth) },
};

const struct profile_key *profile_keys(void)
{
	return keys;
}

int profile_key_find(const char *key)
{
	for (int i = 0; i < PROFILE_KEY_COUNT; i++)
		if (strcmp(keys[i].name, key) == 0)
			return i;
	return -1;
}

static void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static int refuse(struct error *err, const char *key, struct span value, const char *accepted)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: \"%.*s\" cannot be: %s", key, SPAN_ARG(value),
			 accepted);
}

static int read_list(const char *key, struct span value, char ***ret, struct error *err)
{
	struct span rest = value, part;
	size_t count = 0;
	char **list = calloc(LIST_MAX + 1, sizeof(*list));
	if (!list)
		return error_memory(err);
	while (value.len > 0 && span_next(&rest, ',', &part)) {
		part = span_trim(part);
		if (part.len == 0 || count == LIST_MAX) {
			list_free(list);
			return refuse(err, key, value, part.len ? "too many entries" : "an entry is empty");
		}
		list[count] = span_dup(part);
		if (!list[count++]) {
			list_free(list);
			return error_memory(err);
		}
	}
	*ret = list;
	return 0;
}

static int read_methods(const char *key, struct span value, unsigned *ret, struct error *err)
{
	struct span rest = value, part;
	unsigned mask = 0;
	while (value.len > 0 && span_next(&rest, ',', &part)) {
		enum auth_method method;
		if (!auth_method_from(span_trim(part), &method))
			return refuse(err, key, value, "write some of spf, dkim, dmarc, separated by commas");
		mask |= 1u << method;
	}
	*ret = mask;
	return 0;
}

static int read_word(const char *key, const char *const *words, struct span value, unsigned *ret, struct error *err)
{
	char accepted[80] = "write ";
	for (unsigned i = 0; words[i]; i++) {
		if (span_is(value, words[i])) {
			*ret = i;
			return 0;
		}
		size_t len = strlen(accepted);
		snprintf(accepted + len, sizeof(accepted) - len, "%s%s", i ? " or " : "", words[i]);
	}
	return refuse(err, key, value, accepted);
}

static int read_duration(const char *key, const struct reader *r, struct span value, int64_t *ret, struct error *err)
{
	char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX], accepted[160];
	int64_t ms;
	if (duration_parse(value, &ms, err) < 0)
		return error_prefix(err, "%s", key);
	if (ms >= r->least && ms <= r->most) {
		*ret = ms;
		return 0;
	}
	snprintf(accepted, sizeof(accepted), "write a duration from %s to %s", duration_format(r->least, least),
		 duration_format(r->most, most));
	return refuse(err, key, value, accepted);
}

/* A name or an address: nothing that could be a second thing. */
static int check_host(const char *key, struct span value, struct error *err)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_alnum(value.p[i]) && !memchr("-._:", value.p[i], 4) && (unsigned char)value.p[i] < 0x80)
			return refuse(err, key, value, "write the name or the address of a server, without a port");
	return 0;
}

static int read_number(const char *key, struct span value, uint64_t most, uint64_t *ret, struct error *err)
{
	char accepted[64];
	uint64_t number;
	if (span_to_u64(value, most, &number) && number > 0) {
		*ret = number;
		return 0;
	}
	snprintf(accepted, sizeof(accepted), "write a whole number from 1 to %llu", (unsigned long long)most);
	return refuse(err, key, value, accepted);
}

/* The port is that of the security unless it is given. */
static void settle_port(struct profile *p, uint64_t given)
{
	p->port = given ? (uint16_t)given : p->security == IMAP_TLS ? 993 : 143;
}

static void set_string(char **field, char *value)
{
	free(*field);
	*field = value;
}

static int read_string(char **field, struct span value, struct error *err)
{
	char *copy = span_dup(value);
	if (!copy)
		return error_memory(err);
	set_string(field, copy);
	return 0;
}

/* Reads the value into its field, which is left alone on error. */
static int read_value(struct profile *p, size_t index, struct span value, struct error *err)
{
	const struct reader *r = &readers[index];
	const char *key = keys[index].name;
	void *field = (char *)p + r->offset;
	uint64_t number = 0;
	unsigned word = 0;
	char **list = NULL;
	switch (r->type) {
	case KEY_HOST:
		return check_host(key, value, err) < 0 ? -1 : read_string(field, value, err);
	case KEY_TEXT:
		return read_string(field, value, err);
	case KEY_PORT:
		if (value.len > 0 && read_number(key, value, UINT16_MAX, &number, err) < 0)
			return -1;
		settle_port(p, number);
		return 0;
	case KEY_WORD:
		if (read_word(key, r->words, value, &word, err) < 0)
			return -1;
		memcpy(field, &word, sizeof(word));
		return 0;
	case KEY_BOOL:
		if (!span_is(value, "yes") && !span_is(value, "no"))
			return refuse(err, key, value, "write yes or no");
		*(bool *)field = span_is(value, "yes");
		return 0;
	case KEY_COUNT:
		if (read_number(key, value, (uint64_t)r->most, &number, err) < 0)
			return -1;
		*(uint32_t *)field = (uint32_t)number;
		return 0;
	case KEY_DURATION:
		return read_duration(key, r, value, field, err);
	case KEY_METHODS:
		return read_methods(key, value, field, err);
	case KEY_LIST:
		if (read_list(key, value, &list, err) < 0)
			return -1;
		list_free(*(char ***)field);
		*(char ***)field = list;
		return 0;
	}
	return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "key %s of no type", key);
}

static int set_value(struct profile *p, size_t index, const char *value, struct error *err)
{
	struct span trimmed = span_trim(span_of(value));
	if (!utf8_valid(trimmed))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: not UTF-8", keys[index].name);
	char *text = span_dup(trimmed);
	if (!text)
		return error_memory(err);
	if (read_value(p, index, trimmed, err) < 0) {
		free(text);
		return -1;
	}
	set_string(&p->text[index], text);
	uint64_t port = 0;
	const char *given = p->text[profile_key_find("port")];
	if (readers[index].offset == offsetof(struct profile, security))
		settle_port(p, given && span_to_u64(span_of(given), UINT16_MAX, &port) ? port : 0);
	return 0;
}

int profile_new(const char *name, struct profile **ret, struct error *err)
{
	struct profile *p = calloc(1, sizeof(*p));
	if (!p || !(p->name = strdup(name))) {
		profile_free(p);
		return error_memory(err);
	}
	for (size_t i = 0; i < PROFILE_KEY_COUNT; i++)
		if (set_value(p, i, keys[i].fallback, err) < 0) {
			profile_free(p);
			return -1;
		}
	*ret = p;
	return 0;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < PROFILE_KEY_COUNT; i++)
		free(p->text[i]);
	list_free(p->inbox);
	list_free(p->spam);
	list_free(p->authserv_ids);
	list_free(p->received_by);
	free(p->mend_auth);
	free(p->host);
	free(p->name);
	free(p);
}

void profile_free_p(struct profile **p)
{
	profile_free(*p);
	*p = NULL;
}

int profile_set(struct profile *p, const char *key, const char *value, struct error *err)
{
	int index = profile_key_find(key);
	if (index < 0) {
		const char *names[PROFILE_KEY_COUNT];
		for (size_t i = 0; i < PROFILE_KEY_COUNT; i++)
			names[i] = keys[i].name;
		const char *nearest = text_nearest(span_of(key), names, PROFILE_KEY_COUNT);
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "there is no key \"%s\"%s%s%s", key,
				 nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	}
	if (set_value(p, (size_t)index, value, err) < 0)
		return -1;
	p->changed[index] = true;
	return 0;
}

int profile_check(const struct profile *p, struct error *err)
{
	if (p->host[0])
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "host is missing: write the name of the IMAP server");
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
	for (size_t i = 0; i < ini->item_count && result == 0; i++) {
		const struct ini_item *item = &ini->items[i];
		if (strcmp(item->section, "provider") != 0)
			result = error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					   "[%s]: a profile has one section, [provider]", item->section);
		else
			result = profile_set(p, item->key, item->value, err);
		if (result < 0)
			error_prefix(err, "%s:%u", path, item->line);
	}
	ini_free(ini);
	if (result < 0) {
		profile_free(p);
		return -1;
	}
	memset(p->changed, 0, sizeof(p->changed));
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
