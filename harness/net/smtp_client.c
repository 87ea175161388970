/* The dialogue over a stream. It must never take a reply for the answer to a command that was not sent yet, nor octets
 * of before the handshake for octets under TLS (CVE-2011-0411). */
#include "harness/net/smtp_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/net/dial.h"
#include "harness/net/smtp_content.h"

enum { COMMAND_MAX = 4096, READ_MAX = 4096, CHUNK = 16 * 1024, QUIT_MS = 1000 };

struct smtp_client {
	struct smtp_client_params params;
	struct tls_stream *stream;
	struct smtp_reader reader;
	struct buf extensions; /* lines of the last reply to EHLO, the first of which names the server */
	char peer[DIAL_PEER_MAX];
};

static int read_reply(struct smtp_client *c, struct smtp_reply *ret, struct error *err)
{
	char octets[READ_MAX];
	for (;;) {
		int found = smtp_reader_next(&c->reader, ret, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
		ssize_t n = tls_stream_read(c->stream, octets, sizeof(octets), err);
		if (n < 0 || smtp_reader_feed(&c->reader, span_make(octets, (size_t)n), err) < 0)
			return -1;
	}
}

static int out_of_turn(struct error *err, const char *when)
{
	return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server talks out of turn, %s", when);
}

/* Sends octets that end with a whole command, and waits for its reply. */
static int converse(struct smtp_client *c, struct span octets, struct smtp_reply *ret, struct error *err)
{
	if (smtp_reader_waiting(&c->reader))
		return out_of_turn(err, "before it is asked");
	if (tls_stream_write(c->stream, octets.p, octets.len, err) < 0)
		return -1;
	return read_reply(c, ret, err);
}

int smtp_client_new(const struct smtp_client_params *params, struct smtp_client **ret, struct smtp_reply *ret_greeting,
		    struct error *err)
{
	_cleanup_(smtp_client_free_p) struct smtp_client *c = calloc(1, sizeof(*c));
	int fd;
	if (!c)
		return error_memory(err);
	c->params = *params;
	c->extensions = (struct buf)BUF_INIT(SMTP_REPLY_TEXT_MAX);
	smtp_reader_init(&c->reader);
	if (dial(params->address, params->port, params->deadline, params->cancel_fd, &fd, c->peer, err) < 0 ||
	    tls_stream_new(&c->stream, fd, params->cancel_fd, err) < 0)
		return -1;
	tls_stream_set_deadline(c->stream, params->deadline);
	if (read_reply(c, ret_greeting, err) < 0)
		return -1;
	*ret = c;
	c = NULL;
	return 0;
}

void smtp_client_free(struct smtp_client *c)
{
	if (!c)
		return;
	tls_stream_free(c->stream);
	smtp_reader_fini(&c->reader);
	buf_fini(&c->extensions);
	free(c);
}

void smtp_client_free_p(struct smtp_client **client)
{
	smtp_client_free(*client);
}

void smtp_client_quit(struct smtp_client *c)
{
	struct smtp_reply reply;
	struct error err = ERROR_INIT;
	smtp_reply_init(&reply);
	tls_stream_set_deadline(c->stream, deadline_earlier(c->params.deadline, deadline_in(QUIT_MS)));
	smtp_client_command(c, &reply, &err, "QUIT");
	smtp_reply_fini(&reply);
	smtp_client_free(c);
}

int smtp_client_hello(struct smtp_client *c, struct smtp_reply *ret, struct error *err)
{
	buf_clear(&c->extensions);
	if (smtp_client_command(c, ret, err, "EHLO %s", c->params.helo) < 0)
		return -1;
	if (ret->code >= 500)
		return smtp_client_command(c, ret, err, "HELO %s", c->params.helo);
	buf_add_span(&c->extensions, buf_span(&ret->lines));
	return buf_check(&c->extensions, "the server's reply to EHLO", err);
}

bool smtp_client_offers(const struct smtp_client *c, const char *keyword)
{
	struct span rest = buf_span(&c->extensions), line, word;
	span_next(&rest, '\n', &line);
	while (span_next(&rest, '\n', &line))
		if (span_next(&line, ' ', &word) && span_is_nocase(word, keyword))
			return true;
	return false;
}

/* Says STARTTLS: 1 the handshake may begin, 0 the server does not want, -1. */
static int ask_for_tls(struct smtp_client *c, struct smtp_reply *ret, struct error *err)
{
	if (smtp_client_command(c, ret, err, "STARTTLS") < 0)
		return -1;
	if (ret->code != 220)
		return 0;
	if (smtp_reader_waiting(&c->reader))
		return out_of_turn(err, "in plaintext behind its reply to STARTTLS");
	buf_clear(&c->extensions);
	return 1;
}

static const char *certificate_host(const struct smtp_client *c)
{
	return c->params.host ? c->params.host : c->params.address;
}

int smtp_client_starttls(struct smtp_client *c, struct smtp_reply *ret, struct error *err)
{
	int wanted = ask_for_tls(c, ret, err);
	return wanted > 0 ? tls_stream_start(c->stream, certificate_host(c), c->params.ca_file, err) : wanted;
}

int smtp_client_inspect_tls(struct smtp_client *c, struct tls_inspection *ret_inspection, struct smtp_reply *ret,
			    struct error *err)
{
	int wanted = ask_for_tls(c, ret, err);
	return wanted > 0 ? tls_stream_inspect(c->stream, certificate_host(c), c->params.ca_file, ret_inspection, err)
			  : wanted;
}

int smtp_client_command(struct smtp_client *c, struct smtp_reply *ret, struct error *err, const char *fmt, ...)
{
	char line[COMMAND_MAX];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof(line) - 2, fmt, args);
	va_end(args);
	struct span said = span_make(line, n < 0 ? 0 : (size_t)n);
	if (n < 0 || (size_t)n >= sizeof(line) - 2 || span_find_char(said, '\n', 0) >= 0 ||
	    span_find_char(said, '\r', 0) >= 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "this is no command of SMTP: \"%.*s\"",
				 SPAN_ARG(span_sub(span_of(line), 0, 80)));
	line[said.len++] = '\r';
	line[said.len++] = '\n';
	return converse(c, said, ret, err);
}

int smtp_client_data(struct smtp_client *c, struct span content, struct smtp_reply *ret, struct error *err)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(4 * CHUNK);
	size_t pos = 0;
	if (smtp_client_command(c, ret, err, "DATA") < 0)
		return -1;
	if (ret->code != 354)
		return ret->code >= 400 ? 0 : out_of_turn(err, "agreeing to DATA without waiting for the content");
	while (smtp_content_next(content, &pos, CHUNK, &out)) {
		if (buf_check(&out, "a part of the message", err) < 0 ||
		    tls_stream_write(c->stream, out.p, out.len, err) < 0)
			return -1;
		buf_clear(&out);
	}
	return converse(c, SPAN_LIT(".\r\n"), ret, err);
}

const char *smtp_client_peer(const struct smtp_client *c)
{
	return c->peer;
}
