/* A mailstream_low driver over a tls_stream. Must never return 0 from a read (libetpan would ask again for ever), nor
 * hand libetpan an octet that the guard has not passed, nor a secret to the transcript. */
#include "providers/imap_stream.h"

#include <libetpan/mailstream.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BUFFER_OCTETS = 4096, /* libetpan keeps two of these a session */
	LINE_SHOWN_MAX = 400, /* octets of a line that the transcript shows */
};

/* A line of the dialogue as it comes together. */
struct line {
	char text[LINE_SHOWN_MAX];
	size_t len;
	bool cut;
};

struct imap_stream {
	struct tls_stream *tls;
	struct _mailstream *mail; /* belongs to libetpan */
	struct imap_guard guard;
	struct error error;
	const char *hidden;
	bool hidden_told;
	imap_transcript_fn *transcript;
	void *user;
	struct line received, sent;
	char bye[LINE_SHOWN_MAX]; /* what the server said in parting */
};

static void tell(const struct imap_stream *s, char direction, struct span line)
{
	if (s->transcript)
		s->transcript(s->user, direction, line);
}

static void line_add(struct line *line, struct span octets)
{
	size_t room = sizeof(line->text) - line->len;
	line->cut = line->cut || octets.len > room;
	if (octets.len > room)
		octets.len = room;
	if (octets.len)
		memcpy(line->text + line->len, octets.p, octets.len);
	line->len += octets.len;
}

/* Ends a line: shows it, the mark of a cut included, and hands it out until the next is begun. */
static struct span line_end(struct imap_stream *s, struct line *line, char direction)
{
	static const char mark[] = "...";
	if (line->cut)
		memcpy(line->text + sizeof(line->text) - (sizeof(mark) - 1), mark, sizeof(mark) - 1);
	struct span text = span_trim(span_make(line->text, line->len));
	tell(s, direction, text);
	line->len = 0;
	line->cut = false;
	return text;
}

static void note_bye(struct imap_stream *s, struct span line)
{
	const struct span bye = SPAN_LIT("* BYE");
	if (!span_starts_nocase(line, bye))
		return;
	line = span_trim(span_sub(line, bye.len, SIZE_MAX));
	span_copy(line.len ? line : SPAN_LIT("no reason given"), s->bye, sizeof(s->bye));
}

/* Nothing that was read before may be used any more either. */
static ssize_t fail(struct imap_stream *s)
{
	if (s->mail)
		s->mail->read_buffer_len = 0;
	if (s->bye[0])
		error_prefix(&s->error, "the server ended the session: %s", s->bye);
	tell(s, '*', span_of(s->error.text));
	return -1;
}

/* Passes what was read to the guard, line by line and literal by literal, so that the content of literals stays out of
 * the transcript. */
static ssize_t look_at(struct imap_stream *s, struct span octets)
{
	struct span rest = octets;
	while (rest.len > 0) {
		bool literal = s->guard.state == GUARD_LITERAL;
		ptrdiff_t end = span_find_char(rest, '\n', 0);
		size_t len = literal && s->guard.literal < rest.len ? (size_t)s->guard.literal : rest.len;
		if (!literal && end >= 0)
			len = (size_t)end + 1;
		struct span part = span_sub(rest, 0, len);
		if (!literal)
			line_add(&s->received, part);
		if (imap_guard_feed(&s->guard, part, &s->error) < 0)
			return fail(s);
		if (!literal && end >= 0)
			note_bye(s, line_end(s, &s->received, '<'));
		rest = span_sub(rest, len, SIZE_MAX);
	}
	return (ssize_t)octets.len;
}

static ssize_t stream_read(mailstream_low *low, void *out, size_t size)
{
	struct imap_stream *s = low->data;
	if (s->error.kind != ERROR_NONE || size == 0)
		return -1;
	ssize_t n = tls_stream_read(s->tls, out, size, &s->error);
	return n < 0 ? fail(s) : look_at(s, span_make(out, (size_t)n));
}

static void show_sent(struct imap_stream *s, struct span octets)
{
	struct span rest = octets;
	if (s->hidden && !s->hidden_told)
		tell(s, '>', span_of(s->hidden));
	s->hidden_told = true;
	while (!s->hidden && rest.len > 0) {
		ptrdiff_t end = span_find_char(rest, '\n', 0);
		size_t len = end >= 0 ? (size_t)end + 1 : rest.len;
		line_add(&s->sent, span_sub(rest, 0, len));
		if (end >= 0)
			line_end(s, &s->sent, '>');
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
	return tls_stream_write(s->tls, octets, size, &s->error) < 0 ? fail(s) : (ssize_t)size;
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
	struct imap_stream *s = calloc(1, sizeof(*s));
	if (!s) {
		tls_stream_free(tls);
		return error_memory(err);
	}
	s->tls = tls;
	s->transcript = transcript;
	s->user = user;
	imap_guard_init(&s->guard, &(struct imap_limits){ 0 });
	*ret = s;
	return 0;
}

void imap_stream_free(struct imap_stream *s)
{
	if (!s)
		return;
	tls_stream_free(s->tls);
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
	s->hidden = hidden;
	s->hidden_told = false;
	s->sent.len = 0;
}

/* Whether the server has said something that was not asked for. The end of the stream is for the handshake to tell. */
static bool server_goes_on(const struct imap_stream *s)
{
	char octet;
	return imap_stream_pending(s) || recv(tls_stream_fd(s->tls), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int imap_stream_start_tls(struct imap_stream *s, const char *host, const char *ca_file, struct error *err)
{
	if (s->error.kind == ERROR_NONE && server_goes_on(s)) {
		error_set(&s->error, ERROR_PROTOCOL, RETRY_LATER, IMAP_CAUSE_INJECTION,
			  "the server went on in plaintext after it had agreed to STARTTLS");
		fail(s);
	} else if (s->error.kind == ERROR_NONE && tls_stream_start(s->tls, host, ca_file, &s->error) < 0) {
		fail(s);
	}
	if (s->error.kind == ERROR_NONE)
		return 0;
	*err = s->error;
	return -1;
}

bool imap_stream_pending(const struct imap_stream *s)
{
	return (s->mail && s->mail->read_buffer_len > 0) || tls_stream_pending(s->tls) > 0;
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
	fail(s);
}

const struct tls_stream *imap_stream_tls(const struct imap_stream *s)
{
	return s->tls;
}
