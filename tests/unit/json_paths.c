/* Members of JSON values and the pages that describe them. */
#include "tests/unit/json_paths.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "tests/unit/report_sample.h"
#include "tests/unit/unit.h"

enum { PATHS_MAX = 300 };

struct paths {
	char *list[PATHS_MAX];
	size_t count;
};

static void add_path(struct paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->list[i], path) == 0)
			return;
	assert_true(paths->count < PATHS_MAX);
	paths->list[paths->count] = strdup(path);
	assert_non_null(paths->list[paths->count++]);
}

/* The path of every member: `probes[].cells[].name`. */
static void collect(struct paths *paths, const char *closed, const char *path, json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;
	_cleanup_(buf_fini) struct buf b = BUF_INIT(1024);
	struct span rest = span_of(closed), left_out;
	while (closed && span_next(&rest, ',', &left_out))
		if (span_is(left_out, path))
			return;
	json_object_foreach(value, key, member)
	{
		buf_clear(&b);
		buf_addf(&b, "%s%s%s", path, *path ? "." : "", key);
		add_path(paths, buf_str(&b));
		collect(paths, closed, buf_str(&b), member);
	}
	json_array_foreach(value, i, member)
	{
		buf_clear(&b);
		buf_addf(&b, "%s[]", path);
		collect(paths, closed, buf_str(&b), member);
	}
}

static bool holds(const struct paths *paths, struct span path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (span_is(path, paths->list[i]))
			return true;
	return false;
}

void json_paths_assert_documented(json_t *root, const char *closed, const char *page, int schema)
{
	struct paths paths = { .count = 0 };
	collect(&paths, closed, "", root);
	char *doc = sample_read_source(page);
	struct span rest = span_of(doc), line, name;
	size_t documented = 0;
	while (span_next(&rest, '\n', &line)) {
		if (!span_starts(line, SPAN_LIT("| `")))
			continue;
		struct span behind = span_sub(line, 3, line.len);
		assert_true(span_next(&behind, '`', &name));
		if (!holds(&paths, name))
			fail_msg("%s has %.*s, the report has not", page, SPAN_ARG(name));
		documented++;
	}
	for (size_t i = 0; i < paths.count; i++) {
		_cleanup_(buf_fini) struct buf row = BUF_INIT(1024);
		buf_addf(&row, "\n| `%s` |", paths.list[i]);
		if (!strstr(doc, buf_str(&row)))
			fail_msg("%s lacks %s", page, paths.list[i]);
		free(paths.list[i]);
	}
	assert_int_equal(documented, paths.count);
	_cleanup_(buf_fini) struct buf version = BUF_INIT(64);
	buf_addf(&version, "Schema %d.", schema);
	assert_non_null(strstr(doc, buf_str(&version)));
	free(doc);
}
