/* Schedules the sessions of all accounts over the worker pool. One thread owns every structure here; a worker has a
 * session from the moment it is handed out until it is taken in again. Nothing here talks to a server. */
#include "harness/watch/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "harness/base/clock.h"
#include "harness/base/thread.h"
#include "harness/watch/watch_accounts.h"
#include "providers/imap_mend.h"
#include "providers/profile.h"

enum {
	EVENTS_MAX = 256,
	CLOCK_SLACK_MS = 10 * 60 * 1000, /* mail clocks differ; what a run looks for is not older than its beginning
					    less this */
	SPARE_DESCRIPTORS = 64,
	GOODBYE_MS = 5000,
};

struct watch {
	struct account_environment environment;
	struct watch_workers workers;
	struct watched_accounts accounts;
	int cancel_fd;
	struct deadline sweep_deadline; /* INT64_MAX before the sweep */
};

/* --- accounts --------------------------------------------------------------------------------------------------- */

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
	watched_account_enter(a, ACCOUNT_ENDED);
	return seed_event(a, SEED_FAILED, why->text, text, err);
}

/* The account can be read: its baselines are stored. */
static int became_ready(struct watched_account *a, struct error *err)
{
	watched_account_enter(a, ACCOUNT_READY);
	if (seed_event(a, SEED_READY, NULL, NULL, err) < 0)
		return -1;
	if (a->session_count > 1 && a->sessions[1].at.folder_count > 0)
		return session_hand_out(&a->sessions[1], EVENT_OPEN, err);
	return 0;
}

/* Where no reading is wanted any more: lets sessions rest, and begins the sweep when none is at work. It uses one
 * session and reads every folder, so no other session of the account may be at work then. */
static int account_wind_down(struct watched_account *a, struct error *err)
{
	bool sweeps = a->state == ACCOUNT_SWEEPING, working = false;
	if (!sweeps && a->state != ACCOUNT_ENDED)
		return 0;
	for (size_t i = 0; i < a->session_count; i++) {
		if (session_works(a->sessions[i].state))
			working = true;
		else
			session_apply(&a->sessions[i], sweeps ? EVENT_STOP : EVENT_GIVEN_UP);
	}
	return sweeps && !working ? session_hand_out(&a->sessions[a->lead], EVENT_SWEEP, err) : 0;
}

/* --- what workers leave ----------------------------------------------------------------------------------------- */

/* What ends the run rather than a session: our own store or machine. */
static bool fatal(const struct error *e)
{
	return e->kind == ERROR_STORE || e->kind == ERROR_ENVIRONMENT || e->kind == ERROR_BUG;
}

static void log_retry(struct watched_account *a, const struct error *why, int64_t in_ms)
{
	const struct connect_mailbox *mailbox = &a->account.mailbox;
	log_event(mailbox->log, "imap %s: %s; connecting again in %lld ms", mailbox->name, why->text, (long long)in_ms);
	const char *provider = mailbox->profile ? mailbox->profile->name : "";
	ledger_notify(a->account.environment->ledger,
		      &(struct progress_event){ PROGRESS_RETRY, provider, a->account.seed, "", why->text });
}

/* Another session of the account that the server has let in. */
static struct session *session_beside(const struct session *s)
{
	for (size_t i = 0; i < s->owner->session_count; i++) {
		struct session *other = &s->owner->sessions[i];
		if (other != s && other->at.folder_count > 0 && (session_works(other->state) || other->at.imap))
			return other;
	}
	return NULL;
}

/* Takes over the folders of a session that was refused; from now on they are read in turn. No worker has either. */
static void take_over(struct session *s)
{
	struct account_session *from = &s->inherits->at;
	for (size_t i = 0; i < from->folder_count && s->at.folder_count < ARRAY_LEN(s->at.folders); i++)
		s->at.folders[s->at.folder_count++] = from->folders[i];
	from->folder_count = 0;
	s->inherits = NULL;
	s->at.may_idle = false;
	s->due_ms = 0;
}

/* The server lets one session in, and not this one beside it: the same password is not sent again. */
static void leave_to(struct session *s, struct session *other)
{
	const struct connect_mailbox *mailbox = &s->owner->account.mailbox;
	log_event(mailbox->log, "imap %s: %s; the other session reads for this one", mailbox->name, s->error.text);
	session_apply(s, EVENT_GIVEN_UP);
	s->owner->lead = (size_t)(other - s->owner->sessions);
	other->inherits = s;
	if (!session_works(other->state))
		take_over(other);
}

/* Lets the session wait, and with it all of its provider that fail meanwhile; that is told once. */
static void pause_after(struct session *s, enum session_event event)
{
	int64_t *until_ms = &s->workers->pause_until_ms[s->owner->group];
	int64_t now = clock_mono_ms(), own = now + session_backoff_ms(s->failures);
	bool told = *until_ms > now;
	if (own > *until_ms)
		*until_ms = own;
	if (!told)
		log_retry(s->owner, &s->error, *until_ms - now);
	session_wait(s, event, *until_ms - now);
}

static int take_in_failure(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	struct session *other = session_is_refused(&s->error) ? session_beside(s) : NULL;
	s->failures = session_count_failure(s->failures, s->connected_ms ? clock_mono_ms() - s->connected_ms : 0);
	s->connected_ms = 0;
	if (other) {
		leave_to(s, other);
		return 0;
	}
	enum session_event event = session_after_failure(a->state, s->state, &s->error, s->failures);
	if (event == EVENT_GIVEN_UP) {
		session_apply(s, event);
		return cannot_be_read(a, &s->error, err);
	}
	pause_after(s, event);
	return 0;
}

static int take_in_reading(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	if (s->outcome == EVENT_READ)
		session_wait(s, EVENT_READ, a->scan_ms);
	else if (session_park(s, err) < 0)
		return -1;
	return a->state == ACCOUNT_OPENING ? became_ready(a, err) : 0;
}

static int swept_in_part(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	char detail[ERROR_TEXT_MAX];
	snprintf(detail, sizeof(detail), "folder %s could not be read completely, so %s may be in it",
		 a->account.folders[s->at.unread].name, a->account.bounce_folder ? "a bounce" : "the message");
	return seed_event(a, SEED_FAILED, detail, "Look into that folder by hand.", err);
}

static int take_in_sweep(struct session *s, struct error *err)
{
	struct watched_account *a = s->owner;
	session_apply(s, s->outcome);
	watched_account_enter(a, ACCOUNT_ENDED);
	if (s->outcome == EVENT_SWEPT)
		return seed_event(a, SEED_SWEPT, NULL, NULL, err);
	return s->outcome == EVENT_SWEPT_IN_PART ? swept_in_part(s, err) : 0;
}

static int take_in(struct session *s, struct error *err)
{
	int result;
	if (s->outcome == EVENT_FAILED && fatal(&s->error)) {
		session_apply(s, EVENT_GIVEN_UP);
		*err = s->error;
		return error_prefix(err, "%s", s->owner->account.mailbox.name);
	}
	if (s->owner->state == ACCOUNT_ENDED) {
		session_apply(s, EVENT_GIVEN_UP);
		return 0;
	}
	if (s->outcome == EVENT_FAILED)
		result = take_in_failure(s, err);
	else if (s->state == SESSION_SWEEPING)
		result = take_in_sweep(s, err);
	else
		result = take_in_reading(s, err);
	if (s->inherits)
		take_over(s);
	return result < 0 ? -1 : account_wind_down(s->owner, err);
}

static int take_in_done(struct watch *watch, struct error *err)
{
	int result = 0;
	for (struct session *next, *s = watch_workers_take_done(&watch->workers); s; s = next) {
		next = s->next_done; /* before it is handed out again */
		if (result < 0)
			session_apply(s, EVENT_GIVEN_UP);
		else
			result = take_in(s, err);
	}
	return result;
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

static int hand_out_due(struct watch *watch, int64_t now, int64_t *next_ms, struct error *err)
{
	for (size_t i = 0; i < watch->accounts.count; i++)
		for (size_t k = 0; k < watch->accounts.v[i].session_count; k++) {
			struct session *s = &watch->accounts.v[i].sessions[k];
			if (!session_waits(s->state))
				continue;
			if (s->due_ms <= now) {
				if (session_hand_out(s, EVENT_DUE, err) < 0)
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
	for (size_t i = 0; i < watch->accounts.count; i++) {
		struct watched_account *a = &watch->accounts.v[i];
		if (a->state == ACCOUNT_SWEEPING &&
		    (cannot_be_read(a, &late, err) < 0 || account_wind_down(a, err) < 0))
			return -1;
	}
	return 0;
}

int watch_step(struct watch *watch, int64_t timeout_ms, struct error *err)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t now = clock_mono_ms(), next = now + timeout_ms;
	if (watch->sweep_deadline.at_ms < next)
		next = watch->sweep_deadline.at_ms;
	if (hand_out_due(watch, now, &next, err) < 0)
		return -1;
	int n = epoll_wait(watch->workers.epoll, events, EVENTS_MAX, deadline_poll_ms((struct deadline){ next }));
	if (n < 0 && errno != EINTR)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "epoll");
	for (int i = 0; i < n; i++) {
		struct session *s = events[i].data.ptr;
		if (s && session_hand_out(s, EVENT_HEARD, err) < 0)
			return -1;
	}
	if (take_in_done(watch, err) < 0)
		return -1;
	return deadline_passed(watch->sweep_deadline) ? give_up_sweeps(watch, err) : 0;
}

int watch_add_fd(struct watch *watch, int fd, struct error *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	if (epoll_ctl(watch->workers.epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot watch a descriptor");
	return 0;
}

/* Why an account has no session. */
static int cannot_be_opened(struct watched_account *a, struct error *err)
{
	watched_account_enter(a, ACCOUNT_ENDED);
	return seed_event(a, SEED_FAILED, "the seed is no longer in the configuration",
			  "put its section back and run `postproof resume`", err);
}

/* Whether the plan has a bounce mailbox that the configuration does not name any more. */
static bool watch_lacks_bounces(const struct watch *watch)
{
	const struct run_facts *facts = watch->environment.facts;
	bool planned = false;
	for (size_t i = 0; i < facts->setting_count; i++)
		planned = planned || (strcmp(facts->settings[i].section, "bounces") == 0 &&
				      strcmp(facts->settings[i].key, "host") == 0 && facts->settings[i].value[0]);
	for (size_t i = 0; i < watch->accounts.count; i++)
		if (watch->accounts.v[i].account.bounce_folder)
			return false;
	return planned;
}

/* What comes back is not seen then, which the matrix has to know. */
static int watch_say_no_bounces(struct watch *watch, struct error *err)
{
	const struct seed_event event = { .kind = SEED_FAILED,
					  .seed = fact_lend(""),
					  .at_ms = clock_wall_ms(),
					  .detail = fact_lend("[bounces] is no longer in the configuration"),
					  .mend = fact_lend("put it back before `postproof resume`") };
	return ledger_seed_event(watch->environment.ledger, &event, err);
}

int watch_open(struct watch *watch, struct error *err)
{
	if (watch_lacks_bounces(watch) && watch_say_no_bounces(watch, err) < 0)
		return -1;
	for (size_t i = 0; i < watch->accounts.count; i++) {
		struct watched_account *a = &watch->accounts.v[i];
		int result = a->session_count ? session_hand_out(&a->sessions[0], EVENT_OPEN, err)
					      : cannot_be_opened(a, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

static size_t watch_count(const struct watch *watch, enum account_state state)
{
	size_t count = 0;
	for (size_t i = 0; i < watch->accounts.count; i++)
		count += watch->accounts.v[i].state == state;
	return count;
}

size_t watch_opening(const struct watch *watch)
{
	return watch_count(watch, ACCOUNT_OPENING);
}

bool watch_bounces_opening(const struct watch *watch)
{
	for (size_t i = 0; i < watch->accounts.count; i++)
		if (watch->accounts.v[i].account.bounce_folder)
			return watch->accounts.v[i].state == ACCOUNT_OPENING;
	return false;
}

bool watch_seed_ready(const struct watch *watch, const char *seed)
{
	for (size_t i = 0; i < watch->accounts.count; i++)
		if (strcmp(watch->accounts.v[i].account.seed, seed) == 0)
			return watch->accounts.v[i].state == ACCOUNT_READY;
	return false;
}

int watch_sweep(struct watch *watch, struct deadline deadline, struct error *err)
{
	watch->sweep_deadline = deadline;
	for (size_t i = 0; i < watch->accounts.count; i++) {
		struct watched_account *a = &watch->accounts.v[i];
		watched_account_enter(a, a->state == ACCOUNT_READY ? ACCOUNT_SWEEPING : ACCOUNT_ENDED);
		a->sessions[a->lead].failures = 0;
		if (account_wind_down(a, err) < 0)
			return -1;
	}
	return 0;
}

size_t watch_sweeping(const struct watch *watch)
{
	return watch_count(watch, ACCOUNT_SWEEPING);
}

void watch_cancel(struct watch *watch)
{
	thread_wake(watch->cancel_fd);
}

/* --- beginning and end ------------------------------------------------------------------------------------------ */

/* Raises the soft limit to what the sessions need; says so where the hard limit does not allow it. */
static int reserve_descriptors(size_t sessions, size_t others, struct error *err)
{
	struct rlimit limit;
	rlim_t need = sessions + others + SPARE_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot read the limit of file descriptors");
	if (limit.rlim_cur >= need)
		return 0;
	if (limit.rlim_max < need)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, EMFILE,
				 "%zu mail sessions need %llu file descriptors, and the hard limit of this process is "
				 "%llu: raise it "
				 "(ulimit -Hn, LimitNOFILE=) or choose fewer seeds with --provider or --seed",
				 sessions, (unsigned long long)need, (unsigned long long)limit.rlim_max);
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot raise the limit of file descriptors");
	return 0;
}

static int watch_prepare(struct watch *watch, const struct watch_params *params, struct error *err)
{
	if (watch_workers_open(&watch->workers, err) < 0 || thread_wake_open(&watch->cancel_fd, err) < 0)
		return -1;
	const struct connect_context context = { params->config, params->log, watch->cancel_fd };
	if (watched_accounts_init(&watch->accounts, &context, &watch->environment, &watch->workers, err) < 0 ||
	    reserve_descriptors(watch->accounts.session_count, params->config->smtp.connections, err) < 0)
		return -1;
	watch->workers.pause_until_ms = calloc(watch->accounts.groups, sizeof(*watch->workers.pause_until_ms));
	if (!watch->workers.pause_until_ms)
		return error_memory(err);
	return pool_new(&watch->workers.pool, (size_t)params->config->run.workers, watch->accounts.groups, err);
}

int watch_new(struct watch **ret, const struct watch_params *params, struct error *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return error_memory(err);
	*watch = (struct watch){ .environment = { .store = params->store,
						  .ledger = params->ledger,
						  .facts = params->facts,
						  .from = params->config->service.from,
						  .since_ms = params->facts->summary.created_ms - CLOCK_SLACK_MS },
				 .cancel_fd = -1,
				 .sweep_deadline = { INT64_MAX } };
	if (watch_prepare(watch, params, err) < 0) {
		watch_free(watch);
		return -1;
	}
	*ret = watch;
	return 0;
}

/* Servers that hang are not waited for: sessions that have not ended by then are cut. */
static void wait_for_goodbyes(struct watch *watch)
{
	struct deadline deadline = deadline_in(GOODBYE_MS);
	struct pollfd fd = { .fd = watch->workers.done_fd, .events = POLLIN };
	while (watch->workers.working > 0 && !deadline_passed(deadline)) {
		if (poll(&fd, 1, deadline_poll_ms(deadline)) <= 0)
			continue;
		for (struct session *s = watch_workers_take_done(&watch->workers); s; s = s->next_done)
			session_apply(s, EVENT_CLOSED);
	}
	watch_cancel(watch);
}

void watch_free(struct watch *watch)
{
	struct error ignored = ERROR_INIT;
	if (!watch)
		return;
	/* Sessions say goodbye on the workers, so that a thousand of them do it side by side. */
	for (size_t i = 0; i < watch->accounts.count; i++)
		for (size_t k = 0; k < watch->accounts.v[i].session_count; k++) {
			struct session *s = &watch->accounts.v[i].sessions[k];
			if (!session_works(s->state) && s->at.imap)
				session_hand_out(s, EVENT_CLOSE, &ignored);
		}
	if (watch->workers.pool)
		wait_for_goodbyes(watch);
	watch_workers_fini(&watch->workers);
	watched_accounts_fini(&watch->accounts);
	close_p(&watch->cancel_fd);
	free(watch);
}
