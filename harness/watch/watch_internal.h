/* What watch.c and watch_setup.c share. Private to the watch. */
#ifndef WATCH_WATCH_INTERNAL_H
#define WATCH_WATCH_INTERNAL_H

#include <pthread.h>

#include "harness/watch/account.h"
#include "harness/watch/pool.h"
#include "harness/watch/watch.h"
#include "providers/imap_mend.h"
#include "providers/profile.h"

enum { ACCOUNT_SESSIONS_MAX = 2, BOUNCES_IDLE_MS = 25 * 60 * 1000, BOUNCES_SCAN_MS = 5000 };

enum session_state {
	SESSION_CLOSED,  /* not connected, nothing planned */
	SESSION_WAITING, /* something is to be done at due_ms: connect again, read again */
	SESSION_WORKING, /* a worker has it */
	SESSION_PARKED,  /* in IDLE and in epoll; to be read anyway at due_ms */
};

enum job { JOB_READ, JOB_SWEEP, JOB_CLOSE };

struct session {
	struct account_session at;
	struct watch *watch;
	struct watched_account *owner;
	enum session_state state;
	enum job job;
	int64_t due_ms;
	unsigned failures; /* in a row */
	/* What the worker leaves. */
	bool parked, complete, swept;
	int result;
	struct error error;
	struct session *next_done;
};

enum account_state { ACCOUNT_OPENING, ACCOUNT_READY, ACCOUNT_FAILED };

struct watched_account {
	enum account_state state;
	struct account account;
	struct session sessions[ACCOUNT_SESSIONS_MAX];
	size_t session_count;
	size_t group; /* of the pool */
	int64_t scan_ms, idle_ms;
	bool may_idle;
	bool sweeping;
};

struct watch {
	struct watch_params params;
	struct account_environment environment;
	struct watched_account *accounts;
	size_t account_count, session_count;
	struct pool *pool;
	int epoll, done_fd, cancel_fd;
	struct deadline sweep_deadline;
	pthread_mutex_t done_lock;
	struct session *done;
	size_t working;
	bool ending; /* no new reading: the sweep is on, or the end */
};

/* Gives a session to a worker; it comes back through `done`. Errors: memory. */
int watch_hand_out(struct session *session, enum job job, struct error *err);

#endif
