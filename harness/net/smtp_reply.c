/* The SMTP reply reader: octets in, whole replies out. It must never trust the length, the codes or the text of what a
 * server says, and never look at an octet twice. */
#include "harness/net/smtp_reply.h"

#include "harness/base/text.h"

void smtp_reply_init(struct smtp_reply *reply)
{
	*reply = (struct smtp_reply){ .text = BUF_INIT(SMTP_REPLY_TEXT_MAX), .lines = BUF_INIT(SMTP_REPLY_TEXT_MAX) };
}

void smtp_reply_fini(struct smtp_reply *reply)
{
	buf_fini(&reply->text);
	buf_fini(&reply->lines);
}

void smtp_reader_init(struct smtp_reader *reader)
{
	*reader = (struct smtp_reader){ .pending = BUF_INIT(2 * SMTP_REPLY_MAX) };
}

void smtp_reader_fini(struct smtp_reader *reader)
{
	buf_fini(&reader->pending);
}

bool smtp_reader_waiting(const struct smtp_reader *reader)
{
	return reader->pending.len > 0;
}

int smtp_reader_feed(struct smtp_reader *reader, struct span octets, struct error *err)
{
	buf_add_span(&reader->pending, octets);
	return buf_check(&reader->pending, "the server's reply", err);
}

static size_t number_of_at_most_three_digits(struct span s, size_t at)
{
	size_t n = 0;
	while (n < 4 && at + n < s.len && ascii_is_digit(s.p[at + n]))
		n++;
	return n <= 3 ? n : 0;
}

size_t smtp_enhanced_at(struct span text, int code, struct span *ret_status)
{
	if (text.len < 5 || text.p[0] != '0' + code / 100 || text.p[1] != '.')
		return 0;
	size_t subject = number_of_at_most_three_digits(text, 2);
	size_t dot = 2 + subject;
	if (!subject || dot >= text.len || text.p[dot] != '.')
		return 0;
	size_t detail = number_of_at_most_three_digits(text, dot + 1);
	size_t end = dot + 1 + detail;
	if (!detail || (end < text.len && text.p[end] != ' '))
		return 0;
	*ret_status = span_sub(text, 0, end);
	while (end < text.len && text.p[end] == ' ')
		end++;
	return end;
}

/* One line without its end: 1 when it is the last of its reply, 0 when more follow. */
static int smtp_reply_read_line(struct span line, int *code, struct error *err)
{
	uint64_t number;
	bool ok = line.len >= 3 && span_to_u64(span_sub(line, 0, 3), 599, &number) && number >= 200 &&
		  (line.len == 3 || line.p[3] == ' ' || line.p[3] == '-');
	if (!ok)
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server does not speak SMTP: \"%.*s\"",
				 SPAN_ARG(span_sub(line, 0, 80)));
	if (*code && *code != (int)number)
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server's reply has two codes, %d and %d",
				 *code, (int)number);
	*code = (int)number;
	return line.len == 3 || line.p[3] == ' ';
}

/* The whole reply stands in the first `len` octets of pending and was checked line by line. */
static void smtp_reply_take(struct smtp_reader *reader, size_t len, int code, struct smtp_reply *reply)
{
	buf_clear(&reply->text);
	buf_clear(&reply->lines);
	reply->code = code;
	reply->enhanced[0] = '\0';
	struct span rest = span_sub(buf_span(&reader->pending), 0, len), line;
	rest.len--; /* the last line feed ends, it does not separate */
	while (span_next(&rest, '\n', &line)) {
		struct span text = span_trim(span_sub(line, 4, line.len)), status;
		size_t n = smtp_enhanced_at(text, code, &status);
		if (n && !reply->enhanced[0])
			span_copy(status, reply->enhanced, sizeof(reply->enhanced));
		text_add_escaped(&reply->lines, text);
		buf_add_char(&reply->lines, '\n');
		text = span_sub(text, n, text.len);
		if (text.len && reply->text.len)
			buf_add_char(&reply->text, ' ');
		text_add_escaped(&reply->text, text);
	}
	buf_drop(&reader->pending, len);
	reader->scanned = reader->line = 0;
	reader->code = 0;
}

int smtp_reader_next(struct smtp_reader *reader, struct smtp_reply *reply, struct error *err)
{
	struct span all = buf_span(&reader->pending);
	for (;;) {
		ptrdiff_t lf = span_find_char(all, '\n', reader->scanned);
		size_t end = lf < 0 ? all.len : (size_t)lf;
		if (end - reader->line > SMTP_REPLY_LINE_MAX || end > SMTP_REPLY_MAX)
			return error_set(err, ERROR_LIMIT, RETRY_LATER, 0, "the server's reply is too long");
		reader->scanned = end;
		if (lf < 0)
			return 0;
		struct span line = span_sub(all, reader->line, end - reader->line);
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		int last = smtp_reply_read_line(line, &reader->code, err);
		if (last < 0)
			return -1;
		reader->scanned = reader->line = end + 1;
		if (last) {
			smtp_reply_take(reader, end + 1, reader->code, reply);
			bool kept = buf_check(&reply->text, "the server's reply", err) == 0 &&
				    buf_check_memory(&reply->lines, err) == 0;
			return kept ? 1 : -1;
		}
	}
}
