/* Charsets by iconv, and the encoded words of header fields (RFC 2047). What cannot be read is kept, never guessed. */
#include "harness/mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/base/compiler.h"
#include "harness/base/utf8.h"
#include "harness/mail/decode.h"
#include "harness/mail/header.h"

enum { CHARSET_NAME_MAX = 64, CHUNK = 4096, WORD_MAX = 75 /* RFC 2047 section 2 */, FIELD_MAX = 1024 * 1024 };

static bool is_utf8(struct span charset)
{
	return charset.len == 0 || span_is_nocase(charset, "utf-8") || span_is_nocase(charset, "utf8") ||
	       span_is_nocase(charset, "us-ascii") || span_is_nocase(charset, "ascii");
}

static enum charset_fault add_utf8(struct buf *out, struct span text)
{
	size_t at = 0;
	while (at < text.len) {
		size_t n = utf8_next(span_sub(text, at, SIZE_MAX), NULL);
		if (n == 0)
			break;
		at += n;
	}
	if (buf_add_span(out, span_sub(text, 0, at)) < 0)
		return CHARSET_LIMIT;
	return at == text.len ? CHARSET_FINE : CHARSET_INVALID;
}

static enum charset_fault convert(iconv_t converter, struct span octets, struct buf *out)
{
	char chunk[CHUNK];
	char *in = (char *)(uintptr_t)octets.p;
	size_t left = octets.len;
	while (left > 0) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(converter, &in, &left, &to, &room);
		int why = errno;
		if (buf_add(out, chunk, sizeof(chunk) - room) < 0)
			return CHARSET_LIMIT;
		if (rc == (size_t)-1 && why != E2BIG)
			return CHARSET_INVALID;
	}
	return CHARSET_FINE;
}

enum charset_fault charset_add_utf8(struct buf *out, struct span octets, struct span charset)
{
	char name[CHARSET_NAME_MAX];
	if (is_utf8(charset))
		return add_utf8(out, octets);
	/* glibc reads what follows a slash as options. */
	if (memchr(charset.p, '/', charset.len) || memchr(charset.p, '\0', charset.len) ||
	    !span_copy(charset, name, sizeof(name)))
		return CHARSET_UNKNOWN;
	iconv_t converter = iconv_open("UTF-8", name);
	if (converter == (iconv_t)-1)
		return CHARSET_UNKNOWN;
	enum charset_fault fault = convert(converter, octets, out);
	iconv_close(converter);
	return fault;
}

/* --- encoded words ---------------------------------------------------------------------------------------------- */

/* RFC 2047 section 4.2: as quoted-printable, with `_` for a space. */
static void decode_q(struct buf *out, struct span text)
{
	char spaced[WORD_MAX];
	for (size_t i = 0; i < text.len; i++)
		spaced[i] = text.p[i] == '_' ? ' ' : text.p[i];
	/* A final space would be taken for one that the transport has added. */
	size_t end = text.len;
	while (end > 0 && spaced[end - 1] == ' ')
		end--;
	decode_quoted_printable(out, span_make(spaced, end));
	buf_add(out, spaced + end, text.len - end);
}

/* `=?charset*language?Q?text?=` as a whole. */
static bool add_word(struct buf *out, struct span word)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(WORD_MAX);
	struct span charset, encoding, text;
	if (word.len > WORD_MAX || word.len < 6 || !span_starts(word, SPAN_LIT("=?")) ||
	    !span_ends_nocase(word, SPAN_LIT("?=")))
		return false;
	text = span_sub(word, 2, word.len - 4);
	if (!span_next(&text, '?', &charset) || !span_next(&text, '?', &encoding) || !text.p ||
	    span_find_char(text, '?', 0) >= 0)
		return false;
	struct span tagged = charset;
	span_next(&tagged, '*', &charset); /* RFC 2231 section 5: a language may follow */
	if (span_is_nocase(encoding, "q"))
		decode_q(&octets, text);
	else if (span_is_nocase(encoding, "b"))
		base64_add_decoded(&octets, text);
	else
		return false;
	if (buf_result(&octets) < 0) {
		buf_add_buf(out, &octets);
		return false;
	}
	return charset_add_utf8(out, buf_span(&octets), charset) == CHARSET_FINE;
}

static size_t run_of(struct span s, size_t at, bool space)
{
	size_t n = 0;
	while (at + n < s.len && ascii_is_space(s.p[at + n]) == space)
		n++;
	return n;
}

int charset_add_field(struct buf *out, struct span value)
{
	_cleanup_(buf_fini) struct buf flat = BUF_INIT(FIELD_MAX);
	bool after_word = false;
	size_t at = 0;
	if (header_unfold(value, &flat) < 0)
		return buf_add_buf(out, &flat);
	struct span s = buf_span(&flat);
	while (at < s.len) {
		struct span gap = span_sub(s, at, run_of(s, at, true));
		struct span word = span_sub(s, at + gap.len, run_of(s, at + gap.len, false));
		struct buf decoded = BUF_INIT(WORD_MAX * 4);
		bool is_word = add_word(&decoded, word);
		if (!after_word || !is_word)
			buf_add_span(out, gap);
		/* What does not fit is not a word; what there was no memory for may be one. */
		if (decoded.failed == BUF_NO_MEMORY)
			buf_add_buf(out, &decoded);
		buf_add_span(out, is_word ? buf_span(&decoded) : word);
		buf_fini(&decoded);
		after_word = is_word;
		at += gap.len + word.len;
	}
	return buf_result(out);
}
