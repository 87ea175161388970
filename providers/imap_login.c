/* Signing in. Must never send a password twice after it was refused (providers lock accounts), nor where the server
 * says that it does not want one. */
#include "providers/imap_session.h"

#include <libetpan/mailimap.h>
#include <string.h>

#include "harness/base/base64.h"
#include "providers/imap_command.h"

enum {
	USER_MAX = 320,
	PLAIN_MAX = USER_MAX + SECRET_MAX + 2, /* NUL user NUL password */
	BASE64_MAX = BASE64_SIZE(PLAIN_MAX),
	LINE_MAX_OCTETS = BASE64_MAX + 32,
};

static const struct imap_command LOGIN = { .name = "login",
					   .asked = IMAP_ASKED_LOGIN,
					   .hidden = "LOGIN (user and password are not shown)" };
static const struct imap_command PLAIN = { .name = "login",
					   .asked = IMAP_ASKED_LOGIN,
					   .hidden = "AUTHENTICATE PLAIN (user and password are not shown)" };
static const struct imap_command ID = { .name = "ID", .asked = IMAP_ASKED_OTHER };

static bool has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return true;
	return false;
}

/* RFC 4616: the credentials in base64. */
static void encode_plain(const char *user, const struct secret *password, char out[BASE64_MAX])
{
	char plain[PLAIN_MAX];
	size_t user_len = strlen(user), password_len = strlen(secret_reveal(password));
	plain[0] = '\0';
	memcpy(plain + 1, user, user_len);
	plain[1 + user_len] = '\0';
	memcpy(plain + 2 + user_len, secret_reveal(password), password_len);
	base64_encode(span_make(plain, 2 + user_len + password_len), out);
	explicit_bzero(plain, sizeof(plain));
}

/* RFC 9051 section 6.2.2, with the initial response of RFC 4959 where the server takes it. */
static int plain_dialogue(struct imap_session *s, const char *credentials)
{
	char line[LINE_MAX_OCTETS];
	uint32_t tag;
	bool at_once = imap_session_has(s, "SASL-IR");
	snprintf(line, sizeof(line), "AUTHENTICATE PLAIN%s%s", at_once ? " " : "", at_once ? credentials : "");
	int heard = imap_command_write(s, line, &tag) < 0 ? -1 : imap_stream_hear(s->stream, tag);
	explicit_bzero(line, sizeof(line));
	if (heard > 0 && !at_once)
		heard = imap_command_write(s, credentials, NULL) < 0 ? -1 : imap_stream_hear(s->stream, tag);
	if (heard > 0) /* a challenge that PLAIN does not have: cancel */
		heard = imap_command_write(s, "*", NULL) < 0 ? -1 : imap_stream_hear(s->stream, tag);
	return heard;
}

static int authenticate_plain(struct imap_session *s, const char *user, const struct secret *password,
			      struct error *err)
{
	char credentials[BASE64_MAX];
	if (imap_command_begin(s, &PLAIN, err) < 0)
		return -1;
	encode_plain(user, password, credentials);
	int heard = plain_dialogue(s, credentials);
	explicit_bzero(credentials, sizeof(credentials));
	return imap_command_heard(s, &PLAIN, heard, err);
}

static int login(struct imap_session *s, const char *user, const struct secret *password, struct error *err)
{
	if (imap_command_begin(s, &LOGIN, err) < 0)
		return -1;
	return imap_command_end(s, &LOGIN, mailimap_login(s->imap, user, secret_reveal(password)), err);
}

static int no_way_in(const struct imap_session *s, struct error *err)
{
	if (imap_session_has(s, "AUTH=XOAUTH2") || imap_session_has(s, "AUTH=OAUTHBEARER"))
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH,
				 "login: the server takes no passwords, only OAuth 2 tokens");
	return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_PRIVACY,
			 "login: the server does not take passwords%s",
			 s->params.security == IMAP_PLAIN ? " over a connection without TLS" : "");
}

static int sign_in(struct imap_session *s, const char *user, const struct secret *password, struct error *err)
{
	if (imap_stream_said(s->stream)->greeting == GREETING_PREAUTH)
		return 0;
	if (imap_session_has(s, "AUTH=PLAIN"))
		return authenticate_plain(s, user, password, err);
	if (imap_session_has(s, "LOGINDISABLED"))
		return no_way_in(s, err);
	return login(s, user, password, err);
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
