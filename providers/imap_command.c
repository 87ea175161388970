/* The frame around every command. Must never let a session be used again after its dialogue went out of step. */
#include "providers/imap_command.h"

#include <libetpan/mailimap.h>
#include <string.h>

#include "harness/base/buf.h"

/* Answers that hold no data: status lines, and what else a server likes to tell. */
enum {
	SMALL_OCTETS = 256 * 1024,
	SMALL_LITERAL = 4096,
	SMALL_RESPONSES = 2000,
	LINE_OCTETS = 64 * 1024,
	DEPTH = 8,          /* what is asked for nests twice */
	BUFFER_KEPT = 4096, /* a parked session keeps no larger buffer of libetpan's */
};

static void or_else(uint64_t *value, uint64_t fallback)
{
	if (*value == 0)
		*value = fallback;
}

static struct imap_limits limits_of(const struct imap_command *command)
{
	struct imap_limits limits = command->limits;
	or_else(&limits.octets, SMALL_OCTETS);
	or_else(&limits.literal, SMALL_LITERAL);
	if (limits.responses == 0)
		limits.responses = SMALL_RESPONSES;
	if (limits.line == 0)
		limits.line = LINE_OCTETS;
	if (limits.depth == 0)
		limits.depth = DEPTH;
	return limits;
}

static int imap_command_fail(const struct imap_session *s, const struct imap_command *command, struct error *err)
{
	*err = *imap_stream_error(s->stream);
	return error_prefix(err, "%s", command->name);
}

int imap_command_begin(struct imap_session *s, const struct imap_command *command, struct error *err)
{
	struct imap_limits limits = limits_of(command);
	struct deadline deadline = s->sign_in;
	if (s->signed_in || command->timeout_ms)
		deadline = deadline_in(command->timeout_ms ? command->timeout_ms : s->params.command_timeout_ms);
	if (s->logged_out)
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "%s: the session was ended", command->name);
	if (imap_stream_error(s->stream)->kind != ERROR_NONE)
		return imap_command_fail(s, command, err);
	imap_stream_begin(s->stream, deadline_earlier(deadline, s->limit), &limits, command->hidden);
	return 0;
}

const struct imap_heard *imap_command_answer(const struct imap_session *s)
{
	return &imap_stream_said(s->stream)->heard;
}

int imap_command_kill(struct imap_session *s, const struct imap_command *command, const char *why, struct error *err)
{
	struct error reason = ERROR_INIT;
	error_set(&reason, ERROR_PROTOCOL, RETRY_LATER, 0, "%s", why);
	imap_stream_fail(s->stream, &reason);
	return imap_command_fail(s, command, err);
}

/* The answer is complete and in step. */
static int judge(const struct imap_session *s, const struct imap_command *command, struct error *err)
{
	const struct imap_heard *heard = imap_command_answer(s);
	if (heard->condition == CONDITION_OK)
		return 0;
	return imap_status_error(heard->condition == CONDITION_NO ? IMAP_ANSWER_NO : IMAP_ANSWER_BAD, command->asked,
				 span_of(heard->text), command->name, err);
}

static uint32_t less(uint32_t number, uint32_t by)
{
	return number > by ? number - by : 0;
}

/* Which of the messages was expunged is not told apart: at worst the folder is read once more. */
void imap_command_count(struct imap_session *s)
{
	const struct imap_heard *heard = imap_command_answer(s);
	s->messages = heard->has_exists ? heard->exists : less(s->messages, heard->expunged);
	s->counted = less(s->counted, heard->expunged);
}

/* Memory of a large answer goes back at once. */
static void trim(struct imap_session *s)
{
	MMAPString *small = NULL;
	if (s->imap->imap_stream_buffer->allocated_len > BUFFER_KEPT)
		small = mmap_string_new("");
	if (!small)
		return;
	mmap_string_free(s->imap->imap_stream_buffer);
	s->imap->imap_stream_buffer = small;
}

int imap_command_end(struct imap_session *s, const struct imap_command *command, int result, struct error *err)
{
	const struct imap_heard *heard = imap_command_answer(s);
	if (imap_stream_error(s->stream)->kind != ERROR_NONE)
		return imap_command_fail(s, command, err);
	trim(s);
	imap_command_count(s);
	if (result == MAILIMAP_ERROR_MEMORY) {
		struct error memory = ERROR_INIT;
		error_memory(&memory);
		imap_stream_fail(s->stream, &memory);
		return imap_command_fail(s, command, err);
	}
	/* Only the right tag is the end of this command; whatever libetpan makes of NO and BAD is read from the answer.
	 */
	bool ended = heard->condition != CONDITION_NONE && heard->tag == (uint32_t)s->imap->imap_tag;
	bool parsed = result == MAILIMAP_NO_ERROR || heard->condition != CONDITION_OK;
	if (!ended || !parsed || result == MAILIMAP_ERROR_PARSE)
		return imap_command_kill(s, command, "the server's answer cannot be read", err);
	return judge(s, command, err);
}

void imap_command_forget(struct imap_session *s)
{
	if (s->imap->imap_response_info)
		mailimap_response_info_free(s->imap->imap_response_info);
	s->imap->imap_response_info = NULL;
}

void imap_command_add_folder(struct buf *words, const char *raw)
{
	buf_add_char(words, '"');
	for (; *raw; raw++) {
		if (*raw == '"' || *raw == '\\')
			buf_add_char(words, '\\');
		buf_add_char(words, *raw);
	}
	buf_add_char(words, '"');
}

/* Not mailimap_custom_command, which writes a space behind the words: Cyrus takes that for one more argument. */
static int exchange(struct imap_session *s, const char *words)
{
	struct mailimap_response *response = NULL;
	uint32_t tag;
	if (imap_command_write(s, words, &tag) < 0 || !mailimap_read_line(s->imap))
		return MAILIMAP_ERROR_STREAM;
	int result = mailimap_parse_response(s->imap, &response);
	if (result != MAILIMAP_NO_ERROR)
		return result;
	const struct mailimap_response_done *done = response->rsp_resp_done;
	bool ok = done->rsp_type == MAILIMAP_RESP_DONE_TYPE_TAGGED &&
		  done->rsp_data.rsp_tagged->rsp_cond_state->rsp_type == MAILIMAP_RESP_COND_STATE_OK;
	mailimap_response_free(response);
	return ok ? MAILIMAP_NO_ERROR : MAILIMAP_ERROR_CUSTOM_COMMAND;
}

int imap_command_run(struct imap_session *s, const struct imap_command *command, const char *words, struct error *err)
{
	if (imap_command_begin(s, command, err) < 0)
		return -1;
	return imap_command_end(s, command, exchange(s, words), err);
}

int imap_command_write(struct imap_session *s, const char *words, uint32_t *ret_tag)
{
	mailstream *mail = s->imap->imap_stream;
	if (ret_tag && mailimap_send_current_tag(s->imap) != MAILIMAP_NO_ERROR)
		return -1;
	if (ret_tag)
		*ret_tag = (uint32_t)s->imap->imap_tag;
	if (mailstream_write(mail, words, strlen(words)) < 0 || mailstream_write(mail, "\r\n", 2) < 0)
		return -1;
	return mailstream_flush(mail) < 0 ? -1 : 0;
}

int imap_command_heard(struct imap_session *s, const struct imap_command *command, int heard, struct error *err)
{
	if (heard < 0)
		return imap_command_fail(s, command, err);
	imap_command_count(s);
	if (heard > 0)
		return imap_command_kill(s, command, "the server asks for more than there is", err);
	return judge(s, command, err);
}
