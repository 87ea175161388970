/* The dialogue of AUTH. Must never let what it sends be seen, nor send a password again that was refused. */
#include "harness/send/smtp_sign_in.h"

#include <stdio.h>
#include <string.h>

enum {
	COMMAND_LINE_MAX = 512, /* octets with CRLF, RFC 4954 section 4 */
	PASSWORD_MAX = 16 * 1024,
};

static int smtp_sign_in_fetch(const struct smtp_params *params, struct buf *password, struct error *err)
{
	if (params->password && params->password(params->password_context, password, err) < 0)
		return -1;
	return buf_check(password, "the SMTP password", err);
}

static int smtp_sign_in_try(struct smtp_sign_in *s, struct buf *out, struct error *err)
{
	_cleanup_(buf_wipe) struct buf password = BUF_INIT(PASSWORD_MAX);
	if (sasl_choose(span_of(s->extensions->auth), s->params->mechanism, s->refused, &s->mechanism, err) < 0) {
		err->kind = ERROR_AUTH;
		return error_prefix(err, "user \"%s\" cannot sign in", s->params->user);
	}
	if (smtp_sign_in_fetch(s->params, &password, err) < 0)
		return -1;
	s->answered = false;
	sasl_free(s->sasl);
	s->sasl = NULL;
	buf_wipe(&s->said);
	if (sasl_new(s->mechanism, s->params->user, buf_str(&password), &s->sasl, err) < 0 ||
	    sasl_begin(s->sasl, "AUTH", COMMAND_LINE_MAX, &s->said, err) < 0)
		return -1;
	buf_add_buf(out, &s->said);
	buf_add_str(out, "\r\n");
	return buf_check(out, "the command that signs in", err);
}

int smtp_sign_in_begin(struct smtp_sign_in *s, const struct smtp_params *params,
		       const struct smtp_extensions *extensions, struct buf *out, struct error *err)
{
	*s = (struct smtp_sign_in){ .params = params, .extensions = extensions, .said = BUF_INIT(SASL_LINE_MAX) };
	return smtp_sign_in_try(s, out, err);
}

/* What stands behind `AUTH MECHANISM `, or the whole of a response. */
static struct span smtp_sign_in_secret(const struct smtp_sign_in *s)
{
	struct span line = buf_span(&s->said);
	size_t command = strlen("AUTH ") + strlen(sasl_mechanism_name(s->mechanism)) + 1;
	return s->answered ? line : span_sub(line, command, line.len);
}

static int smtp_sign_in_answer(struct smtp_sign_in *s, const struct smtp_reply *reply, struct buf *out,
			       struct error *err)
{
	buf_wipe(&s->said);
	s->answered = true;
	if (sasl_step(s->sasl, buf_span(&reply->text), &s->said, err) < 0)
		return error_prefix(err, "signing in as \"%s\"", s->params->user);
	buf_add_buf(out, &s->said);
	buf_add_str(out, "\r\n");
	return buf_check(out, "the response to the server's challenge", err);
}

/* Whether the reply is about the mechanism and not about the password (RFC 4954 section 4: 504; servers of old say
 * that they do not know the command). */
static bool smtp_sign_in_refuses_mechanism(const struct smtp_sign_in *s, const struct smtp_reply *reply)
{
	return !s->answered && (reply->code == 504 || reply->code == 502 || reply->code == 501);
}

static int smtp_sign_in_refused(const struct smtp_sign_in *s, const struct smtp_reply *reply, struct error *err)
{
	bool final = reply->code >= 500;
	enum error_kind kind = final ? ERROR_AUTH : reply->code >= 400 ? ERROR_REFUSED : ERROR_PROTOCOL;
	return error_set(err, kind, final ? RETRY_NEVER : RETRY_LATER, reply->code,
			 "the server refuses user \"%s\": %d %s%s%s", s->params->user, reply->code, reply->enhanced,
			 reply->enhanced[0] ? " " : "", buf_str(&reply->text));
}

int smtp_sign_in_reply(struct smtp_sign_in *s, struct smtp_reply *reply, struct buf *out, struct error *err)
{
	sasl_hide(smtp_sign_in_secret(s), &reply->text);
	sasl_hide(smtp_sign_in_secret(s), &reply->lines);
	if (reply->code == 334)
		return smtp_sign_in_answer(s, reply, out, err);
	if (reply->code >= 200 && reply->code < 300)
		return sasl_check_success(s->sasl, err) < 0 ? -1 : 1;
	struct error other = ERROR_INIT;
	if (smtp_sign_in_refuses_mechanism(s, reply) && !s->refused) {
		s->refused |= 1u << s->mechanism;
		if (smtp_sign_in_try(s, out, &other) == 0)
			return 0;
	}
	return smtp_sign_in_refused(s, reply, err);
}

void smtp_sign_in_show(const struct smtp_sign_in *s, char *out, size_t size)
{
	if (s->answered)
		snprintf(out, size, "(credentials)");
	else
		snprintf(out, size, "AUTH %s%s", sasl_mechanism_name(s->mechanism),
			 smtp_sign_in_secret(s).len ? " (credentials)" : "");
}

void smtp_sign_in_fini(struct smtp_sign_in *s)
{
	sasl_free(s->sasl);
	buf_wipe(&s->said);
	*s = (struct smtp_sign_in){ 0 };
}
