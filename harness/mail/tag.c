/* Tags: made, written and found again. Pure but for tag_new, which asks the system's random source. */
#include "harness/mail/tag.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "harness/base/text.h"
#include "harness/mail/address.h"

/* An address is no longer (RFC 5321 section 4.5.3.1.3), quoting and UTF-8 included. */
enum { TAG_ADDRESS_MAX = 1024 };

int tag_new(char out[TAG_SIZE], struct error *err)
{
	unsigned char random[TAG_LEN / 2];
	/* Up to 256 octets come whole (getrandom(2)); only a signal before the pool is ready can cut in. */
	ssize_t n;
	do
		n = getrandom(random, sizeof(random), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(random))
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "random source");
	hex_encode(random, sizeof(random), out);
	return 0;
}

static bool is_hex(char c)
{
	c = ascii_lower(c);
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

bool tag_valid(struct span s)
{
	if (s.len != TAG_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_hex(s.p[i]))
			return false;
	return true;
}

static bool tag_take(struct span s, char out[TAG_SIZE])
{
	if (!tag_valid(s))
		return false;
	for (size_t i = 0; i < TAG_LEN; i++)
		out[i] = ascii_lower(s.p[i]);
	out[TAG_LEN] = '\0';
	return true;
}

int tag_add_message_id(struct buf *out, const char *tag, struct span domain)
{
	buf_add_str(out, TAG_ID_PREFIX);
	buf_add_str(out, tag);
	buf_add_char(out, '@');
	return buf_add_span(out, domain);
}

int tag_add_subject(struct buf *out, const char *tag)
{
	buf_add_str(out, TAG_SUBJECT_PREFIX);
	buf_add_str(out, tag);
	return buf_add_char(out, ']');
}

bool tag_pattern_valid(struct span pattern)
{
	struct span placeholder = SPAN_LIT(TAG_PLACEHOLDER);
	ptrdiff_t at = span_find_nocase(pattern, placeholder, 0);
	size_t braces = 0;
	for (size_t i = 0; i < pattern.len; i++)
		braces += pattern.p[i] == '{' || pattern.p[i] == '}';
	return at >= 0 && braces == 2 && span_find_char(pattern, '@', 0) > 0;
}

int tag_add_pattern(struct buf *out, struct span pattern, const char *tag)
{
	struct span placeholder = SPAN_LIT(TAG_PLACEHOLDER);
	ptrdiff_t at = span_find_nocase(pattern, placeholder, 0);
	if (at < 0)
		return buf_add_span(out, pattern);
	buf_add_span(out, span_sub(pattern, 0, (size_t)at));
	buf_add_str(out, tag);
	return buf_add_span(out, span_sub(pattern, (size_t)at + placeholder.len, SIZE_MAX));
}

/* The first tag in the text that stands between the two. */
static bool find_between(struct span text, struct span before, char after, char out[TAG_SIZE])
{
	for (ptrdiff_t at = 0; (at = span_find_nocase(text, before, (size_t)at)) >= 0; at++) {
		size_t tag = (size_t)at + before.len;
		if (tag + TAG_LEN < text.len && text.p[tag + TAG_LEN] == after &&
		    tag_take(span_sub(text, tag, TAG_LEN), out))
			return true;
	}
	return false;
}

bool tag_from_message_id(struct span text, char out[TAG_SIZE])
{
	return find_between(text, SPAN_LIT(TAG_ID_PREFIX), '@', out);
}

bool tag_from_subject(struct span text, char out[TAG_SIZE])
{
	return find_between(text, SPAN_LIT(TAG_SUBJECT_PREFIX), ']', out);
}

bool tag_next(struct span text, size_t *at, char out[TAG_SIZE])
{
	size_t run = 0;
	for (size_t i = *at; i < text.len; i++) {
		run = is_hex(text.p[i]) ? run + 1 : 0;
		if (run < TAG_LEN)
			continue;
		size_t begin = i + 1 - TAG_LEN;
		*at = begin + 1;
		return tag_take(span_sub(text, begin, TAG_LEN), out);
	}
	*at = text.len;
	return false;
}

/* Where nobody but us writes a tag. */
static bool tag_from_own_fields(const struct header *h, char out[TAG_SIZE])
{
	for (ptrdiff_t i = header_find(h, TAG_FIELD, 0); i >= 0; i = header_find(h, TAG_FIELD, (size_t)i + 1))
		if (tag_take(span_trim(h->fields[i].value), out))
			return true;
	return tag_from_message_id(header_value(h, "Message-ID"), out);
}

bool tag_from_header(const struct header *h, char out[TAG_SIZE])
{
	return tag_from_own_fields(h, out) || tag_from_subject(header_value(h, "Subject"), out);
}

/* Adds the one address of a field, `local@domain`. */
static bool tag_one_address(struct span value, struct buf *out)
{
	struct address_list list;
	struct error ignored = ERROR_INIT;
	if (address_list_parse(&list, value, &ignored) < 0)
		return false;
	bool one = list.count == 1 && address_add_spec(out, &list.v[0]) == 0;
	address_list_fini(&list);
	return one;
}

static bool written_by(const struct header *h, struct span from)
{
	_cleanup_(buf_fini) struct buf author = BUF_INIT(TAG_ADDRESS_MAX), service = BUF_INIT(TAG_ADDRESS_MAX);
	struct span submitted = span_trim(header_value(h, "Auto-Submitted")); /* RFC 3834 section 5 */
	return (submitted.len == 0 || span_is_nocase(submitted, "no")) &&
	       tag_one_address(header_value(h, "From"), &author) && tag_one_address(from, &service) &&
	       span_is_nocase(buf_span(&author), buf_str(&service));
}

bool tag_of_probe(const struct header *h, struct span from, char out[TAG_SIZE])
{
	return tag_from_own_fields(h, out) ||
	       (written_by(h, from) && tag_from_subject(header_value(h, "Subject"), out));
}
