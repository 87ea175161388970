/* Findings are named in four places, which must agree: the checks that report them, the list of their ids, the page
 * that describes them, and the rule packs that demand them. */
#include "tests/unit/unit.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/string_list.h"
#include "harness/judge/rule.h"
#include "harness/model/finding.h"

enum { SOURCES_MAX = 16 * 1024 * 1024 };

static const char *source_path(const char *name, char out[4096])
{
	const char *top = getenv("top_srcdir");
	snprintf(out, 4096, "%s/%s", top ? top : ".", name);
	return out;
}

static void read_source(const char *name, struct buf *out)
{
	char path[4096];
	struct error err = ERROR_INIT;
	if (file_read(source_path(name, path), out, &err) < 0)
		fail_msg("%s", err.text);
}

/* Calls fn with the path of every file of that ending below a folder; returns how many there are. */
static size_t each_file(const char *folder, const char *ending, void (*fn)(const char *path, void *argument),
			void *argument)
{
	char path[4096];
	size_t count = 0;
	char *const roots[] = { (char *)(uintptr_t)source_path(folder, path), NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(tree);
	for (FTSENT *e; (e = fts_read(tree)) != NULL;) {
		if (e->fts_info != FTS_F || !span_ends_nocase(span_of(e->fts_name), span_of(ending)))
			continue;
		fn(e->fts_path, argument);
		count++;
	}
	fts_close(tree);
	return count;
}

/* Ids in the first column of the page's tables. */
static void read_page(struct string_list *ids)
{
	_cleanup_(buf_fini) struct buf page = BUF_INIT(SOURCES_MAX);
	struct error err = ERROR_INIT;
	read_source("doc/findings.md", &page);
	struct span rest = buf_span(&page), line, id;
	while (span_next(&rest, '\n', &line)) {
		if (!span_starts(line, SPAN_LIT("| `")))
			continue;
		struct span cell = span_sub(line, 3, SIZE_MAX);
		assert_true(span_next(&cell, '`', &id));
		if (string_list_has(ids, id))
			fail_msg("doc/findings.md has %.*s twice", SPAN_ARG(id));
		assert_int_equal(string_list_add(ids, id, &err), 0);
	}
	assert_true(ids->count > 0);
}

static void add_file(const char *path, void *argument)
{
	struct error err = ERROR_INIT;
	if (file_read(path, argument, &err) < 0)
		fail_msg("%s", err.text);
}

static void add_pack(const char *path, void *argument)
{
	struct error err = ERROR_INIT;
	struct ini *ini = NULL;
	if (ini_read_file(path, &ini, &err) < 0 || rules_add(argument, ini, &err) < 0)
		fail_msg("%s", err.text);
	ini_free(ini);
}

static bool is_documented(const struct string_list *ids, const char *demanded)
{
	size_t len = strlen(demanded);
	for (size_t i = 0; i < ids->count; i++)
		if (strcmp(ids->v[i], demanded) == 0 ||
		    (demanded[len - 1] == '*' && strncmp(ids->v[i], demanded, len - 1) == 0))
			return true;
	return false;
}

static void what_a_pack_demands_is_documented(void **state)
{
	_cleanup_(string_list_fini) struct string_list ids = { 0 };
	_cleanup_(rules_fini) struct rules rules = { 0 };
	size_t unknown = 0;
	read_page(&ids);
	assert_true(each_file("harness/judge/rules", ".ini", add_pack, &rules) >= 5);
	for (size_t r = 0; r < rules.count; r++)
		for (size_t i = 0; i < rules.v[r].finding_count; i++) {
			if (is_documented(&ids, rules.v[r].findings[i]))
				continue;
			print_error("%s demands %s, which doc/findings.md does not have\n", rules.v[r].id,
				    rules.v[r].findings[i]);
			unknown++;
		}
	assert_int_equal(unknown, 0);
}

static void what_is_documented_is_reported_by_a_check(void **state)
{
	_cleanup_(string_list_fini) struct string_list ids = { 0 };
	_cleanup_(buf_fini) struct buf sources = BUF_INIT(SOURCES_MAX);
	size_t absent = 0;
	read_page(&ids);
	assert_true(each_file("harness/posture", ".c", add_file, &sources) > 0);
	for (size_t i = 0; i < ids.count; i++) {
		char literal[256];
		snprintf(literal, sizeof(literal), "\"%s\"", ids.v[i]);
		if (span_find(buf_span(&sources), span_of(literal), 0) >= 0)
			continue;
		print_error("doc/findings.md has %s, which no check reports\n", ids.v[i]);
		absent++;
	}
	assert_int_equal(absent, 0);
}

static void the_list_has_what_is_documented(void **state)
{
	_cleanup_(string_list_fini) struct string_list ids = { 0 };
	read_page(&ids);
	for (size_t i = 0; i < ids.count && i < finding_id_count; i++)
		assert_string_equal(finding_ids[i], ids.v[i]);
	assert_int_equal(finding_id_count, ids.count);
}

/* The rows of a group stand together, in the order in which findings are shown. */
static void the_page_has_the_order_of_the_groups(void **state)
{
	_cleanup_(string_list_fini) struct string_list ids = { 0 };
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct error err = ERROR_INIT;
	char empty[] = "";
	read_page(&ids);
	for (size_t i = 0; i < ids.count; i++) {
		const struct finding f = { ids.v[i], empty, FINDING_GOOD, empty, empty, 1 };
		assert_int_equal(findings_add(&findings, &f, &err), 0);
	}
	findings_sort(&findings);
	for (size_t i = 0; i < ids.count; i++) {
		struct span shown = span_of(findings.v[i].id), written = span_of(ids.v[i]), a, b;
		span_next(&shown, '.', &a);
		span_next(&written, '.', &b);
		if (!span_eq(a, b))
			fail_msg("doc/findings.md has %s where the group %.*s is shown", ids.v[i], SPAN_ARG(a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_pack_demands_is_documented),
		cmocka_unit_test(what_is_documented_is_reported_by_a_check),
		cmocka_unit_test(the_list_has_what_is_documented),
		cmocka_unit_test(the_page_has_the_order_of_the_groups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
