/* Modified UTF-7 (RFC 3501 section 5.1.3): printable ASCII stands for itself, `&-` for an ampersand, `&...-` for UTF-16
 * in base64 with a comma in place of the slash. Strict, since two spellings of one name would be two folders. */
#include "providers/imap_utf7.h"

#include <stdint.h>

#include "harness/base/base64.h"
#include "harness/base/utf8.h"

static void add_utf8(struct buf *out, uint32_t code)
{
	char octets[UTF8_MAX];
	buf_add(out, octets, utf8_write(code, octets));
}

/* One UTF-16 unit; *high is a high surrogate that waits for its low one, or 0. */
static bool add_unit(struct buf *out, uint32_t unit, uint32_t *high)
{
	bool low = unit >= 0xdc00 && unit <= 0xdfff;
	if (low != (*high != 0))
		return false;
	if (low) {
		add_utf8(out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
	} else if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
	} else if (unit >= 0x20 && unit <= 0x7e) {
		return false; /* what can stand for itself must */
	} else {
		add_utf8(out, unit);
	}
	return true;
}

/* What stands between `&` and `-`. */
static bool add_shifted(struct buf *out, struct span text)
{
	struct base64_reader reader = base64_read(text, BASE64_UTF7);
	uint32_t high = 0;
	int octet;
	while ((octet = base64_next(&reader)) >= 0) {
		uint32_t unit = (uint32_t)octet << 8;
		octet = base64_next(&reader);
		if (octet < 0 || !add_unit(out, unit | (uint32_t)octet, &high))
			return false;
	}
	return octet == BASE64_END && high == 0;
}

static bool decode(struct span raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		if (c < 0x20 || c > 0x7e)
			return false;
		if (c != '&') {
			buf_add_char(out, (char)c);
			continue;
		}
		ptrdiff_t end = span_find_char(raw, '-', i);
		if (end < 0)
			return false;
		struct span shifted = span_sub(raw, i + 1, (size_t)end - i - 1);
		if (shifted.len == 0)
			buf_add_char(out, '&');
		else if (!add_shifted(out, shifted))
			return false;
		i = (size_t)end;
	}
	return !out->failed;
}

int imap_utf7_decode(struct span raw, struct buf *out)
{
	size_t before = out->len;
	enum buf_failure failed = out->failed;
	if (!failed && decode(raw, out))
		return 0;
	out->len = before;
	if (out->failed != BUF_NO_MEMORY)
		out->failed = failed;
	if (out->p)
		out->p[before] = '\0';
	return -1;
}
