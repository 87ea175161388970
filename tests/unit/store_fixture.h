/* What the tests of the store share: a folder of their own, a small plan, a child process. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/compiler.h"
#include "store/bounce.h"
#include "store/dns.h"
#include "store/finding.h"
#include "store/observation.h"
#include "store/reply.h"
#include "store/run.h"
#include "store/seed.h"
#include "store/send.h"
#include "store/store.h"

enum { FIXTURE_PATH_MAX = 256 };

struct fixture {
	char folder[64];
	char path[FIXTURE_PATH_MAX]; /* of the store */
};

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	snprintf(f->folder, sizeof(f->folder), "/tmp/postproof-store-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/s.sqlite", f->folder);
	*state = f;
	return 0;
}

static inline int fixture_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	chmod(f->folder, 0700);
	nftw(f->folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#define assert_done(result, err)                                                                                       \
	do {                                                                                                           \
		if ((result) < 0)                                                                                      \
			fail_msg("%s", (err).text);                                                                    \
	} while (0)

static inline struct store *fixture_open(const struct fixture *f, enum store_mode mode)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	assert_done(store_open(&store, f->path, mode, &err), err);
	return store;
}

/* A run of two seeds and one message with two probes, whose tags begin with `mark`. */
static inline int fixture_plan(struct store *store, const char *mark, int64_t *ret_run, struct error *err)
{
	char first[64], second[64];
	snprintf(first, sizeof(first), "%s-first", mark);
	snprintf(second, sizeof(second), "%s-second", mark);
	struct setting settings[] = { { "provider alpha", "host", "imap.alpha.test" }, { "expect", "tls", "1.2" } };
	struct plan_message messages[] = { { "welcome", STREAM_MARKETING, "00ff" } };
	struct probe probes[] = {
		{ .seed = "ben@bravo.test", .provider = "bravo", .message = "welcome", .tag = first },
		{ .seed = "ana@alpha.test", .provider = "alpha", .message = "welcome", .tag = second },
	};
	const struct run_facts plan = { .summary = { .label = "before the release", .created_ms = 1000 },
					.settings = settings,
					.setting_count = ARRAY_LEN(settings),
					.messages = messages,
					.message_count = ARRAY_LEN(messages),
					.probes = probes,
					.probe_count = ARRAY_LEN(probes) };
	return store_run_create(store, &plan, ret_run, err);
}

/* The id of a probe of the run. */
static inline int64_t fixture_probe(struct store *store, int64_t run, size_t at)
{
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_true(at < facts.probe_count);
	int64_t id = facts.probes[at].id;
	run_facts_fini(&facts);
	return id;
}

/* Runs fn in a child; returns its exit status, or 128 + N after signal N. */
static inline int fixture_child(int (*fn)(const struct fixture *f), const struct fixture *f)
{
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(f));
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
