/* Clients of the service's SMTP server. A password lives no longer than the sign-in. */
#include "harness/connect/connect_smtp.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/secret.h"

static int connect_smtp_password(void *context, struct buf *secret, struct error *err)
{
	const struct config *config = context;
	_cleanup_(secret_free_p) struct secret *password = NULL;
	if (secret_resolve(config->smtp.password, deadline_in(SECRET_CMD_TIMEOUT_MS), &password, err) < 0)
		return error_prefix(err, "[smtp] password");
	return buf_add_str(secret, secret_reveal(password)) < 0 ? error_memory(err) : 0;
}

/* Lines of the client begin with who says them: `C: MAIL`. */
static void connect_smtp_transcript(void *user, int connection, const char *line)
{
	char who[32];
	char direction = line[0] == 'C' ? '>' : line[0] == 'S' ? '<' : '*';
	snprintf(who, sizeof(who), "smtp %d", connection);
	log_transcript(user, who, direction, span_of(strlen(line) > 3 ? line + 3 : line));
}

int connect_smtp(const struct connect_context *context, const struct smtp_events *events, struct smtp **ret,
		 struct error *err)
{
	const struct smtp_settings *c = &context->config->smtp;
	const struct smtp_params params = {
		.url = c->url,
		.helo = c->helo,
		.starttls = c->starttls,
		.user = c->user,
		.mechanism = c->mechanism,
		.password = c->password ? connect_smtp_password : NULL,
		.password_context = (void *)(uintptr_t)context->config,
		.ca_file = c->ca_file,
		.connections = (int)c->connections,
		.pace_ms = c->pace_ms,
		.connect_ms = c->timeout_ms,
		.command_ms = c->timeout_ms,
		.retry_ms = c->retry_ms,
		.cancel_fd = context->cancel_fd,
		.transcript = log_wants(context->log, LOG_LEVEL_TRANSCRIPTS) ? connect_smtp_transcript : NULL,
		.transcript_user = context->log,
	};
	return smtp_new(&params, events, ret, err);
}

int connect_smtp_check(const struct connect_context *context, struct error *err)
{
	const struct smtp_settings *c = &context->config->smtp;
	struct smtp *smtp = NULL;
	if (connect_smtp(context, &(struct smtp_events){ 0 }, &smtp, err) < 0)
		return -1;
	int result = smtp_check(smtp, deadline_in(c->timeout_ms), err);
	smtp_free(smtp);
	if (result < 0 && err->kind == ERROR_AUTH)
		return error_prefix(err, "[smtp] user and password");
	if (result < 0) /* an error of the configuration names its key */
		return err->kind == ERROR_CONFIG ? -1 : error_prefix(err, "[smtp] url %s", c->url);
	log_event(context->log, "smtp: %s lets us in", c->url);
	return 0;
}

/* How the one message ended. */
struct connect_smtp_ending {
	bool accepted;
	struct error error;
};

static int connect_smtp_handing_over(void *context, const struct smtp_job *job, int attempt, int64_t at_ms,
				     struct error *err)
{
	return 0;
}

static void connect_smtp_result(void *context, const struct smtp_job *job, const struct smtp_result *r)
{
	struct connect_smtp_ending *ending = context;
	ending->accepted = r->class == SMTP_ACCEPTED;
	ending->error = r->error;
}

int connect_smtp_send(const struct connect_context *context, const struct smtp_job *job, struct deadline deadline,
		      struct error *err)
{
	struct connect_smtp_ending ending = { 0 };
	const struct smtp_events events = { .context = &ending,
					    .handing_over = connect_smtp_handing_over,
					    .result = connect_smtp_result };
	struct smtp *smtp = NULL;
	if (connect_smtp(context, &events, &smtp, err) < 0)
		return -1;
	int result = smtp_submit(smtp, job, err) < 0 || smtp_run(smtp, deadline, err) < 0 ? -1 : 0;
	smtp_free(smtp);
	if (result < 0 || ending.accepted)
		return result;
	*err = ending.error;
	return -1;
}
