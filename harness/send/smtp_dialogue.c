/* The mail transaction as a pure state machine. It must never call a message unsent once its end-of-data line may have
 * left: from then on only the server's own 4xx or 5xx says so. */
#include "harness/send/smtp_dialogue.h"

#include <string.h>

static struct smtp_move go(enum smtp_state next)
{
	return (struct smtp_move){ .next = next };
}

static struct smtp_move smtp_dialogue_settle(enum smtp_class class, enum smtp_state next)
{
	return (struct smtp_move){ .next = next, .settled = true, .class = class };
}

/* 421 announces that the server closes the connection (RFC 5321 section 3.8). */
static struct smtp_move refused(int code, enum smtp_state next)
{
	if (code == 421)
		return smtp_dialogue_settle(SMTP_TEMPORARY, SMTP_CLOSED);
	if (code >= 400)
		return smtp_dialogue_settle(code >= 500 ? SMTP_PERMANENT : SMTP_TEMPORARY, next);
	return smtp_dialogue_settle(SMTP_NOT_SENT, SMTP_CLOSED);
}

struct smtp_move smtp_dialogue_step(enum smtp_state state, int code)
{
	bool positive = code >= 200 && code < 300;
	switch (state) {
	case SMTP_AUTH:
		return go(code == 334 ? SMTP_AUTH : positive ? SMTP_IDLE : SMTP_CLOSED);
	case SMTP_MAIL:
		return positive ? go(SMTP_RCPT) : refused(code, SMTP_RSET);
	case SMTP_RCPT:
		return positive ? go(SMTP_DATA) : refused(code, SMTP_RSET);
	case SMTP_DATA:
		return code == 354 ? go(SMTP_CONTENT) : refused(code, SMTP_RSET);
	case SMTP_CONTENT:
		/* Spoken out of turn: the rest of the content would be read as commands. */
		return refused(code, SMTP_CLOSED);
	case SMTP_END:
		if (positive)
			return smtp_dialogue_settle(SMTP_ACCEPTED, SMTP_IDLE);
		/* Postfix keeps the transaction when it refuses at the end of data: the next MAIL would be nested. */
		return code >= 400 ? refused(code, SMTP_RSET) : smtp_dialogue_settle(SMTP_IN_DOUBT, SMTP_CLOSED);
	case SMTP_RSET:
		return go(positive ? SMTP_IDLE : SMTP_CLOSED);
	case SMTP_OPENING:
	case SMTP_IDLE:
	case SMTP_COMMIT:
	case SMTP_QUIT:
	case SMTP_CLOSED:
	case SMTP_STATE_COUNT:
		break;
	}
	return go(SMTP_CLOSED);
}

enum send_stage smtp_state_stage(enum smtp_state state)
{
	switch (state) {
	case SMTP_OPENING:
	case SMTP_AUTH:
		return STAGE_CONNECT;
	case SMTP_MAIL:
		return STAGE_MAIL;
	case SMTP_RCPT:
		return STAGE_RCPT;
	case SMTP_DATA:
	case SMTP_CONTENT:
		return STAGE_DATA;
	case SMTP_COMMIT:
	case SMTP_END:
		return STAGE_END_OF_DATA;
	case SMTP_IDLE:
	case SMTP_RSET:
	case SMTP_QUIT:
	case SMTP_CLOSED:
	case SMTP_STATE_COUNT:
		break;
	}
	return STAGE_NONE;
}

/* Adds those names that fit. */
static void smtp_extensions_add_auth(struct smtp_extensions *extensions, struct span names)
{
	struct span name;
	size_t len = strlen(extensions->auth);
	while (span_next(&names, ' ', &name)) {
		if (!name.len || len + name.len + 2 > sizeof(extensions->auth))
			continue;
		if (len)
			extensions->auth[len++] = ' ';
		memcpy(extensions->auth + len, name.p, name.len);
		len += name.len;
		extensions->auth[len] = '\0';
	}
}

void smtp_extensions_read(struct smtp_extensions *extensions, struct span line)
{
	struct span rest = span_trim(line), keyword = { 0 };
	span_next(&rest, ' ', &keyword);
	if (span_is_nocase(keyword, "SIZE"))
		extensions->size = true;
	else if (span_is_nocase(keyword, "SMTPUTF8"))
		extensions->smtputf8 = true;
	else if (span_is_nocase(keyword, "AUTH"))
		smtp_extensions_add_auth(extensions, rest);
	else if (span_starts_nocase(keyword, SPAN_LIT("AUTH="))) /* of before RFC 2554 */
		smtp_extensions_add_auth(extensions, span_sub(span_trim(line), strlen("AUTH="), line.len));
}

bool smtp_job_needs_utf8(const struct smtp_job *job)
{
	return job->smtputf8 || !span_is_ascii(span_of(job->mail_from)) || !span_is_ascii(span_of(job->rcpt));
}

void smtp_dialogue_command(enum smtp_state state, const struct smtp_job *job, const struct smtp_extensions *extensions,
			   struct buf *out)
{
	switch (state) {
	case SMTP_MAIL:
		buf_addf(out, "MAIL FROM:<%s>", job->mail_from);
		if (extensions->size)
			buf_addf(out, " SIZE=%zu", job->message.len);
		if (smtp_job_needs_utf8(job))
			buf_add_str(out, " SMTPUTF8");
		buf_add_str(out, "\r\n");
		break;
	case SMTP_RCPT:
		buf_addf(out, "RCPT TO:<%s>\r\n", job->rcpt);
		break;
	case SMTP_DATA:
		buf_add_str(out, "DATA\r\n");
		break;
	case SMTP_END:
		buf_add_str(out, ".\r\n");
		break;
	case SMTP_RSET:
		buf_add_str(out, "RSET\r\n");
		break;
	case SMTP_QUIT:
		buf_add_str(out, "QUIT\r\n");
		break;
	case SMTP_OPENING:
	case SMTP_AUTH:
	case SMTP_IDLE:
	case SMTP_CONTENT:
	case SMTP_COMMIT:
	case SMTP_CLOSED:
	case SMTP_STATE_COUNT:
		break;
	}
}
