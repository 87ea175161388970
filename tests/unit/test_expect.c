/* Expectations: words, layers, and the verdict on single facts. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/judge/expect.h"

static struct expectations *new_expectations(void)
{
	struct expectations *e = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(expectations_new(&e, &err), 0);
	return e;
}

static void set(struct expectations *e, const char *provider, const char *message, const char *key, const char *value)
{
	struct error err = ERROR_INIT;
	if (expectations_set(e, provider, message, key, value, &err) < 0)
		fail_msg("%s = %s: %s", key, value, err.text);
}

static void defaults_are_those_of_the_manual(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
	static const char *const expected[EXPECT_KEY_COUNT] = { "delivered", "inbox", "pass", "pass",
								"pass",      "1.2",   "5m" };
	for (int key = 0; key < EXPECT_KEY_COUNT; key++) {
		assert_string_equal(expectation_text(&x, (enum expect_key)key), expected[key]);
		assert_string_equal(expect_key_default((enum expect_key)key), expected[key]);
	}
	assert_int_equal(expectation_within_ms(&x), 300000);
}

static void keys_have_one_spelling_and_are_read_back(void **state)
{
	for (int key = 0; key < EXPECT_KEY_COUNT; key++) {
		enum expect_key back = EXPECT_KEY_COUNT;
		assert_true(expect_key_from(span_of(expect_key_name((enum expect_key)key)), &back));
		assert_int_equal(back, key);
	}
	enum expect_key untouched = EXPECT_TLS;
	assert_false(expect_key_from(SPAN_LIT("verdict"), &untouched));
	assert_int_equal(untouched, EXPECT_TLS);
}

static const struct {
	const char *label, *key, *value, *canonical;
} accepted[] = {
	{ "one word", "outcome", "bounced", "bounced" },
	{ "list", "outcome", "delivered,delayed", "delivered, delayed" },
	{ "blanks and case", "outcome", "  Delivered ,\tDELAYED (Warn) ", "delivered, delayed(warn)" },
	{ "all outcomes", "outcome", "delivered, delayed, deferred, rejected, bounced, missing",
	  "delivered, delayed, deferred, rejected, bounced, missing" },
	{ "any", "outcome", "any", "any" },
	{ "any in capitals", "spf", " ANY ", "any" },
	{ "key in capitals", "SPF", "pass", "pass" },
	{ "all results", "dkim", "pass, fail, softfail, neutral, none, policy, temperror, permerror, not-reported",
	  "pass, fail, softfail, neutral, none, policy, temperror, permerror, not-reported" },
	{ "warning", "dmarc", "pass, none(warn)", "pass, none(warn)" },
	{ "places", "placement", "inbox, spam(warn)", "inbox, spam(warn)" },
	{ "category", "placement", "inbox, category:updates", "inbox, category:updates" },
	{ "any category", "placement", "category:*", "category:*" },
	{ "folder with blanks and UTF-8", "placement", "other:Entw\xc3\xbcrfe 2026 (warn)",
	  "other:Entw\xc3\xbcrfe 2026(warn)" },
	{ "any folder", "placement", "other: *", "other:*" },
	{ "tls", "tls", "1.3, 1.2(warn)", "1.3, 1.2(warn)" },
	{ "tls words", "tls", "yes, none", "yes, none" },
	{ "duration", "within", "90s", "1m30s" },
	{ "two units", "within", "1h30m", "1h30m" },
	{ "no limit", "within", "any", "any" },
	{ "no time at all", "within", "0", "0" },
};

static void values_are_read_and_given_back_in_canonical_form(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		enum expect_key key = EXPECT_KEY_COUNT;
		assert_true(expect_key_from(span_of(accepted[i].key), &key));
		/* The canonical form reads back as itself. */
		for (int round = 0; round < 2; round++) {
			set(e, NULL, NULL, accepted[i].key, round ? accepted[i].canonical : accepted[i].value);
			struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
			if (strcmp(expectation_text(&x, key), accepted[i].canonical) != 0)
				fail_msg("%s: %s", accepted[i].label, expectation_text(&x, key));
		}
	}
}

static const struct {
	const char *label, *key, *value;
	const char *said[3]; /* what the message must hold */
} refused[] = {
	{ "unknown key", "outcom", "delivered", { "`outcom`", "did you mean `outcome`", "within" } },
	{ "key like no other", "colour", "red", { "`colour`", "placement" } },
	{ "slip in an outcome", "outcome", "delivred", { "`delivred`", "`delivered`", "bounced, missing, any" } },
	{ "outcome that is no knowledge", "outcome", "not-tested", { "`not-tested`", "delivered, delayed" } },
	{ "pending", "outcome", "pending", { "`pending`" } },
	{ "slip behind a good word", "spf", "pass, sofftail", { "`sofftail`", "`softfail`" } },
	{ "result of another key", "tls", "pass", { "`pass`", "yes, 1.2, 1.3, none, any" } },
	{ "tls 1.1 cannot be asked for", "tls", "1.1", { "`1.1`", "1.2" } },
	{ "category without a name", "placement", "category:", { "`category:`", "category:NAME" } },
	{ "category without a colon", "placement", "category", { "`category`", "`category:`" } },
	{ "folder without its word", "placement", "Archiv", { "`Archiv`", "other:FOLDER" } },
	{ "empty value", "placement", "", { "a word is missing", "inbox, spam" } },
	{ "empty word", "spf", "pass,,fail", { "a word is missing" } },
	{ "comma at the end", "spf", "pass,", { "a word is missing" } },
	{ "only a warning", "spf", "(warn)", { "a word is missing" } },
	{ "any among others", "dkim", "any, pass", { "`any`", "alone" } },
	{ "any with a warning", "dkim", "any(warn)", { "`any`", "alone" } },
	{ "unknown remark", "dkim", "none(fail)", { "`none(fail)`" } },
	{ "bad duration", "within", "5 minutes", { "5 minutes" } },
	{ "duration without unit", "within", "300", { "300" } },
	{ "list of durations", "within", "5m, 10m", { "5m" } },
	{ "empty duration", "within", "", { "" } },
	{ "control characters are escaped", "spf", "pa\x1b[31mss", { "\\x1b" } },
};

static void bad_values_are_refused_with_the_nearest_and_the_accepted_words(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		struct error err = ERROR_INIT;
		if (expectations_set(e, NULL, NULL, refused[i].key, refused[i].value, &err) == 0)
			fail_msg("%s: accepted", refused[i].label);
		if (err.kind != ERROR_CONFIG)
			fail_msg("%s: kind %s", refused[i].label, error_kind_name(err.kind));
		for (size_t k = 0; k < 3 && refused[i].said[k]; k++)
			if (!strstr(err.text, refused[i].said[k]))
				fail_msg("%s: `%s` is not in: %s", refused[i].label, refused[i].said[k], err.text);
		/* Nothing was changed. */
		struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
		for (int key = 0; key < EXPECT_KEY_COUNT; key++)
			assert_string_equal(expectation_text(&x, (enum expect_key)key),
					    expect_key_default((enum expect_key)key));
	}
}

static void overlong_value_is_refused(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	_cleanup_(buf_fini) struct buf b = BUF_INIT(200000);
	struct error err = ERROR_INIT;
	for (int i = 0; i < 20000; i++)
		buf_add_str(&b, "pass,");
	buf_add_str(&b, "pass");
	assert_int_equal(expectations_set(e, NULL, NULL, "spf", buf_str(&b), &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
}

static void more_specific_layers_win_whatever_the_order(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	set(e, "alpha", "gtube", "placement", "spam");
	set(e, "alpha", NULL, "placement", "category:updates");
	set(e, NULL, NULL, "placement", "other:*");
	set(e, NULL, NULL, "spf", "softfail");
	static const struct {
		const char *provider, *message, *placement, *spf, *dkim;
	} rows[] = {
		{ "alpha", "gtube", "spam", "softfail", "pass" },
		{ "alpha", "ordinary", "category:updates", "softfail", "pass" },
		{ "bravo", "gtube", "other:*", "softfail", "pass" },
		{ "alph", "gtube", "other:*", "softfail", "pass" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct expectation x = expectations_get(e, rows[i].provider, rows[i].message, AUTH_METHODS_ALL);
		assert_string_equal(expectation_text(&x, EXPECT_PLACEMENT), rows[i].placement);
		assert_string_equal(expectation_text(&x, EXPECT_SPF), rows[i].spf);
		assert_string_equal(expectation_text(&x, EXPECT_DKIM), rows[i].dkim);
	}
}

static void setting_again_replaces(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	set(e, "alpha", NULL, "tls", "none");
	set(e, "alpha", NULL, "tls", "1.3");
	struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
	assert_string_equal(expectation_text(&x, EXPECT_TLS), "1.3");
}

static void unreported_method_is_not_demanded_by_default(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	struct expectation x = expectations_get(e, "gmx", "ordinary", 1u << METHOD_DKIM);
	assert_true(expectation_any(&x, EXPECT_SPF));
	assert_false(expectation_any(&x, EXPECT_DKIM));
	assert_true(expectation_any(&x, EXPECT_DMARC));
	assert_string_equal(expectation_text(&x, EXPECT_DMARC), "any");
	assert_string_equal(expectation_text(&x, EXPECT_TLS), "1.2");
	assert_string_equal(expectation_text(&x, EXPECT_WITHIN), "5m");
}

static void explicit_demand_stays_for_an_unreported_method(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	set(e, NULL, NULL, "spf", "pass");
	struct expectation x = expectations_get(e, "gmx", "ordinary", 0);
	assert_string_equal(expectation_text(&x, EXPECT_SPF), "pass");
	assert_string_equal(expectation_text(&x, EXPECT_DKIM), "any");
}

static int collect(void *argument, const char *provider, const char *message, enum expect_key key, const char *value)
{
	return buf_addf(argument, "[%s|%s] %s=%s\n", provider ? provider : "-", message ? message : "-",
			expect_key_name(key), value);
}

static int stop_at_once(void *argument, const char *provider, const char *message, enum expect_key key,
			const char *value)
{
	++*(int *)argument;
	return 7;
}

static void everything_that_is_set_is_handed_out_in_order(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	_cleanup_(buf_fini) struct buf b = BUF_INIT(4096);
	int calls = 0;
	assert_int_equal(expectations_each(e, collect, &b), 0);
	assert_int_equal(b.len, 0);
	set(e, "alpha", "gtube", "within", "1h");
	set(e, NULL, NULL, "dkim", "pass,none(warn)");
	set(e, "alpha", "gtube", "placement", "spam");
	set(e, "alpha", NULL, "spf", "any");
	assert_int_equal(expectations_each(e, collect, &b), 0);
	assert_string_equal(buf_str(&b), "[alpha|gtube] placement=spam\n[alpha|gtube] within=1h\n"
					 "[-|-] dkim=pass, none(warn)\n[alpha|-] spf=any\n");
	assert_int_equal(expectations_each(e, stop_at_once, &calls), 7);
	assert_int_equal(calls, 1);
}

static const struct {
	const char *label, *key, *value, *phrase;
} phrases[] = {
	{ "one", "spf", "pass", "pass" },
	{ "two", "spf", "pass, neutral", "pass or neutral" },
	{ "with a warning", "spf", "softfail(warn), pass, neutral", "pass or neutral, or softfail with a warning" },
	{ "only a warning", "spf", "softfail(warn), neutral(warn)", "softfail or neutral with a warning" },
	{ "any", "spf", "any", "anything" },
	{ "places", "placement", "inbox, category:updates, category:*, other:Archiv, other:*",
	  "inbox or category updates or any category or folder Archiv or any other folder" },
	{ "tls", "tls", "1.2, 1.3, yes, none", "TLS 1.2 or later or TLS 1.3 or TLS or no TLS" },
	{ "time", "within", "5m", "within 5 min" },
};

static void phrases_can_stand_in_a_sentence(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		_cleanup_(buf_fini) struct buf b = BUF_INIT(4096);
		enum expect_key key = EXPECT_KEY_COUNT;
		assert_true(expect_key_from(span_of(phrases[i].key), &key));
		set(e, NULL, NULL, phrases[i].key, phrases[i].value);
		struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
		assert_int_equal(expectation_add_phrase(&x, key, &b), 0);
		if (strcmp(buf_str(&b), phrases[i].phrase) != 0)
			fail_msg("%s: %s", phrases[i].label, buf_str(&b));
	}
}

static struct expectation with(struct expectations *e, const char *key, const char *value)
{
	set(e, NULL, NULL, key, value);
	return expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
}

static const struct {
	const char *value;
	enum outcome outcome;
	enum verdict verdict;
} outcomes[] = {
	{ "delivered", OUTCOME_DELIVERED, VERDICT_PASS },
	{ "delivered", OUTCOME_DELAYED, VERDICT_FAIL },
	{ "delivered", OUTCOME_DEFERRED, VERDICT_FAIL },
	{ "delivered", OUTCOME_REJECTED, VERDICT_FAIL },
	{ "delivered", OUTCOME_BOUNCED, VERDICT_FAIL },
	{ "delivered", OUTCOME_MISSING, VERDICT_FAIL },
	{ "delivered", OUTCOME_PENDING, VERDICT_UNKNOWN },
	{ "delivered", OUTCOME_NOT_TESTED, VERDICT_UNKNOWN },
	{ "delivered", OUTCOME_UNKNOWN, VERDICT_UNKNOWN },
	{ "delivered, delayed(warn)", OUTCOME_DELAYED, VERDICT_WARN },
	{ "delayed(warn), delayed", OUTCOME_DELAYED, VERDICT_PASS },
	{ "deferred", OUTCOME_DEFERRED, VERDICT_PASS },
	{ "rejected", OUTCOME_REJECTED, VERDICT_PASS },
	{ "bounced", OUTCOME_BOUNCED, VERDICT_PASS },
	{ "missing", OUTCOME_MISSING, VERDICT_PASS },
	{ "rejected, bounced", OUTCOME_DELIVERED, VERDICT_FAIL },
	{ "any", OUTCOME_MISSING, VERDICT_PASS },
	{ "any", OUTCOME_PENDING, VERDICT_UNKNOWN },
	{ "any", OUTCOME_NOT_TESTED, VERDICT_UNKNOWN },
	{ "any", OUTCOME_UNKNOWN, VERDICT_UNKNOWN },
};

static void outcomes_are_judged_by_their_words(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		struct expectation x = with(e, "outcome", outcomes[i].value);
		enum verdict v = expectation_judge_outcome(&x, outcomes[i].outcome);
		if (v != outcomes[i].verdict)
			fail_msg("%s, %s: %s", outcomes[i].value, outcome_name(outcomes[i].outcome), verdict_name(v));
	}
}

static const struct {
	const char *value;
	enum placement_kind kind;
	const char *name;
	enum verdict verdict;
} placements[] = {
	{ "inbox", PLACEMENT_INBOX, NULL, VERDICT_PASS },
	{ "inbox", PLACEMENT_SPAM, NULL, VERDICT_FAIL },
	{ "inbox", PLACEMENT_CATEGORY, "promotions", VERDICT_FAIL },
	{ "inbox", PLACEMENT_OTHER, "Archiv", VERDICT_FAIL },
	{ "spam", PLACEMENT_SPAM, NULL, VERDICT_PASS },
	{ "inbox, spam(warn)", PLACEMENT_SPAM, NULL, VERDICT_WARN },
	{ "category:promotions", PLACEMENT_CATEGORY, "promotions", VERDICT_PASS },
	{ "category:Promotions", PLACEMENT_CATEGORY, "promotions", VERDICT_PASS },
	{ "category:promotions", PLACEMENT_CATEGORY, "social", VERDICT_FAIL },
	{ "category:promotions", PLACEMENT_CATEGORY, NULL, VERDICT_FAIL },
	{ "category:promotions", PLACEMENT_OTHER, "promotions", VERDICT_FAIL },
	{ "category:updates, category:*(warn)", PLACEMENT_CATEGORY, "social", VERDICT_WARN },
	{ "category:updates, category:*(warn)", PLACEMENT_CATEGORY, "updates", VERDICT_PASS },
	{ "other:Archiv", PLACEMENT_OTHER, "Archiv", VERDICT_PASS },
	{ "other:Archiv", PLACEMENT_OTHER, "Archive", VERDICT_FAIL },
	{ "other:*", PLACEMENT_OTHER, "anything", VERDICT_PASS },
	{ "other:*", PLACEMENT_INBOX, NULL, VERDICT_FAIL },
	{ "any", PLACEMENT_SPAM, NULL, VERDICT_PASS },
};

static void placements_are_judged_by_their_words(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(placements); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		struct expectation x = with(e, "placement", placements[i].value);
		enum verdict v = expectation_judge_placement(&x, placements[i].kind, placements[i].name);
		if (v != placements[i].verdict)
			fail_msg("row %zu, %s: %s", i, placements[i].value, verdict_name(v));
	}
}

static const struct {
	const char *value;
	enum auth_result result;
	enum verdict verdict;
} results[] = {
	{ "pass", AUTH_PASS, VERDICT_PASS },
	{ "pass", AUTH_FAIL, VERDICT_FAIL },
	{ "pass", AUTH_NONE, VERDICT_FAIL },
	{ "pass", AUTH_SOFTFAIL, VERDICT_FAIL },
	{ "pass", AUTH_POLICY, VERDICT_FAIL },
	{ "pass", AUTH_NEUTRAL, VERDICT_FAIL },
	{ "pass", AUTH_PERMERROR, VERDICT_FAIL },
	{ "pass", AUTH_TEMPERROR, VERDICT_UNKNOWN },
	{ "pass", AUTH_NOT_REPORTED, VERDICT_UNKNOWN },
	{ "fail", AUTH_FAIL, VERDICT_PASS },
	{ "fail", AUTH_PASS, VERDICT_FAIL },
	{ "pass, softfail(warn)", AUTH_SOFTFAIL, VERDICT_WARN },
	{ "pass, none, neutral", AUTH_NEUTRAL, VERDICT_PASS },
	{ "policy", AUTH_POLICY, VERDICT_PASS },
	{ "permerror", AUTH_PERMERROR, VERDICT_PASS },
	{ "pass, temperror(warn)", AUTH_TEMPERROR, VERDICT_WARN },
	{ "not-reported", AUTH_NOT_REPORTED, VERDICT_PASS },
	{ "not-reported", AUTH_PASS, VERDICT_FAIL },
	{ "any", AUTH_FAIL, VERDICT_PASS },
	{ "any", AUTH_NOT_REPORTED, VERDICT_PASS },
};

static void results_are_judged_by_their_words(void **state)
{
	static const char *const keys[AUTH_METHOD_COUNT] = { "spf", "dkim", "dmarc" };
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		for (int method = 0; method < AUTH_METHOD_COUNT; method++) {
			_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
			struct expectation x = with(e, keys[method], results[i].value);
			enum verdict v = expectation_judge_auth(&x, (enum auth_method)method, results[i].result);
			if (v != results[i].verdict)
				fail_msg("%s = %s, %s: %s", keys[method], results[i].value,
					 auth_result_name(results[i].result), verdict_name(v));
		}
	}
}

/* One row per value: the verdict on unknown, none, 1.0, 1.1, 1.2, 1.3, yes. */
static const struct {
	const char *value, *verdicts;
} tls_rows[] = {
	{ "any", "ppppppp" },
	{ "yes", "ufppppp" },
	{ "1.2", "ufffppu" },
	{ "1.3", "uffffpu" },
	{ "none", "upfffff" },
	{ "1.3, 1.2(warn)", "ufffwpu" },
	{ "1.2, yes(warn)", "ufwwppw" },
	{ "none(warn), 1.3", "uwfffpu" },
};

static void tls_is_judged_by_its_words(void **state)
{
	static const enum hop_tls facts[] = { HOP_TLS_UNKNOWN, HOP_TLS_NONE, HOP_TLS_1_0, HOP_TLS_1_1,
					      HOP_TLS_1_2,     HOP_TLS_1_3,  HOP_TLS_YES };
	for (size_t i = 0; i < ARRAY_LEN(tls_rows); i++) {
		_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
		struct expectation x = with(e, "tls", tls_rows[i].value);
		for (size_t k = 0; k < ARRAY_LEN(facts); k++) {
			char v = verdict_name(expectation_judge_tls(&x, facts[k]))[0];
			if (v != tls_rows[i].verdicts[k])
				fail_msg("tls = %s, %s: %c", tls_rows[i].value, hop_tls_name(facts[k]), v);
		}
	}
}

static void without_a_limit_nothing_is_late(void **state)
{
	_cleanup_(expectations_free_p) struct expectations *e = new_expectations();
	struct expectation x = with(e, "within", "any");
	assert_true(expectation_any(&x, EXPECT_WITHIN));
	assert_true(expectation_within_ms(&x) == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(keys_have_one_spelling_and_are_read_back),
		cmocka_unit_test(values_are_read_and_given_back_in_canonical_form),
		cmocka_unit_test(bad_values_are_refused_with_the_nearest_and_the_accepted_words),
		cmocka_unit_test(overlong_value_is_refused),
		cmocka_unit_test(more_specific_layers_win_whatever_the_order),
		cmocka_unit_test(setting_again_replaces),
		cmocka_unit_test(unreported_method_is_not_demanded_by_default),
		cmocka_unit_test(explicit_demand_stays_for_an_unreported_method),
		cmocka_unit_test(everything_that_is_set_is_handed_out_in_order),
		cmocka_unit_test(phrases_can_stand_in_a_sentence),
		cmocka_unit_test(outcomes_are_judged_by_their_words),
		cmocka_unit_test(placements_are_judged_by_their_words),
		cmocka_unit_test(results_are_judged_by_their_words),
		cmocka_unit_test(tls_is_judged_by_its_words),
		cmocka_unit_test(without_a_limit_nothing_is_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
