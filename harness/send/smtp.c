/* The event loop of the sending: which message goes over which connection and when, what is tried again, and when it is
 * of no use to go on. It must never hand a message over twice, lose a result, or wait without a limit. */
#include "harness/send/smtp.h"

#include <poll.h>
#include <stdlib.h>

#include "harness/send/smtp_queue.h"
#include "harness/send/smtp_reopen.h"
#include "harness/send/smtp_session.h"

enum { QUIT_MS = 2000 };

struct smtp {
	struct smtp_params params;
	struct smtp_events events;
	struct smtp_links *links;
	struct smtp_queue *queue;
	struct smtp_session **sessions; /* params.connections slots, NULL where none is open */
	int opened;                     /* connections so far: their numbers in the transcript */
	bool let_in;                    /* one of them has signed in, where that is asked for */

	struct smtp_reopen reopen;

	/* Of one smtp_run. */
	struct deadline deadline;
	bool more_may_come;
	bool stopping;
	int64_t stop_at_ms;    /* monotonic; the end of the grace */
	struct error stop_why; /* kind NONE: the deadline */
};

int smtp_new(const struct smtp_params *params, const struct smtp_events *events, struct smtp **ret, struct error *err)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));
	if (!smtp)
		return error_memory(err);
	smtp->events = *events;
	if (smtp_params_init(&smtp->params, params, err) < 0) {
		free(smtp);
		return -1;
	}
	const struct smtp_params *p = &smtp->params;
	smtp->sessions = calloc((size_t)p->connections, sizeof(struct smtp_session *));
	int result = smtp->sessions ? 0 : error_memory(err);
	if (result == 0)
		result = smtp_queue_new(p->pace_ms, p->retry_ms, p->retry_max_ms, &smtp->queue, err);
	if (result == 0)
		result = smtp_links_new(p, &smtp->links, err);
	if (result < 0) {
		smtp_free(smtp);
		return -1;
	}
	*ret = smtp;
	return 0;
}

void smtp_free(struct smtp *smtp)
{
	if (!smtp)
		return;
	for (int i = 0; smtp->sessions && i < smtp->params.connections; i++)
		smtp_session_free(smtp->sessions[i]);
	free(smtp->sessions);
	smtp_links_free(smtp->links);
	smtp_queue_free(smtp->queue);
	smtp_params_fini(&smtp->params);
	free(smtp);
}

int smtp_submit(struct smtp *smtp, const struct smtp_job *job, struct error *err)
{
	if (!smtp_path_valid(span_of(job->mail_from)))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" cannot be an envelope sender",
				 job->mail_from);
	if (!job->rcpt[0] || !smtp_path_valid(span_of(job->rcpt)))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" cannot be a recipient", job->rcpt);
	return smtp_queue_add(smtp->queue, job, err);
}

void smtp_wake(struct smtp *smtp)
{
	smtp_links_wake(smtp->links);
}

static bool cancelled(const struct smtp *smtp)
{
	struct pollfd fd = { .fd = smtp->params.cancel_fd, .events = POLLIN };
	return fd.fd >= 0 && poll(&fd, 1, 0) > 0;
}

static int say_interrupted(struct error *err)
{
	return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, 0, "sending was interrupted");
}

static int smtp_open_session(struct smtp *smtp, struct smtp_session **slot, struct error *err)
{
	return smtp_session_open(smtp->links, smtp->opened++, &smtp->params, &smtp->events, slot, err);
}

static void close_session(struct smtp_session **slot)
{
	smtp_session_free(*slot);
	*slot = NULL;
}

/* --- results --- */

/* Takes the task out of the session and reports how its attempt ended. The task is queued again or gone afterwards. */
static void smtp_report(struct smtp *smtp, struct smtp_session *session, const struct smtp_verdict *verdict)
{
	struct smtp_task *task = session->task;
	const struct smtp_link_facts *facts = smtp_link_facts(session->link);
	const struct smtp_reply *reply = verdict->by_reply ? &session->reply : NULL;
	int64_t now_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
	struct smtp_result result = {
		.class = verdict->class,
		.attempt = task->job.attempts + task->tries,
		.stage = verdict->stage,
		.reply_code = reply ? reply->code : 0,
		.enhanced = reply && reply->enhanced[0] ? reply->enhanced : NULL,
		.text = reply ? buf_str(&reply->text) : NULL,
		.tls_version = facts->tls_version,
		.tls_cipher = facts->tls_cipher,
		.peer = facts->peer,
		.started_ms = session->started_ms,
		.handed_over_ms = session->handed_over_ms,
		.ended_ms = wall_ms,
		.error = verdict->error,
	};
	int64_t retry_ms = smtp_queue_retry_at(smtp->queue, task, now_ms);
	result.final = smtp->stopping || (verdict->class != SMTP_TEMPORARY && verdict->class != SMTP_NOT_SENT) ||
		       verdict->error.retry == RETRY_NEVER || retry_ms >= smtp->deadline.at_ms;
	if (!result.final)
		result.retry_ms = wall_ms + (retry_ms - now_ms);
	session->task = NULL;
	smtp->events.result(smtp->events.context, &task->job, &result);
	if (result.final)
		smtp_queue_done(smtp->queue, task);
	else
		smtp_queue_defer(smtp->queue, task, retry_ms, &result);
}

/* The final result of a task that is not on a connection. */
static void report_unfinished(struct smtp *smtp, struct smtp_task *task)
{
	struct smtp_result result = task->last;
	if (task->tries) {
		result.final = result.repeated = true;
		result.retry_ms = 0;
	} else {
		result = (struct smtp_result){
			.class = SMTP_NOT_SENT, .final = true, .started_ms = clock_wall_ms(), .error = smtp->stop_why
		};
		result.ended_ms = result.started_ms;
		if (result.error.kind == ERROR_NONE)
			error_set(&result.error, ERROR_TIMEOUT, RETRY_LATER, 0,
				  "the time for sending was over before its turn came");
	}
	smtp->events.result(smtp->events.context, &task->job, &result);
	smtp_queue_done(smtp->queue, task);
}

/* Ends what can be ended now; messages that are handed over get the grace for their reply. `why` NULL: the deadline. */
static void stop(struct smtp *smtp, const struct error *why)
{
	if (smtp->stopping)
		return;
	smtp->stopping = true;
	smtp->more_may_come = false;
	smtp->stop_at_ms = clock_mono_ms() + smtp->params.grace_ms;
	if (why)
		smtp->stop_why = *why;
	for (int i = 0; i < smtp->params.connections; i++) {
		struct smtp_session *session = smtp->sessions[i];
		if (!session || session->state == SMTP_COMMIT || session->state == SMTP_END ||
		    session->state == SMTP_IDLE)
			continue;
		if (session->task) {
			struct smtp_verdict verdict = { .class = SMTP_NOT_SENT,
							.stage = smtp_state_stage(session->state),
							.error = smtp->stop_why };
			if (!why)
				error_set(&verdict.error, ERROR_TIMEOUT, RETRY_LATER, 0,
					  "the time for sending is over");
			smtp_report(smtp, session, &verdict);
		}
		close_session(&smtp->sessions[i]);
	}
	for (struct smtp_task *task; (task = smtp_queue_drain(smtp->queue));)
		report_unfinished(smtp, task);
}

/* --- connections --- */

static bool connected(const struct smtp *smtp)
{
	for (int i = 0; i < smtp->params.connections; i++)
		if (smtp->sessions[i] && !smtp_session_opening(smtp->sessions[i]))
			return true;
	return false;
}

/* A connection could not be opened, or went before it was of any use. */
static void on_unopened(struct smtp *smtp, struct error *why)
{
	if (why->retry == RETRY_NEVER) {
		stop(smtp, why);
		return;
	}
	const struct smtp_params *p = &smtp->params;
	if (!smtp_reopen_failed(&smtp->reopen, clock_mono_ms(), connected(smtp), p->retry_ms, p->unreachable_ms))
		return;
	error_prefix(why, "SMTP server unreachable");
	stop(smtp, why);
}

/* Replies to MAIL that are about us and not about the message (RFC 4954 section 6, RFC 3207 section 4). */
static bool is_about_us(const struct smtp_session *session, const struct smtp_verdict *verdict)
{
	int code = session->reply.code;
	return verdict->by_reply && verdict->stage == STAGE_MAIL &&
	       (code == 530 || code == 534 || code == 535 || code == 538);
}

static void on_settled(struct smtp *smtp, struct smtp_session *session, struct smtp_verdict *verdict)
{
	if (is_about_us(session, verdict)) {
		verdict->class = SMTP_NOT_SENT;
		verdict->error.kind = ERROR_AUTH;
		struct error why = verdict->error;
		smtp_report(smtp, session, verdict);
		stop(smtp, &why);
		return;
	}
	smtp_report(smtp, session, verdict);
}

/* Lets one connection do what it can without waiting. */
static void smtp_work(struct smtp *smtp, struct smtp_session **slot)
{
	struct smtp_session *session = *slot;
	for (;;) {
		struct smtp_verdict verdict = { 0 };
		bool unopened = smtp_session_opening(session) || (session->state == SMTP_IDLE && !session->reused);
		enum smtp_happening happening = smtp_session_work(session, clock_mono_ms(), &verdict);
		switch (happening) {
		case SMTP_WAITS:
			if (session->state == SMTP_CLOSED)
				close_session(slot);
			return;
		case SMTP_READY:
			smtp->let_in = true;
			break;
		case SMTP_SETTLED:
			on_settled(smtp, session, &verdict);
			break;
		case SMTP_STALE:
			smtp_queue_return(smtp->queue, session->task, clock_mono_ms());
			session->task = NULL;
			break;
		case SMTP_GONE:
			close_session(slot);
			if (unopened)
				on_unopened(smtp, &verdict.error);
			return;
		case SMTP_ABORTED:
			verdict.error.retry = RETRY_NEVER;
			smtp_report(smtp, session, &verdict);
			close_session(slot);
			stop(smtp, &verdict.error);
			return;
		}
		if (*slot != session)
			return; /* stop() closed it */
	}
}

/* Begins the task on the idle session, unless this server cannot take it. */
static void smtp_begin(struct smtp *smtp, struct smtp_session *session, struct smtp_task *task, int64_t now_ms)
{
	if (!session->reused)
		smtp->reopen = (struct smtp_reopen){ 0 };
	if (!smtp_job_needs_utf8(&task->job) || smtp_link_facts(session->link)->extensions.smtputf8) {
		smtp_session_begin(session, task, now_ms);
		return;
	}
	struct smtp_verdict verdict = { .class = SMTP_NOT_SENT, .stage = STAGE_MAIL };
	error_set(&verdict.error, ERROR_UNSUPPORTED, RETRY_NEVER, 0,
		  "an address is not ASCII and the SMTP server does not offer SMTPUTF8 (a domain can be written in its "
		  "xn-- form)");
	session->task = task;
	session->started_ms = clock_wall_ms();
	session->handed_over_ms = 0;
	smtp_report(smtp, session, &verdict);
}

/* Returns whether something was begun. */
static bool start_tasks(struct smtp *smtp)
{
	bool begun = false;
	for (int i = 0; i < smtp->params.connections; i++) {
		struct smtp_session *session = smtp->sessions[i];
		while (session && session->state == SMTP_IDLE) {
			int64_t now_ms = clock_mono_ms();
			struct smtp_task *task = smtp_queue_next(smtp->queue, now_ms);
			if (!task)
				return begun;
			smtp_begin(smtp, session, task, now_ms);
			begun = true;
		}
	}
	return begun;
}

/* Opens a connection for each message that could go now and has none to go over; one at a time while the server is not
 * well or has not let us in yet. Returns whether one was opened. */
static bool open_sessions(struct smtp *smtp)
{
	int64_t now_ms = clock_mono_ms();
	bool opened = false;
	size_t opening = 0, wanted = smtp_queue_ready(smtp->queue, now_ms, (size_t)smtp->params.connections);
	for (int i = 0; i < smtp->params.connections; i++)
		if (smtp->sessions[i] && smtp_session_opening(smtp->sessions[i]))
			opening++;
	/* A password may be wrong: then one try is enough. */
	bool unproved = smtp->params.user && !smtp->let_in;
	if ((smtp->reopen.failures || unproved) && wanted > 1)
		wanted = 1;
	if (smtp->reopen.at_ms > now_ms)
		wanted = 0;
	for (int i = 0; i < smtp->params.connections && opening < wanted; i++) {
		struct error err = ERROR_INIT;
		if (smtp->sessions[i])
			continue;
		if (smtp_open_session(smtp, &smtp->sessions[i], &err) < 0) {
			stop(smtp, &err);
			break;
		}
		smtp_reopen_begun(&smtp->reopen, now_ms);
		opening++;
		opened = true;
	}
	return opened;
}

/* Starts what can be started, and says until when nothing else can. */
static int64_t schedule(struct smtp *smtp)
{
	bool busy = start_tasks(smtp);
	busy |= open_sessions(smtp);
	int64_t now_ms = clock_mono_ms(), due_ms = smtp_queue_due(smtp->queue, now_ms);
	if (busy)
		return now_ms;
	if (smtp->reopen.at_ms > now_ms && smtp->reopen.at_ms < due_ms)
		due_ms = smtp->reopen.at_ms;
	return smtp->deadline.at_ms < due_ms ? smtp->deadline.at_ms : due_ms;
}

/* --- the loop --- */

static bool waits_for_replies(const struct smtp *smtp)
{
	for (int i = 0; i < smtp->params.connections; i++)
		if (smtp->sessions[i] && smtp->sessions[i]->task)
			return true;
	return false;
}

/* The grace is over: what has no reply yet stays in doubt. */
static void give_up(struct smtp *smtp)
{
	for (int i = 0; i < smtp->params.connections; i++) {
		struct smtp_session *session = smtp->sessions[i];
		if (!session || !session->task)
			continue;
		struct smtp_verdict verdict = { .class = SMTP_IN_DOUBT, .stage = STAGE_END_OF_DATA };
		error_set(&verdict.error, ERROR_TIMEOUT, RETRY_NEVER, 0,
			  "handed over, but sending ended before the server's reply came");
		smtp_report(smtp, session, &verdict);
		close_session(&smtp->sessions[i]);
	}
}

static int64_t earliest(const struct smtp *smtp, int64_t due_ms)
{
	for (int i = 0; i < smtp->params.connections; i++) {
		if (!smtp->sessions[i])
			continue;
		int64_t session_ms = smtp_session_due(smtp->sessions[i]);
		if (session_ms < due_ms)
			due_ms = session_ms;
	}
	return due_ms;
}

/* Until something happens, at the latest at due_ms. -1: libcurl has failed. */
static int smtp_step(struct smtp *smtp, int64_t due_ms, int cancel_fd, struct error *err)
{
	int64_t now_ms = clock_mono_ms();
	due_ms = earliest(smtp, due_ms);
	if (due_ms > now_ms && smtp_links_wait(smtp->links, due_ms - now_ms, cancel_fd, err) < 0)
		return -1;
	if (smtp_links_work(smtp->links, err) < 0)
		return -1;
	for (int i = 0; i < smtp->params.connections; i++)
		if (smtp->sessions[i])
			smtp_work(smtp, &smtp->sessions[i]);
	return 0;
}

/* Takes leave of the server; whoever does not answer soon is cut off. */
static void quit(struct smtp *smtp)
{
	int64_t now_ms = clock_mono_ms(), until_ms = now_ms + QUIT_MS;
	struct error ignored = ERROR_INIT;
	smtp->stopping = true;
	for (int i = 0; i < smtp->params.connections; i++) {
		struct smtp_session *session = smtp->sessions[i];
		if (session && (session->state == SMTP_IDLE || session->state == SMTP_RSET))
			smtp_session_quit(session, now_ms, until_ms);
		else
			close_session(&smtp->sessions[i]);
	}
	for (int64_t due_ms = now_ms; connected(smtp) && clock_mono_ms() < until_ms; due_ms = until_ms)
		if (smtp_step(smtp, due_ms, -1, &ignored) < 0)
			break;
	for (int i = 0; i < smtp->params.connections; i++)
		close_session(&smtp->sessions[i]);
}

static void ask_for_more(struct smtp *smtp)
{
	struct error err = ERROR_INIT;
	int more = smtp->events.more(smtp->events.context, smtp, &err);
	smtp->more_may_come = more > 0;
	if (more < 0)
		stop(smtp, &err);
}

static void turn(struct smtp *smtp)
{
	struct error err = ERROR_INIT;
	int64_t due_ms = INT64_MAX;
	if (!smtp->stopping && cancelled(smtp)) {
		say_interrupted(&err);
		stop(smtp, &err);
	}
	if (!smtp->stopping && deadline_passed(smtp->deadline))
		stop(smtp, NULL);
	if (smtp->more_may_come)
		ask_for_more(smtp);
	if (!smtp->stopping)
		due_ms = schedule(smtp);
	if (smtp->stopping) {
		due_ms = smtp->stop_at_ms;
		if (!waits_for_replies(smtp) || due_ms <= clock_mono_ms()) {
			give_up(smtp);
			return;
		}
	}
	if (smtp_step(smtp, due_ms, smtp->stopping ? -1 : smtp->params.cancel_fd, &err) < 0) {
		stop(smtp, &err);
		give_up(smtp);
	}
}

int smtp_run(struct smtp *smtp, struct deadline deadline, struct error *err)
{
	smtp->deadline = deadline;
	smtp->more_may_come = smtp->events.more;
	smtp->stopping = false;
	smtp->stop_why = (struct error)ERROR_INIT;
	smtp->reopen = (struct smtp_reopen){ 0 };
	while (smtp->more_may_come || smtp_queue_count(smtp->queue) > 0)
		turn(smtp);
	quit(smtp);
	if (smtp->stop_why.kind == ERROR_NONE)
		return 0;
	*err = smtp->stop_why;
	return -1;
}

static int64_t smtp_check_wait_ms(const struct smtp_session *session, struct deadline deadline)
{
	int64_t left_ms = deadline_left_ms(deadline), due_ms = smtp_session_due(session) - clock_mono_ms();
	return due_ms < left_ms ? due_ms : left_ms;
}

int smtp_check(struct smtp *smtp, struct deadline deadline, struct error *err)
{
	struct smtp_session *session = NULL;
	struct smtp_verdict verdict = { 0 };
	enum smtp_happening happening = SMTP_WAITS;
	if (smtp_open_session(smtp, &session, err) < 0)
		return -1;
	int result = 0;
	while (result == 0 && happening == SMTP_WAITS) {
		result = smtp_links_work(smtp->links, err);
		if (result < 0)
			break;
		happening = smtp_session_work(session, clock_mono_ms(), &verdict);
		if (happening == SMTP_GONE) {
			*err = verdict.error;
			result = -1;
		} else if (happening == SMTP_WAITS && cancelled(smtp)) {
			result = say_interrupted(err);
		} else if (happening == SMTP_WAITS && deadline_passed(deadline)) {
			result = error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0,
					   "the SMTP server did not answer in time");
		} else if (happening == SMTP_WAITS) {
			result = smtp_links_wait(smtp->links, smtp_check_wait_ms(session, deadline),
						 smtp->params.cancel_fd, err);
		}
	}
	smtp->sessions[0] = session;
	quit(smtp);
	return result;
}
