/* Quoted-printable decoding. No input is an error: what cannot be an escape is taken as it stands. */
#include "harness/mail/decode.h"

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line without its line end. */
static void decode_qp_line(struct buf *out, struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		int high = line.p[i] == '=' && i + 2 < line.len ? hex_digit(line.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(line.p[i + 2]) : -1;
		if (low < 0) {
			buf_add_char(out, line.p[i]);
			continue;
		}
		buf_add_char(out, (char)(high << 4 | low));
		i += 2;
	}
}

int decode_quoted_printable(struct buf *out, struct span text)
{
	for (size_t at = 0; at < text.len;) {
		ptrdiff_t lf = span_find_char(text, '\n', at);
		size_t end = lf < 0 ? text.len : (size_t)lf;
		struct span line = span_sub(text, at, end - at);
		while (line.len && ascii_is_space(line.p[line.len - 1]))
			line.len--;
		bool soft = line.len && line.p[line.len - 1] == '=';
		line.len -= soft;
		decode_qp_line(out, line);
		if (lf >= 0 && !soft)
			buf_add_str(out, end > at && text.p[end - 1] == '\r' ? "\r\n" : "\n");
		at = end + 1;
	}
	return buf_result(out);
}
