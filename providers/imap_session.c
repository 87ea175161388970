/* Opening, securing and ending a session. Must never go on in plaintext where TLS is asked for, nor believe what was
 * said before it. */
#include "providers/imap_session.h"

#include <libetpan/mailimap.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/net/dial.h"
#include "providers/imap_command.h"

enum { LOGOUT_TIMEOUT_MS = 1000, CAPABILITIES_SHOWN_MAX = 16 * 1024 };

static const struct imap_command CONNECT = { .name = "greeting", .asked = IMAP_ASKED_GREETING };
static const struct imap_command CAPABILITY = { .name = "CAPABILITY", .asked = IMAP_ASKED_OTHER };
static const struct imap_command STARTTLS = { .name = "STARTTLS", .asked = IMAP_ASKED_OTHER };
static const struct imap_command LOGOUT = { .name = "LOGOUT",
					    .asked = IMAP_ASKED_OTHER,
					    .timeout_ms = LOGOUT_TIMEOUT_MS };
static const struct imap_command NOOP = { .name = "NOOP", .asked = IMAP_ASKED_OTHER };

/* mailimap_free would say goodbye, and wait for the answer. */
static void close_mail(struct mailimap *imap)
{
	if (imap->imap_stream)
		mailstream_close(imap->imap_stream);
	imap->imap_stream = NULL;
}

void imap_session_free(struct imap_session *s)
{
	if (!s)
		return;
	if (s->imap) {
		close_mail(s->imap);
		mailimap_free(s->imap);
	}
	imap_stream_free(s->stream);
	free((char *)(uintptr_t)s->params.host);
	free((char *)(uintptr_t)s->params.ca_file);
	free(s->shown_capabilities);
	free(s);
}

/* Takes over the stream. */
static struct imap_session *session_new(const struct imap_params *params, struct tls_stream *tls, struct error *err)
{
	struct imap_session *s = calloc(1, sizeof(*s));
	if (!s) {
		tls_stream_free(tls);
		error_memory(err);
		return NULL;
	}
	s->params = *params;
	s->params.host = strdup(params->host);
	s->params.ca_file = params->ca_file ? strdup(params->ca_file) : NULL;
	s->limit = (struct deadline){ INT64_MAX };
	s->sign_in = deadline_in(params->login_timeout_ms);
	if (imap_stream_new(tls, params->transcript, params->transcript_user, &s->stream, err) < 0) {
		imap_session_free(s);
		return NULL;
	}
	s->imap = mailimap_new(0, NULL);
	if (s->params.host && (s->params.ca_file || !params->ca_file) && s->imap)
		return s;
	imap_session_free(s);
	error_memory(err);
	return NULL;
}

static int start_tls(struct imap_session *s, struct error *err)
{
	if (imap_stream_start_tls(s->stream, s->params.host, s->params.ca_file, err) == 0)
		return 0;
	if (err->kind != ERROR_TLS || err->code != TLS_PLAINTEXT || s->params.security != IMAP_TLS)
		return -1;
	return error_set(
	    err, ERROR_TLS, RETRY_LATER, TLS_PLAINTEXT,
	    "the server does not speak TLS at port %u from the first octet: set security = starttls, or the "
	    "port that has TLS, as 993",
	    s->params.port);
}

/* A server that waits for a handshake says nothing to who waits for its greeting. */
static int explain_silence(const struct imap_session *s, struct error *err)
{
	if (err->kind != ERROR_TIMEOUT || s->params.security == IMAP_TLS || imap_session_received(s) > 0)
		return -1;
	return error_set(
	    err, ERROR_TIMEOUT, RETRY_LATER, IMAP_CAUSE_SILENCE,
	    "the server has said nothing in time: where port %u speaks TLS from the first octet, as 993 does, "
	    "set security = tls",
	    s->params.port);
}

static int greet(struct imap_session *s, struct error *err)
{
	struct _mailstream *mail = imap_stream_mail(s->stream);
	if (!mail)
		return error_memory(err);
	int result = mailimap_connect(s->imap, mail);
	if (imap_stream_error(s->stream)->kind != ERROR_NONE) {
		*err = *imap_stream_error(s->stream);
		return explain_silence(s, err);
	}
	if (result == MAILIMAP_NO_ERROR_AUTHENTICATED || result == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
		return 0;
	return imap_command_kill(s, &CONNECT, "the server's greeting cannot be read", err);
}

int imap_command_capabilities(struct imap_session *s, struct error *err)
{
	struct buf shown = BUF_INIT(CAPABILITIES_SHOWN_MAX);
	if (!imap_stream_said(s->stream)->capabilities && imap_command_run(s, &CAPABILITY, "CAPABILITY", err) < 0)
		return -1;
	/* An octet becomes at most the four of \xNN. */
	text_add_escaped(&shown,
			 span_sub(span_of(imap_stream_said(s->stream)->capabilities), 0, CAPABILITIES_SHOWN_MAX / 4));
	free(s->shown_capabilities);
	s->shown_capabilities = buf_take(&shown);
	return s->shown_capabilities ? 0 : error_memory(err);
}

static int secure(struct imap_session *s, struct error *err)
{
	if (imap_stream_said(s->stream)->greeting == GREETING_PREAUTH)
		return imap_command_kill(s, &STARTTLS, "the server skips TLS: it greets as if somebody were signed in",
					 err);
	if (imap_command_capabilities(s, err) < 0)
		return -1;
	if (!imap_session_has(s, "STARTTLS"))
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_NO_STARTTLS,
				 "the server does not offer STARTTLS");
	if (imap_command_begin(s, &STARTTLS, err) < 0)
		return -1;
	if (imap_command_end(s, &STARTTLS, mailimap_starttls(s->imap), err) < 0)
		return -1;
	return start_tls(s, err);
}

static int imap_session_open_session(struct imap_session *s, struct error *err)
{
	if (imap_command_begin(s, &CONNECT, err) < 0)
		return -1;
	if (s->params.security == IMAP_TLS && start_tls(s, err) < 0)
		return -1;
	if (greet(s, err) < 0)
		return -1;
	if (s->params.security == IMAP_STARTTLS && secure(s, err) < 0)
		return -1;
	return imap_command_capabilities(s, err);
}

int imap_session_open_over(struct imap_session **ret, struct tls_stream *stream, const struct imap_params *params,
			   struct error *err)
{
	struct imap_session *s = session_new(params, stream, err);
	if (!s)
		return -1;
	if (imap_session_open_session(s, err) < 0) {
		imap_session_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

int imap_session_open(struct imap_session **ret, const struct imap_params *params, struct error *err)
{
	struct deadline deadline = deadline_in(params->login_timeout_ms);
	struct imap_params rest = *params;
	char peer[DIAL_PEER_MAX];
	struct tls_stream *stream = NULL;
	int fd = -1;
	if (dial(params->host, params->port, deadline, params->cancel_fd, &fd, peer, err) < 0)
		return -1;
	if (params->transcript) {
		char text[DIAL_PEER_MAX + 16];
		snprintf(text, sizeof(text), "connected to %s", peer);
		params->transcript(params->transcript_user, '*', span_of(text));
	}
	if (tls_stream_new(&stream, fd, params->cancel_fd, err) < 0)
		return -1;
	rest.login_timeout_ms = deadline_left_ms(deadline);
	if (imap_session_open_over(ret, stream, &rest, err) < 0)
		return -1;
	(*ret)->params.login_timeout_ms = params->login_timeout_ms;
	return 0;
}

void imap_session_logout(struct imap_session *s)
{
	struct error ignored = ERROR_INIT;
	uint32_t tag;
	if (imap_command_begin(s, &LOGOUT, &ignored) == 0 && imap_command_write(s, "LOGOUT", &tag) == 0)
		imap_stream_hear(s->stream, tag);
	s->logged_out = true;
}

bool imap_session_dead(const struct imap_session *s)
{
	return s->logged_out || imap_stream_error(s->stream)->kind != ERROR_NONE;
}

void imap_session_set_limit(struct imap_session *s, struct deadline limit)
{
	s->limit = limit;
}

bool imap_session_has(const struct imap_session *s, const char *capability)
{
	struct span rest = span_of(imap_stream_said(s->stream)->capabilities), word;
	while (span_next(&rest, ' ', &word))
		if (span_is_nocase(word, capability))
			return true;
	return false;
}

const char *imap_session_capabilities(const struct imap_session *s)
{
	return s->shown_capabilities ? s->shown_capabilities : "";
}

const struct tls_facts *imap_session_facts(const struct imap_session *s)
{
	return tls_stream_facts(imap_stream_tls(s->stream));
}

int imap_session_fd(const struct imap_session *s)
{
	return tls_stream_fd(imap_stream_tls(s->stream));
}

uint64_t imap_session_received(const struct imap_session *s)
{
	return tls_stream_received(imap_stream_tls(s->stream));
}

uint32_t imap_session_messages(const struct imap_session *s)
{
	return s->messages;
}

bool imap_session_has_news(const struct imap_session *s)
{
	return s->messages > s->counted;
}

int imap_session_noop(struct imap_session *s, struct error *err)
{
	return imap_command_run(s, &NOOP, "NOOP", err);
}
