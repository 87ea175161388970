/* Schedules the sessions of all accounts over the worker pool. One thread owns every structure here; a worker has a
 * session from the moment its job is handed out until it is taken in again. Nothing here talks to a server. */
#include "harness/watch/watch_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "harness/base/clock.h"
#include "harness/base/thread.h"

enum {
	OPEN_TRIES = 3,    /* of an account whose failure may pass */
	BACKOFF_MS = 1000, /* before the first new try; doubles */
	BACKOFF_MAX_MS = 30000,
	IDLE_RESCAN_MS = 60000, /* IDLE is a hint: read anyway this often */
	EVENTS_MAX = 256,
};

static const char *account_name(const struct watched_account *a)
{
	return a->account.seed[0] ? a->account.seed : "bounces";
}

/* --- on a worker ------------------------------------------------------------------------------------------------ */

/* A server that always has something more to say is read again a little later. */
enum { READ_ROUNDS_MAX = 16 };

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

static int read_and_park(struct session *s, struct error *err)
{
	s->parked = false;
	if (!s->at.imap) {
		bool first_time = s->at.account->folder_count == 0;
		if (account_connect(&s->at, err) < 0)
			return -1;
		if (first_time)
			assign_folders(s->owner);
		s->at.may_idle = s->owner->may_idle && s->at.folder_count == 1 && imap_session_has(s->at.imap, "IDLE");
	} else if (account_unpark(&s->at, err) < 0) {
		return -1;
	}
	for (int round = 0; round < READ_ROUNDS_MAX; round++) {
		if (account_read(&s->at, err) < 0)
			return -1;
		if (!s->at.may_idle)
			return 0;
		int parked = account_park(&s->at, err);
		if (parked != 0) {
			s->parked = parked > 0;
			return parked < 0 ? -1 : 0;
		}
	}
	return 0;
}

static int sweep(struct session *s, struct error *err)
{
	s->swept = false;
	if (!s->at.imap && account_connect(&s->at, err) < 0)
		return -1;
	if (s->at.account->bounce_folder)
		return account_unpark(&s->at, err) < 0 ? -1 : account_read(&s->at, err);
	int result = account_sweep(&s->at, &s->complete, err);
	s->swept = result == 0;
	return result < 0 ? -1 : 0;
}

static void work(void *argument)
{
	struct session *s = argument;
	struct watch *watch = s->watch;
	s->error = (struct error)ERROR_INIT;
	if (s->job == JOB_CLOSE)
		s->result = 0;
	else
		s->result = s->job == JOB_SWEEP ? sweep(s, &s->error) : read_and_park(s, &s->error);
	if (s->job == JOB_CLOSE || s->result < 0)
		account_disconnect(&s->at);
	pthread_mutex_lock(&watch->done_lock);
	s->next_done = watch->done;
	watch->done = s;
	pthread_mutex_unlock(&watch->done_lock);
	thread_wake(watch->done_fd);
}

/* --- on the owning thread --------------------------------------------------------------------------------------- */

int watch_hand_out(struct session *s, enum job job, struct error *err)
{
	s->state = SESSION_WORKING;
	s->job = job;
	if (pool_submit(s->watch->pool, s->owner->group, work, s, err) < 0) {
		s->state = SESSION_CLOSED;
		return -1;
	}
	s->watch->working++;
	return 0;
}

static void wait_until(struct session *s, int64_t in_ms)
{
	s->state = SESSION_WAITING;
	s->due_ms = clock_mono_ms() + in_ms;
}

static int64_t backoff_ms(unsigned failures)
{
	int64_t ms = BACKOFF_MS;
	for (unsigned i = 1; i < failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static int seed_event(struct watched_account *a, enum seed_event_kind kind, const char *detail, const char *mend,
		      struct error *err)
{
	const struct seed_event event = { .kind = kind,
					  .seed = fact_lend(a->account.seed),
					  .at_ms = clock_wall_ms(),
					  .detail = fact_lend(detail),
					  .mend = fact_lend(mend) };
	return ledger_seed_event(a->account.environment->ledger, &event, err);
}

static int cannot_be_read(struct watched_account *a, const struct error *why, struct error *err)
{
	char mend[IMAP_MEND_MAX];
	const char *text = imap_mend(why, a->account.mailbox.profile, a->account.seed, mend);
	a->state = ACCOUNT_FAILED;
	a->sweeping = false;
	return seed_event(a, SEED_FAILED, why->text, text, err);
}

/* What ends the run rather than a session: our own store or machine. */
static bool fatal(const struct error *e)
{
	return e->kind == ERROR_STORE || e->kind == ERROR_ENVIRONMENT || e->kind == ERROR_BUG;
}

static bool any_working(const struct watched_account *a)
{
	for (size_t i = 0; i < a->session_count; i++)
		if (a->sessions[i].state == SESSION_WORKING)
			return true;
	return false;
}

/* The sweep uses the first session and reads every folder, so no other session of the account may be at work. */
static int begin_sweep(struct watched_account *a, struct error *err)
{
	if (!a->sweeping || any_working(a))
		return 0;
	return watch_hand_out(&a->sessions[0], JOB_SWEEP, err);
}

static int park(struct session *s, struct error *err)
{
	int fd = imap_session_fd(s->at.imap);
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = s };
	int64_t limit = s->owner->idle_ms < IDLE_RESCAN_MS ? s->owner->idle_ms : IDLE_RESCAN_MS;
	if (epoll_ctl(s->watch->epoll, EPOLL_CTL_MOD, fd, &event) < 0 &&
	    (errno != ENOENT || epoll_ctl(s->watch->epoll, EPOLL_CTL_ADD, fd, &event) < 0))
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot watch a session");
	s->state = SESSION_PARKED;
	s->due_ms = clock_mono_ms() + limit;
	return 0;
}

static void tell_retry(struct watched_account *a, const struct error *why, int64_t in_ms)
{
	log_event(a->account.mailbox.log, "imap %s: %s; connecting again in %lld ms", account_name(a), why->text,
		  (long long)in_ms);
	const char *provider = a->account.mailbox.profile ? a->account.mailbox.profile->name : "";
	ledger_tell(a->account.environment->ledger,
		    &(struct progress_event){ PROGRESS_RETRY, provider, a->account.seed, "", why->text });
}

static int take_in_failure(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	bool vital = a->state == ACCOUNT_OPENING || s->job == JOB_SWEEP;
	s->failures++;
	if (vital && (s->error.retry == RETRY_NEVER || s->failures >= OPEN_TRIES)) {
		s->state = SESSION_CLOSED;
		return cannot_be_read(a, &s->error, err);
	}
	tell_retry(a, &s->error, backoff_ms(s->failures));
	wait_until(s, backoff_ms(s->failures));
	return 0;
}

static int take_in_sweep(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	s->state = SESSION_CLOSED;
	a->sweeping = false;
	if (!s->swept)
		return 0;
	if (s->complete)
		return seed_event(a, SEED_SWEPT, NULL, NULL, err);
	return seed_event(a, SEED_FAILED, "a folder of the mailbox could not be opened, so the message may be in it",
			  "look into the folders of the mailbox by hand", err);
}

/* The account can be read: its baselines are stored. */
static int became_ready(struct watched_account *a, struct error *err)
{
	a->state = ACCOUNT_READY;
	if (seed_event(a, SEED_READY, NULL, NULL, err) < 0)
		return -1;
	if (a->session_count > 1 && a->sessions[1].at.folder_count > 0 && !a->sweeping)
		return watch_hand_out(&a->sessions[1], JOB_READ, err);
	return 0;
}

static int take_in(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	if (s->job == JOB_CLOSE) {
		s->state = SESSION_CLOSED;
		return 0;
	}
	if (s->result < 0 && fatal(&s->error)) {
		*err = s->error;
		s->state = SESSION_CLOSED;
		return error_prefix(err, "%s", account_name(a));
	}
	int result = 0;
	if (s->result < 0) {
		result = take_in_failure(s, err);
	} else if (s->job == JOB_SWEEP) {
		result = take_in_sweep(s, err);
	} else {
		s->failures = 0;
		if (s->parked)
			result = park(s, err);
		else
			wait_until(s, a->scan_ms);
		if (result == 0 && a->state == ACCOUNT_OPENING)
			result = became_ready(a, err);
	}
	if (result == 0 && s->job != JOB_SWEEP)
		result = begin_sweep(a, err);
	return result;
}

static int take_in_done(struct watch *watch, struct error *err)
{
	int result = 0;
	thread_wake_drain(watch->done_fd);
	pthread_mutex_lock(&watch->done_lock);
	struct session *s = watch->done;
	watch->done = NULL;
	pthread_mutex_unlock(&watch->done_lock);
	while (s) {
		struct session *next = s->next_done;
		watch->working--;
		if (result == 0)
			result = take_in(s, err);
		else
			s->state = SESSION_CLOSED;
		s = next;
	}
	return result;
}

/* Whether time may hand this session out: while sweeping only a sweep that is tried again. */
static bool may_run(const struct session *s)
{
	return !s->watch->ending || (s->owner->sweeping && s->job == JOB_SWEEP && s->state == SESSION_WAITING);
}

static int hand_out_due(struct watch *watch, int64_t now, int64_t *next_ms, struct error *err)
{
	for (size_t i = 0; i < watch->account_count; i++)
		for (size_t k = 0; k < watch->accounts[i].session_count; k++) {
			struct session *s = &watch->accounts[i].sessions[k];
			if ((s->state != SESSION_WAITING && s->state != SESSION_PARKED) || !may_run(s))
				continue;
			if (s->due_ms <= now) {
				if (watch_hand_out(s, watch->ending ? JOB_SWEEP : JOB_READ, err) < 0)
					return -1;
			} else if (s->due_ms < *next_ms) {
				*next_ms = s->due_ms;
			}
		}
	return 0;
}

static int give_up_sweeps(struct watch *watch, struct error *err)
{
	struct error late = ERROR_INIT;
	error_set(&late, ERROR_TIMEOUT, RETRY_LATER, 0,
		  "reading all folders did not end in the time that was given to it");
	for (size_t i = 0; i < watch->account_count; i++)
		if (watch->accounts[i].sweeping && cannot_be_read(&watch->accounts[i], &late, err) < 0)
			return -1;
	return 0;
}

int watch_step(struct watch *watch, int64_t timeout_ms, struct error *err)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t now = clock_mono_ms(), next = now + timeout_ms;
	if (watch->ending && watch->sweep_deadline.at_ms < next)
		next = watch->sweep_deadline.at_ms;
	if (hand_out_due(watch, now, &next, err) < 0)
		return -1;
	int n = epoll_wait(watch->epoll, events, EVENTS_MAX, deadline_poll_ms((struct deadline){ next }));
	if (n < 0 && errno != EINTR)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "epoll");
	for (int i = 0; i < n; i++) {
		struct session *s = events[i].data.ptr;
		if (s && s->state == SESSION_PARKED && may_run(s) && watch_hand_out(s, JOB_READ, err) < 0)
			return -1;
	}
	if (take_in_done(watch, err) < 0)
		return -1;
	if (watch->ending && deadline_passed(watch->sweep_deadline))
		return give_up_sweeps(watch, err);
	return 0;
}

int watch_add_fd(struct watch *watch, int fd, struct error *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot watch a descriptor");
	return 0;
}

/* Why an account has no session. */
static int cannot_be_opened(struct watched_account *a, struct error *err)
{
	a->state = ACCOUNT_FAILED;
	return seed_event(a, SEED_FAILED, "the seed is no longer in the configuration",
			  "put its section back and run `postproof resume`", err);
}

int watch_open(struct watch *watch, struct error *err)
{
	for (size_t i = 0; i < watch->account_count; i++) {
		struct watched_account *a = &watch->accounts[i];
		int result = a->session_count ? watch_hand_out(&a->sessions[0], JOB_READ, err)
					      : cannot_be_opened(a, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

size_t watch_opening(const struct watch *watch)
{
	size_t count = 0;
	for (size_t i = 0; i < watch->account_count; i++)
		count += watch->accounts[i].state == ACCOUNT_OPENING;
	return count;
}

bool watch_bounces_opening(const struct watch *watch)
{
	for (size_t i = 0; i < watch->account_count; i++)
		if (watch->accounts[i].account.bounce_folder)
			return watch->accounts[i].state == ACCOUNT_OPENING;
	return false;
}

bool watch_seed_ready(const struct watch *watch, const char *seed)
{
	for (size_t i = 0; i < watch->account_count; i++)
		if (strcmp(watch->accounts[i].account.seed, seed) == 0)
			return watch->accounts[i].state == ACCOUNT_READY;
	return false;
}

int watch_sweep(struct watch *watch, struct deadline deadline, struct error *err)
{
	watch->ending = true;
	watch->sweep_deadline = deadline;
	for (size_t i = 0; i < watch->account_count; i++) {
		struct watched_account *a = &watch->accounts[i];
		a->sweeping = a->state == ACCOUNT_READY;
		a->sessions[0].failures = 0;
		if (begin_sweep(a, err) < 0)
			return -1;
	}
	return 0;
}

size_t watch_sweeping(const struct watch *watch)
{
	size_t count = 0;
	for (size_t i = 0; i < watch->account_count; i++)
		count += watch->accounts[i].sweeping;
	return count;
}

void watch_cancel(struct watch *watch)
{
	thread_wake(watch->cancel_fd);
}
