/* Seed accounts and their choice. Pure. */
#include "seeds/seed.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/base/vec.h"

static const struct setting_key seed_keys[] = {
	{ "provider", SETTING_TEXT(seed, provider), .required = true,
	  .help = "The profile of the provider where the mailbox is: a shipped one, or a [provider] section." },
	{ "user", SETTING_TEXT(seed, user), .fallback_is = "what the user key of the profile makes of the address",
	  .help = "The login name of the mailbox." },
	{ "password", SETTING_SECRET(seed, password), .fallback_is = "an error, unless the provider needs OAuth",
	  .help = "The password, as a reference (see SECRETS). Many providers want an app password here." },
	{ "mechanism", SETTING_WORD(seed, mechanism), .fallback = "auto", .words = sasl_mechanism_words,
	  .help = "How the password is shown to the server, as in [provider NAME]; auto: as it says there." },
};

const struct setting_table seed_settings_table = SETTING_TABLE(seed_keys);

/* Letters of ASCII that no address may hold here: separators, quotes and what RFC 5322 section 3.2.3 calls specials. */
static bool is_foreign(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f || strchr("()<>[]:;,\\\"", c);
}

int seed_address_check(struct span text, struct error *err)
{
	ptrdiff_t at = span_find_char(text, '@', 0);
	if (at <= 0 || (size_t)at + 1 == text.len || span_find_char(text, '@', (size_t)at + 1) >= 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "\"%.*s\" is no mailbox address: write it as local@domain", SPAN_ARG(text));
	if (text.len > SEED_ADDRESS_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the address is longer than %d octets",
				 SEED_ADDRESS_MAX);
	for (size_t i = 0; i < text.len; i++)
		if (is_foreign(text.p[i]))
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "\"%.*s\" is no mailbox address: it must not hold \"%.1s\"", SPAN_ARG(text),
					 text.p + i);
	if (!utf8_valid(text))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the address is not UTF-8");
	return 0;
}

static size_t domain_offset(struct span address)
{
	ptrdiff_t at = span_find_char(address, '@', 0);
	return at < 0 ? address.len : (size_t)at;
}

int seed_list_add(struct seed_list *list, struct span address, unsigned line, struct seed **ret, struct error *err)
{
	if (seed_address_check(address, err) < 0 ||
	    vec_grow(&list->seeds, list->count, &list->cap, sizeof(*list->seeds), err) < 0)
		return -1;
	char *copy = span_dup(address);
	if (!copy)
		return error_memory(err);
	for (char *p = copy + domain_offset(address); *p; p++)
		*p = ascii_lower(*p);
	struct seed *seed = &list->seeds[list->count++];
	*seed = (struct seed){ .address = copy, .line = line };
	*ret = seed;
	return 0;
}

static bool same_address(struct span a, struct span b)
{
	size_t at = domain_offset(a);
	return a.len == b.len && span_eq(span_sub(a, 0, at), span_sub(b, 0, at)) &&
	       span_eq_nocase(span_sub(a, at, a.len), span_sub(b, at, b.len));
}

const struct seed *seed_list_find(const struct seed_list *list, struct span address)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_address(span_of(list->seeds[i].address), address))
			return &list->seeds[i];
	return NULL;
}

/* Orders by address, then by place: seeds of one list stand in one array. */
static int by_address(const void *a, const void *b)
{
	const struct seed *x = *(const struct seed *const *)a, *y = *(const struct seed *const *)b;
	int order = strcmp(x->address, y->address);
	return order ? order : x < y ? -1 : x > y;
}

int seed_list_twins(const struct seed_list *list, size_t *twin_of, struct error *err)
{
	_cleanup_(free_p) const struct seed **sorted = calloc(list->count + 1, sizeof(struct seed *));
	if (!sorted)
		return error_memory(err);
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = &list->seeds[i];
	qsort(sorted, list->count, sizeof(*sorted), by_address);
	for (size_t i = 0, first = 0; i < list->count; i++) {
		if (strcmp(sorted[first]->address, sorted[i]->address) != 0)
			first = i;
		twin_of[sorted[i] - list->seeds] = (size_t)(sorted[first] - list->seeds);
	}
	return 0;
}

/* Says that a word of the filter is that of no seed, and which one it is nearest to. */
static int unknown(const struct seed_list *list, const char *what, const char *word, bool provider, struct error *err)
{
	const char **names = calloc(list->count + 1, sizeof(*names));
	if (!names)
		return error_memory(err);
	for (size_t i = 0; i < list->count; i++)
		names[i] = provider ? list->seeds[i].provider : list->seeds[i].address;
	const char *nearest = text_nearest(span_of(word), names, list->count);
	error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "no seed %s \"%s\"%s%s%s", what, word,
		  nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	free(names);
	return -1;
}

static bool has_provider(const struct seed *seed, const char *provider)
{
	return strcmp(seed->provider, provider) == 0;
}

int seed_list_choose(const struct seed_list *list, const struct seed_filter *filter, bool *chosen, struct error *err)
{
	size_t left = 0;
	for (size_t i = 0; i < list->count; i++)
		chosen[i] = filter->address_count == 0;
	for (size_t f = 0; f < filter->address_count; f++) {
		const struct seed *seed = seed_list_find(list, span_of(filter->addresses[f]));
		if (!seed)
			return unknown(list, "has the address", filter->addresses[f], false, err);
		chosen[seed - list->seeds] = true;
	}
	for (size_t f = 0; f < filter->provider_count; f++) {
		size_t i = 0;
		while (i < list->count && !has_provider(&list->seeds[i], filter->providers[f]))
			i++;
		if (i == list->count)
			return unknown(list, "is at the provider", filter->providers[f], true, err);
	}
	for (size_t i = 0; i < list->count; i++) {
		bool at = filter->provider_count == 0;
		for (size_t f = 0; f < filter->provider_count && !at; f++)
			at = has_provider(&list->seeds[i], filter->providers[f]);
		chosen[i] = chosen[i] && at;
		left += chosen[i];
	}
	if (left == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "the chosen seeds are not at the chosen providers");
	return 0;
}

void seed_list_fini(struct seed_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++) {
		settings_fini(&seed_settings_table, &list->seeds[i]);
		free(list->seeds[i].address);
	}
	free(list->seeds);
	*list = (struct seed_list){ 0 };
}
