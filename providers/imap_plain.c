/* Reads responses loosely and writes them strictly. Must never write octets of the server outside of a literal, but for
 * words of letters and digits. */
#include "providers/imap_plain.h"

#include <inttypes.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/mail/date.h"

enum { WORD_OCTETS = 40 };

/* --- the parts of a response ------------------------------------------------------------------------------------ */

struct imap_plain_reader {
	struct span rest;
};

static bool reader_at(const struct imap_plain_reader *r, char c)
{
	return r->rest.len > 0 && r->rest.p[0] == c;
}

static void reader_skip(struct imap_plain_reader *r, size_t n)
{
	r->rest = span_sub(r->rest, n, SIZE_MAX);
}

static void skip_blanks(struct imap_plain_reader *r)
{
	while (r->rest.len > 0 && ascii_is_space(r->rest.p[0]))
		reader_skip(r, 1);
}

static struct span take(struct imap_plain_reader *r, size_t n)
{
	struct span part = span_sub(r->rest, 0, n);
	reader_skip(r, part.len);
	return part;
}

/* Up to a blank or a parenthesis; what stands in brackets belongs to the word, as in `BODY[HEADER.FIELDS (A B)]<0>`. */
static struct span take_word(struct imap_plain_reader *r)
{
	size_t n = 0;
	for (bool bracket = false; n < r->rest.len; n++) {
		char c = r->rest.p[n];
		if (c == '\r' || c == '\n' || (!bracket && (ascii_is_space(c) || c == '(' || c == ')')))
			break;
		bracket = c == '[' || (bracket && c != ']');
	}
	return take(r, n);
}

/* The octets of `{n}` or `{n+}`, CR LF; false where none begins here. */
static bool take_literal(struct imap_plain_reader *r, struct span *ret)
{
	uint64_t size;
	ptrdiff_t close = reader_at(r, '{') ? span_find_char(r->rest, '}', 0) : -1;
	if (close < 0)
		return false;
	struct span digits = span_sub(r->rest, 1, (size_t)close - 1);
	if (digits.len > 0 && digits.p[digits.len - 1] == '+')
		digits.len--;
	size_t begin = (size_t)close + 1;
	begin += begin < r->rest.len && r->rest.p[begin] == '\r';
	if (!span_to_u64(digits, UINT32_MAX, &size) || begin >= r->rest.len || r->rest.p[begin] != '\n' ||
	    size > r->rest.len - begin - 1)
		return false;
	reader_skip(r, begin + 1);
	*ret = take(r, (size_t)size);
	return true;
}

/* How long the quoted string is that begins here, with its quotes; 0 where it does not end. */
static size_t quoted_length(struct span s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* A string without what it is written in: between the quotes, with its backslashes. */
static bool take_quoted(struct imap_plain_reader *r, struct span *ret)
{
	size_t len = reader_at(r, '"') ? quoted_length(r->rest) : 0;
	if (len == 0)
		return false;
	*ret = span_sub(take(r, len), 1, len - 2);
	return true;
}

/* A value that is of no interest: an atom, a string, or a list of such. False where it does not end. */
static bool skip_value(struct imap_plain_reader *r)
{
	struct span ignored;
	size_t depth = 0;
	do {
		skip_blanks(r);
		if (r->rest.len == 0)
			return false;
		if (reader_at(r, '(') || reader_at(r, ')')) {
			if (reader_at(r, ')') && depth == 0)
				return true; /* an item without a value */
			depth = reader_at(r, '(') ? depth + 1 : depth - 1;
			reader_skip(r, 1);
		} else if (!take_literal(r, &ignored) && !take_quoted(r, &ignored) && take_word(r).len == 0) {
			return false;
		}
	} while (depth > 0);
	return true;
}

/* --- FETCH ------------------------------------------------------------------------------------------------------ */

struct imap_plain_item {
	uint64_t uid, size;
	int64_t internal_ms;
	bool has_size, has_date, has_body, header;
	struct span body, origin;
};

static bool take_number(struct imap_plain_reader *r, uint64_t max, uint64_t *ret)
{
	skip_blanks(r);
	struct imap_plain_reader here = *r;
	if (span_to_u64(take_word(&here), max, ret)) {
		*r = here;
		return true;
	}
	return !skip_value(r);
}

static void take_date(struct imap_plain_reader *r, struct imap_plain_item *item)
{
	struct span text;
	skip_blanks(r);
	if (!take_quoted(r, &text))
		skip_value(r);
	else
		item->has_date = date_parse_imap(text, &item->internal_ms) ||
				 date_parse_received(text, &item->internal_ms);
}

/* `BODY[...]` or `BODY[...]<origin>` was read. */
static void take_body(struct imap_plain_reader *r, struct span name, struct imap_plain_item *item)
{
	struct span octets;
	skip_blanks(r);
	if (!take_literal(r, &octets) && !take_quoted(r, &octets)) {
		skip_value(r); /* NIL */
		return;
	}
	ptrdiff_t close = span_find_char(name, ']', 0);
	struct span section = span_sub(name, 5, close < 5 ? SIZE_MAX : (size_t)close - 5);
	item->has_body = true;
	item->body = octets;
	item->header = section.len > 0;
	item->origin = close < 0 ? SPAN_LIT("") : span_sub(name, (size_t)close + 1, SIZE_MAX);
}

/* The items of `(UID 5 ...)`, up to one that cannot be read. */
static struct imap_plain_item read_items(struct imap_plain_reader *r)
{
	struct imap_plain_item item = { 0 };
	for (;;) {
		skip_blanks(r);
		struct span name = take_word(r);
		if (name.len == 0)
			return item;
		if (span_is_nocase(name, "UID"))
			take_number(r, UINT32_MAX, &item.uid);
		else if (span_is_nocase(name, "RFC822.SIZE"))
			item.has_size = take_number(r, UINT32_MAX, &item.size);
		else if (span_is_nocase(name, "INTERNALDATE"))
			take_date(r, &item);
		else if (span_starts_nocase(name, SPAN_LIT("BODY[")))
			take_body(r, name, &item);
		else if (!skip_value(r))
			return item;
	}
}

static void add_literal(struct buf *out, struct span octets)
{
	buf_addf(out, "{%zu}\r\n", octets.len);
	buf_add_span(out, octets);
}

/* `30-Nov-2026 17:00:00 +0000` */
static void add_plain_date(struct buf *out, int64_t ms)
{
	enum { DAY_NAME = 5 }; /* `Mon, ` */
	char text[TIME_TEXT_MAX];
	time_rfc5322(ms, text);
	text[DAY_NAME + 2] = text[DAY_NAME + 6] = '-';
	buf_addf(out, " INTERNALDATE \"%s\"", text + DAY_NAME);
}

static void add_plain_body(struct buf *out, const struct imap_plain_item *item)
{
	uint64_t origin;
	struct span digits = span_sub(item->origin, 1, item->origin.len > 1 ? item->origin.len - 2 : 0);
	buf_addf(out, " BODY[%s]", item->header ? "HEADER" : "");
	if (span_starts(item->origin, SPAN_LIT("<")) && span_to_u64(digits, UINT32_MAX, &origin))
		buf_addf(out, "<%" PRIu64 ">", origin);
	buf_add_char(out, ' ');
	add_literal(out, item->body);
}

static void add_fetch(struct buf *out, struct span number, struct imap_plain_reader *r)
{
	skip_blanks(r);
	if (!reader_at(r, '('))
		return;
	reader_skip(r, 1);
	struct imap_plain_item item = read_items(r);
	if (item.uid == 0)
		return;
	buf_addf(out, "* %.*s FETCH (UID %" PRIu64, SPAN_ARG(number), item.uid);
	if (item.has_date)
		add_plain_date(out, item.internal_ms);
	if (item.has_size)
		buf_addf(out, " RFC822.SIZE %" PRIu64, item.size);
	if (item.has_body)
		add_plain_body(out, &item);
	buf_add_str(out, ")\r\n");
}

/* --- LIST ------------------------------------------------------------------------------------------------------- */

static bool is_attribute(struct span word)
{
	/* libetpan takes one of these, and we none. */
	static const char *const once[] = { "\\Marked", "\\Unmarked", "\\Noinferiors" };
	for (size_t i = 0; i < ARRAY_LEN(once); i++)
		if (span_is_nocase(word, once[i]))
			return false;
	for (size_t i = 1; i < word.len; i++)
		if (!ascii_is_alnum(word.p[i]) && word.p[i] != '-' && word.p[i] != '.')
			return false;
	return word.len > 1 && word.len <= WORD_OCTETS && word.p[0] == '\\';
}

/* `(\HasNoChildren \Junk)`; false where it is no list. */
static bool take_attributes(struct imap_plain_reader *r, struct buf *plain)
{
	skip_blanks(r);
	ptrdiff_t close = reader_at(r, '(') ? span_find_char(r->rest, ')', 0) : -1;
	if (close < 0)
		return false;
	struct span words = span_sub(r->rest, 1, (size_t)close - 1), word;
	reader_skip(r, (size_t)close + 1);
	while (span_next(&words, ' ', &word)) {
		word = span_trim(word);
		if (!is_attribute(word) || span_find_nocase(buf_span(plain), word, 0) >= 0)
			continue;
		buf_addf(plain, "%s%.*s", plain->len ? " " : "", SPAN_ARG(word));
	}
	return true;
}

/* The delimiter; 0 for NIL, "" and what is longer than one octet. */
static char take_delimiter(struct imap_plain_reader *r)
{
	struct span text = { 0 };
	skip_blanks(r);
	if (!take_quoted(r, &text))
		take_word(r);
	if (text.len == 2 && text.p[0] == '\\')
		return text.p[1];
	return text.len == 1 ? text.p[0] : 0;
}

/* Where extended data (RFC 5258 section 3.5) begins behind a name, ` ("OLDNAME" (...))`; all of it where there is none.
 */
static size_t before_extended(struct span rest)
{
	ptrdiff_t at = rest.len > 0 && rest.p[rest.len - 1] == ')' ? span_find(rest, SPAN_LIT(" (\""), 0) : -1;
	return at < 0 ? rest.len : (size_t)at;
}

static void unescape(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\\' && i + 1 < text.len && (text.p[i + 1] == '"' || text.p[i + 1] == '\\'))
			i++;
		buf_add_char(out, text.p[i]);
	}
}

/* A name in quotes, some of which may be its own; or one without, in which blanks may be. */
static void add_name(struct span rest, struct buf *name)
{
	while (rest.len > 0 &&
	       (rest.p[rest.len - 1] == ' ' || rest.p[rest.len - 1] == '\r' || rest.p[rest.len - 1] == '\n'))
		rest.len--;
	if (rest.len > 0 && rest.p[0] == '"') {
		size_t len = quoted_length(rest);
		struct span behind = span_sub(rest, len, SIZE_MAX);
		if (len > 0 && (behind.len == 0 || span_starts(behind, SPAN_LIT(" ("))))
			rest.len = len;
		if (rest.len > 1 && rest.p[rest.len - 1] == '"') {
			unescape(span_sub(rest, 1, rest.len - 2), name);
			return;
		}
	}
	buf_add_span(name, span_sub(rest, 0, before_extended(rest)));
}

static void add_list(struct buf *out, struct imap_plain_reader *r)
{
	_cleanup_(buf_fini) struct buf attributes = BUF_INIT(r->rest.len), name = BUF_INIT(r->rest.len);
	struct span literal;
	if (!take_attributes(r, &attributes))
		return;
	char delimiter = take_delimiter(r);
	while (reader_at(r, ' '))
		reader_skip(r, 1);
	if (take_literal(r, &literal))
		buf_add_span(&name, literal);
	else
		add_name(r->rest, &name);
	if (name.len == 0 || span_find_char(buf_span(&name), '\0', 0) >= 0 || buf_result(&name) < 0)
		return;
	buf_addf(out, "* LIST (%s) ", buf_str(&attributes));
	if (delimiter == '"' || delimiter == '\\')
		buf_addf(out, "\"\\%c\" ", delimiter);
	else if (delimiter > ' ' && delimiter < 0x7f)
		buf_addf(out, "\"%c\" ", delimiter);
	else
		buf_add_str(out, "NIL ");
	add_literal(out, buf_span(&name));
	buf_add_str(out, "\r\n");
}

void imap_plain_add(struct buf *out, struct span response)
{
	struct imap_plain_reader r = { response };
	uint64_t number;
	if (!reader_at(&r, '*'))
		return;
	reader_skip(&r, 1);
	skip_blanks(&r);
	struct span word = take_word(&r), name = word;
	if (span_is_nocase(word, "LIST")) {
		add_list(out, &r);
		return;
	}
	skip_blanks(&r);
	name = take_word(&r);
	if (span_to_u64(word, UINT32_MAX, &number) && number > 0 && span_is_nocase(name, "FETCH"))
		add_fetch(out, word, &r);
}
