/* Several processes, processes that are killed, and a disk that fills up. */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

/* A child that tells by a pipe how far it is, and then waits to be killed or released. */
struct helper {
	pid_t pid;
	int said;    /* read end */
	int release; /* write end */
};

static struct helper start(void (*fn)(const struct fixture *f, int say, int wait), const struct fixture *f)
{
	int said[2], release[2];
	assert_int_equal(pipe(said), 0);
	assert_int_equal(pipe(release), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(said[0]);
		close(release[1]);
		fn(f, said[1], release[0]);
		_exit(0);
	}
	close(said[1]);
	close(release[0]);
	return (struct helper){ pid, said[0], release[1] };
}

static int finish(struct helper *h)
{
	int status = 0;
	close(h->said);
	close(h->release);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	return status;
}

static void await(int fd)
{
	char one;
	assert_int_equal(read(fd, &one, 1), 1);
}

static void hold_lock(const struct fixture *f, int say, int wait)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	char one = 0;
	if (store_open(&store, f->path, STORE_WRITE, &err) < 0 || store_lock_runs(store, deadline_in(0), &err) < 0)
		_exit(1);
	if (write(say, "", 1) != 1 || read(wait, &one, 1) < 0)
		_exit(2);
}

static void one_process_makes_runs_and_the_other_is_told_which(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	char link_path[FIXTURE_PATH_MAX], pid[32];
	store_close(fixture_open(f, STORE_WRITE));
	struct helper h = start(hold_lock, f);
	await(h.said);
	struct store *store = fixture_open(f, STORE_WRITE);
	assert_int_equal(store_lock_runs(store, deadline_in(60), &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
	assert_int_equal(err.retry, RETRY_LATER);
	snprintf(pid, sizeof(pid), "process %ld", (long)h.pid);
	assert_non_null(strstr(err.text, pid));
	store_close(store);

	/* Another name of the same store is the same store. */
	snprintf(link_path, sizeof(link_path), "%s/link", f->folder);
	assert_int_equal(symlink(f->path, link_path), 0);
	assert_done(store_open(&store, link_path, STORE_WRITE, &err), err);
	assert_int_equal(store_lock_runs(store, deadline_in(0), &err), -1);

	/* Reading and writing need no lock; the kernel releases that of a killed process. */
	struct run_summary *list = NULL;
	size_t count = 0;
	assert_done(store_run_list(store, 10, &list, &count, &err), err);
	free(list);
	kill(h.pid, SIGKILL);
	finish(&h);
	assert_done(store_lock_runs(store, deadline_in(0), &err), err);
	assert_done(store_lock_runs(store, deadline_in(0), &err), err); /* held already */
	store_close(store);
}

static void a_waiting_process_gets_the_lock_when_it_is_given_up(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_WRITE);
	struct helper h = start(hold_lock, f);
	await(h.said);
	assert_int_equal(write(h.release, "", 1), 1);
	assert_done(store_lock_runs(store, deadline_in(30000), &err), err);
	assert_int_equal(finish(&h), 0);
}

static void commit_for_ever(const struct fixture *f, int say, int wait)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	int64_t run = 0;
	if (store_open(&store, f->path, STORE_WRITE, &err) < 0 || fixture_plan(store, "t", &run, &err) < 0)
		_exit(1);
	static char body[20000];
	struct observation o = {
		.folder = "INBOX", .found_by = "watch", .header = "", .body = body, .body_len = sizeof(body)
	};
	for (;;) {
		o.uid++;
		if (store_observation_add(store, 1, &o, &err) != 1 || write(say, "", 1) != 1)
			_exit(2);
	}
}

static void nothing_that_was_committed_is_lost_by_a_kill(void **state)
{
	const struct fixture *f = *state;
	static const size_t commits[] = { 1, 2, 7, 40, 300 };
	for (size_t i = 0; i < ARRAY_LEN(commits); i++) {
		struct error err = ERROR_INIT;
		struct probe probe = { 0 };
		unlink(f->path);
		struct helper h = start(commit_for_ever, f);
		for (size_t k = 0; k < commits[i]; k++)
			await(h.said);
		kill(h.pid, SIGKILL);
		finish(&h);
		struct store *store = fixture_open(f, STORE_READ);
		assert_int_equal(store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err), 1);
		if (probe.observation_count < commits[i])
			fail_msg("%zu of %zu commits are left", probe.observation_count, commits[i]);
		for (size_t k = 0; k < probe.observation_count; k++)
			assert_int_equal(probe.observations[k].body_len, 20000);
		probe_fini(&probe);
		store_close(store);
		char sidecar[FIXTURE_PATH_MAX + 8];
		snprintf(sidecar, sizeof(sidecar), "%s-wal", f->path);
		unlink(sidecar);
		snprintf(sidecar, sizeof(sidecar), "%s-shm", f->path);
		unlink(sidecar);
	}
}

enum { WRITERS = 4, RUNS_EACH = 25 };

static void make_runs(const struct fixture *f, int say, int wait)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	char one, mark[48];
	int64_t run;
	if (write(say, "", 1) != 1 || read(wait, &one, 1) != 1)
		_exit(1);
	if (store_open(&store, f->path, STORE_WRITE, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		_exit(2);
	}
	for (int i = 0; i < RUNS_EACH; i++) {
		snprintf(mark, sizeof(mark), "%ld-%d", (long)getpid(), i);
		if (fixture_plan(store, mark, &run, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			_exit(3);
		}
	}
	store_close(store);
}

static void processes_that_make_and_fill_a_store_at_once_wait_for_each_other(void **state)
{
	const struct fixture *f = *state;
	struct helper h[WRITERS];
	for (size_t i = 0; i < WRITERS; i++) {
		h[i] = start(make_runs, f);
		await(h[i].said);
	}
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(write(h[i].release, "", 1), 1);
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(finish(&h[i]), 0);
	struct error err = ERROR_INIT;
	struct run_summary *list = NULL;
	size_t count = 0;
	_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_READ);
	assert_done(store_run_list(store, SIZE_MAX, &list, &count, &err), err);
	assert_int_equal(count, WRITERS * RUNS_EACH);
	for (size_t i = 0; i < count; i++)
		run_summary_fini(&list[i]);
	free(list);
}

enum { SKIPPED = 77 };

/* Fills a file system of 1 MB of its own. 0 when the failure is clear, nothing is lost, and room makes it go on. */
static int fill_disk(const struct fixture *f)
{
	static char body[60000];
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	struct probe probe = { 0 };
	struct observation o = {
		.folder = "INBOX", .found_by = "watch", .header = "", .body = body, .body_len = sizeof(body)
	};
	int64_t run = 0;
	size_t stored = 0;
	if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", f->folder, "tmpfs", 0, "size=1m,mode=0700") < 0)
		return SKIPPED;
	if (store_open(&store, f->path, STORE_WRITE, &err) < 0 || fixture_plan(store, "t", &run, &err) < 0)
		return 1;
	for (o.uid = 1; o.uid < 100 && store_observation_add(store, 1, &o, &err) == 1; o.uid++)
		stored++;
	if (stored < 3 || stored > 20 || err.kind != ERROR_STORE || !strstr(err.text, "the disk is full") ||
	    !strstr(err.text, f->path))
		return 2;
	if (store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err) != 1 || probe.observation_count != stored)
		return 3;
	probe_fini(&probe);
	if (mount("tmpfs", f->folder, "tmpfs", MS_REMOUNT, "size=8m") < 0 ||
	    store_observation_add(store, 1, &o, &err) != 1)
		return 4;
	store_close(store);
	return 0;
}

static void a_full_disk_is_said_and_loses_nothing(void **state)
{
	int status = fixture_child(fill_disk, *state);
	if (status == SKIPPED)
		skip(); /* neither root nor user namespaces */
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(one_process_makes_runs_and_the_other_is_told_which),
		STORE_TEST(a_waiting_process_gets_the_lock_when_it_is_given_up),
		STORE_TEST(nothing_that_was_committed_is_lost_by_a_kill),
		STORE_TEST(processes_that_make_and_fill_a_store_at_once_wait_for_each_other),
		STORE_TEST(a_full_disk_is_said_and_loses_nothing),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
