/* Rule packs by name and by path, the user's own before those that are shipped. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/config/rule_packs.h"
#include "tests/unit/shipped.h"

static char folder[] = "/tmp/postproof-rules-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_pack(const char *name, const char *rule)
{
	FILE *f = fopen(in_folder(name), "w");
	assert_non_null(f);
	fprintf(f, "[rule %s]\ntext = T\nsince = 2024-02-01\nseverity = fail\nsource = S\nfindings = mx.starttls\n",
		rule);
	fclose(f);
}

static int set_up(void **state)
{
	char folders[8192];
	use_shipped_data(state);
	if (!mkdtemp(folder))
		return -1;
	write_pack("gmail.ini", "gmail.mine");
	write_pack("house.ini", "house.tls");
	snprintf(folders, sizeof(folders), "%s:%s", folder, getenv("POSTPROOF_RULES"));
	return setenv("POSTPROOF_RULES", folders, 1);
}

static int tear_down(void **state)
{
	unlink(in_folder("gmail.ini"));
	unlink(in_folder("house.ini"));
	return rmdir(folder);
}

static void packs_are_found_by_name_and_by_path(void **state)
{
	char path[256];
	snprintf(path, sizeof(path), "yahoo, %s", in_folder("house.ini"));
	const struct {
		const char *label, *names, *first, *last;
	} rows[] = {
		{ "a shipped one", "rfc", "rfc.domain", "rfc.one-click" },
		{ "one of the user's own", "house", "house.tls", "house.tls" },
		{ "one that takes the place of a shipped one", "gmail", "gmail.mine", "gmail.mine" },
		{ "several, one by its path", path, "yahoo.spf", "house.tls" },
		{ "none", "", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(rules_fini) struct rules rules = { 0 };
		if (rule_packs_load(rows[i].names, &rules, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT(rows[i].label, (rules.count > 0) == (rows[i].first != NULL));
		if (!rows[i].first)
			continue;
		ROW_ASSERT_STRING(rows[i].label, rules.v[0].id, rows[i].first);
		ROW_ASSERT_STRING(rows[i].label, rules.v[rules.count - 1].id, rows[i].last);
	}
}

static void a_pack_that_is_not_there_is_an_error_with_a_mend(void **state)
{
	static const struct {
		const char *names, *says;
	} rows[] = {
		{ "gmial", "there is no rule pack \"gmial\": did you mean \"gmail\"?" },
		{ "hous", "did you mean \"house\"?" },
		{ "elephant", "there is no rule pack \"elephant\"; a file of your own is named by a path" },
		{ "./elephant.ini", "./elephant.ini" },
		{ "rfc, rfc", "there is a rule of that id already" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct rules rules = { 0 };
		ROW_ASSERT(rows[i].names, rule_packs_load(rows[i].names, &rules, &err) == -1);
		ROW_ASSERT(rows[i].names, err.kind == ERROR_CONFIG);
		ROW_ASSERT(rows[i].names, rules.count == 0);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\"", rows[i].names, err.text);
	}
}

static void a_waiver_of_nothing_is_an_error_with_a_mend(void **state)
{
	static const struct {
		const char *waive, *says; /* NULL: it is all right */
	} rows[] = {
		{ "yahoo.spf until 2027-01-01 because it moves", NULL },
		{ "spf.record until 2020-01-01 because a day that has passed is no mistake", NULL },
		{ "house.tls until 2027-01-01 because a pack that is not configured is there for --rules", NULL },
		{ "spf.record until 2027-01-01 because x\nyahoo.sfp until 2027-01-01 because y",
		  "there is no rule or finding \"yahoo.sfp\": did you mean \"yahoo.spf\"?" },
		{ "mx.startls until 2027-01-01 because x", "did you mean \"mx.starttls\"?" },
		{ "elephant until 2027-01-01 because x", "there is no rule or finding \"elephant\"" },
	};
	char rules[] = "yahoo, rfc";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(free_p) char *waive = strdup(rows[i].waive);
		const struct config config = { .rules = { .packs = rules, .waive = waive } };
		ROW_ASSERT(rows[i].waive, rule_packs_check_waivers(&config, &err) == (rows[i].says ? -1 : 0));
		if (rows[i].says && !strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\"", rows[i].waive, err.text);
	}
}

static void hashes_are_those_of_the_files(void **state)
{
	/* Of the octets that write_pack writes, by sha256sum. */
	static const char house[] = "6093466f18fabcb4b7c4dc7d241427affde808cffaaa710ac45db688bd759065",
			  mine[] = "c369bb63dfa43680da1aaac9c914c9f4a8c6bc38d7fff484ba40af3bd79f8d20";
	char names[256];
	struct error err = ERROR_INIT;
	_cleanup_(run_facts_fini) struct run_facts facts = { 0 };
	snprintf(names, sizeof(names), "house, %s,gmail", in_folder("house.ini"));
	assert_int_equal(rule_packs_hash(names, &facts.packs, &facts.pack_count, &err), 0);
	assert_int_equal(facts.pack_count, 3);
	assert_string_equal(facts.packs[0].name, "house");
	assert_string_equal(facts.packs[0].sha256, house);
	assert_string_equal(facts.packs[1].name, in_folder("house.ini"));
	assert_string_equal(facts.packs[1].sha256, house);
	assert_string_equal(facts.packs[2].sha256, mine);
	assert_int_equal(rule_packs_hash("", &facts.packs, &facts.pack_count, &err), 0);
	assert_int_equal(facts.pack_count, 3);
	assert_int_equal(rule_packs_hash("gmial", &facts.packs, &facts.pack_count, &err), -1);
	assert_non_null(strstr(err.text, "did you mean \"gmail\"?"));
	assert_int_equal(rule_packs_hash("./elephant.ini", &facts.packs, &facts.pack_count, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packs_are_found_by_name_and_by_path),
		cmocka_unit_test(hashes_are_those_of_the_files),
		cmocka_unit_test(a_pack_that_is_not_there_is_an_error_with_a_mend),
		cmocka_unit_test(a_waiver_of_nothing_is_an_error_with_a_mend),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
