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
	/* Must be there. Not written to, but to bring a store of an older release up to date. File and folder may be
	 * read-only, unless a killed process left facts in PATH-wal (the error says what to do). */
	STORE_READ,
	STORE_WRITE, /* made with mode 0600 where it is not there; schema brought up to date */
};

/* Opens the store. A process opens a store once at a time: closing a second handle would drop the locks of the first
 * (POSIX locks belong to the process). Not to be used in a forked child. Errors, ERROR_STORE with the path and the mend
 * in the text: not there (STORE_READ), folder missing or not writable, no store of ours, made by a newer postproof,
 * damaged, disk full. */
int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *err);

/* NULL is allowed. No call may be under way. */
void store_close(struct store *store);
void store_close_p(struct store **store); /* for _cleanup_ */

/* Takes the right to make or continue runs in this store, which one process has at a time; it falls back when the store
 * is closed or the process ends, however it ends. Waits until the deadline; then ERROR_STORE names the process that
 * holds it, RETRY_LATER. One thread at a time. Does nothing when it is held already. */
int store_lock_runs(struct store *store, struct deadline deadline, struct error *err);

/* The permission bits of the file where others than its owner have any (0644...), else 0, as found when it was opened.
 * Bodies and tags are in it: the caller warns and names `chmod 600 PATH`; the mode is left to its owner. */
unsigned store_exposed(const struct store *store);

/* Whether what was opened is still what stands at its path, and whole: facts that were committed into a file that was
 * deleted, replaced or cut off are lost. Errors: ERROR_STORE with what became of it. */
int store_check_file(struct store *store, struct error *err);

/* Path that it was opened with. Borrowed. */
const char *store_path(const struct store *store);

#endif
