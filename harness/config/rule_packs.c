/* Where rule packs are found. */
#include "harness/config/rule_packs.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/data_file.h"
#include "harness/base/string_list.h"
#include "harness/base/text.h"
#include "harness/model/finding.h"

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

static int load_pack(const char *name, struct rules *rules, struct error *err)
{
	_cleanup_(free_p) char *path = NULL;
	struct ini *ini = NULL;
	int found = 1;
	if (!strchr(name, '/'))
		found = data_file_find(&packs_kind, name, &path, err);
	if (found <= 0)
		return found < 0 ? -1 : no_such_pack(name, err);
	if (ini_read_file(path ? path : name, &ini, err) < 0)
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
