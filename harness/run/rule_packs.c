/* Where rule packs are found. */
#include "harness/run/rule_packs.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/data_file.h"
#include "harness/base/string_list.h"
#include "harness/base/text.h"

static const struct data_kind packs = { "rules", "POSTPROOF_RULES" };

static int no_such_pack(const char *name, struct error *err)
{
	char **names = NULL;
	size_t count = 0;
	if (data_file_names(&packs, &names, err) < 0)
		return -1;
	while (names[count])
		count++;
	const char *nearest = text_nearest(span_of(name), (const char *const *)names, count);
	error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
		  "there is no rule pack \"%s\"%s%s%s; a file of your own is named by a path with a / in it", name,
		  nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	data_file_names_free(names);
	return -1;
}

static int load_pack(const char *name, struct rules *rules, struct error *err)
{
	_cleanup_(free_p) char *path = NULL;
	struct ini *ini = NULL;
	int found = 1;
	if (!strchr(name, '/'))
		found = data_file_find(&packs, name, &path, err);
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
	int result = string_list_split(&list, config->check.waive, '\n', err);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = waivers_add(&waivers, span_of(list.v[i]), err);
	if (result < 0)
		waivers_fini(&waivers);
	else
		*ret = waivers;
	return result;
}
