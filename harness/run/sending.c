/* Runs the SMTP client on its own thread. What it does is committed before the server may take responsibility, by the
 * recorder, and a commit that fails stops the sending: nothing leaves that the store does not know of. */
#include "harness/run/sending.h"

#include <pthread.h>
#include <stdlib.h>

#include "harness/base/clock.h"
#include "harness/base/thread.h"
#include "harness/base/vec.h"
#include "harness/connect/connect_smtp.h"
#include "harness/run/recorder.h"

/* The run ends the sending at its own deadline; this is only the bound that no wait is without. */
enum { SENDING_MAX_MS = 7 * 24 * 3600 * 1000 };

struct sending {
	struct smtp *smtp;
	struct recorder *recorder;
	int stop_fd, done_fd;
	struct connect_context context;
	struct thread thread;
	pthread_mutex_t lock; /* of what is handed to the thread */
	struct sending_job *jobs;
	size_t job_count, job_cap;
	bool closed;
	int result;
	struct error error;       /* of the thread */
	struct error store_error; /* what could not be committed */
};

/* Takes over what was added since. */
static int on_more(void *context, struct smtp *smtp, struct error *err)
{
	struct sending *s = context;
	pthread_mutex_lock(&s->lock);
	int result = s->closed ? 0 : 1;
	for (size_t i = 0; i < s->job_count && result >= 0; i++) {
		const struct sending_job *j = &s->jobs[i];
		const struct smtp_job job = { .id = (int64_t)j->probe,
					      .provider = j->provider,
					      .mail_from = j->mail_from,
					      .rcpt = j->rcpt,
					      .message = j->octets,
					      .smtputf8 = j->smtputf8,
					      .attempts = j->attempts };
		if (smtp_submit(smtp, &job, err) < 0)
			result = -1;
	}
	s->job_count = 0;
	pthread_mutex_unlock(&s->lock);
	return result;
}

static int on_handing_over(void *context, const struct smtp_job *job, int attempt, int64_t at_ms, struct error *err)
{
	struct sending *s = context;
	const struct send_event event = {
		.kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = at_ms, .attempt = attempt
	};
	return recorder_await(s->recorder, (size_t)job->id, &event, err);
}

static void on_result(void *context, const struct smtp_job *job, const struct smtp_result *r)
{
	struct sending *s = context;
	if (r->attempt == 0 || r->repeated)
		return; /* never begun, or said before: no new fact */
	if (r->error.kind == ERROR_STORE)
		return; /* our own trouble, which ends the run: it says nothing of the message, which is sent by
			   `resume` */
	bool replied = r->reply_code != 0 && r->class != SMTP_NOT_SENT && r->class != SMTP_IN_DOUBT;
	const struct send_event event = {
		.kind = replied ? SEND_REPLY : SEND_FAILED,
		.stage = r->stage,
		.at_ms = r->ended_ms,
		.attempt = r->attempt,
		.reply_code = r->reply_code,
		.enhanced = fact_lend(r->enhanced),
		.text = fact_lend(replied && r->text ? r->text : r->error.text),
		.tls_version = fact_lend(r->tls_version),
		.tls_cipher = fact_lend(r->tls_cipher),
		.peer = fact_lend(r->peer),
	};
	struct error err = ERROR_INIT;
	if (recorder_add(s->recorder, (size_t)job->id, &event, &err) < 0 && s->store_error.kind == ERROR_NONE) {
		s->store_error = err;
		sending_stop(s);
	}
}

static void sending_committed(void *user)
{
	const struct sending *s = user;
	smtp_wake(s->smtp);
}

static void *send_all(void *argument)
{
	struct sending *s = argument;
	s->result = smtp_run(s->smtp, deadline_in(SENDING_MAX_MS), &s->error);
	struct error err = ERROR_INIT;
	if (recorder_finish(s->recorder, &err) < 0 && s->store_error.kind == ERROR_NONE)
		s->store_error = err;
	thread_wake(s->done_fd);
	return NULL;
}

int sending_start(struct sending **ret, const struct config *config, struct ledger *ledger, int done_fd,
		  struct log *log, struct error *err)
{
	struct sending *s = calloc(1, sizeof(*s));
	if (!s)
		return error_memory(err);
	*s = (struct sending){ .done_fd = done_fd };
	pthread_mutex_init(&s->lock, NULL);
	int result = thread_wake_open(&s->stop_fd, err);
	s->context = (struct connect_context){ config, log, s->stop_fd };
	const struct smtp_events events = {
		.context = s,
		.more = on_more,
		.handing_over = on_handing_over,
		.result = on_result,
	};
	if (result == 0)
		result = connect_smtp(&s->context, &events, &s->smtp, err);
	if (result == 0)
		result = recorder_start(&s->recorder, ledger, sending_committed, s, err);
	if (result == 0)
		result = thread_start(&s->thread, send_all, s, 0, err);
	if (result < 0) {
		sending_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

int sending_add(struct sending *s, const struct sending_job *job, struct error *err)
{
	pthread_mutex_lock(&s->lock);
	int result = vec_grow(&s->jobs, s->job_count, &s->job_cap, sizeof(*s->jobs), err);
	if (result == 0)
		s->jobs[s->job_count++] = *job;
	pthread_mutex_unlock(&s->lock);
	if (result == 0)
		smtp_wake(s->smtp);
	return result;
}

void sending_close(struct sending *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_mutex_unlock(&s->lock);
	smtp_wake(s->smtp);
}

void sending_stop(struct sending *s)
{
	if (s)
		thread_wake(s->stop_fd);
}

int sending_join(struct sending *s, struct error *err)
{
	thread_join(&s->thread);
	if (s->store_error.kind != ERROR_NONE) {
		*err = s->store_error;
		return -1;
	}
	if (s->result < 0 && s->error.kind != ERROR_INTERRUPTED) {
		*err = s->error;
		return -1;
	}
	return 0;
}

void sending_free(struct sending *s)
{
	if (!s)
		return;
	recorder_free(s->recorder);
	smtp_free(s->smtp);
	pthread_mutex_destroy(&s->lock);
	free(s->jobs);
	close_p(&s->stop_fd);
	free(s);
}
