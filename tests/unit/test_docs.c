/* What is written for users says what the program does: the example, the manual page, the help. */
#include "tests/unit/unit.h"

#include "harness/base/file.h"
#include "harness/cmd/command_table.h"
#include "harness/config/config_doc.h"
#include "harness/config/config_load.h"
#include "tests/unit/shipped.h"

enum { PAGE_MAX = 1024 * 1024 };

/* A file of the source tree. */
static void read_source(const char *name, struct buf *out)
{
	char path[4096];
	const char *top = getenv("top_srcdir");
	struct error err = ERROR_INIT;
	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	if (file_read(path, out, &err) < 0)
		fail_msg("%s", err.text);
}

static void the_example_is_without_fault(void **state)
{
	struct buf text = BUF_INIT(PAGE_MAX);
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	read_source("config.example.ini", &text);
	assert_int_equal(config_parse("config.example.ini", buf_span(&text), &config, &problems, &err), 0);
	for (size_t i = 0; i < problems.count; i++)
		print_error("line %u: %s\n", problems.list[i].line, problems.list[i].text);
	assert_int_equal(problems.count, 0);
	config_problems_fini(&problems);
	config_free(config);
	buf_fini(&text);
}

/* Whether a section of that kind has the line `key = VALUE`, or `;key = FALLBACK`. */
static bool example_has(struct span text, const struct config_section *section, const struct config_doc *doc)
{
	char title[128], set[128], out[600];
	struct span line;
	bool inside = false;
	snprintf(title, sizeof(title), "[%s", section->name);
	snprintf(set, sizeof(set), "%.*s", doc->name[0] == 'v' ? 4 : 100, doc->name);
	if (doc->name[0] != 'v')
		snprintf(set, sizeof(set), "%s = ", doc->name);
	snprintf(out, sizeof(out), ";%s = %s", doc->name, doc->fallback ? doc->fallback : "");
	while (span_next(&text, '\n', &line)) {
		if (line.len > 0 && line.p[0] == '[')
			inside = span_starts(line, span_of(title));
		if (!inside)
			continue;
		if (span_starts(line, span_of(set)) ||
		    (doc->fallback ? span_is(line, out) : span_starts(line, span_of(out))))
			return true;
	}
	return false;
}

static void the_example_has_every_key_with_its_default(void **state)
{
	struct buf text = BUF_INIT(PAGE_MAX);
	size_t absent = 0;
	read_source("config.example.ini", &text);
	for (int kind = 0; kind < SECTION_COUNT; kind++) {
		struct config_doc docs[CONFIG_KEYS_MAX];
		size_t count = config_docs((enum config_section_kind)kind, docs);
		assert_true(count > 0 && count <= CONFIG_KEYS_MAX);
		for (size_t i = 0; i < count; i++) {
			if (example_has(buf_span(&text), &config_sections[kind], &docs[i]))
				continue;
			print_error("[%s] %s: its line is not there (default %s)\n", config_sections[kind].title,
				    docs[i].name, docs[i].fallback ? docs[i].fallback : "none");
			absent++;
		}
	}
	assert_int_equal(absent, 0);
	buf_fini(&text);
}

static void every_key_is_explained(void **state)
{
	for (int kind = 0; kind < SECTION_COUNT; kind++) {
		struct config_doc docs[CONFIG_KEYS_MAX];
		size_t count = config_docs((enum config_section_kind)kind, docs);
		for (size_t i = 0; i < count; i++) {
			size_t len = strlen(docs[i].help);
			ROW_ASSERT(docs[i].name, len > 3 && docs[i].help[len - 1] == '.');
			ROW_ASSERT(docs[i].name, docs[i].accepts[0]);
			ROW_ASSERT(docs[i].name, docs[i].required || docs[i].fallback || docs[i].fallback_is);
		}
	}
}

static void the_manual_has_every_command_and_option(void **state)
{
	struct buf page = BUF_INIT(PAGE_MAX);
	size_t absent = 0;
	read_source("man/postproof.1", &page);
	for (size_t c = 0; c < command_count; c++) {
		char word[128], name[96];
		snprintf(word, sizeof(word), "\n.SS %s", commands[c]->name);
		if (!strstr(buf_str(&page), word)) {
			print_error("command %s\n", commands[c]->name);
			absent++;
		}
		for (const struct command_option *o = commands[c]->options; o && o->name; o++) {
			size_t at = 0;
			for (const char *p = o->name; *p && at + 3 < sizeof(name); p++) {
				if (*p == '-')
					name[at++] = '\\';
				name[at++] = *p;
			}
			name[at] = '\0';
			snprintf(word, sizeof(word), "\\-\\-%s\\fR", name);
			if (!strstr(buf_str(&page), word)) {
				print_error("%s --%s\n", commands[c]->name, o->name);
				absent++;
			}
		}
	}
	assert_int_equal(absent, 0);
	buf_fini(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_is_without_fault),
		cmocka_unit_test(the_example_has_every_key_with_its_default),
		cmocka_unit_test(every_key_is_explained),
		cmocka_unit_test(the_manual_has_every_command_and_option),
	};
	return cmocka_run_group_tests(tests, use_shipped_data, NULL);
}
