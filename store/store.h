/* The store: one SQLite file with the facts of every run, append-only. A struct store may be used from any thread: each
 * call holds its lock from begin to commit. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"

struct store;

enum store_mode {
	STORE_READ,  /* must be there; never written to, the folder may be read-only */
	STORE_WRITE, /* made with mode 0600 where it is not there; schema brought up to date */
};

/* Opens the store. Errors, ERROR_STORE with the path and the mend in the text: not there (STORE_READ), folder missing
 * or not writable, no store of ours, made by a newer postproof, damaged, disk full. */
int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *err);

/* NULL is allowed. No call may be under way. */
void store_close(struct store *store);
void store_close_p(struct store **store); /* for _cleanup_ */

/* Takes the right to make or continue runs in this store, which one process has at a time; it falls back when the store
 * is closed or the process ends, however it ends. Waits until the deadline; then ERROR_STORE names the process that
 * holds it. */
int store_lock_runs(struct store *store, struct deadline deadline, struct error *err);

/* Path that it was opened with. Borrowed. */
const char *store_path(const struct store *store);

#endif
