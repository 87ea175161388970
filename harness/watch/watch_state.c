/* States under watch. Must never take a session from the worker that has it. */
#include "harness/watch/watch_state.h"

#include "providers/imap_params.h"

enum {
	VITAL_TRIES = 3,   /* of an opening or a sweep whose failure may pass */
	BACKOFF_MS = 1000, /* before the first new try; doubles */
	BACKOFF_MAX_MS = 60000,
	LASTING_MS = 60000, /* a connection that held so long was a success */
};

const char *session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATE_COUNT] = {
		[SESSION_RESTING] = "resting", [SESSION_READ_DUE] = "read-due",   [SESSION_READING] = "reading",
		[SESSION_PARKED] = "parked",   [SESSION_SWEEP_DUE] = "sweep-due", [SESSION_SWEEPING] = "sweeping",
		[SESSION_CLOSING] = "closing",
	};
	return names[state];
}

const char *session_event_name(enum session_event event)
{
	static const char *const names[SESSION_EVENT_COUNT] = {
		[EVENT_OPEN] = "open",
		[EVENT_DUE] = "due",
		[EVENT_HEARD] = "heard",
		[EVENT_SWEEP] = "sweep",
		[EVENT_STOP] = "stop",
		[EVENT_CLOSE] = "close",
		[EVENT_GIVEN_UP] = "given up",
		[EVENT_READ] = "read",
		[EVENT_IDLING] = "idling",
		[EVENT_SWEPT] = "swept",
		[EVENT_SWEPT_IN_PART] = "swept in part",
		[EVENT_NONE_MISSING] = "none missing",
		[EVENT_CLOSED] = "closed",
		[EVENT_FAILED] = "failed",
	};
	return names[event];
}

const char *account_state_name(enum account_state state)
{
	static const char *const names[ACCOUNT_STATE_COUNT] = {
		[ACCOUNT_OPENING] = "opening",
		[ACCOUNT_READY] = "ready",
		[ACCOUNT_SWEEPING] = "sweeping",
		[ACCOUNT_ENDED] = "ended",
	};
	return names[state];
}

bool session_works(enum session_state state)
{
	return state == SESSION_READING || state == SESSION_SWEEPING || state == SESSION_CLOSING;
}

bool session_waits(enum session_state state)
{
	return state == SESSION_READ_DUE || state == SESSION_PARKED || state == SESSION_SWEEP_DUE;
}

/* Events by which a session of its own thread goes to a worker, or to rest. */
static enum session_state step_of_watch(enum session_state state, enum session_event event)
{
	bool to_be_read = state == SESSION_READ_DUE || state == SESSION_PARKED;
	switch (event) {
	case EVENT_OPEN:
		return state == SESSION_RESTING ? SESSION_READING : state;
	case EVENT_DUE:
		if (state == SESSION_SWEEP_DUE)
			return SESSION_SWEEPING;
		return to_be_read ? SESSION_READING : state;
	case EVENT_HEARD:
		return state == SESSION_PARKED ? SESSION_READING : state;
	case EVENT_SWEEP: /* one that is to be tried again has its own time */
		return to_be_read || state == SESSION_RESTING ? SESSION_SWEEPING : state;
	case EVENT_STOP:
		return to_be_read ? SESSION_RESTING : state;
	case EVENT_CLOSE:
		return session_works(state) ? state : SESSION_CLOSING;
	default:
		return state;
	}
}

enum session_state session_step(enum session_state state, enum session_event event)
{
	switch (event) {
	case EVENT_GIVEN_UP:
		return SESSION_RESTING;
	case EVENT_READ:
		return state == SESSION_READING ? SESSION_READ_DUE : state;
	case EVENT_IDLING:
		return state == SESSION_READING ? SESSION_PARKED : state;
	case EVENT_SWEPT:
	case EVENT_SWEPT_IN_PART:
	case EVENT_NONE_MISSING:
		return state == SESSION_SWEEPING ? SESSION_RESTING : state;
	case EVENT_CLOSED:
		return state == SESSION_CLOSING ? SESSION_RESTING : state;
	case EVENT_FAILED:
		if (state == SESSION_SWEEPING)
			return SESSION_SWEEP_DUE;
		return state == SESSION_READING ? SESSION_READ_DUE : state;
	default:
		return step_of_watch(state, event);
	}
}

enum session_event session_after_failure(enum account_state account, enum session_state state, const struct error *why,
					 unsigned failures)
{
	bool vital = account == ACCOUNT_OPENING || state == SESSION_SWEEPING;
	bool hopeless = why->retry == RETRY_NEVER || failures >= VITAL_TRIES;
	return why->kind == ERROR_AUTH || (vital && hopeless) ? EVENT_GIVEN_UP : EVENT_FAILED;
}

unsigned session_count_failure(unsigned failures, int64_t lasted_ms)
{
	return lasted_ms >= LASTING_MS ? 1 : failures + 1;
}

bool session_is_refused(const struct error *why)
{
	return why->kind == ERROR_AUTH || (why->kind == ERROR_REFUSED && why->code == IMAP_CAUSE_THROTTLED);
}

int64_t session_backoff_ms(unsigned failures)
{
	int64_t ms = BACKOFF_MS;
	for (unsigned i = 1; i < failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}
