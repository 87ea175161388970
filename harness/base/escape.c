/* Escaping. Must let nothing through that moves a cursor, ends a line or turns text around. */
#include "harness/base/escape.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/utf8.h"

/* How many octets at the start of s are printable US-ASCII, which stands for itself: most of any text. */
static size_t escape_plain_run(struct span s)
{
	size_t n = 0;
	while (n < s.len && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	return n;
}

/* The written form of the character at the start of s in out; returns how many octets of s it stands for. */
static size_t escape_one(struct span s, char out[ESCAPE_MAX], size_t *ret_len)
{
	uint32_t code = 0;
	size_t n = utf8_next(s, &code);
	if (n > 0 && !utf8_acts_on_text(code)) {
		memcpy(out, s.p, n);
		*ret_len = n;
		return n;
	}
	int written = n > 0 && code >= 0x80 ? snprintf(out, ESCAPE_MAX, "\\u{%x}", code)
					    : snprintf(out, ESCAPE_MAX, "\\x%02x", (unsigned char)s.p[0]);
	*ret_len = written > 0 ? (size_t)written : 0;
	return n > 0 ? n : 1;
}

struct span escape_next(struct span *rest, char room[ESCAPE_MAX])
{
	size_t used = escape_plain_run(*rest);
	struct span piece = span_sub(*rest, 0, used);
	if (used == 0) {
		used = escape_one(*rest, room, &piece.len);
		piece.p = room;
	}
	*rest = span_sub(*rest, used, rest->len);
	return piece;
}

const char *escape_text(char *out, size_t size, struct span s)
{
	char room[ESCAPE_MAX];
	size_t at = 0;
	while (s.len > 0) {
		struct span piece = escape_next(&s, room);
		bool fits = piece.len < size - at;
		if (!fits && piece.p == room)
			break;
		piece = span_sub(piece, 0, size - at - 1);
		memcpy(out + at, piece.p, piece.len);
		at += piece.len;
		if (!fits)
			break;
	}
	out[at] = '\0';
	return out;
}
