/* Bodies for the wire: line ends, quoted-printable and base64 (RFC 2045 sections 6.7 and 6.8). Pure. */
#include "harness/mail/encode.h"

#include "harness/base/compiler.h"

enum { ENCODED_LINE_MAX = 76 };

const char *transfer_encoding_name(enum transfer_encoding v)
{
	static const char *const names[] = { "7bit", "quoted-printable", "base64" };
	return (size_t)v < ARRAY_LEN(names) ? names[v] : "unknown";
}

/* Takes one line off *rest: what stands before CRLF, CR or LF. *ret_ended: there was such a line end. False when
 * nothing is left. */
static bool next_line(struct span *rest, struct span *ret_line, bool *ret_ended)
{
	if (rest->len == 0)
		return false;
	size_t n = 0;
	while (n < rest->len && rest->p[n] != '\r' && rest->p[n] != '\n')
		n++;
	*ret_line = span_sub(*rest, 0, n);
	*ret_ended = n < rest->len;
	if (*ret_ended)
		n += rest->p[n] == '\r' && n + 1 < rest->len && rest->p[n + 1] == '\n' ? 2 : 1;
	*rest = span_sub(*rest, n, SIZE_MAX);
	return true;
}

int encode_crlf(struct buf *out, struct span text)
{
	struct span line;
	bool ended;
	while (next_line(&text, &line, &ended)) {
		buf_add_span(out, line);
		if (ended)
			buf_add_str(out, "\r\n");
	}
	return buf_result(out);
}

/* base64 that takes its octets in portions. */
struct base64 {
	struct buf *out;
	unsigned long held; /* octets not yet written */
	size_t held_count;
	size_t column;
};

static void base64_quad(struct base64 *b, unsigned long bits, size_t octets)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char quad[4];
	for (size_t i = 0; i < 4; i++)
		quad[i] = i <= octets ? digits[bits >> (18 - 6 * i) & 63] : '=';
	buf_add(b->out, quad, 4);
	b->column += 4;
	if (b->column == ENCODED_LINE_MAX) {
		buf_add_str(b->out, "\r\n");
		b->column = 0;
	}
}

static void base64_add(struct base64 *b, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		b->held = b->held << 8 | (unsigned char)s.p[i];
		if (++b->held_count == 3) {
			base64_quad(b, b->held, 3);
			b->held = 0;
			b->held_count = 0;
		}
	}
}

static int base64_end(struct base64 *b)
{
	if (b->held_count > 0)
		base64_quad(b, b->held << 8 * (3 - b->held_count), b->held_count);
	if (b->column > 0)
		buf_add_str(b->out, "\r\n");
	return b->out->failed ? -1 : 0;
}

int encode_base64(struct buf *out, struct span octets)
{
	struct base64 b = { .out = out };
	base64_add(&b, octets);
	return base64_end(&b);
}

static int base64_text(struct buf *out, struct span text)
{
	struct base64 b = { .out = out };
	struct span line;
	bool ended;
	while (next_line(&text, &line, &ended)) {
		base64_add(&b, line);
		if (ended)
			base64_add(&b, SPAN_LIT("\r\n"));
	}
	return base64_end(&b);
}

static bool is_qp_plain(struct span line, size_t i)
{
	char c = line.p[i];
	if (c == ' ' || c == '\t')
		return i + 1 < line.len;
	return c > 32 && c < 127 && c != '=';
}

static void quoted_printable_line(struct buf *out, struct span line)
{
	size_t column = 0;
	for (size_t i = 0; i < line.len; i++) {
		bool plain = is_qp_plain(line, i);
		size_t width = plain ? 1 : 3;
		/* The last octet may fill the line, any other must leave room for the `=` of the soft line break. */
		if (column + width > ENCODED_LINE_MAX - (i + 1 < line.len)) {
			buf_add_str(out, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_add_char(out, line.p[i]);
		else
			buf_addf(out, "=%02X", (unsigned char)line.p[i]);
		column += width;
	}
}

int encode_text(struct buf *out, struct span text, enum transfer_encoding encoding)
{
	if (encoding == TRANSFER_7BIT)
		return encode_crlf(out, text);
	if (encoding == TRANSFER_BASE64)
		return base64_text(out, text);
	struct span line;
	bool ended;
	while (next_line(&text, &line, &ended)) {
		quoted_printable_line(out, line);
		if (ended)
			buf_add_str(out, "\r\n");
	}
	return buf_result(out);
}

enum transfer_encoding encode_choose(struct span text)
{
	size_t line = 0, quoted = 0;
	bool seven = true;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool crlf = c == '\r' && i + 1 < text.len && text.p[i + 1] == '\n';
		if (c == '\n' || crlf) {
			line = 0;
			quoted += crlf ? 0 : 2;
			continue;
		}
		line++;
		quoted += (c >= 32 && c < 127 && c != '=') || c == '\t' ? 1 : 3;
		if (c == 0 || c == '\r' || c > 127 || line > ENCODE_LINE_HARD)
			seven = false;
	}
	if (seven)
		return TRANSFER_7BIT;
	quoted += quoted / (ENCODED_LINE_MAX - 1) * 3;
	size_t base64 = text.len / 3 * 4 + text.len / 57 * 2;
	return quoted <= base64 ? TRANSFER_QUOTED_PRINTABLE : TRANSFER_BASE64;
}
