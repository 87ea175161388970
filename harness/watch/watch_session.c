/* The way of a session to a worker and back. A worker has a session from the moment it is handed out until it is taken
 * back; only what stands under "on a worker" talks to a server. */
#include "harness/watch/watch_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "harness/base/clock.h"
#include "harness/base/thread.h"
#include "harness/watch/account_read.h"
#include "harness/watch/account_sweep.h"

enum {
	IDLE_RESCAN_MS = 60000, /* IDLE is a hint: read anyway this often */
	READ_ROUNDS_MAX = 16,   /* a server that always has something more to say is read again a little later */
};

/* --- states ----------------------------------------------------------------------------------------------------- */

static void session_trace(const struct watched_account *a, const char *line)
{
	const struct connect_mailbox *mailbox = &a->account.mailbox;
	char who[320];
	if (!log_wants(mailbox->log, LOG_LEVEL_TRANSCRIPTS))
		return;
	snprintf(who, sizeof(who), "imap %s", mailbox->name);
	log_transcript(mailbox->log, who, '*', span_of(line));
}

void session_apply(struct session *s, enum session_event event)
{
	enum session_state before = s->state, next = session_step(before, event);
	char line[128];
	if (next == before) /* and its worker may be reading it */
		return;
	s->state = next;
	snprintf(line, sizeof(line), "session %td: %s -> %s (%s)", s - s->owner->sessions + 1,
		 session_state_name(before), session_state_name(s->state), session_event_name(event));
	session_trace(s->owner, line);
}

void watched_account_enter(struct watched_account *a, enum account_state state)
{
	char line[128];
	if (a->state == state)
		return;
	snprintf(line, sizeof(line), "account: %s -> %s", account_state_name(a->state), account_state_name(state));
	a->state = state;
	session_trace(a, line);
}

/* --- on a worker ------------------------------------------------------------------------------------------------ */

/* Which folders each session watches, once the folders are known: inbox and spam in parallel where the provider allows
 * two connections, else in turn. */
static void assign_folders(struct watched_account *a)
{
	struct account_session *first = &a->sessions[0].at;
	struct account_session *second = a->session_count > 1 ? &a->sessions[1].at : NULL;
	first->folder_count = 0;
	for (size_t i = 0; i < a->account.folder_count; i++) {
		if (!a->account.folders[i].watched)
			continue;
		struct account_session *s = second && a->account.folders[i].role == FOLDER_SPAM && !second->folder_count
						? second
						: first;
		if (s->folder_count < ARRAY_LEN(s->folders))
			s->folders[s->folder_count++] = i;
	}
}

static int session_connect(struct session *s, struct error *err)
{
	bool first_time = s->at.account->folder_count == 0;
	if (account_connect(&s->at, err) < 0)
		return -1;
	s->connected_ms = clock_mono_ms();
	if (first_time)
		assign_folders(s->owner);
	s->at.may_idle = s->owner->idle_ms > 0 && account_may_idle(&s->at);
	return 0;
}

static enum session_event read_and_park(struct session *s, struct error *err)
{
	if (s->at.imap ? account_unpark(&s->at, err) < 0 : session_connect(s, err) < 0)
		return EVENT_FAILED;
	for (int round = 0; round < READ_ROUNDS_MAX; round++) {
		if (account_read(&s->at, err) < 0)
			return EVENT_FAILED;
		if (!s->at.may_idle)
			return EVENT_READ;
		int parked = account_park(&s->at, err);
		if (parked > 0)
			return EVENT_IDLING;
		/* Refused, and nothing worse: it is scanned instead. */
		s->at.may_idle = s->at.may_idle && (parked == 0 || account_may_idle(&s->at));
		if (parked < 0 && (s->at.may_idle || imap_session_dead(s->at.imap)))
			return EVENT_FAILED;
	}
	return EVENT_READ;
}

static enum session_event sweep(struct session *s, struct error *err)
{
	bool complete = false;
	if (!s->at.imap && account_connect(&s->at, err) < 0)
		return EVENT_FAILED;
	int result = account_sweep(&s->at, &complete, err);
	if (result != 0)
		return result < 0 ? EVENT_FAILED : EVENT_NONE_MISSING;
	return complete ? EVENT_SWEPT : EVENT_SWEPT_IN_PART;
}

static void watch_session_work(void *argument)
{
	struct session *s = argument;
	struct watch_workers *workers = s->workers;
	s->error = (struct error)ERROR_INIT;
	if (s->state == SESSION_CLOSING)
		s->outcome = EVENT_CLOSED;
	else
		s->outcome = s->state == SESSION_SWEEPING ? sweep(s, &s->error) : read_and_park(s, &s->error);
	if (s->outcome == EVENT_CLOSED || s->outcome == EVENT_FAILED)
		account_disconnect(&s->at);
	pthread_mutex_lock(&workers->done_lock);
	s->next_done = workers->done;
	workers->done = s;
	pthread_mutex_unlock(&workers->done_lock);
	thread_wake(workers->done_fd);
}

/* --- on the owning thread --------------------------------------------------------------------------------------- */

int session_hand_out(struct session *s, enum session_event event, struct error *err)
{
	enum session_state before = s->state;
	session_apply(s, event);
	if (s->state == before || !session_works(s->state))
		return 0;
	if (pool_submit(s->workers->pool, s->owner->group, watch_session_work, s, err) < 0) {
		session_apply(s, EVENT_GIVEN_UP);
		return -1;
	}
	s->workers->working++;
	return 0;
}

void session_wait(struct session *s, enum session_event event, int64_t in_ms)
{
	session_apply(s, event);
	s->due_ms = clock_mono_ms() + in_ms;
}

int session_park(struct session *s, struct error *err)
{
	int fd = imap_session_fd(s->at.imap);
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = s };
	if (epoll_ctl(s->workers->epoll, EPOLL_CTL_MOD, fd, &event) < 0 &&
	    (errno != ENOENT || epoll_ctl(s->workers->epoll, EPOLL_CTL_ADD, fd, &event) < 0)) {
		session_apply(s, EVENT_GIVEN_UP);
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot watch a session");
	}
	session_wait(s, EVENT_IDLING, s->owner->idle_ms < IDLE_RESCAN_MS ? s->owner->idle_ms : IDLE_RESCAN_MS);
	return 0;
}

int watch_workers_open(struct watch_workers *workers, struct error *err)
{
	struct epoll_event event = { .events = EPOLLIN };
	*workers = (struct watch_workers){ .epoll = epoll_create1(EPOLL_CLOEXEC),
					   .done_fd = -1,
					   .done_lock = PTHREAD_MUTEX_INITIALIZER };
	if (thread_wake_open(&workers->done_fd, err) < 0)
		return -1;
	if (workers->epoll < 0 || epoll_ctl(workers->epoll, EPOLL_CTL_ADD, workers->done_fd, &event) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot prepare the watch");
	return 0;
}

struct session *watch_workers_take_done(struct watch_workers *workers)
{
	thread_wake_drain(workers->done_fd);
	pthread_mutex_lock(&workers->done_lock);
	struct session *done = workers->done;
	workers->done = NULL;
	pthread_mutex_unlock(&workers->done_lock);
	for (const struct session *s = done; s; s = s->next_done)
		workers->working--;
	return done;
}

void watch_workers_fini(struct watch_workers *workers)
{
	pool_free(workers->pool);
	free(workers->pause_until_ms);
	close_p(&workers->epoll);
	close_p(&workers->done_fd);
	pthread_mutex_destroy(&workers->done_lock);
}
