/* What the tests of a run share: a run that is planned and stored, with a seed in each of a few mailboxes on the
 * loopback (imap_mailbox.h), and a ledger that remembers what it told. */
#ifndef TESTS_RUN_BENCH_H
#define TESTS_RUN_BENCH_H

#include <pthread.h>

#include "harness/base/log.h"
#include "harness/config/config_load.h"
#include "harness/ledger/ledger.h"
#include "harness/watch/watch.h"
#include "store/store.h"
#include "tests/unit/imap_mailbox.h"

enum { BENCH_SEEDS_MAX = 3, BENCH_MESSAGE_MAX = 2048 };

/* A seed `sN@providerN.test` at `providerN`, N from 0. */
struct run_bench_seed {
	uint16_t port;
	const char *keys;     /* further lines of [provider providerN], and sections, or NULL */
	unsigned connections; /* of an account; 0 for one */
};

struct run_bench {
	char folder[64], store_path[96];
	struct store *store;
	struct config *config;
	struct run_facts facts; /* one probe for each seed and message, in the order of the plan */
	struct ledger *ledger;
	struct log *log;      /* of the watch; NULL: none. To be set after bench_start */
	struct watch *watch;  /* NULL until bench_watch */
	pthread_mutex_t lock; /* of what was told */
	size_t told[PROGRESS_TICK + 1];
	char last_text[PROGRESS_TICK + 1][ERROR_TEXT_MAX];
};

/* Plans, stores and loads the run. bounces: port of the bounce mailbox, 0: there is none. */
void bench_start(struct run_bench *bench, const struct run_bench_seed *seeds, size_t count, uint16_t bounces);
void bench_end(struct run_bench *bench);

/* Loads the run from the store anew, with a new ledger and without a watch, as another process would. */
void bench_reload(struct run_bench *bench);

/* Makes the watch and opens every account; returns when each is ready or has failed. */
void bench_watch(struct run_bench *bench);

/* The probe is handed over and accepted. */
void bench_sent(struct run_bench *bench, size_t probe);

/* A message with the tag of the probe. Static storage of its own for each call's `out`. */
const char *bench_message(const struct run_bench *bench, size_t probe, char out[BENCH_MESSAGE_MAX]);

/* A DSN (RFC 3464) with this action to the envelope sender with this tag. */
const char *bench_notice(const char *tag, const char *action, char out[BENCH_MESSAGE_MAX]);

size_t bench_told(struct run_bench *bench, enum progress_kind kind);

/* Lets the watch work until the bench was told `times` events of that kind; fails after a minute. */
void bench_until(struct run_bench *bench, enum progress_kind kind, size_t times);

/* Lets the watch work until the condition holds; fails after a minute. */
void bench_until_true(struct run_bench *bench, bool (*condition)(void *argument), void *argument, const char *what);

/* Lets the watch work for so long. */
void bench_for(struct run_bench *bench, int64_t ms);

/* Sweeps to its end, within deadline_ms. */
void bench_sweep(struct run_bench *bench, int64_t deadline_ms);

#endif
