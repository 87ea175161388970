/* What the tests of reading a mailbox share: a run with one seed and BENCH_PROBES messages, its mailbox on the
 * loopback, and the account with a session, on the thread of the test. */
#ifndef TESTS_ACCOUNT_BENCH_H
#define TESTS_ACCOUNT_BENCH_H

#include "harness/watch/account_read.h"
#include "harness/watch/account_sweep.h"
#include "tests/unit/run_bench.h"

enum { ACCOUNT_PROBES = 4 };

struct account_bench {
	struct imap_mailbox mailbox;
	struct run_bench run;
	struct account_environment environment;
	struct account account;
	struct account_session session;
	char message[ACCOUNT_PROBES][BENCH_MESSAGE_MAX]; /* of each probe */
};

void account_bench_start(struct account_bench *bench);
void account_bench_end(struct account_bench *bench);

/* Connects, with a session for all watched folders. Ends the test where that fails. */
void account_bench_connect(struct account_bench *bench);

/* Reads what is new; false where the session ended, which is then connected again. */
bool account_bench_read(struct account_bench *bench);

/* Sweeps, connecting again up to twice where the session ends. *ret_complete as account_sweep. */
int account_bench_sweep(struct account_bench *bench, bool *ret_complete);

/* Where a probe is as the store has it: the name of the folder that counts, "" for nowhere. */
const char *account_bench_place(struct account_bench *bench, size_t probe, char out[512]);

#endif
