/* INI files. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/ini.h"

static struct ini *read_text(const char *text)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	if (ini_read_span("t.ini", span_of(text), &ini, &err) < 0)
		fail_msg("%s", err.text);
	return ini;
}

/* What was read as one text: `LINE [section] key=value|`, then `!LINE text|`. */
static const char *shown(const struct ini *ini, struct buf *b)
{
	buf_clear(b);
	for (size_t i = 0; i < ini->item_count; i++)
		buf_addf(b, "%u [%s] %s=%s|", ini->items[i].line, ini->items[i].section, ini->items[i].key,
			 ini->items[i].value);
	for (size_t i = 0; i < ini->problem_count; i++)
		buf_addf(b, "!%u %s|", ini->problems[i].line, ini->problems[i].text);
	return buf_str(b);
}

static void settings_come_with_their_lines(void **state)
{
	static const struct {
		const char *label, *text, *shown;
	} rows[] = {
		{ "empty file", "", "" },
		{ "plain", "[a]\nk = v\nl=w\n", "2 [a] k=v|3 [a] l=w|" },
		{ "no last line end", "[a]\nk=v", "2 [a] k=v|" },
		{ "CR LF and byte order mark", "\xef\xbb\xbf[a]\r\nk=v\r\n", "2 [a] k=v|" },
		{ "comments and empty lines count", "; c\n# c\n\n[a] ; c\nk = v ; c\n", "5 [a] k=v|" },
		{ "semicolon without a blank stays", "[a]\nk=v;c\n", "2 [a] k=v;c|" },
		{ "hash within a line stays", "[a]\nk=v # c\n", "2 [a] k=v # c|" },
		{ "value with equals signs", "[a]\nk=v=w=\n", "2 [a] k=v=w=|" },
		{ "empty value", "[a]\nk=\n", "2 [a] k=|" },
		{ "colon between name and value", "[a]\nk: v\n", "2 [a] k=v|" },
		{ "indented settings", "[a]\n  k = v\n\tl = w\n", "2 [a] k=v|3 [a] l=w|" },
		{ "continued value", "[a]\nk = v\n  w ; c\n# c\n\n\tx=y z\nl=m\n",
		  "2 [a] k=v w|6 [a] x=y z|7 [a] l=m|" },
		{ "continued empty value", "[a]\nk =\n  w\n", "2 [a] k=w|" },
		{ "blanks in titles", "[ a \t b ]\nk=v\n", "2 [a b] k=v|" },
		{ "before the first section", "k=v\n", "1 [] k=v|" },
		{ "letters outside ASCII", "[a]\nk = \xc3\xa9\n", "2 [a] k=\xc3\xa9|" },
	};
	struct buf b = BUF_INIT(4096);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ini *ini = read_text(rows[i].text);
		ROW_ASSERT_STRING(rows[i].label, shown(ini, &b), rows[i].shown);
		ini_free(ini);
	}
	buf_fini(&b);
}

static void every_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *label, *text, *shown;
	} rows[] = {
		{ "no setting", "[a]\nnonsense\nk=v\n", "3 [a] k=v|!2 neither `[section]` nor `key = value`|" },
		{ "no setting in the last line", "[a]\nnonsense", "!2 neither `[section]` nor `key = value`|" },
		{ "nothing to go on with", "[a]\n  more\n", "!2 neither `[section]` nor `key = value`|" },
		{ "no name", "[a]\n = v\n", "!2 no name stands before the \"=\": write `key = value`|" },
		{ "no bracket", "[a\nk=v\n", "2 [a] k=v|!1 the section line has no \"]\": write `[name]`|" },
		{ "text behind the bracket", "[a] b\n",
		  "!1 something stands behind the \"]\": give it a line of its own|" },
		{ "no title", "[ ]\n", "!1 the section has no name: write `[name]`|" },
		{ "same key twice", "[a]\nk=1\n[b]\nk=1\nl=2\nk=3\n",
		  "2 [a] k=1|4 [b] k=1|5 [b] l=2|6 [b] k=3|!6 [b] k: is given in line 4 already: keep one of them|" },
		{ "same section twice", "[a]\n[b]\n[ a ]\n", "!3 [a] stands in line 1 already: keep one of them|" },
		{ "control character", "[a]\nk=\x1b[31m\n",
		  "!2 octet 0x1b at column 3 has no place in a text file: save the file as UTF-8|" },
		{ "CR within a line", "[a]\nk=a\rb\n",
		  "!2 octet 0x0d at column 4 has no place in a text file: save the file as UTF-8|" },
		{ "Latin-1", "[a]\nk=\xe9\n",
		  "!2 octet 0xe9 at column 3 has no place in a text file: save the file as UTF-8|" },
		{ "several, in the order of the lines", "[a]\nk=1\nk=2\nx\n[\n",
		  "2 [a] k=1|3 [a] k=2|!3 [a] k: is given in line 2 already: keep one of them|"
		  "!4 neither `[section]` nor `key = value`|!5 the section line has no \"]\": write `[name]`|"
		  "!5 the section has no name: write `[name]`|" },
	};
	struct buf b = BUF_INIT(4096);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct ini *ini = read_text(rows[i].text);
		ROW_ASSERT_STRING(rows[i].label, shown(ini, &b), rows[i].shown);
		ROW_ASSERT(rows[i].label, ini_check(ini, &err) == -1 && err.kind == ERROR_CONFIG);
		ROW_ASSERT(rows[i].label, strncmp(err.text, "t.ini:", 6) == 0);
		ini_free(ini);
	}
	buf_fini(&b);
}

static void a_nul_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	assert_int_equal(ini_read_span("t.ini", SPAN_LIT("[a]\nk=v\0w\n"), &ini, &err), 0);
	assert_int_equal(ini->problem_count, 1);
	assert_int_equal(ini->problems[0].line, 2);
	assert_int_equal(ini->item_count, 0);
	ini_free(ini);
}

static void names_longer_than_the_librarys_buffers_stay_whole(void **state)
{
	const char *section =
	    "seed deliverability-testing-account-number-04@a-tenant-with-a-long-name.onmicrosoft.example";
	const char *key = "var.a_variable_whose_name_is_longer_than_the_fifty_octets_of_inih_itself";
	struct buf text = BUF_INIT(4096);
	buf_addf(&text, "[%s]\n%s = v\n  w\n", section, key);
	struct ini *ini = read_text(buf_str(&text));
	assert_string_equal(ini->sections[0].name, section);
	assert_string_equal(ini->items[0].key, key);
	assert_string_equal(ini_get(ini, section, key), "v w");
	assert_null(ini_get(ini, section, "x"));
	assert_null(ini_get(ini, "x", key));
	ini_free(ini);
	buf_fini(&text);
}

/* What of a line inih has no room for comes behind what it had room for, octet for octet. */
static void lines_may_have_any_length(void **state)
{
	static const struct {
		const char *label, *begin, *fill;
		size_t times;
		const char *end, *value_begin, *value_end;
	} rows[] = {
		{ "one word", "k=", "x", 300, "end", "x", "end" },
		{ "fits just", "k=", "x", 194, "e", "x", "e" },
		{ "one too many", "k=", "x", 195, "e", "x", "e" },
		{ "very long", "k = ", "x", 100000, "end", "x", "end" },
		{ "blanks in the value", "k = a", " ", 400, "b", "a ", " b" },
		{ "tabs in the value", "k = a", "\t", 400, "b", "a\t", "\tb" },
		{ "blanks before the value", "k =", " ", 400, "value", "value", "value" },
		{ "words", "k = ", "a b ", 300, "c", "a b", "c" },
		{ "semicolons", "k = ", ";x", 300, "end", "", "" }, /* the first stands behind a blank */
		{ "semicolons without blanks", "k = x", ";x", 300, "end", "x;x", ";xend" },
		{ "number signs", "k = x", "#", 300, "end", "x#", "#end" },
		{ "a comment", "k = ", "x", 300, " ; comment", "x", "xx" },
		{ "characters of two octets", "k = ", "\xc3\xa9", 300, "", "\xc3\xa9", "\xc3\xa9" },
		{ "equals signs", "k = ", "=", 300, "", "=", "=" },
		{ "brackets", "k = ", "[]", 300, "", "[]", "[]" },
		{ "an indented line", "k = a\n ", "x", 300, "", "a x", "xx" },
		{ "an indented line with blanks", "k = a\n b", " ", 300, "c", "a b ", " c" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf text = BUF_INIT(200000);
		buf_addf(&text, "[a]\n%s", rows[i].begin);
		for (size_t k = 0; k < rows[i].times; k++)
			buf_add_str(&text, rows[i].fill);
		buf_addf(&text, "%s\nl = m\n", rows[i].end);
		struct ini *ini = read_text(buf_str(&text));
		ROW_ASSERT(rows[i].label, ini->problem_count == 0 && ini->item_count == 2);
		struct span value = span_of(ini->items[0].value);
		ROW_ASSERT(rows[i].label, span_starts(value, span_of(rows[i].value_begin)));
		ROW_ASSERT(rows[i].label, span_ends_nocase(value, span_of(rows[i].value_end)));
		ROW_ASSERT_STRING(rows[i].label, ini->items[1].value, "m");
		ini_free(ini);
		buf_fini(&text);
	}
}

static void sections_without_settings_are_listed(void **state)
{
	struct ini *ini = read_text("[a]\n[b]\nk=v\nl=w\n[c]\n");
	assert_int_equal(ini->section_count, 3);
	assert_int_equal(ini->sections[0].count, 0);
	assert_int_equal(ini->sections[1].first, 0);
	assert_int_equal(ini->sections[1].count, 2);
	assert_int_equal(ini->sections[2].line, 5);
	assert_ptr_equal(ini->items[0].section, ini->sections[1].name);
	ini_free(ini);
}

static void big_files_take_linear_time(void **state)
{
	struct buf text = BUF_INIT(INI_FILE_MAX + 1);
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	buf_add_str(&text, "[a]\nk = v\n");
	while (text.len < INI_FILE_MAX - 200)
		buf_add_str(&text, "  goes on\n");
	int64_t start = clock_mono_ms();
	assert_int_equal(ini_read_span("t.ini", buf_span(&text), &ini, &err), 0);
	assert_true(strlen(ini->items[0].value) > INI_FILE_MAX / 2);
	ini_free(ini);
	buf_clear(&text);
	for (int i = 0; text.len < INI_FILE_MAX - 200; i++)
		buf_addf(&text, "[s%d]\nk%d=v\n", i, i);
	assert_int_equal(ini_read_span("t.ini", buf_span(&text), &ini, &err), 0);
	assert_int_equal(ini->problem_count, 0);
	ini_free(ini);
	/* A quadratic reader would take minutes. */
	assert_true(clock_mono_ms() - start < 30000);
	while (!text.failed)
		buf_add_str(&text, "#");
	assert_int_equal(ini_read_span("t.ini", buf_span(&text), &ini, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	buf_fini(&text);
}

static void only_so_many_mistakes_are_kept(void **state)
{
	struct buf text = BUF_INIT(65536);
	for (int i = 0; i < 2 * INI_PROBLEMS_MAX; i++)
		buf_add_str(&text, "x\n");
	struct ini *ini = read_text(buf_str(&text));
	assert_int_equal(ini->problem_count, INI_PROBLEMS_MAX);
	ini_free(ini);
	buf_fini(&text);
}

static void files_are_read(void **state)
{
	char path[] = "/tmp/postproof-test-XXXXXX";
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, "[a]\nk=v\n", 8) == 8);
	close(fd);
	assert_int_equal(ini_read_file(path, &ini, &err), 0);
	assert_string_equal(ini->file, path);
	assert_string_equal(ini_get(ini, "a", "k"), "v");
	assert_int_equal(ini_check(ini, &err), 0);
	ini_free(ini);
	unlink(path);
	assert_int_equal(ini_read_file(path, &ini, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(ini_read_file("/", &ini, &err), -1);
	assert_non_null(strstr(err.text, "directory"));
	ini_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_come_with_their_lines),
		cmocka_unit_test(every_mistake_is_told_with_its_line),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(names_longer_than_the_librarys_buffers_stay_whole),
		cmocka_unit_test(lines_may_have_any_length),
		cmocka_unit_test(sections_without_settings_are_listed),
		cmocka_unit_test(big_files_take_linear_time),
		cmocka_unit_test(only_so_many_mistakes_are_kept),
		cmocka_unit_test(files_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
