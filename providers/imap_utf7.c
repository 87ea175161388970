/* Modified UTF-7 (RFC 3501 section 5.1.3): printable ASCII stands for itself, `&-` for an ampersand, `&...-` for UTF-16
 * in base64 with a comma in place of the slash. Strict, since two spellings of one name would be two folders. */
#include "providers/imap_utf7.h"

#include <stdint.h>

#include "harness/base/utf8.h"

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == ',' ? 63 : -1;
}

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
static bool add_shifted(struct buf *out, struct span base64)
{
	uint32_t bits = 0, high = 0;
	unsigned count = 0;
	for (size_t i = 0; i < base64.len; i++) {
		int digit = digit_of(base64.p[i]);
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		count += 6;
		if (count < 16)
			continue;
		count -= 16;
		if (!add_unit(out, bits >> count & 0xffff, &high))
			return false;
	}
	/* Fewer than six bits are left over, all zero. */
	return high == 0 && count < 6 && (bits & ((1u << count) - 1)) == 0;
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
		struct span base64 = span_sub(raw, i + 1, (size_t)end - i - 1);
		if (base64.len == 0)
			buf_add_char(out, '&');
		else if (!add_shifted(out, base64))
			return false;
		i = (size_t)end;
	}
	return !out->failed;
}

int imap_utf7_decode(struct span raw, struct buf *out)
{
	size_t before = out->len;
	bool failed = out->failed;
	if (!failed && decode(raw, out))
		return 0;
	out->len = before;
	out->failed = failed;
	if (out->p)
		out->p[before] = '\0';
	return -1;
}
