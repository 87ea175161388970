/* Typed settings: values into fields and back, by a table. */
#include "tests/unit/unit.h"

#include "harness/base/setting.h"

enum fruit { APPLE, PEAR, PLUM };

struct basket {
	char *text, *short_text, *lines, *path, *names;
	char **list;
	struct secret_ref *secret;
	int64_t duration;
	uint64_t number;
	bool yes;
	enum fruit fruit;
	unsigned flags;
};

static int check_short(struct span text, struct error *err)
{
	return text.len <= 3 ? 0 : setting_refuse(err, text, "write three letters at most");
}

static const struct setting_form short_form = { "three letters", check_short };
static const struct setting_form packs_form = { "names of packs", NULL };
static const char *const fruits[] = { "apple", "pear", "plum", NULL };

static const struct setting_key keys[] = {
	{ "text", SETTING_TEXT(basket, text), .fallback = "", .may_be_empty = true, .help = "A text." },
	{ "short", SETTING_TEXT(basket, short_text), .form = &short_form },
	{ "lines", SETTING_LINES(basket, lines), .form = &short_form },
	{ "path", SETTING_PATH(basket, path) },
	{ "names", SETTING_NAMES(basket, names), .form = &packs_form },
	{ "list", SETTING_LIST(basket, list), .fallback = "a, b", .may_be_empty = true },
	{ "secret", SETTING_SECRET(basket, secret) },
	{ "duration", SETTING_DURATION(basket, duration), .fallback = "90s", .min = 1000, .max = 3600000 },
	{ "number", SETTING_NUMBER(basket, number), .min = 2, .max = 9, .may_be_empty = true },
	{ "yes", SETTING_BOOL(basket, yes), .fallback = "yes" },
	{ "fruit", SETTING_WORD(basket, fruit), .fallback = "pear", .words = fruits },
	{ "flags", SETTING_FLAGS(basket, flags), .fallback = "apple, plum", .words = fruits, .may_be_empty = true },
};
static const struct setting_table table = SETTING_TABLE(keys);

static void assert_text(const char *label, const struct basket *b, const char *key, const char *expected)
{
	struct buf text = BUF_INIT(65536);
	assert_int_equal(setting_add_text(setting_find(&table, key), b, &text), 0);
	ROW_ASSERT_STRING(label, buf_str(&text), expected);
	buf_fini(&text);
}

static void defaults_are_set_and_freed(void **state)
{
	struct basket b = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(settings_init(&table, &b, &err), 0);
	assert_string_equal(b.text, "");
	assert_null(b.short_text);
	assert_string_equal(b.list[1], "b");
	assert_null(b.list[2]);
	assert_int_equal(b.duration, 90000);
	assert_int_equal(b.number, 0);
	assert_true(b.yes);
	assert_int_equal(b.fruit, PEAR);
	assert_int_equal(b.flags, 1U << APPLE | 1U << PLUM);
	for (size_t i = 0; i < table.count; i++)
		assert_text(keys[i].name, &b, keys[i].name,
			    strcmp(keys[i].name, "duration") == 0 ? "1m30s"
			    : keys[i].fallback                    ? keys[i].fallback
								  : "");
	settings_fini(&table, &b);
	assert_null(b.text);
	assert_null(b.list);
	settings_fini(&table, &b);
}

static void values_are_read_and_written_back(void **state)
{
	static const struct {
		const char *label, *key, *value, *text;
	} rows[] = {
		{ "text", "text", "  Ana's \"box\"; 1, 2 ", "Ana's \"box\"; 1, 2" },
		{ "text of other letters", "text", "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
		{ "text emptied", "text", " ", "" },
		{ "text of a form", "short", "abc", "abc" },
		{ "relative path", "path", "a/b.pem", "conf/a/b.pem" },
		{ "absolute path", "path", "/etc/x", "/etc/x" },
		{ "path of other octets", "path", "/caf\xe9", "/caf\xe9" },
		{ "names and paths", "names", "gmail,own/x.ini , /etc/y.ini", "gmail, conf/own/x.ini, /etc/y.ini" },
		{ "list", "list", "x,  y z ,*", "x, y z, *" },
		{ "list emptied", "list", "", "" },
		{ "secret by reference", "secret", "env:PASSWORD", "env:PASSWORD" },
		{ "secret in the file", "secret", "hunter2", "(inline, hidden)" },
		{ "least duration", "duration", "1s", "1s" },
		{ "longest duration", "duration", "60m", "1h" },
		{ "least number", "number", "2", "2" },
		{ "greatest number", "number", "09", "9" },
		{ "number taken away", "number", "", "" },
		{ "no", "yes", "no", "no" },
		{ "yes in capitals", "yes", "YES", "yes" },
		{ "word", "fruit", "plum", "plum" },
		{ "word in capitals", "fruit", "Apple", "apple" },
		{ "one flag", "flags", "PEAR", "pear" },
		{ "flags in another order, twice", "flags", "plum,apple, plum", "apple, plum" },
		{ "no flag", "flags", "", "" },
	};
	struct basket b = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(settings_init(&table, &b, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct setting_key *key = setting_find(&table, rows[i].key);
		if (setting_set(key, span_of(rows[i].value), "conf", &b, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		assert_text(rows[i].label, &b, rows[i].key, rows[i].text);
	}
	settings_fini(&table, &b);
}

static void lines_are_added_up(void **state)
{
	struct basket b = { 0 };
	struct error err = ERROR_INIT;
	const struct setting_key *key = setting_find(&table, "lines");
	assert_int_equal(setting_set(key, span_of("a"), ".", &b, &err), 0);
	assert_int_equal(setting_set(key, span_of("long"), ".", &b, &err), -1);
	assert_int_equal(setting_set(key, span_of("b"), ".", &b, &err), 0);
	assert_string_equal(b.lines, "a\nb");
	settings_fini(&table, &b);
}

static void bad_values_are_refused_and_change_nothing(void **state)
{
	static const struct {
		const char *label, *key, *value, *says;
	} rows[] = {
		{ "nothing", "fruit", " ", "has no value: give it one, or take the line out" },
		{ "no duration at all", "duration", "", "has no value: give it one, or take the line out" },
		{ "no path at all", "path", "", "has no value: give it one, or take the line out" },
		{ "form", "short", "abcd", "\"abcd\" cannot be used: write three letters at most" },
		{ "octets that are no text", "text", "a\xff", "the value is not UTF-8" },
		{ "overlong form of a slash", "text", "\xc0\xaf", "the value is not UTF-8" },
		{ "list with octets that are no text", "list", "a, \xfe", "the value is not UTF-8" },
		{ "half a letter in a line", "lines", "\xc3", "the value is not UTF-8" },
		{ "empty entry", "list", "a,,b", "\"a,,b\" cannot be used: an entry is empty" },
		{ "blank entry at the end", "list", "a, ", "\"a,\" cannot be used: an entry is empty" },
		{ "comma alone", "list", ",", "\",\" cannot be used: an entry is empty" },
		{ "duration too short", "duration", "999ms", "\"999ms\" is out of range: 1s to 1h is accepted" },
		{ "duration too long", "duration", "1h1ms", "\"1h1ms\" is out of range: 1s to 1h is accepted" },
		{ "number too small", "number", "1", "\"1\" cannot be used: a whole number from 2 to 9 is accepted" },
		{ "number too great", "number", "10", "\"10\" cannot be used: a whole number from 2 to 9 is accepted" },
		{ "number beyond 64 bits", "number", "18446744073709551617",
		  "\"18446744073709551617\" cannot be used: a whole number from 2 to 9 is accepted" },
		{ "number with a sign", "number", "-3",
		  "\"-3\" cannot be used: a whole number from 2 to 9 is accepted" },
		{ "neither yes nor no", "yes", "1", "\"1\" cannot be used: write yes or no" },
		{ "beginning of a word", "fruit", "pea", "\"pea\" cannot be used: write apple, pear or plum" },
		{ "flag that is none", "flags", "apple, fig",
		  "\"apple, fig\" cannot be used: write some of apple, pear, plum, separated by commas" },
		{ "flag that is empty", "flags", "apple,",
		  "\"apple,\" cannot be used: write some of apple, pear, plum, separated by commas" },
		{ "secret without a name", "secret",
		  "env:", "\"env:\" needs the name of an environment variable behind it" },
	};
	struct basket b = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(settings_init(&table, &b, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct setting_key *key = setting_find(&table, rows[i].key);
		struct buf before = BUF_INIT(65536);
		assert_int_equal(setting_add_text(key, &b, &before), 0);
		ROW_ASSERT(rows[i].label, setting_set(key, span_of(rows[i].value), "conf", &b, &err) == -1);
		ROW_ASSERT(rows[i].label, err.kind == ERROR_CONFIG);
		ROW_ASSERT_STRING(rows[i].label, err.text, rows[i].says);
		assert_text(rows[i].label, &b, rows[i].key, buf_str(&before));
		buf_fini(&before);
	}
	settings_fini(&table, &b);
}

static void a_list_has_a_limit(void **state)
{
	struct basket b = { 0 };
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT(65536);
	const struct setting_key *key = setting_find(&table, "list");
	for (int i = 0; i < SETTING_LIST_MAX; i++)
		buf_addf(&text, "%sx%d", i ? "," : "", i);
	assert_int_equal(setting_set(key, buf_span(&text), ".", &b, &err), 0);
	assert_string_equal(b.list[SETTING_LIST_MAX - 1], "x99");
	assert_null(b.list[SETTING_LIST_MAX]);
	buf_addf(&text, ",y");
	assert_int_equal(setting_set(key, buf_span(&text), ".", &b, &err), -1);
	assert_non_null(strstr(err.text, "too many entries"));
	assert_string_equal(b.list[0], "x0");
	settings_fini(&table, &b);
	buf_fini(&text);
}

static void what_is_accepted_is_said(void **state)
{
	static const struct {
		const char *key, *accepts;
	} rows[] = {
		{ "text", "text" },
		{ "short", "three letters" },
		{ "lines", "three letters" },
		{ "path", "a path, relative to the folder of the configuration" },
		{ "names", "names of packs" },
		{ "list", "names, separated by commas" },
		{ "secret", "env:NAME, file:PATH or cmd:COMMAND" },
		{ "duration", "a duration from 1s to 1h" },
		{ "number", "a number from 2 to 9" },
		{ "yes", "yes or no" },
		{ "fruit", "apple, pear or plum" },
		{ "flags", "some of apple, pear, plum, separated by commas" },
	};
	char out[SETTING_ACCEPTS_MAX];
	assert_int_equal(ARRAY_LEN(rows), table.count);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT_STRING(rows[i].key, setting_accepts(setting_find(&table, rows[i].key), out),
				  rows[i].accepts);
	assert_null(setting_find(&table, "tex"));
	assert_null(setting_find(&table, "TEXT"));
	assert_null(setting_find(&table, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_set_and_freed),
		cmocka_unit_test(values_are_read_and_written_back),
		cmocka_unit_test(lines_are_added_up),
		cmocka_unit_test(bad_values_are_refused_and_change_nothing),
		cmocka_unit_test(a_list_has_a_limit),
		cmocka_unit_test(what_is_accepted_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
