/* A mailstream_low driver over a tls_stream. Must never return 0 from a read (libetpan would ask again for ever), nor
 * hand libetpan an octet that the guard has not passed, nor a secret to the transcript. */
#include "providers/imap_stream.h"

#include <libetpan/mailstream.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/net/sasl.h"
#include "providers/imap_plain.h"

enum {
	BUFFER_OCTETS = 4096,          /* libetpan keeps two of these a session */
	LINE_SHOWN_MAX = 400,          /* octets of a line that the transcript shows */
	SENT_MAX = 64 * 1024,          /* of a line that we send */
	LINE_MAX_OCTETS = 1024 * 1024, /* of a response without its literals: the guard's limits are below */
};

struct imap_stream {
	struct tls_stream *tls;
	struct _mailstream *mail; /* belongs to libetpan */
	struct imap_guard guard;
	struct imap_sieve sieve;
	struct error error;
	bool ours;            /* the command that goes on is not libetpan's */
	bool behind;          /* the server went on behind the end of the command */
	bool dropping;        /* so is the response that has begun */
	struct buf line;      /* what has come of the response that has begun; with its literals where it is read */
	size_t line_told;     /* what the transcript has of it */
	struct buf passed;    /* for libetpan */
	size_t passed_offset; /* what it has taken of that */
	struct buf sent;      /* for the transcript: the line that is being written */
	const char *hidden;
	bool hidden_told;
	struct buf secret; /* to be hidden in what the server says */
	imap_transcript_fn *transcript;
	void *user;
};

static void imap_stream_trace(const struct imap_stream *s, char direction, struct span line)
{
	char shown[LINE_SHOWN_MAX + 4];
	if (!s->transcript)
		return;
	line = span_trim(line);
	if (line.len > LINE_SHOWN_MAX) {
		memcpy(shown, line.p, LINE_SHOWN_MAX);
		memcpy(shown + LINE_SHOWN_MAX, "...", 3);
		line = span_make(shown, LINE_SHOWN_MAX + 3);
	}
	s->transcript(s->user, direction, line);
}

/* Nothing that was read before may be used any more either. */
static ssize_t imap_stream_refuse(struct imap_stream *s)
{
	buf_fini(&s->line);
	s->line_told = 0;
	buf_fini(&s->passed);
	s->passed_offset = 0;
	if (s->mail)
		s->mail->read_buffer_len = 0;
	imap_stream_trace(s, '*', span_of(s->error.text));
	return -1;
}

/* A line has ended: it is told, and where the response has ended with it, that is read. */
static int finish_line(struct imap_stream *s)
{
	struct buf ignored = BUF_INIT(s->passed.max);
	int result = 0;
	sasl_hide(buf_span(&s->secret), &s->line);
	imap_stream_trace(s, '<', span_sub(buf_span(&s->line), s->line_told, SIZE_MAX));
	s->line_told = s->line.len;
	if (s->guard.state != GUARD_START)
		return 0;
	if (!s->guard.wanted)
		result = imap_sieve_line(&s->sieve, buf_span(&s->line), s->ours ? &ignored : &s->passed, &s->error);
	else if (!s->dropping)
		imap_plain_add(&s->passed, buf_span(&s->line));
	buf_fini(&ignored);
	buf_fini(&s->line); /* parked sessions are many */
	s->line_told = 0;
	return result;
}

/* The next octets of the server, which end with the first line end or literal at the latest. Their content goes where
 * it belongs. */
static int take_part(struct imap_stream *s, struct span part, bool literal)
{
	s->behind = s->behind || s->sieve.heard.condition != CONDITION_NONE;
	if (s->guard.state == GUARD_START)
		s->dropping = s->ours;
	if (imap_guard_feed(&s->guard, part, &s->error) < 0)
		return -1;
	if (!literal) {
		/* Before the line is handed on: its end empties the buffer. */
		if (buf_add_span(&s->line, part) < 0)
			return buf_check(&s->line, "line of the server", &s->error);
		if (part.p[part.len - 1] == '\n' && finish_line(s) < 0)
			return -1;
	} else if (s->guard.wanted && !s->dropping) {
		if (buf_add_span(&s->line, part) < 0)
			return buf_check(&s->line, "answer of the server", &s->error);
		s->line_told = s->line.len;
	}
	return buf_check(&s->passed, "answer of the server", &s->error);
}

static int imap_stream_take(struct imap_stream *s, struct span octets)
{
	while (octets.len > 0) {
		bool literal = s->guard.state == GUARD_LITERAL;
		size_t len = octets.len;
		if (literal && s->guard.literal < len)
			len = (size_t)s->guard.literal;
		ptrdiff_t end = literal ? -1 : span_find_char(octets, '\n', 0);
		if (end >= 0)
			len = (size_t)end + 1;
		if (take_part(s, span_sub(octets, 0, len), literal) < 0)
			return -1;
		octets = span_sub(octets, len, SIZE_MAX);
	}
	return 0;
}

/* Reads what there is and takes it in. */
static int read_piece(struct imap_stream *s)
{
	char piece[BUFFER_OCTETS];
	ssize_t n = tls_stream_read(s->tls, piece, sizeof(piece), &s->error);
	return n < 0 || imap_stream_take(s, span_make(piece, (size_t)n)) < 0 ? (int)imap_stream_refuse(s) : 0;
}

static ssize_t stream_read(mailstream_low *low, void *out, size_t size)
{
	struct imap_stream *s = low->data;
	if (size == 0)
		return -1;
	while (s->passed.len == 0) {
		if (s->error.kind != ERROR_NONE)
			return -1;
		if (read_piece(s) < 0)
			return -1;
	}
	struct span part = span_sub(buf_span(&s->passed), s->passed_offset, size);
	memcpy(out, part.p, part.len);
	s->passed_offset += part.len;
	if (s->passed_offset == s->passed.len) {
		buf_fini(&s->passed);
		s->passed_offset = 0;
	}
	return (ssize_t)part.len;
}

static void show_sent(struct imap_stream *s, struct span octets)
{
	struct span rest = octets;
	if (s->hidden && !s->hidden_told)
		imap_stream_trace(s, '>', span_of(s->hidden));
	s->hidden_told = true;
	while (!s->hidden && rest.len > 0) {
		ptrdiff_t end = span_find_char(rest, '\n', 0);
		size_t len = end >= 0 ? (size_t)end + 1 : rest.len;
		buf_add_span(&s->sent, span_sub(rest, 0, len));
		if (end >= 0) {
			imap_stream_trace(s, '>', buf_span(&s->sent));
			buf_fini(&s->sent);
		}
		rest = span_sub(rest, len, SIZE_MAX);
	}
}

static ssize_t stream_write(mailstream_low *low, const void *octets, size_t size)
{
	struct imap_stream *s = low->data;
	if (s->error.kind != ERROR_NONE)
		return -1;
	if (s->transcript)
		show_sent(s, span_make(octets, size));
	return tls_stream_write(s->tls, octets, size, &s->error) < 0 ? imap_stream_refuse(s) : (ssize_t)size;
}

static int stream_close(mailstream_low *low)
{
	return 0; /* imap_stream_free closes */
}

static int stream_fd(mailstream_low *low)
{
	const struct imap_stream *s = low->data;
	return tls_stream_fd(s->tls);
}

static void stream_free(mailstream_low *low)
{
	free(low);
}

static void stream_cancel(mailstream_low *low)
{
}

static struct mailstream_cancel *stream_get_cancel(mailstream_low *low)
{
	return NULL;
}

static carray *stream_chain(mailstream_low *low)
{
	return NULL;
}

/* Never changed; libetpan's types do not say so. */
static mailstream_low_driver driver = {
	.mailstream_read = stream_read,
	.mailstream_write = stream_write,
	.mailstream_close = stream_close,
	.mailstream_get_fd = stream_fd,
	.mailstream_free = stream_free,
	.mailstream_cancel = stream_cancel,
	.mailstream_get_cancel = stream_get_cancel,
	.mailstream_get_certificate_chain = stream_chain,
};

int imap_stream_new(struct tls_stream *tls, imap_transcript_fn *transcript, void *user, struct imap_stream **ret,
		    struct error *err)
{
	struct imap_stream *s = malloc(sizeof(*s));
	if (!s) {
		tls_stream_free(tls);
		return error_memory(err);
	}
	*s = (struct imap_stream){ .tls = tls,
				   .transcript = transcript,
				   .user = user,
				   .line = BUF_INIT(LINE_MAX_OCTETS),
				   .passed = BUF_INIT(LINE_MAX_OCTETS),
				   .secret = BUF_INIT(SENT_MAX),
				   .sent = BUF_INIT(SENT_MAX) };
	imap_guard_init(&s->guard, &(struct imap_limits){ 0 });
	*ret = s;
	return 0;
}

void imap_stream_free(struct imap_stream *s)
{
	if (!s)
		return;
	tls_stream_free(s->tls);
	imap_sieve_fini(&s->sieve);
	buf_fini(&s->line);
	buf_fini(&s->passed);
	buf_fini(&s->sent);
	buf_wipe(&s->secret);
	free(s);
}

struct _mailstream *imap_stream_mail(struct imap_stream *s)
{
	mailstream_low *low = mailstream_low_new(s, &driver);
	if (!low)
		return NULL;
	s->mail = mailstream_new(low, BUFFER_OCTETS);
	if (!s->mail)
		mailstream_low_free(low);
	return s->mail;
}

void imap_stream_begin(struct imap_stream *s, struct deadline deadline, const struct imap_limits *limits,
		       const char *hidden)
{
	tls_stream_set_deadline(s->tls, deadline);
	imap_guard_begin(&s->guard, limits);
	s->line.max = s->passed.max = LINE_MAX_OCTETS + limits->octets;
	if (s->hidden && s->mail) /* libetpan's buffer still has what was sent */
		explicit_bzero(s->mail->write_buffer, s->mail->buffer_max_size);
	s->sieve.heard = (struct imap_heard){ 0 };
	s->ours = false;
	s->behind = false;
	s->hidden = hidden;
	s->hidden_told = false;
	buf_wipe(&s->secret);
}

void imap_stream_hide(struct imap_stream *s, struct span secret)
{
	buf_wipe(&s->secret);
	buf_add_span(&s->secret, secret);
}

int imap_stream_hear(struct imap_stream *s, uint32_t tag)
{
	struct imap_heard *heard = &s->sieve.heard;
	heard->more = false;
	if (!s->ours && s->guard.state != GUARD_START)
		s->dropping = true;
	s->ours = true;
	buf_fini(&s->passed);
	s->passed_offset = 0;
	s->mail->read_buffer_len = 0;
	while (!heard->more && heard->condition == CONDITION_NONE)
		if (s->error.kind != ERROR_NONE || read_piece(s) < 0)
			return -1;
	if (heard->condition == CONDITION_NONE)
		return 1;
	if (heard->tag == tag)
		return 0;
	error_set(&s->error, ERROR_PROTOCOL, RETRY_LATER, 0, "the server answered to a command that was not given");
	return (int)imap_stream_refuse(s);
}

const struct imap_sieve *imap_stream_said(const struct imap_stream *s)
{
	return &s->sieve;
}

void imap_stream_forget_capabilities(struct imap_stream *s)
{
	free(s->sieve.capabilities);
	s->sieve.capabilities = NULL;
}

/* Whether the server has said something that was not asked for. The end of the stream is for the handshake to tell. */
static bool server_goes_on(const struct imap_stream *s)
{
	char octet;
	return s->behind || imap_stream_pending(s) ||
	       recv(tls_stream_fd(s->tls), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int imap_stream_start_tls(struct imap_stream *s, const char *host, const char *ca_file, struct error *err)
{
	/* Without a dialogue before it there was no STARTTLS: a server that speaks first is no TLS server, and the
	 * handshake says so. */
	if (s->error.kind == ERROR_NONE && s->mail && server_goes_on(s)) {
		error_set(&s->error, ERROR_PROTOCOL, RETRY_LATER, IMAP_CAUSE_INJECTION,
			  "the server went on in plaintext after it had agreed to STARTTLS");
		imap_stream_refuse(s);
	} else if (s->error.kind == ERROR_NONE && tls_stream_start(s->tls, host, ca_file, &s->error) < 0) {
		imap_stream_refuse(s);
	}
	imap_stream_forget_capabilities(s);
	if (s->error.kind == ERROR_NONE)
		return 0;
	*err = s->error;
	return -1;
}

bool imap_stream_pending(const struct imap_stream *s)
{
	return (s->mail && s->mail->read_buffer_len > 0) || s->passed.len > 0 || tls_stream_pending(s->tls) > 0;
}

const struct error *imap_stream_error(const struct imap_stream *s)
{
	return &s->error;
}

void imap_stream_fail(struct imap_stream *s, const struct error *why)
{
	if (s->error.kind != ERROR_NONE)
		return;
	s->error = *why;
	imap_stream_refuse(s);
}

const struct tls_stream *imap_stream_tls(const struct imap_stream *s)
{
	return s->tls;
}
