/* A session under watch: its state, its time, and its way to a worker and back. Private to the watch. */
#ifndef WATCH_WATCH_SESSION_H
#define WATCH_WATCH_SESSION_H

#include <pthread.h>

#include "harness/watch/account.h"
#include "harness/watch/pool.h"
#include "harness/watch/watch_state.h"

enum { ACCOUNT_SESSIONS_MAX = 2 };

/* What the sessions of a watch share. */
struct watch_workers {
	struct pool *pool;
	int epoll, done_fd; /* done_fd becomes readable when a worker has ended */
	pthread_mutex_t done_lock;
	struct session *done;
	size_t working; /* sessions handed out and not taken back */
	/* By group: until when its server is left alone by sessions that it has cut off or refused. */
	int64_t *pause_until_ms;
};

struct session {
	struct account_session at;
	struct watch_workers *workers;
	struct watched_account *owner;
	enum session_state state; /* changed by session_apply alone */
	int64_t due_ms;           /* monotonic; of a state that waits */
	unsigned failures;        /* in a row, as session_count_failure has it */
	int64_t connected_ms;     /* monotonic: since when it is connected; 0: it is not */
	struct session *inherits; /* the one whose folders it is to take over, once no worker has it; NULL: none */
	/* What the worker leaves. */
	enum session_event outcome;
	struct error error; /* of EVENT_FAILED */
	struct session *next_done;
};

struct watched_account {
	struct account account;
	enum account_state state; /* changed by watched_account_enter alone */
	struct session sessions[ACCOUNT_SESSIONS_MAX];
	size_t session_count;
	size_t lead;              /* the session that sweeps: the first, until it was refused beside another */
	size_t group;             /* of the pool */
	int64_t scan_ms, idle_ms; /* idle_ms 0: IDLE is not to be used */
};

/* All below: the thread that owns the watch. */

/* Opens the descriptors; the pool is the caller's to make, once the number of groups is known. To be finished in any
 * case. Errors: ERROR_ENVIRONMENT. */
int watch_workers_open(struct watch_workers *workers, struct error *err);

/* The sessions whose workers have ended since the last time, chained by next_done. */
struct session *watch_workers_take_done(struct watch_workers *workers);

/* Waits for running jobs, and frees. */
void watch_workers_fini(struct watch_workers *workers);

/* Moves a session, or an account, to another state, and says so in a line of the transcripts. */
void session_apply(struct session *session, enum session_event event);
void watched_account_enter(struct watched_account *account, enum account_state state);

/* Gives the session to a worker where the event leads to work; it comes back by watch_workers_take_done. Errors:
 * memory. */
int session_hand_out(struct session *session, enum session_event event, struct error *err);

/* Lets it wait for its time, in_ms from now, by an event that leads there. */
void session_wait(struct session *session, enum session_event event, int64_t in_ms);

/* Puts one that is in IDLE into epoll. Errors: ERROR_ENVIRONMENT. */
int session_park(struct session *session, struct error *err);

#endif
