/* Base64. The alphabet stands here and nowhere else. */
#include "harness/base/base64.h"

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_digit(char c, enum base64_form form)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == (form == BASE64_UTF7 ? ',' : '/') ? 63 : -1;
}

struct base64_reader base64_read(struct span text, enum base64_form form)
{
	return (struct base64_reader){ .rest = text, .form = form };
}

/* Whether the text may end here. */
static int base64_end(const struct base64_reader *r)
{
	bool whole = r->digits % 4 != 1 && (r->padding == 0 || (r->digits + r->padding) % 4 == 0);
	bool zero = (r->bits & ((1u << r->held) - 1)) == 0;
	if (r->form == BASE64_MIME || (whole && (zero || r->form == BASE64_TAG)))
		return BASE64_END;
	return BASE64_REFUSED;
}

/* Takes what is no digit. False where it must not stand there. */
static bool base64_pass(struct base64_reader *r, char c)
{
	if (r->form == BASE64_MIME)
		return true;
	if (r->form == BASE64_UTF7)
		return false;
	if (c == '=')
		return ++r->padding <= 2;
	return ascii_is_space(c);
}

int base64_next(struct base64_reader *r)
{
	while (r->rest.len > 0 && !(r->form == BASE64_MIME && r->rest.p[0] == '=')) {
		char c = r->rest.p[0];
		int digit = base64_digit(c, r->form);
		r->rest = span_sub(r->rest, 1, SIZE_MAX);
		if (digit < 0 ? !base64_pass(r, c) : r->padding > 0)
			return BASE64_REFUSED;
		if (digit < 0)
			continue;
		r->bits = (r->bits << 6 | (unsigned)digit) & 0xffff;
		r->held += 6;
		r->digits++;
		if (r->held < 8)
			continue;
		r->held -= 8;
		return (int)(r->bits >> r->held & 0xff);
	}
	return base64_end(r);
}

bool base64_decode(struct span text, enum base64_form form, unsigned char *out, size_t max, size_t *ret_len)
{
	struct base64_reader reader = base64_read(text, form);
	size_t len = 0;
	int octet;
	while ((octet = base64_next(&reader)) >= 0) {
		if (len == max)
			return false;
		out[len++] = (unsigned char)octet;
	}
	if (octet == BASE64_REFUSED)
		return false;
	*ret_len = len;
	return true;
}

int base64_add_decoded(struct buf *out, struct span text)
{
	struct base64_reader reader = base64_read(text, BASE64_MIME);
	char octets[512];
	size_t len = 0;
	int octet;
	while ((octet = base64_next(&reader)) >= 0) {
		octets[len++] = (char)octet;
		if (len < sizeof(octets))
			continue;
		if (buf_add(out, octets, len) < 0)
			return -1;
		len = 0;
	}
	return buf_add(out, octets, len);
}

/* The digits of one to three octets. */
static void base64_quad(struct span octets, char out[4])
{
	unsigned bits = 0;
	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < octets.len ? (unsigned char)octets.p[i] : 0u);
	for (size_t i = 0; i < 4; i++)
		out[i] = i <= octets.len ? base64_alphabet[bits >> (18 - 6 * i) & 63] : '=';
}

size_t base64_encode(struct span octets, char *out)
{
	size_t len = 0;
	for (; octets.len > 0; len += 4) {
		base64_quad(span_sub(octets, 0, 3), out + len);
		octets = span_sub(octets, 3, SIZE_MAX);
	}
	out[len] = '\0';
	return len;
}

int base64_add_encoded(struct buf *out, struct span octets)
{
	enum { PORTION = 3 * 128 };
	while (octets.len > 0) {
		char text[BASE64_SIZE(PORTION)];
		if (buf_add(out, text, base64_encode(span_sub(octets, 0, PORTION), text)) < 0)
			return -1;
		octets = span_sub(octets, PORTION, SIZE_MAX);
	}
	return buf_result(out);
}
