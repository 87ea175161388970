/* Whole files, paths, and growing arrays. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/vec.h"

static void paths_are_seen_from_a_folder(void **state)
{
	static const struct {
		const char *base, *path, *expected;
	} rows[] = {
		{ "/etc/pp", "a/b", "/etc/pp/a/b" }, { "/", "a", "/a" },         { ".", "a", "a" },
		{ "conf", "../a", "conf/../a" },     { "/etc", "/abs", "/abs" }, { "/etc", "~/x", "/home/ana/x" },
		{ "/etc", "~bob/x", "/etc/~bob/x" },
	};
	setenv("HOME", "/home/ana", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *path = path_from(rows[i].base, span_of(rows[i].path));
		ROW_ASSERT_STRING(rows[i].path, path, rows[i].expected);
		free(path);
	}
}

static void the_folder_is_what_stands_before_the_last_slash(void **state)
{
	static const char *const rows[][2] = { { "a/b/c", "a/b" }, { "/c", "/" }, { "c", "." }, { "./c", "." } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *folder = path_folder(rows[i][0]);
		ROW_ASSERT_STRING(rows[i][0], folder, rows[i][1]);
		free(folder);
	}
}

static void files_are_read_up_to_the_cap(void **state)
{
	char path[] = "/tmp/postproof-test-XXXXXX", octets[40000];
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT(sizeof(octets));
	int fd = mkstemp(path);
	memset(octets, 'x', sizeof(octets));
	octets[7] = '\0';
	assert_int_equal(write(fd, octets, sizeof(octets)), sizeof(octets));
	assert_int_equal(file_read(path, &out, &err), 0);
	assert_int_equal(out.len, sizeof(octets));
	assert_memory_equal(out.p, octets, sizeof(octets));
	assert_int_equal(write(fd, "y", 1), 1);
	buf_clear(&out);
	assert_int_equal(file_read(path, &out, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	assert_non_null(strstr(err.text, path));
	close(fd);
	unlink(path);
	buf_clear(&out);
	assert_int_equal(file_read(path, &out, &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(file_read("/tmp", &out, &err), -1);
	assert_int_equal(err.code, EISDIR);
	buf_fini(&out);
}

static void only_regular_files_are_opened(void **state)
{
	char path[] = "/tmp/postproof-test-XXXXXX";
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT(100);
	int fd = mkstemp(path);
	assert_int_equal(file_check(path, &err), 0);
	close(fd);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	const char *const rows[] = { path, "/dev/zero", "/dev/null", "/tmp", "/no/such" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT(rows[i], file_check(rows[i], &err) < 0 && err.kind == ERROR_CONFIG);
		ROW_ASSERT(rows[i], file_read(rows[i], &out, &err) < 0 && strstr(err.text, rows[i]));
	}
	unlink(path);
	buf_fini(&out);
}

static void missing_folders_are_made_private(void **state)
{
	char base[] = "/tmp/postproof-test-XXXXXX", path[128];
	struct error err = ERROR_INIT;
	struct stat st;
	assert_non_null(mkdtemp(base));
	snprintf(path, sizeof(path), "%s/one/two/file", base);
	assert_int_equal(path_make_folder(path, &err), 0);
	assert_int_equal(path_make_folder(path, &err), 0);
	assert_int_equal(path_make_folder("file", &err), 0);
	snprintf(path, sizeof(path), "%s/one/two", base);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/one/file", base);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "%s/one/file/two/file", base);
	assert_int_equal(path_make_folder(path, &err), -1);
	assert_int_equal(err.kind, ERROR_ENVIRONMENT);
	assert_int_equal(err.code, ENOTDIR);
	static const char *const made[] = { "one/file", "one/two", "one", "" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", base, made[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void arrays_grow_zeroed_and_keep_what_they_hold(void **state)
{
	struct item {
		size_t a, b;
	} *items = NULL;
	size_t cap = 0;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(vec_grow(&items, i, &cap, sizeof(*items), &err), 0);
		assert_true(cap > i && items[i].a == 0 && items[i].b == 0);
		items[i].a = i;
		items[i].b = ~i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_true(items[i].a == i && items[i].b == ~i);
	free(items);
	void *none = NULL;
	cap = 0;
	assert_int_equal(vec_grow(&none, 0, &cap, SIZE_MAX / 2, &err), -1);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_seen_from_a_folder),
		cmocka_unit_test(the_folder_is_what_stands_before_the_last_slash),
		cmocka_unit_test(files_are_read_up_to_the_cap),
		cmocka_unit_test(only_regular_files_are_opened),
		cmocka_unit_test(missing_folders_are_made_private),
		cmocka_unit_test(arrays_grow_zeroed_and_keep_what_they_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
