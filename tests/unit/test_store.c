/* Opening: who may read the file, what is refused and left alone, what works where nothing can be written. */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>

static unsigned mode_of(const char *folder, const char *name)
{
	char path[FIXTURE_PATH_MAX];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &st) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	return st.st_mode & 07777;
}

static void write_file(const char *path, const char *octets, size_t len)
{
	_cleanup_(close_p) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, len), len);
}

/* The octets of a file, to see that it was left alone. */
static size_t read_file(const char *path, char *octets, size_t size)
{
	_cleanup_(close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t got = read(fd, octets, size);
	assert_true(got >= 0);
	return (size_t)got;
}

static void every_file_of_a_new_store_is_private_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077 };
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		struct error err = ERROR_INIT;
		int64_t run = 0;
		mode_t before = umask(masks[i]);
		struct store *store = fixture_open(f, STORE_WRITE);
		assert_done(fixture_plan(store, "t", &run, &err), err);
		assert_done(store_lock_runs(store, deadline_in(0), &err), err);
		umask(before);
		assert_int_equal(mode_of(f->folder, "s.sqlite"), 0600);
		assert_int_equal(mode_of(f->folder, "s.sqlite-wal"), 0600);
		assert_int_equal(mode_of(f->folder, "s.sqlite-shm"), 0600);
		assert_int_equal(mode_of(f->folder, "s.sqlite.lock"), 0600);
		assert_int_equal(store_exposed(store), 0);
		store_close(store);
		assert_int_equal(unlink(f->path), 0);
	}
}

static void a_file_that_is_gone_is_told(void **state)
{
	static const struct {
		const char *label, *says;
	} rows[] = {
		{ "untouched", NULL },
		{ "deleted", "was deleted" },
		{ "moved away", "was deleted" },
		{ "replaced by a copy", "was replaced" },
		{ "emptied", "was cut off" },
		{ "cut to a part", "was cut off" },
		{ "its folder moved", "was deleted" },
	};
	const struct fixture *f = *state;
	char other[FIXTURE_PATH_MAX + 8], moved[FIXTURE_PATH_MAX + 8], octets[65536];
	snprintf(other, sizeof(other), "%s.other", f->path);
	snprintf(moved, sizeof(moved), "%s.moved", f->folder);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct store *store = fixture_open(f, STORE_WRITE);
		size_t len = read_file(f->path, octets, sizeof(octets));
		switch (i) {
		case 1:
			unlink(f->path);
			break;
		case 2:
			assert_int_equal(rename(f->path, other), 0);
			break;
		case 3:
			write_file(other, octets, len);
			assert_int_equal(rename(other, f->path), 0);
			break;
		case 4:
			assert_int_equal(truncate(f->path, 0), 0);
			break;
		case 5:
			assert_int_equal(truncate(f->path, (off_t)len - 1), 0);
			break;
		case 6:
			assert_int_equal(rename(f->folder, moved), 0);
			break;
		}
		int result = store_check_file(store, &err);
		if (result != (rows[i].says ? -1 : 0) ||
		    (result < 0 && (err.kind != ERROR_STORE || !strstr(err.text, rows[i].says))))
			fail_msg("%s: %d %s", rows[i].label, result, err.text);
		store_close(store);
		if (i == 6)
			assert_int_equal(rename(moved, f->folder), 0);
		unlink(f->path);
		unlink(other);
	}
}

static void permissions_of_others_are_told_and_kept(void **state)
{
	const struct fixture *f = *state;
	store_close(fixture_open(f, STORE_WRITE));
	assert_int_equal(chmod(f->path, 0640), 0);
	struct store *store = fixture_open(f, STORE_WRITE);
	assert_int_equal(store_exposed(store), 0640);
	store_close(store);
	assert_int_equal(mode_of(f->folder, "s.sqlite"), 0640);
}

static void what_is_no_store_is_refused_and_left_alone(void **state)
{
	static const struct {
		const char *label;
		const char *sql; /* makes the file; NULL: `octets` are it */
		const char *octets;
		const char *says;
	} rows[] = {
		{ "text", NULL, "this is my shopping list, and it is longer than the head of a database file is: bread",
		  "no postproof store" },
		{ "short text", NULL, "x", "no postproof store" },
		{ "another program's database", "CREATE TABLE t (a)", NULL, "no postproof store" },
		{ "another program's database in WAL mode", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)", NULL,
		  "no postproof store" },
		{ "another program's mark", "PRAGMA application_id = 1; CREATE TABLE t (a)", NULL,
		  "no postproof store" },
		{ "newer store", "PRAGMA application_id = 0x70707266; PRAGMA user_version = 99; CREATE TABLE t (a)",
		  NULL, "newer postproof" },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static char before[65536], after[65536];
		for (enum store_mode mode = STORE_READ; mode <= STORE_WRITE; mode++) {
			struct error err = ERROR_INIT;
			struct store *store = NULL;
			sqlite3 *db = NULL;
			unlink(f->path);
			if (rows[i].octets) {
				write_file(f->path, rows[i].octets, strlen(rows[i].octets));
			} else {
				assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
				assert_int_equal(sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL), SQLITE_OK);
				assert_int_equal(sqlite3_close(db), SQLITE_OK);
			}
			size_t len = read_file(f->path, before, sizeof(before));
			if (store_open(&store, f->path, mode, &err) == 0)
				fail_msg("%s: opened", rows[i].label);
			if (err.kind != ERROR_STORE || !strstr(err.text, rows[i].says) || !strstr(err.text, f->path))
				fail_msg("%s: %s", rows[i].label, err.text);
			assert_null(store);
			if (read_file(f->path, after, sizeof(after)) != len || memcmp(before, after, len) != 0)
				fail_msg("%s: the file was changed", rows[i].label);
		}
	}
}

static void what_is_no_file_is_refused(void **state)
{
	const struct fixture *f = *state;
	char fifo[FIXTURE_PATH_MAX], missing[FIXTURE_PATH_MAX], dangling[FIXTURE_PATH_MAX];
	snprintf(fifo, sizeof(fifo), "%s/fifo", f->folder);
	snprintf(missing, sizeof(missing), "%s/no/s.sqlite", f->folder);
	snprintf(dangling, sizeof(dangling), "%s/dangling", f->folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink(missing, dangling), 0);
	const char *const rows[] = { f->folder, fifo, "/dev/null", missing, dangling, "" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (enum store_mode mode = STORE_READ; mode <= STORE_WRITE; mode++) {
			struct error err = ERROR_INIT;
			struct store *store = NULL;
			if (store_open(&store, rows[i], mode, &err) == 0)
				fail_msg("%s: opened", rows[i]);
			assert_int_equal(err.kind, ERROR_STORE);
		}
	}
}

static void reading_makes_no_store(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	assert_int_equal(store_open(&store, f->path, STORE_READ, &err), -1);
	assert_non_null(strstr(err.text, "postproof run"));
	assert_int_equal(access(f->path, F_OK), -1);
	write_file(f->path, "", 0);
	assert_int_equal(store_open(&store, f->path, STORE_READ, &err), -1);
	assert_non_null(strstr(err.text, "postproof run"));
	store_close(fixture_open(f, STORE_WRITE)); /* an empty file becomes a store */
}

static void names_with_a_meaning_to_sqlite_are_files(void **state)
{
	static const char *const rows[] = { ":memory:", "file:x?mode=memory", "a%20b?c#d" };
	const struct fixture *f = *state;
	assert_int_equal(chdir(f->folder), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct store *store = NULL;
		struct run_facts facts = { 0 };
		int64_t run = 0;
		assert_done(store_open(&store, rows[i], STORE_WRITE, &err), err);
		assert_done(fixture_plan(store, "t", &run, &err), err);
		assert_string_equal(store_path(store), rows[i]);
		store_close(store);
		assert_done(store_open(&store, rows[i], STORE_READ, &err), err);
		if (store_run_load(store, run, STORE_LOAD_ALL, &facts, &err) != 1)
			fail_msg("%s: the run is lost", rows[i]);
		run_facts_fini(&facts);
		store_close(store);
	}
	assert_int_equal(chdir("/"), 0);
}

static void a_reader_cannot_write(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int64_t run = 0;
	store_close(fixture_open(f, STORE_WRITE));
	_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_READ);
	assert_int_equal(fixture_plan(store, "t", &run, &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
}

/* As an ordinary user, whom permissions bind. */
static void become_ordinary(void)
{
	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		_exit(99);
}

static int read_whole(const struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	struct run_facts facts = { 0 };
	become_ordinary();
	if (store_open(&store, f->path, STORE_READ, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return strstr(err.text, "-wal") ? 3 : 2;
	}
	int found = store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err);
	bool right = found == 1 && facts.probe_count == 2;
	run_facts_fini(&facts);
	store_close(store);
	return right ? 0 : 1;
}

static int write_denied(const struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	become_ordinary();
	if (store_open(&store, f->path, STORE_WRITE, &err) == 0)
		return 1;
	return err.kind == ERROR_STORE && strstr(err.text, f->path) && strstr(err.text, "permissions") ? 0 : 2;
}

static void give_to_ordinary(const struct fixture *f, mode_t file, mode_t folder)
{
	char name[FIXTURE_PATH_MAX + 8];
	static const char *const ends[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, ends[i]);
		if (geteuid() == 0 && access(name, F_OK) == 0)
			assert_int_equal(chown(name, 65534, 65534), 0);
		if (access(name, F_OK) == 0)
			assert_int_equal(chmod(name, file), 0);
	}
	if (geteuid() == 0)
		assert_int_equal(chown(f->folder, 65534, 65534), 0);
	assert_int_equal(chmod(f->folder, folder), 0);
}

static void a_store_is_read_where_nothing_can_be_written(void **state)
{
	static const struct {
		const char *label;
		mode_t file, folder;
	} rows[] = {
		{ "file and folder read-only", 0400, 0500 },
		{ "folder read-only", 0600, 0500 },
		{ "file read-only", 0400, 0700 },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int64_t run = 0;
		assert_int_equal(chmod(f->folder, 0700), 0);
		unlink(f->path);
		struct store *store = fixture_open(f, STORE_WRITE);
		assert_done(fixture_plan(store, "t", &run, &err), err);
		store_close(store);
		give_to_ordinary(f, rows[i].file, rows[i].folder);
		int status = fixture_child(read_whole, f);
		if (status != 0)
			fail_msg("%s: status %d", rows[i].label, status);
	}
	assert_int_equal(chmod(f->path, 0400), 0);
	assert_int_equal(fixture_child(write_denied, f), 0);
}

static int leave_wal(const struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	int64_t run = 0;
	if (store_open(&store, f->path, STORE_WRITE, &err) < 0 || fixture_plan(store, "t", &run, &err) < 0)
		return 1;
	return 0; /* not closed, as after SIGKILL */
}

static void facts_left_in_the_wal_are_never_passed_over(void **state)
{
	const struct fixture *f = *state;
	char shm[FIXTURE_PATH_MAX + 8];
	snprintf(shm, sizeof(shm), "%s-shm", f->path);
	assert_int_equal(fixture_child(leave_wal, f), 0);
	assert_int_equal(unlink(shm), 0);
	give_to_ordinary(f, 0400, 0500);
	assert_int_equal(fixture_child(read_whole, f), 3); /* says what to do */
	assert_int_equal(chmod(f->folder, 0700), 0);
	give_to_ordinary(f, 0600, 0700);
	assert_int_equal(fixture_child(read_whole, f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(every_file_of_a_new_store_is_private_whatever_the_umask),
		STORE_TEST(permissions_of_others_are_told_and_kept),
		STORE_TEST(a_file_that_is_gone_is_told),
		STORE_TEST(what_is_no_store_is_refused_and_left_alone),
		STORE_TEST(what_is_no_file_is_refused),
		STORE_TEST(reading_makes_no_store),
		STORE_TEST(names_with_a_meaning_to_sqlite_are_files),
		STORE_TEST(a_reader_cannot_write),
		STORE_TEST(a_store_is_read_where_nothing_can_be_written),
		STORE_TEST(facts_left_in_the_wal_are_never_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
