/* Report addresses of DMARC records. */
#include "harness/auth/dmarc_uri.h"

#include <string.h>

/* `10m`: octets, or -1 where it is no limit (RFC 7489 section 6.2). */
static int64_t read_limit(struct span text)
{
	static const char units[] = "kmgt";
	uint64_t number = 0;
	unsigned shift = 0;
	const char *unit = text.len > 0 ? strchr(units, ascii_lower(text.p[text.len - 1])) : NULL;
	if (unit && *unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		text.len--;
	}
	if (!span_to_u64(text, (uint64_t)INT64_MAX >> shift, &number))
		return -1;
	return (int64_t)(number << shift);
}

/* RFC 3986 section 2: unreserved, reserved and percent, without the two that must be encoded here. */
static bool is_uri_char(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("-._~:/?#[]@$&'()*+;=%", c));
}

static struct span scheme_of(struct span uri)
{
	size_t n = 0;
	while (n < uri.len && (ascii_is_alnum(uri.p[n]) || (uri.p[n] != '\0' && strchr("+-.", uri.p[n]))))
		n++;
	bool valid = n > 0 && n < uri.len && uri.p[n] == ':' && ascii_is_alpha(uri.p[0]);
	return span_sub(uri, 0, valid ? n : 0);
}

bool dmarc_uri_parse(struct span text, struct dmarc_uri *ret)
{
	struct dmarc_uri uri = { .failure = ret->failure, .max_octets = -1 };
	ptrdiff_t limit = span_find_char(text, '!', 0);
	uri.uri = limit < 0 ? text : span_sub(text, 0, (size_t)limit);
	if (limit >= 0 && (uri.max_octets = read_limit(span_sub(text, (size_t)limit + 1, SIZE_MAX))) < 0)
		return false;
	struct span scheme = scheme_of(uri.uri), rest = span_sub(uri.uri, scheme.len + 1, SIZE_MAX), address;
	if (scheme.len == 0 || rest.len == 0)
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (!is_uri_char(rest.p[i]))
			return false;
	if (span_is_nocase(scheme, "mailto")) {
		span_next(&rest, '?', &address);
		ptrdiff_t at = span_find_char(address, '@', 0);
		uri.domain = span_sub(address, (size_t)at + 1, SIZE_MAX);
		if (at < 1 || uri.domain.len == 0 || span_find_char(uri.domain, '@', 0) >= 0)
			return false;
	}
	*ret = uri;
	return true;
}
