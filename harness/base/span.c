/* Borrowed octets. Pure. */
#include "harness/base/span.h"

#include <stdlib.h>
#include <string.h>

struct span span_of(const char *string)
{
	return (struct span){ string, string ? strlen(string) : 0 };
}

struct span span_make(const char *p, size_t len)
{
	return (struct span){ p, len };
}

struct span span_sub(struct span s, size_t from, size_t len)
{
	if (from > s.len)
		from = s.len;
	if (len > s.len - from)
		len = s.len - from;
	return (struct span){ s.p ? s.p + from : NULL, len };
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c)
{
	char l = ascii_lower(c);
	return l >= 'a' && l <= 'z';
}

bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool ascii_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool span_eq_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool span_is(struct span s, const char *literal)
{
	return span_eq(s, span_of(literal));
}

bool span_is_nocase(struct span s, const char *literal)
{
	return span_eq_nocase(s, span_of(literal));
}

bool span_is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] > 127)
			return false;
	return true;
}

bool span_starts(struct span s, struct span prefix)
{
	return s.len >= prefix.len && span_eq(span_sub(s, 0, prefix.len), prefix);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
	return s.len >= prefix.len && span_eq_nocase(span_sub(s, 0, prefix.len), prefix);
}

bool span_ends_nocase(struct span s, struct span suffix)
{
	return s.len >= suffix.len && span_eq_nocase(span_sub(s, s.len - suffix.len, suffix.len), suffix);
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

ptrdiff_t span_find(struct span s, struct span needle, size_t from)
{
	if (from > s.len || needle.len > s.len - from)
		return -1;
	if (needle.len == 0)
		return (ptrdiff_t)from;
	const char *hit = memmem(s.p + from, s.len - from, needle.p, needle.len);
	return hit ? hit - s.p : -1;
}

ptrdiff_t span_find_nocase(struct span s, struct span needle, size_t from)
{
	for (size_t i = from; i <= s.len && needle.len <= s.len - i; i++)
		if (span_eq_nocase(span_sub(s, i, needle.len), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t span_find_char(struct span s, char c, size_t from)
{
	if (from >= s.len)
		return -1;
	const char *hit = memchr(s.p + from, c, s.len - from);
	return hit ? hit - s.p : -1;
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && ascii_is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && ascii_is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool span_next(struct span *rest, char separator, struct span *ret_part)
{
	if (!rest->p)
		return false;
	ptrdiff_t at = span_find_char(*rest, separator, 0);
	if (at < 0) {
		*ret_part = *rest;
		*rest = (struct span){ NULL, 0 };
	} else {
		*ret_part = span_sub(*rest, 0, (size_t)at);
		*rest = span_sub(*rest, (size_t)at + 1, rest->len);
	}
	return true;
}

bool span_to_u64(struct span s, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*ret = value;
	return true;
}

char *span_dup(struct span s)
{
	char *copy = malloc(s.len + 1);
	if (!copy)
		return NULL;
	if (s.len)
		memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return copy;
}

bool span_copy(struct span s, char *out, size_t size)
{
	size_t n = s.len < size - 1 ? s.len : size - 1;
	if (n)
		memcpy(out, s.p, n);
	out[n] = '\0';
	return n == s.len;
}
