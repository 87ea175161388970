/* Bodies for the wire: line ends, quoted-printable and base64 (RFC 2045 sections 6.7 and 6.8). Pure. */
#include "harness/mail/encode.h"

#include "harness/base/base64.h"
#include "harness/base/compiler.h"

enum { ENCODED_LINE_MAX = 76 };

const char *transfer_encoding_name(enum transfer_encoding v)
{
	static const char *const names[] = { "7bit", "quoted-printable", "base64" };
	return (size_t)v < ARRAY_LEN(names) ? names[v] : "unknown";
}

/* Takes one line off *rest: what stands before CRLF, CR or LF. *ret_ended: there was such a line end. False when
 * nothing is left. */
static bool encode_body_next_line(struct span *rest, struct span *ret_line, bool *ret_ended)
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
	while (encode_body_next_line(&text, &line, &ended)) {
		buf_add_span(out, line);
		if (ended)
			buf_add_str(out, "\r\n");
	}
	return buf_result(out);
}

int encode_base64(struct buf *out, struct span octets)
{
	enum { PORTION = ENCODED_LINE_MAX / 4 * 3 };
	while (octets.len > 0) {
		char line[BASE64_SIZE(PORTION)];
		buf_add(out, line, base64_encode(span_sub(octets, 0, PORTION), line));
		buf_add_str(out, "\r\n");
		octets = span_sub(octets, PORTION, SIZE_MAX);
	}
	return buf_result(out);
}

static int base64_text(struct buf *out, struct span text)
{
	/* An octet becomes at most the two of CRLF. */
	_cleanup_(buf_fini) struct buf wire = BUF_INIT(2 * text.len);
	if (encode_crlf(&wire, text) < 0)
		return buf_add_buf(out, &wire);
	return encode_base64(out, buf_span(&wire));
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
	while (encode_body_next_line(&text, &line, &ended)) {
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
