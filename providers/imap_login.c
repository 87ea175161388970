/* Signing in. Must never send a password twice after it was refused (providers lock accounts), nor where the server
 * says that it does not want one. */
#include "providers/imap_session.h"

#include <libetpan/mailimap.h>
#include <stdint.h>
#include <string.h>

#include "harness/net/sasl.h"
#include "providers/imap_command.h"

enum { USER_MAX = 320, OFFERED_MAX = 4096 };

static const struct imap_command LOGIN = { .name = "login",
					   .asked = IMAP_ASKED_LOGIN,
					   .hidden = "LOGIN (user and password are not shown)" };
static const struct imap_command ID = { .name = "ID", .asked = IMAP_ASKED_OTHER };

/* What stands in the transcript for AUTHENTICATE and all responses to challenges. */
static const char *const hidden[SASL_MECHANISM_COUNT] = {
	[SASL_PLAIN] = "AUTHENTICATE PLAIN (user and password are not shown)",
	[SASL_LOGIN] = "AUTHENTICATE LOGIN (user and password are not shown)",
	[SASL_SCRAM_SHA_256] = "AUTHENTICATE SCRAM-SHA-256 (user and proof are not shown)",
	[SASL_SCRAM_SHA_1] = "AUTHENTICATE SCRAM-SHA-1 (user and proof are not shown)",
	[SASL_CRAM_MD5] = "AUTHENTICATE CRAM-MD5 (user and proof are not shown)",
};

static bool has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return true;
	return false;
}

/* --- AUTHENTICATE ----------------------------------------------------------------------------------------------- */

/* One line to the server: what imap_stream_hear makes of the answer. */
static int imap_login_say(struct imap_session *s, const struct buf *line, uint32_t *tag, bool is_command)
{
	struct span secret = buf_span(line);
	for (int words = is_command ? 2 : 0; words > 0; words--) { /* AUTHENTICATE MECHANISM */
		struct span word;
		span_next(&secret, ' ', &word);
	}
	imap_stream_hide(s->stream, secret);
	return imap_command_write(s, buf_str(line), is_command ? tag : NULL) < 0 ? -1
										 : imap_stream_hear(s->stream, *tag);
}

/* Until the server's last word (0), or -1. *trouble becomes why the exchange was cancelled (RFC 9051 section 6.2.2). */
static int imap_login_exchange(struct imap_session *s, struct sasl *sasl, struct buf *line, struct error *trouble)
{
	uint32_t tag;
	int heard = imap_login_say(s, line, &tag, true);
	while (heard > 0 && trouble->kind == ERROR_NONE) {
		buf_wipe(line);
		if (sasl_step(sasl, span_of(imap_command_answer(s)->text), line, trouble) < 0) {
			buf_wipe(line);
			buf_add_char(line, '*');
		}
		heard = imap_login_say(s, line, &tag, false);
	}
	return heard;
}

/* Whether the last answer, an error, was about the mechanism and not about the password. */
static bool imap_login_refuses_mechanism(const struct imap_session *s, const struct error *err)
{
	const struct imap_heard *heard = imap_command_answer(s);
	if (imap_session_dead(s) || err->retry != RETRY_NEVER ||
	    (heard->condition != CONDITION_NO && heard->condition != CONDITION_BAD))
		return false;
	return imap_status_refuses_mechanism(heard->condition == CONDITION_NO ? IMAP_ANSWER_NO : IMAP_ANSWER_BAD,
					     span_of(heard->text));
}

/* RFC 9051 section 6.2.2, with the initial response of RFC 4959 where the server takes it. */
static int imap_login_authenticate(struct imap_session *s, struct sasl *sasl, const struct imap_command *command,
				   bool *ret_other, struct error *err)
{
	_cleanup_(buf_wipe) struct buf line = BUF_INIT(SASL_LINE_MAX);
	struct error trouble = ERROR_INIT;
	size_t line_max = imap_session_has(s, "SASL-IR") ? SIZE_MAX : 0;
	if (sasl_begin(sasl, "AUTHENTICATE", line_max, &line, err) < 0 || imap_command_begin(s, command, err) < 0)
		return -1;
	int heard = imap_login_exchange(s, sasl, &line, &trouble);
	int result = imap_command_heard(s, command, heard, err);
	if (trouble.kind != ERROR_NONE) {
		if (!imap_session_dead(s) && err->kind != ERROR_AUTH)
			*err = trouble;
		return -1;
	}
	*ret_other = result < 0 && imap_login_refuses_mechanism(s, err);
	return result < 0 ? -1 : sasl_check_success(sasl, err);
}

/* --- the choice ------------------------------------------------------------------------------------------------- */

/* The names of all mechanisms; the command LOGIN counts as that of the same name. */
static void imap_login_offered(const struct imap_session *s, struct buf *out)
{
	const struct span auth = SPAN_LIT("AUTH=");
	struct span rest = span_of(imap_stream_said(s->stream)->capabilities), word;
	while (span_next(&rest, ' ', &word))
		if (span_starts_nocase(word, auth))
			buf_addf(out, "%.*s ", SPAN_ARG(span_sub(word, auth.len, word.len)));
	if (!imap_session_has(s, "LOGINDISABLED"))
		buf_add_str(out, "LOGIN");
}

/* LOGIN is disabled. */
static int no_way_in(const struct imap_session *s, struct span offered, struct error *err)
{
	bool any = s->params.mechanism == SASL_AUTO;
	err->code = IMAP_CAUSE_NO_MECHANISM;
	if (any && (imap_session_has(s, "AUTH=XOAUTH2") || imap_session_has(s, "AUTH=OAUTHBEARER")))
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH,
				 "login: the server takes no passwords, only OAuth 2 tokens");
	if (any && s->params.security == IMAP_PLAIN && (!offered.len || imap_session_has(s, "STARTTLS")))
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_PRIVACY,
				 "login: the server does not take passwords over a connection without TLS");
	return error_prefix(err, "login");
}

static int imap_login_command(struct imap_session *s, const char *user, const struct secret *password, bool *ret_other,
			      struct error *err)
{
	if (imap_command_begin(s, &LOGIN, err) < 0)
		return -1;
	imap_stream_hide(s->stream, span_of(secret_reveal(password)));
	int result = imap_command_end(s, &LOGIN, mailimap_login(s->imap, user, secret_reveal(password)), err);
	*ret_other = result < 0 && imap_login_refuses_mechanism(s, err);
	return result;
}

/* *ret_other: whether another mechanism may do. */
static int imap_login_by(struct imap_session *s, enum sasl_mechanism mechanism, const char *user,
			 const struct secret *password, bool *ret_other, struct error *err)
{
	_cleanup_(sasl_free_p) struct sasl *sasl = NULL;
	const struct imap_command command = { .name = "login", .asked = IMAP_ASKED_LOGIN, .hidden = hidden[mechanism] };
	*ret_other = false;
	if (mechanism == SASL_LOGIN && !imap_session_has(s, "LOGINDISABLED"))
		return imap_login_command(s, user, password, ret_other, err);
	if (sasl_new(mechanism, user, secret_reveal(password), &sasl, err) < 0)
		return -1;
	return imap_login_authenticate(s, sasl, &command, ret_other, err);
}

static int sign_in(struct imap_session *s, const char *user, const struct secret *password, struct error *err)
{
	_cleanup_(buf_fini) struct buf offered = BUF_INIT(OFFERED_MAX);
	enum sasl_mechanism mechanism;
	unsigned refused = 0;
	bool other;
	if (imap_stream_said(s->stream)->greeting == GREETING_PREAUTH)
		return 0;
	imap_login_offered(s, &offered);
	if (sasl_choose(buf_span(&offered), s->params.mechanism, refused, &mechanism, err) < 0)
		return no_way_in(s, buf_span(&offered), err);
	int result = imap_login_by(s, mechanism, user, password, &other, err);
	if (result == 0 || !other)
		return result;
	struct error nothing = ERROR_INIT;
	err->kind = ERROR_UNSUPPORTED;
	err->code = IMAP_CAUSE_NO_MECHANISM;
	refused |= 1u << mechanism;
	if (sasl_choose(buf_span(&offered), s->params.mechanism, refused, &mechanism, &nothing) < 0)
		return -1;
	return imap_login_by(s, mechanism, user, password, &other, err);
}

/* Some servers open no folder for a client that does not say who it is. A refusal is of no consequence. */
static int identify(struct imap_session *s, struct error *err)
{
	if (!imap_session_has(s, "ID"))
		return 0;
	int result = imap_command_run(s, &ID, "ID (\"name\" \"" PACKAGE_NAME "\" \"version\" \"" PACKAGE_VERSION "\")",
				      err);
	return result < 0 && imap_session_dead(s) ? -1 : 0;
}

int imap_session_login(struct imap_session *s, const char *user, const struct secret *password, struct error *err)
{
	if (has_control(user) || strlen(user) > USER_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "login: the user name is too long or has control characters");
	s->sign_in = deadline_in(s->params.login_timeout_ms);
	if (sign_in(s, user, password, err) < 0)
		return err->kind == ERROR_AUTH ? error_prefix(err, "login name %s", user) : -1;
	/* What is known is of the time before, unless it was said anew. */
	if (!imap_command_answer(s)->has_capabilities)
		imap_stream_forget_capabilities(s->stream);
	if (imap_command_capabilities(s, err) < 0 || identify(s, err) < 0)
		return -1;
	s->signed_in = true;
	return 0;
}
