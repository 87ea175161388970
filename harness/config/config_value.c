/* Values of the configuration by their types. Opens no file and resolves no name. */
#include "harness/config/config_value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/secret.h"
#include "harness/base/text.h"
#include "harness/dns/name.h"
#include "harness/dns/name_server.h"
#include "harness/judge/waiver.h"
#include "harness/mail/address.h"
#include "harness/mail/tag.h"

enum { VALUE_MAX = 65536 };

static void *field_of(const struct config_key *key, void *structure)
{
	return (char *)structure + key->offset;
}

static const void *field_in(const struct config_key *key, const void *structure)
{
	return (const char *)structure + key->offset;
}

static bool is_string(enum config_type type)
{
	return type <= CONFIG_PATH;
}

static int bad(struct error *err, struct span text, const char *accepted)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%.*s\" cannot be used: %s", SPAN_ARG(text), accepted);
}

static bool is_ip(struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char octets[16];
	return span_copy(text, copy, sizeof(copy)) &&
	       (inet_pton(AF_INET, copy, octets) == 1 || inet_pton(AF_INET6, copy, octets) == 1);
}

static bool is_host(struct span text)
{
	return address_domain_valid(text) || is_ip(text);
}

/* Splits HOST[:PORT] or [IPv6][:PORT]. */
static bool is_host_port(struct span text)
{
	struct span host = text, port = { NULL, 0 };
	ptrdiff_t at;
	uint64_t number;
	if (text.len > 0 && text.p[0] == '[') {
		at = span_find_char(text, ']', 0);
		if (at < 0 || !is_ip(span_sub(text, 1, (size_t)at - 1)))
			return false;
		port = span_sub(text, (size_t)at + 1, text.len);
		host = (struct span){ NULL, 0 };
	} else {
		at = span_find_char(text, ':', 0);
		if (at >= 0) {
			host = span_sub(text, 0, (size_t)at);
			port = span_sub(text, (size_t)at, text.len);
		}
		if (!is_host(host))
			return false;
	}
	return port.len == 0 ||
	       (port.p[0] == ':' && span_to_u64(span_sub(port, 1, port.len), 65535, &number) && number > 0);
}

/* ADDRESS or ADDRESS:PORT, several separated by commas. */
static int check_servers(struct span text, struct error *err)
{
	struct span rest = text, word;
	struct name_server server;
	while (span_next(&rest, ',', &word))
		if (name_server_parse(span_trim(word), &server, err) < 0)
			return -1;
	return 0;
}

static int check_url(struct span text, struct error *err)
{
	struct span rest = text;
	if (span_starts_nocase(text, SPAN_LIT("smtp://")))
		rest = span_sub(text, 7, text.len);
	else if (span_starts_nocase(text, SPAN_LIT("smtps://")))
		rest = span_sub(text, 8, text.len);
	else
		return bad(err, text, "begin with smtp:// or smtps://");
	if (!is_host_port(rest))
		return bad(err, text,
			   "write smtp://HOST or smtp://HOST:PORT; user and password have keys of their own");
	return 0;
}

static int check_http(struct span text, struct error *err)
{
	struct span rest = text;
	if (span_starts_nocase(text, SPAN_LIT("http://")))
		rest = span_sub(text, 7, text.len);
	else if (span_starts_nocase(text, SPAN_LIT("https://")))
		rest = span_sub(text, 8, text.len);
	else
		return bad(err, text, "begin with http:// or https://");
	return is_host_port(rest) ? 0 : bad(err, text, "write http://HOST or http://HOST:PORT");
}

static int check_names(struct span text, struct error *err)
{
	struct span rest = text, word;
	char name[DNS_NAME_TEXT_MAX];
	while (span_next(&rest, ',', &word))
		if (!dns_name_make(span_trim(word), name))
			return bad(err, text, "write names of the DNS, separated by commas");
	return 0;
}

static int check_waiver(struct span text, struct error *err)
{
	struct waivers waivers = { 0 };
	int result = waivers_add(&waivers, text, err);
	waivers_fini(&waivers);
	return result;
}

static int check_from(struct span text, struct error *err)
{
	struct address_list list;
	if (address_list_parse(&list, text, err) < 0)
		return -1;
	struct buf spec = BUF_INIT(VALUE_MAX);
	struct address plain;
	int result = -1;
	if (list.count != 1)
		bad(err, text, "write one address, with a display name in front of it or not");
	else if (address_add_spec(&spec, &list.v[0]) == 0)
		result = address_check(buf_span(&spec), &plain, err);
	else
		error_memory(err);
	buf_fini(&spec);
	address_list_fini(&list);
	return result;
}

static int check_sender(struct span text, struct error *err)
{
	struct address plain;
	if (address_check(text, &plain, err) < 0)
		return -1;
	if (memchr(text.p, '{', text.len) && !tag_pattern_valid(text))
		return bad(err, text, "write {tag} once in it, as in bounces+{tag}@example.org");
	return 0;
}

static int check_string(const struct config_key *key, struct span text, struct error *err)
{
	switch (key->type) {
	case CONFIG_FROM:
		return check_from(text, err);
	case CONFIG_SENDER:
		return check_sender(text, err);
	case CONFIG_URL:
		return check_url(text, err);
	case CONFIG_DOMAIN:
		return address_domain_valid(text) ? 0 : bad(err, text, "write a domain name, as in example.org");
	case CONFIG_HOST:
		return is_host(text) ? 0 : bad(err, text, "write a domain name or an IP address");
	case CONFIG_SERVERS:
		return check_servers(text, err);
	case CONFIG_HTTP:
		return check_http(text, err);
	case CONFIG_PEER:
		return memchr(text.p, ':', text.len) && is_host_port(text)
			   ? 0
			   : bad(err, text, "write HOST:PORT, an IPv6 address in brackets");
	case CONFIG_ADDRESS:
		return address_check(text, &(struct address){ 0 }, err);
	case CONFIG_NAMES:
		return check_names(text, err);
	case CONFIG_WAIVERS:
		return check_waiver(text, err);
	default:
		return 0;
	}
}

/* Names, and paths as seen from the folder of the configuration. */
static char *rules_from(const char *base_dir, struct span text)
{
	struct buf out = BUF_INIT(VALUE_MAX);
	struct span rest = text, word;
	while (span_next(&rest, ',', &word)) {
		word = span_trim(word);
		_cleanup_(free_p) char *path = span_find_char(word, '/', 0) >= 0 ? path_from(base_dir, word)
										 : span_dup(word);
		buf_addf(&out, "%s%s", out.len ? ", " : "", path ? path : "");
	}
	return buf_take(&out);
}

/* The text of the field behind what is set: of a key that stands there several times every value counts. */
static char *text_of(const struct config_key *key, struct span text, const char *base_dir, const char *before)
{
	char *lines = NULL;
	if (key->type == CONFIG_PATH)
		return path_from(base_dir, text);
	if (key->type == CONFIG_RULES)
		return rules_from(base_dir, text);
	if (key->type != CONFIG_WAIVERS || !before)
		return span_dup(text);
	return asprintf(&lines, "%s\n%.*s", before, SPAN_ARG(text)) < 0 ? NULL : lines;
}

static int set_string(const struct config_key *key, struct span text, const char *base_dir, void *field,
		      struct error *err)
{
	if (check_string(key, text, err) < 0)
		return -1;
	char **string = field, *value = text_of(key, text, base_dir, *string);
	if (!value)
		return error_memory(err);
	free(*string);
	*string = value;
	return 0;
}

static int set_secret(struct span text, const char *base_dir, struct secret_ref **field, struct error *err)
{
	struct secret_ref *ref;
	if (secret_ref_new(text, base_dir, &ref, err) < 0)
		return -1;
	secret_ref_free(*field);
	*field = ref;
	return 0;
}

static int set_duration(const struct config_key *key, struct span text, int64_t *field, struct error *err)
{
	int64_t ms;
	char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX];
	if (duration_parse(text, &ms, err) < 0)
		return -1;
	if (ms < key->min || ms > key->max)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%.*s\" is out of range: %s to %s is accepted",
				 SPAN_ARG(text), duration_format(key->min, least), duration_format(key->max, most));
	*field = ms;
	return 0;
}

static int set_number(const struct config_key *key, struct span text, uint64_t *field, struct error *err)
{
	uint64_t number;
	if (!span_to_u64(text, (uint64_t)key->max, &number) || number < (uint64_t)key->min)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "\"%.*s\" cannot be used: a whole number from %" PRId64 " to %" PRId64 " is accepted",
				 SPAN_ARG(text), key->min, key->max);
	*field = number;
	return 0;
}

static int set_bool(struct span text, bool *field, struct error *err)
{
	bool yes = span_is_nocase(text, "yes");
	if (!yes && !span_is_nocase(text, "no"))
		return bad(err, text, "write yes or no");
	*field = yes;
	return 0;
}

static int set_word(const struct config_key *key, struct span text, void *field, struct error *err)
{
	struct buf words = BUF_INIT(VALUE_MAX);
	for (unsigned i = 0; key->words[i]; i++) {
		if (span_is_nocase(text, key->words[i])) {
			memcpy(field, &i, sizeof(i));
			buf_fini(&words);
			return 0;
		}
		buf_addf(&words, "%s%s", i == 0 ? "write " : key->words[i + 1] ? ", " : " or ", key->words[i]);
	}
	bad(err, text, buf_str(&words));
	buf_fini(&words);
	return -1;
}

int config_value_set(const struct config_key *key, struct span text, const char *base_dir, void *structure,
		     struct error *err)
{
	void *field = field_of(key, structure);
	if (text.len == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "has no value: give it one, or take the line out");
	switch (key->type) {
	case CONFIG_SECRET:
		return set_secret(text, base_dir, field, err);
	case CONFIG_DURATION:
		return set_duration(key, text, field, err);
	case CONFIG_NUMBER:
		return set_number(key, text, field, err);
	case CONFIG_BOOL:
		return set_bool(text, field, err);
	case CONFIG_WORD:
		return set_word(key, text, field, err);
	default:
		return set_string(key, text, base_dir, field, err);
	}
}

bool config_value_given(const struct config_key *key, const void *structure)
{
	const void *field = field_in(key, structure);
	if (is_string(key->type))
		return *(char *const *)field != NULL;
	if (key->type == CONFIG_SECRET)
		return *(struct secret_ref *const *)field != NULL;
	return key->type != CONFIG_NUMBER || *(const uint64_t *)field != 0;
}

int config_value_text(const struct config_key *key, const void *structure, struct buf *out)
{
	const void *field = field_in(key, structure);
	char duration[TIME_TEXT_MAX];
	unsigned word;
	int result;
	if (!config_value_given(key, structure))
		return 0;
	switch (key->type) {
	case CONFIG_SECRET:
		result = buf_add_str(out, secret_ref_text(*(struct secret_ref *const *)field));
		break;
	case CONFIG_DURATION:
		result = buf_add_str(out, duration_format(*(const int64_t *)field, duration));
		break;
	case CONFIG_NUMBER:
		result = buf_addf(out, "%" PRIu64, *(const uint64_t *)field);
		break;
	case CONFIG_BOOL:
		result = buf_add_str(out, *(const bool *)field ? "yes" : "no");
		break;
	case CONFIG_WORD:
		memcpy(&word, field, sizeof(word));
		result = buf_add_str(out, key->words[word]);
		break;
	default:
		result = buf_add_str(out, *(char *const *)field);
		break;
	}
	return result < 0 ? -1 : 1;
}

void config_value_clear(const struct config_key *key, void *structure)
{
	void *field = field_of(key, structure);
	if (is_string(key->type)) {
		free(*(char **)field);
		*(char **)field = NULL;
	} else if (key->type == CONFIG_SECRET) {
		secret_ref_free(*(struct secret_ref **)field);
		*(struct secret_ref **)field = NULL;
	}
}

int config_defaults_set(const struct config_section *section, void *structure, struct error *err)
{
	for (size_t i = 0; i < section->key_count; i++) {
		const struct config_key *key = &section->keys[i];
		if (key->fallback && config_value_set(key, span_of(key->fallback), ".", structure, err) < 0)
			return -1;
	}
	return 0;
}

void config_fields_clear(const struct config_section *section, void *structure)
{
	for (size_t i = 0; i < section->key_count; i++)
		config_value_clear(&section->keys[i], structure);
}
