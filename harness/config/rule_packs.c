/* Where rule packs are found. */
#include "harness/config/rule_packs.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "harness/base/data_file.h"
#include "harness/base/file.h"
#include "harness/base/string_list.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/model/finding.h"

enum { SHA256_LEN = 32 };

static const struct data_kind packs_kind = { "rules", "POSTPROOF_RULES" };

static int no_such_pack(const char *name, struct error *err)
{
	char **names = NULL;
	size_t count = 0;
	if (data_file_names(&packs_kind, &names, err) < 0)
		return -1;
	while (names[count])
		count++;
	const char *nearest = text_nearest(span_of(name), (const char *const *)names, count);
	if (nearest)
		error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "there is no rule pack \"%s\": did you mean \"%s\"?", name,
			  nearest);
	else
		error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
			  "there is no rule pack \"%s\"; a file of your own is named by a path with a / in it", name);
	data_file_names_free(names);
	return -1;
}

/* The path of a pack, on the heap. */
static int rule_packs_find(const char *name, char **ret_path, struct error *err)
{
	if (strchr(name, '/')) {
		*ret_path = strdup(name);
		return *ret_path ? 0 : error_memory(err);
	}
	int found = data_file_find(&packs_kind, name, ret_path, err);
	return found == 0 ? no_such_pack(name, err) : found < 0 ? -1 : 0;
}

static int load_pack(const char *name, struct rules *rules, struct error *err)
{
	_cleanup_(free_p) char *path = NULL;
	struct ini *ini = NULL;
	if (rule_packs_find(name, &path, err) < 0 || ini_read_file(path, &ini, err) < 0)
		return -1;
	int result = rules_add(rules, ini, err);
	ini_free(ini);
	return result;
}

int rule_packs_load(const char *names, struct rules *ret, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list list = { 0 };
	struct rules rules = { 0 };
	int result = string_list_split(&list, names, ',', err);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = load_pack(list.v[i], &rules, err);
	if (result < 0)
		rules_fini(&rules);
	else
		*ret = rules;
	return result;
}

static int rule_packs_hash_one(const char *name, struct rule_pack *ret, struct error *err)
{
	_cleanup_(free_p) char *path = NULL;
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(INI_FILE_MAX);
	unsigned char digest[SHA256_LEN];
	char sha256[2 * SHA256_LEN + 1];
	if (rule_packs_find(name, &path, err) < 0 || file_read(path, &octets, err) < 0)
		return -1;
	if (EVP_Digest(buf_str(&octets), octets.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return error_memory(err);
	hex_encode(digest, sizeof(digest), sha256);
	*ret = (struct rule_pack){ strdup(name), strdup(sha256) };
	return ret->name && ret->sha256 ? 0 : error_memory(err);
}

int rule_packs_hash(const char *names, struct rule_pack **packs, size_t *count, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list list = { 0 };
	size_t cap = *count;
	int result = string_list_split(&list, names, ',', err);
	for (size_t i = 0; i < list.count && result == 0; i++) {
		result = vec_grow(packs, *count, &cap, sizeof(**packs), err);
		if (result == 0)
			result = rule_packs_hash_one(list.v[i], &(*packs)[(*count)++], err);
	}
	return result;
}

int rule_packs_waivers(const struct config *config, struct waivers *ret, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list list = { 0 };
	struct waivers waivers = { 0 };
	int result = string_list_split(&list, config->rules.waive, '\n', err);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = waivers_add(&waivers, span_of(list.v[i]), err);
	if (result < 0)
		waivers_fini(&waivers);
	else
		*ret = waivers;
	return result;
}

static int add_ids(const char *pack, struct string_list *ids, struct error *err)
{
	struct rules rules = { 0 };
	int result = load_pack(pack, &rules, err);
	for (size_t i = 0; i < rules.count && result == 0; i++)
		result = string_list_add(ids, span_of(rules.v[i].id), err);
	rules_fini(&rules);
	return result;
}

/* The ids of findings, of the rules that are configured, and of those that are found by name: a waiver may be for a
 * pack that is chosen by --rules. */
static int waivable(const char *configured, struct string_list *ids, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list packs = { 0 };
	char **names = NULL;
	int result = 0;
	for (size_t i = 0; i < finding_id_count && result == 0; i++)
		result = string_list_add(ids, span_of(finding_ids[i]), err);
	if (result < 0 || string_list_split(&packs, configured, ',', err) < 0 ||
	    data_file_names(&packs_kind, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < packs.count && result == 0; i++)
		result = add_ids(packs.v[i], ids, err);
	for (size_t i = 0; names[i] && result == 0; i++)
		result = string_list_has(&packs, span_of(names[i])) ? 0 : add_ids(names[i], ids, err);
	data_file_names_free(names);
	return result;
}

int rule_packs_check_waivers(const struct config *config, struct error *err)
{
	_cleanup_(string_list_fini) struct string_list ids = { 0 };
	_cleanup_(waivers_fini) struct waivers waivers = { 0 };
	if (rule_packs_waivers(config, &waivers, err) < 0 ||
	    (waivers.count > 0 && waivable(config->rules.packs, &ids, err) < 0))
		return -1;
	for (size_t i = 0; i < waivers.count; i++) {
		struct span id = span_of(waivers.v[i].id);
		const char *nearest = text_nearest(id, string_list_get(&ids), ids.count);
		if (!string_list_has(&ids, id))
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "there is no rule or finding \"%.*s\"%s%s%s", SPAN_ARG(id),
					 nearest ? ": did you mean \"" : "", nearest ? nearest : "",
					 nearest ? "\"?" : "");
	}
	return 0;
}
