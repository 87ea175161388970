/* Drives one dialogue over one link. It must never let the end-of-data line leave before the caller has committed the
 * handing over, and never take a reply for the answer to a command that was not sent yet. */
#include "harness/send/smtp_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/net/smtp_content.h"

enum { CHUNK = 16 * 1024, OUT_MAX = 4 * CHUNK };

int smtp_session_open(struct smtp_links *links, int number, const struct smtp_params *params,
		      const struct smtp_events *events, struct smtp_session **ret, struct error *err)
{
	struct smtp_session *session = calloc(1, sizeof(*session));
	if (!session)
		return error_memory(err);
	*session = (struct smtp_session){ .params = params, .events = events, .out = BUF_INIT(OUT_MAX) };
	session->step_until_ms = session->message_until_ms = INT64_MAX;
	session->opened_until_ms = clock_mono_ms() + params->connect_ms;
	smtp_reader_init(&session->reader);
	smtp_reply_init(&session->reply);
	if (smtp_link_open(links, number, &session->link, err) < 0) {
		smtp_session_free(session);
		return -1;
	}
	*ret = session;
	return 0;
}

void smtp_session_free(struct smtp_session *session)
{
	if (!session)
		return;
	smtp_link_close(session->link);
	smtp_sign_in_fini(&session->sign_in);
	smtp_reader_fini(&session->reader);
	smtp_reply_fini(&session->reply);
	buf_wipe(&session->out); /* the password may be in it */
	free(session);
}

bool smtp_session_opening(const struct smtp_session *s)
{
	return s->state == SMTP_OPENING || s->state == SMTP_AUTH;
}

/* Enters a state and queues its command. */
static void smtp_session_enter(struct smtp_session *s, enum smtp_state state, int64_t now_ms)
{
	s->state = state;
	size_t before = s->out.len;
	smtp_dialogue_command(state, s->task ? &s->task->job : NULL, &smtp_link_facts(s->link)->extensions, &s->out);
	if (s->out.len > before)
		smtp_link_trace(s->link, 'C', span_sub(buf_span(&s->out), before, s->out.len));
	switch (state) {
	case SMTP_IDLE:
	case SMTP_CLOSED:
		s->step_until_ms = INT64_MAX;
		break;
	case SMTP_CONTENT:
		s->step_until_ms = s->message_until_ms;
		break;
	case SMTP_COMMIT: /* whoever commits has deadlines */
		s->step_until_ms = s->message_until_ms = INT64_MAX;
		break;
	case SMTP_END:
		s->step_until_ms = now_ms + s->params->data_ms;
		s->message_until_ms = INT64_MAX;
		break;
	default:
		s->step_until_ms = now_ms + s->params->command_ms;
		break;
	}
}

void smtp_session_begin(struct smtp_session *s, struct smtp_task *task, int64_t now_ms)
{
	s->task = task;
	s->content_pos = 0;
	s->started_ms = clock_wall_ms();
	s->handed_over_ms = 0;
	s->message_until_ms = now_ms + s->params->message_ms;
	smtp_session_enter(s, SMTP_MAIL, now_ms);
}

void smtp_session_quit(struct smtp_session *s, int64_t now_ms, int64_t until_ms)
{
	smtp_session_enter(s, SMTP_QUIT, now_ms);
	s->step_until_ms = until_ms;
}

int64_t smtp_session_due(const struct smtp_session *s)
{
	return s->step_until_ms < s->message_until_ms ? s->step_until_ms : s->message_until_ms;
}

/* The connection is of no use any more. */
static enum smtp_happening lose(struct smtp_session *s, const struct error *why, struct smtp_verdict *verdict)
{
	enum smtp_state state = s->state;
	s->state = SMTP_CLOSED;
	s->step_until_ms = s->message_until_ms = INT64_MAX;
	*verdict = (struct smtp_verdict){ .stage = smtp_state_stage(state), .error = *why };
	if (!s->task) {
		if (state == SMTP_QUIT)
			verdict->error.kind = ERROR_NONE;
		return SMTP_GONE;
	}
	if (state == SMTP_MAIL && s->reused && why->kind == ERROR_NETWORK)
		return SMTP_STALE;
	verdict->class = state == SMTP_END ? SMTP_IN_DOUBT : SMTP_NOT_SENT;
	if (state == SMTP_END)
		error_prefix(&verdict->error, "handed over, but no reply");
	return SMTP_SETTLED;
}

static const char *command_name(enum smtp_state state)
{
	switch (state) {
	case SMTP_AUTH:
		return "AUTH";
	case SMTP_MAIL:
		return "MAIL";
	case SMTP_RCPT:
		return "RCPT";
	case SMTP_DATA:
		return "DATA";
	case SMTP_CONTENT:
		return "the content";
	case SMTP_END:
		return "the end of data";
	default:
		return "a command";
	}
}

static void say_reply(struct smtp_session *s, enum smtp_state state, const struct smtp_move *move, struct error *err)
{
	enum error_kind kind = s->reply.code >= 400 ? ERROR_REFUSED : ERROR_PROTOCOL;
	error_set(err, kind, move->class == SMTP_PERMANENT || move->class == SMTP_IN_DOUBT ? RETRY_NEVER : RETRY_LATER,
		  s->reply.code, "the server answered %s with %d%s%s%s%s", command_name(state), s->reply.code,
		  s->reply.enhanced[0] ? " " : "", s->reply.enhanced, s->reply.text.len ? " " : "",
		  buf_str(&s->reply.text));
}

static void trace_reply(struct smtp_session *s)
{
	char shown[512];
	int n = snprintf(shown, sizeof(shown), "%d %s%s%s", s->reply.code, s->reply.enhanced,
			 s->reply.enhanced[0] ? " " : "", buf_str(&s->reply.text));
	smtp_link_trace(s->link, 'S', span_make(shown, n < (int)sizeof(shown) ? (size_t)n : sizeof(shown) - 1));
}

/* --- signing in --- */

/* What was queued last, as it may be seen. */
static void trace_sign_in(struct smtp_session *s)
{
	char shown[64];
	smtp_sign_in_show(&s->sign_in, shown, sizeof(shown));
	smtp_link_trace(s->link, 'C', span_of(shown));
}

/* Connected: signs in where there is a user. */
static enum smtp_happening on_open(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	struct error err = ERROR_INIT;
	if (!s->params->user) {
		smtp_session_enter(s, SMTP_IDLE, now_ms);
		return SMTP_READY;
	}
	if (smtp_sign_in_begin(&s->sign_in, s->params, &smtp_link_facts(s->link)->extensions, &s->out, &err) < 0)
		return lose(s, &err, verdict);
	smtp_session_enter(s, SMTP_AUTH, now_ms);
	s->step_until_ms = s->opened_until_ms;
	trace_sign_in(s);
	return SMTP_WAITS;
}

static enum smtp_happening on_auth_reply(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	struct error err = ERROR_INIT;
	int done = smtp_sign_in_reply(&s->sign_in, &s->reply, &s->out, &err);
	if (s->reply.code == 334)
		smtp_link_trace(s->link, 'S', SPAN_LIT("334 (challenge)"));
	else
		trace_reply(s);
	if (done < 0)
		return lose(s, &err, verdict);
	if (done == 0) {
		trace_sign_in(s);
		return SMTP_WAITS;
	}
	smtp_sign_in_fini(&s->sign_in);
	buf_wipe(&s->out);
	smtp_session_enter(s, SMTP_IDLE, now_ms);
	return SMTP_READY;
}

/* --- transactions --- */

static enum smtp_happening on_reply(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	enum smtp_state state = s->state;
	if (state == SMTP_AUTH)
		return on_auth_reply(s, now_ms, verdict);
	trace_reply(s);
	if (state == SMTP_MAIL && s->reused && s->reply.code == 421) {
		/* Too many messages or too long a silence on this connection; it says nothing of this message. */
		s->state = SMTP_CLOSED;
		return SMTP_STALE;
	}
	struct smtp_move move = smtp_dialogue_step(state, s->reply.code);
	if (!move.settled && !s->task && move.next == SMTP_CLOSED) {
		struct error why = ERROR_INIT;
		say_reply(s, state, &move, &why);
		return lose(s, &why, verdict);
	}
	smtp_session_enter(s, move.next, now_ms);
	if (!move.settled)
		return SMTP_WAITS;
	*verdict = (struct smtp_verdict){ .class = move.class, .stage = smtp_state_stage(state), .by_reply = true };
	if (move.class != SMTP_ACCEPTED)
		say_reply(s, state, &move, &verdict->error);
	s->message_until_ms = INT64_MAX;
	s->reused = true;
	return SMTP_SETTLED;
}

/* 1 when everything has left, 0 when the link is full, -1 when it is gone. */
static int flush(struct smtp_session *s, struct error *err)
{
	if (buf_check(&s->out, "a part of the dialogue", err) < 0)
		return -1;
	while (s->out_pos < s->out.len) {
		size_t sent = 0;
		int n = smtp_link_send(s->link, span_sub(buf_span(&s->out), s->out_pos, s->out.len), &sent, err);
		if (n <= 0)
			return n;
		s->out_pos += sent;
	}
	buf_clear(&s->out);
	s->out_pos = 0;
	return 1;
}

/* Goes on once the handing over is committed: the end-of-data line is next. */
static enum smtp_happening smtp_session_commit(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	struct smtp_task *task = s->task;
	struct error err = ERROR_INIT;
	int committed = s->events->handing_over(s->events->context, &task->job, task->job.attempts + task->tries,
						s->handed_over_ms, &err);
	smtp_link_pause(s->link, committed > 0);
	if (committed == 0)
		smtp_session_enter(s, SMTP_END, now_ms);
	if (committed >= 0)
		return SMTP_WAITS;
	*verdict = (struct smtp_verdict){ .class = SMTP_NOT_SENT, .stage = STAGE_DATA, .error = err };
	s->handed_over_ms = 0;
	s->state = SMTP_CLOSED;
	return SMTP_ABORTED;
}

/* All of the content has left: the moment of the handing over. */
static enum smtp_happening hand_over(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	char size[64];
	snprintf(size, sizeof(size), "(message of %zu octets)", s->task->job.message.len);
	smtp_link_trace(s->link, 'C', span_of(size));
	s->handed_over_ms = clock_wall_ms();
	smtp_session_enter(s, SMTP_COMMIT, now_ms);
	return smtp_session_commit(s, now_ms, verdict);
}

/* Takes one reply from what was received. */
static enum smtp_happening take_reply(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	struct error err = ERROR_INIT;
	int found = smtp_reader_next(&s->reader, &s->reply, &err);
	if (found < 0)
		return lose(s, &err, verdict);
	if (found == 0)
		return SMTP_WAITS;
	bool was_waiting = smtp_reader_waiting(&s->reader);
	enum smtp_happening happening = on_reply(s, now_ms, verdict);
	if (!was_waiting || s->state == SMTP_CLOSED)
		return happening;
	/* More was said before the next command could have been heard: replies and commands are out of step. */
	if (happening == SMTP_SETTLED) {
		s->state = SMTP_CLOSED;
		return SMTP_SETTLED;
	}
	error_set(&err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server said more than one reply to %s",
		  command_name(s->state));
	return lose(s, &err, verdict);
}

static enum smtp_happening read_in(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	for (;;) {
		char octets[4096];
		size_t len = 0;
		struct error err = ERROR_INIT;
		int got = smtp_link_recv(s->link, octets, sizeof(octets), &len, &err);
		if (got == 0)
			return SMTP_WAITS;
		if (got < 0 || smtp_reader_feed(&s->reader, span_make(octets, len), &err) < 0)
			return lose(s, &err, verdict);
		enum smtp_happening happening = take_reply(s, now_ms, verdict);
		if (happening != SMTP_WAITS)
			return happening;
		if (s->out.len) /* the next command before anything else is heard */
			return SMTP_WAITS;
	}
}

static enum smtp_happening write_out(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	struct error err = ERROR_INIT;
	for (;;) {
		int flushed = flush(s, &err);
		smtp_link_want_write(s->link, flushed == 0);
		if (flushed < 0)
			return lose(s, &err, verdict);
		if (flushed == 0 || s->state != SMTP_CONTENT)
			return SMTP_WAITS;
		if (!smtp_content_next(s->task->job.message, &s->content_pos, CHUNK, &s->out)) {
			/* The last chance to hear that the server has gone or refuses: after this it is in doubt. */
			enum smtp_happening happening = read_in(s, now_ms, verdict);
			if (happening == SMTP_WAITS)
				happening = hand_over(s, now_ms, verdict);
			if (happening != SMTP_WAITS)
				return happening;
		}
	}
}

static enum smtp_happening opening(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	switch (smtp_link_state(s->link)) {
	case SMTP_LINK_FAILED:
		return lose(s, smtp_link_error(s->link), verdict);
	case SMTP_LINK_OPEN:
		return on_open(s, now_ms, verdict);
	case SMTP_LINK_OPENING:
		break;
	}
	return SMTP_WAITS;
}

enum smtp_happening smtp_session_work(struct smtp_session *s, int64_t now_ms, struct smtp_verdict *verdict)
{
	if (s->state == SMTP_CLOSED)
		return SMTP_WAITS;
	if (s->state == SMTP_OPENING) {
		enum smtp_happening opened = opening(s, now_ms, verdict);
		if (s->state != SMTP_AUTH)
			return opened;
	}
	enum smtp_happening happening = s->state == SMTP_COMMIT ? smtp_session_commit(s, now_ms, verdict)
								: read_in(s, now_ms, verdict);
	if (happening == SMTP_WAITS && s->state != SMTP_CLOSED)
		happening = write_out(s, now_ms, verdict);
	if (happening == SMTP_WAITS && s->state != SMTP_CLOSED && smtp_session_due(s) <= now_ms) {
		struct error err = ERROR_INIT;
		error_set(&err, ERROR_TIMEOUT, RETRY_LATER, 0, "the server did not answer %s in time",
			  command_name(s->state));
		return lose(s, &err, verdict);
	}
	return happening;
}
