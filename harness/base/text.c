/* Text for people, made of octets of strangers. Pure. */
#include "harness/base/text.h"

#include <stdio.h>
#include <string.h>

size_t utf8_next(struct span s, uint32_t *ret_code)
{
	if (s.len == 0)
		return 0;
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t code = p[0];
	size_t len;
	if (code < 0x80) {
		len = 1;
	} else if (code >= 0xc2 && code <= 0xdf) {
		len = 2;
		code &= 0x1f;
	} else if (code >= 0xe0 && code <= 0xef) {
		len = 3;
		code &= 0x0f;
	} else if (code >= 0xf0 && code <= 0xf4) {
		len = 4;
		code &= 0x07;
	} else {
		return 0;
	}
	if (len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if ((len == 3 && code < 0x800) || (len == 4 && (code < 0x10000 || code > 0x10ffff)) ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	if (ret_code)
		*ret_code = code;
	return len;
}

bool utf8_valid(struct span s)
{
	while (s.len > 0) {
		size_t n = utf8_next(s, NULL);
		if (n == 0)
			return false;
		s = span_sub(s, n, s.len);
	}
	return true;
}

/* What must not reach a terminal or a log as it is: controls, separators, and characters that reorder text. */
static bool acts_on_terminal(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* The written form of the character at the start of s in out; returns how many octets of s it stands for. */
static size_t escape_one(struct span s, char out[16], size_t *ret_len)
{
	uint32_t code = 0;
	size_t n = utf8_next(s, &code);
	if (n > 0 && !acts_on_terminal(code)) {
		memcpy(out, s.p, n);
		*ret_len = n;
		return n;
	}
	int written = n > 0 && code >= 0x80 ? snprintf(out, 16, "\\u{%x}", code)
					    : snprintf(out, 16, "\\x%02x", (unsigned char)s.p[0]);
	*ret_len = written > 0 ? (size_t)written : 0;
	return n > 0 ? n : 1;
}

/* How many octets at the start of s are printable US-ASCII, which stands for itself: most of any text. */
static size_t plain_run(struct span s)
{
	size_t n = 0;
	while (n < s.len && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	return n;
}

int text_add_escaped(struct buf *b, struct span s)
{
	while (s.len > 0) {
		char one[16];
		size_t plain = plain_run(s);
		if (plain > 0) {
			if (buf_add(b, s.p, plain) < 0)
				return -1;
			s = span_sub(s, plain, s.len);
			continue;
		}
		size_t len, used = escape_one(s, one, &len);
		if (buf_add(b, one, len) < 0)
			return -1;
		s = span_sub(s, used, s.len);
	}
	return 0;
}

const char *text_escape(char *out, size_t size, struct span s)
{
	size_t at = 0;
	while (s.len > 0) {
		char one[16];
		size_t plain = plain_run(span_sub(s, 0, size - at - 1));
		if (plain > 0) {
			memcpy(out + at, s.p, plain);
			at += plain;
			s = span_sub(s, plain, s.len);
			continue;
		}
		size_t len, used = escape_one(s, one, &len);
		if (at + len >= size)
			break;
		memcpy(out + at, one, len);
		at += len;
		s = span_sub(s, used, s.len);
	}
	out[at] = '\0';
	return out;
}

static size_t code_columns(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x20d0 && c <= 0x20ff) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f) || c == 0x200b || c == 0x200d)
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	return 1;
}

size_t text_columns(struct span s)
{
	size_t columns = 0;
	while (s.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_next(s, &code);
		columns += n ? code_columns(code) : 1;
		s = span_sub(s, n ? n : 1, s.len);
	}
	return columns;
}

enum { NEAREST_MAX = 48 };

static size_t edit_distance(struct span a, struct span b)
{
	size_t row[NEAREST_MAX + 1];
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = diagonal + (ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]));
			size_t gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = change < gap ? change : gap;
		}
	}
	return row[b.len];
}

const char *text_nearest(struct span word, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t best_distance = word.len / 3 + 2;
	if (word.len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct span name = span_of(names[i]);
		if (name.len > NEAREST_MAX)
			continue;
		size_t distance = edit_distance(word, name);
		if (distance < best_distance && distance < name.len) {
			best_distance = distance;
			best = names[i];
		}
	}
	return best;
}

void hex_encode(const unsigned char *octets, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[octets[i] >> 4];
		out[2 * i + 1] = digits[octets[i] & 15];
	}
	out[2 * len] = '\0';
}
