/* IDLE (RFC 2177), without libetpan: it loses step when the server says something just before it agrees. */
#include "providers/imap_session.h"

#include "providers/imap_command.h"

static const struct imap_command IDLE = { .name = "IDLE", .asked = IMAP_ASKED_OTHER };
static const struct imap_command DONE = { .name = "DONE", .asked = IMAP_ASKED_OTHER };

int imap_session_idle_start(struct imap_session *s, struct error *err)
{
	uint32_t tag = 0;
	if (imap_command_begin(s, &IDLE, err) < 0)
		return -1;
	int heard = imap_command_write(s, "IDLE", &tag) < 0 ? -1 : imap_stream_hear(s->stream, tag);
	if (heard > 0) {
		s->idle_tag = tag;
		imap_command_count(s);
		return 0;
	}
	if (imap_command_heard(s, &IDLE, heard, err) < 0)
		return -1;
	return imap_command_kill(s, &IDLE, "the server ends IDLE before it has begun", err);
}

bool imap_session_idle_pending(const struct imap_session *s)
{
	return imap_session_has_news(s) || imap_stream_pending(s->stream);
}

int imap_session_idle_done(struct imap_session *s, struct error *err)
{
	if (imap_command_begin(s, &DONE, err) < 0)
		return -1;
	int heard = imap_command_write(s, "DONE", NULL) < 0 ? -1 : imap_stream_hear(s->stream, s->idle_tag);
	return imap_command_heard(s, &DONE, heard, err);
}
