/* Commits the steps of the sending on a thread of its own: what came while one commit lasted is the next one, so that
 * many connections share the wait for the disk. The order of steps is kept. */
#ifndef RUN_RECORDER_H
#define RUN_RECORDER_H

#include "harness/base/error.h"
#include "harness/ledger/ledger.h"

struct recorder;

/* Starts the thread. wake(user) is called on it after each commit, also one that failed; it must not call back. The
 * ledger is borrowed. Errors: ERROR_ENVIRONMENT, memory. */
int recorder_start(struct recorder **ret, struct ledger *ledger, void (*wake)(void *user), void *user,
		   struct error *err);

/* A step of a probe (number in the ledger) that has happened; the event is copied. It is committed soon; that it could
 * not be is said by recorder_finish. Errors: memory. */
int recorder_add(struct recorder *recorder, size_t probe, const struct send_event *event, struct error *err);

/* A step that may happen only when it is committed: a handing over. The first call takes it as recorder_add does. 1:
 * not committed yet, call again after wake. 0: it is committed. -1: it was not, or a commit has failed before. After 0
 * and -1 it is forgotten. */
int recorder_await(struct recorder *recorder, size_t probe, const struct send_event *event, struct error *err);

/* Commits what is left and ends the thread. 0, or -1 with the first error. May be called again. */
int recorder_finish(struct recorder *recorder, struct error *err);

/* Finishes too. NULL is allowed. */
void recorder_free(struct recorder *recorder);

#endif
