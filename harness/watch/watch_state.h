/* The states of sessions and accounts under watch, without any socket: what may happen in which, and where it leads. */
#ifndef WATCH_WATCH_STATE_H
#define WATCH_WATCH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"

/* A session belongs to a worker in the states that end in -ING, else to the thread that owns the watch. */
enum session_state {
	SESSION_RESTING,   /* nothing is planned; it may be connected still */
	SESSION_READ_DUE,  /* to be read at its time; connected first where it is not */
	SESSION_READING,   /* a worker reads what is new */
	SESSION_PARKED,    /* in IDLE and in epoll; to be read anyway at its time */
	SESSION_SWEEP_DUE, /* a sweep that failed is to be tried again at its time */
	SESSION_SWEEPING,  /* a worker looks again, and into every folder for what is missing */
	SESSION_CLOSING,   /* a worker says goodbye */
	SESSION_STATE_COUNT
};

enum session_event {
	/* What the watch wants of it. */
	EVENT_OPEN,     /* its first reading */
	EVENT_DUE,      /* its time has come */
	EVENT_HEARD,    /* its server has said something */
	EVENT_SWEEP,    /* the sweep of its account */
	EVENT_STOP,     /* no further reading */
	EVENT_CLOSE,    /* a goodbye */
	EVENT_GIVEN_UP, /* nothing more: what its worker left, if it had one, is of no use */
	/* What its worker leaves. */
	EVENT_READ,          /* all was read, and it is not in IDLE */
	EVENT_IDLING,        /* all was read, and it is */
	EVENT_SWEPT,         /* every folder was read */
	EVENT_SWEPT_IN_PART, /* a folder could not be read whole */
	EVENT_NONE_MISSING,  /* no folder had to be read: nothing of its account is missing */
	EVENT_CLOSED,
	EVENT_FAILED, /* an error; to be tried again */
	SESSION_EVENT_COUNT
};

/* For the log. */
const char *session_state_name(enum session_state state);
const char *session_event_name(enum session_event event);

/* Where the event leads from this state; the same state where it means nothing there: a server that is heard of late,
 * a sweep that is wanted of a session at work. */
enum session_state session_step(enum session_state state, enum session_event event);

/* Whether a worker has the session in this state. */
bool session_works(enum session_state state);

/* Whether the session waits for a time in this state. */
bool session_waits(enum session_state state);

enum account_state {
	ACCOUNT_OPENING,  /* it is not known yet whether it can be read */
	ACCOUNT_READY,    /* its baselines are stored, its sessions read what is new */
	ACCOUNT_SWEEPING, /* its first session is to read every folder, once none is at work */
	ACCOUNT_ENDED,    /* nothing more is wanted of it: it cannot be read, or was swept */
	ACCOUNT_STATE_COUNT
};

const char *account_state_name(enum account_state state);

/* What becomes of a session whose worker has failed so many times in a row: EVENT_FAILED, or EVENT_GIVEN_UP where the
 * account hangs on it and trying again cannot help or has not helped, and wherever a password was refused: providers
 * lock accounts for sending it again. */
enum session_event session_after_failure(enum account_state account, enum session_state state, const struct error *why,
					 unsigned failures);

/* How many failures in a row it is with this one, of a connection that lasted so long (0: there was none): one that
 * ended soon after it was made was no success. */
unsigned session_count_failure(unsigned failures, int64_t lasted_ms);

/* How long to wait before the next try, after so many failures in a row. */
int64_t session_backoff_ms(unsigned failures);

/* Whether the server does not let this session in, though it may let in another one of the account: wrong credentials,
 * or what servers call a limit of sessions. */
bool session_is_refused(const struct error *why);

#endif
