/* Rule packs and waivers: what is read, what is refused, and that the shipped packs can be used. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/data_file.h"
#include "harness/judge/rule.h"
#include "harness/judge/waiver.h"

static void pack_of(const char *text, struct ini **ret)
{
	struct error err = ERROR_INIT;
	if (ini_read_span("own.ini", span_of(text), ret, &err) < 0)
		fail_msg("%s", err.text);
}

#define REST "text = T.\nsince = 2024-02-01\nseverity = fail\nsource = S\n"

static void a_pack_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	_cleanup_(rules_fini) struct rules rules = { 0 };
	int64_t since = 0;
	pack_of("[rule own.tls]\n" REST "findings = mx.starttls, outbound.*\n"
		"[rule own.ptr]\ntext = P\nsince = 2023-01-01\nseverity = warn\nsource = S\nfindings = ptr.confirmed\n",
		&ini);
	assert_int_equal(rules_add(&rules, ini, &err), 0);
	ini_free(ini);
	assert_true(time_parse(SPAN_LIT("2024-02-01"), &since));
	assert_int_equal(rules.count, 2);
	assert_string_equal(rules.v[0].id, "own.tls");
	assert_string_equal(rules.v[0].text, "T.");
	assert_string_equal(rules.v[0].source, "S");
	assert_int_equal(rules.v[0].since_ms, since);
	assert_true(rules.v[0].fails);
	assert_false(rules.v[1].fails);
	static const struct {
		const char *id;
		bool demanded;
	} rows[] = {
		{ "mx.starttls", true },    { "mx.starttls-x", false },   { "mx.start", false },
		{ "outbound.relay", true }, { "outbound2.relay", false }, { "ptr.confirmed", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].id, rule_demands(&rules.v[0], rows[i].id) == rows[i].demanded);
}

static void a_bad_pack_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "[pack]\n" REST, "own.ini:1: [pack]: a rule pack has sections like [rule example.tls] only" },
		{ "[rule tls]\n" REST, "own.ini:1: [rule tls]: a rule pack" },
		{ "[rule own.]\n" REST, "own.ini:1: [rule own.]: a rule pack" },
		{ "[rule own.*]\n" REST, "own.ini:1: [rule own.*]: a rule pack" },
		{ "[rule own.tls]\n" REST, "[rule own.tls]: findings is missing" },
		{ "[rule own.tls]\n" REST "findings = tls\n", "own.ini:6: findings: \"tls\" cannot be" },
		{ "[rule own.tls]\n" REST "findings = mx.starttls,\n", "own.ini:6: findings: \"\" cannot be" },
		{ "[rule own.tls]\n" REST "findings = mx.startls\n",
		  "own.ini:6: findings: there is no finding \"mx.startls\": did you mean \"mx.starttls\"?" },
		{ "[rule own.tls]\n" REST "findings = nothing.*\n", "there is no finding \"nothing.*\"" },
		{ "[rule own.tls]\n" REST "findings = *.tls\n", "own.ini:6: findings: \"*.tls\" cannot be" },
		{ "[rule own.tls]\nsince = soon\n", "own.ini:2: since: \"soon\" cannot be: write a date" },
		{ "[rule own.tls]\nseverity = bad\n", "own.ini:2: severity: \"bad\" cannot be: write fail or warn" },
		{ "[rule own.tls]\ntext =\n", "own.ini:2: text has no value" },
		{ "[rule own.tls]\nsorce = x\n", "own.ini:2: there is no key \"sorce\": did you mean \"source\"?" },
		{ "[rule own.tls]\nsince = 2024-01-01\nsince = 2024-01-02\n",
		  "own.ini:3: [rule own.tls] since: is given" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct ini *ini = NULL;
		_cleanup_(rules_fini) struct rules rules = { 0 };
		pack_of(rows[i].text, &ini);
		ROW_ASSERT(rows[i].text, rules_add(&rules, ini, &err) == -1);
		ini_free(ini);
		ROW_ASSERT(rows[i].text, err.kind == ERROR_CONFIG);
		if (!strstr(err.text, rows[i].says))
			fail_msg("\"%s\" instead of \"%s\"", err.text, rows[i].says);
	}
}

static void two_packs_may_not_share_an_id(void **state)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	_cleanup_(rules_fini) struct rules rules = { 0 };
	pack_of("[rule own.tls]\n" REST "findings = mx.starttls\n", &ini);
	assert_int_equal(rules_add(&rules, ini, &err), 0);
	assert_int_equal(rules_add(&rules, ini, &err), -1);
	assert_non_null(strstr(err.text, "there is a rule of that id already"));
	assert_int_equal(rules.count, 1);
	ini_free(ini);
}

static void waivers_are_read(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(waivers_fini) struct waivers waivers = { 0 };
	int64_t day = 0;
	assert_int_equal(
	    waivers_add(&waivers, SPAN_LIT("gmail.ptr until 2026-12-31 because they move because of us"), &err), 0);
	assert_true(time_parse(SPAN_LIT("2027-01-01"), &day));
	assert_int_equal(waivers.count, 1);
	assert_string_equal(waivers.v[0].id, "gmail.ptr");
	assert_string_equal(waivers.v[0].because, "they move because of us");
	assert_int_equal(waivers.v[0].until_ms, day);
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "does not say what is waived" },
		{ "gmail.ptr", "does not say what is waived" },
		{ "all of it until 2026-12-31 because x", "does not say what is waived" },
		{ " until 2026-12-31 because x", "does not say what is waived" },
		{ "gmail.ptr until 2026-12-31", "does not say why" },
		{ "gmail.ptr until 2026-12-31 because ", "does not say why" },
		{ "gmail.ptr until 31.12.2026 because x", "has no date" },
		{ "gmail.ptr until 2026-13-31 because x", "has no date" },
		{ "gmail.ptr until 2026 because x", "has no date" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT(rows[i].text, waivers_add(&waivers, span_of(rows[i].text), &err) == -1);
		ROW_ASSERT(rows[i].text, err.kind == ERROR_CONFIG && strstr(err.text, rows[i].says));
	}
	assert_int_equal(waivers.count, 1);
}

static void the_shipped_packs_can_be_used_together(void **state)
{
	static const char *const packs[] = { "gmail", "microsoft", "rfc", "uk-gov", "yahoo" };
	struct error err = ERROR_INIT;
	_cleanup_(rules_fini) struct rules rules = { 0 };
	const char *root = getenv("top_srcdir");
	for (size_t i = 0; i < ARRAY_LEN(packs); i++) {
		char path[512];
		struct ini *ini = NULL;
		size_t before = rules.count;
		snprintf(path, sizeof(path), "%s/harness/judge/rules/%s.ini", root ? root : ".", packs[i]);
		if (ini_read_file(path, &ini, &err) < 0 || rules_add(&rules, ini, &err) < 0)
			fail_msg("%s", err.text);
		ini_free(ini);
		ROW_ASSERT(packs[i], rules.count > before);
		for (; before < rules.count; before++) {
			/* A rule is known by its pack. */
			const struct rule *rule = &rules.v[before];
			size_t len = strlen(packs[i]);
			ROW_ASSERT(rule->id, strncmp(rule->id, packs[i], len) == 0 && rule->id[len] == '.');
			ROW_ASSERT(rule->id, strncmp(rule->source, "https://", 8) == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pack_is_read),
		cmocka_unit_test(a_bad_pack_is_refused_with_its_line),
		cmocka_unit_test(two_packs_may_not_share_an_id),
		cmocka_unit_test(waivers_are_read),
		cmocka_unit_test(the_shipped_packs_can_be_used_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
