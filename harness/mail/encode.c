/* Header fields for the wire: RFC 2047 encoded words and folding. Must never let a value add a line of its own. */
#include "harness/mail/encode.h"

#include <string.h>

#include "harness/base/base64.h"
#include "harness/base/utf8.h"
#include "harness/mail/address.h"
#include "harness/mail/header.h"
#include "harness/mail/rfc5322.h"

enum {
	ENCODED_WORD_MAX = 75, /* RFC 2047 section 2 */
	ENCODED_FRAME = 12,    /* `=?UTF-8?Q?` and `?=` */
	VALUE_MAX = 1 << 20,
};

/* A field that is being written: knows how full its line is. */
struct folder {
	struct buf *out;
	size_t column;
	bool begun; /* a word stands behind the colon */
};

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] > 127)
			return false;
	return true;
}

static void put(struct folder *f, struct span s)
{
	buf_add_span(f->out, s);
	f->column += s.len;
}

static void new_line(struct folder *f)
{
	buf_add_str(f->out, "\r\n");
	f->column = 0;
	f->begun = true;
}

/* A word behind white space (at least one octet), on a new line where the old one has no room. */
static int put_word(struct folder *f, struct span space, struct span word, struct error *err)
{
	size_t len = space.len + word.len;
	/* The first word stays behind the colon as long as it may: `Subject:` alone on a line offends some readers. */
	if (f->column + len > (f->begun ? ENCODE_LINE_SOFT : ENCODE_LINE_HARD))
		new_line(f);
	if (len > ENCODE_LINE_HARD - f->column)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "a word of %zu octets does not fit into a header line of at most %d", word.len,
				 ENCODE_LINE_HARD);
	put(f, space);
	put(f, word);
	f->begun = true;
	return 0;
}

/* Octets that stand for themselves in a Q word, wherever it is used (RFC 2047 section 5 (3)). */
static bool is_q_plain(char c)
{
	return ascii_is_alnum(c) || (c && strchr("!*+-/", c));
}

static size_t q_length(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += is_q_plain(s.p[i]) || s.p[i] == ' ' ? 1 : 3;
	return n;
}

static size_t b_length(struct span s)
{
	return (s.len + 2) / 3 * 4;
}

static void add_q(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_q_plain(s.p[i]))
			buf_add_char(out, s.p[i]);
		else if (s.p[i] == ' ')
			buf_add_char(out, '_');
		else
			buf_addf(out, "=%02X", (unsigned char)s.p[i]);
	}
}

static void add_encoded_word(struct buf *out, struct span s, bool q)
{
	buf_add_str(out, q ? "=?UTF-8?Q?" : "=?UTF-8?B?");
	if (q)
		add_q(out, s);
	else
		base64_add_encoded(out, s);
	buf_add_str(out, "?=");
}

/* Octets of whole characters at the start of s whose encoded word is at most `room` long; at least one character. */
static size_t chunk(struct span s, size_t room, bool q)
{
	size_t n = 0;
	while (n < s.len) {
		size_t next = n + utf8_next(span_sub(s, n, SIZE_MAX), NULL);
		struct span part = span_sub(s, 0, next);
		if (n > 0 && ENCODED_FRAME + (q ? q_length(part) : b_length(part)) > room)
			break;
		n = next;
	}
	return n;
}

/* Valid UTF-8 as one or more encoded words behind `space`. */
static void put_encoded(struct folder *f, struct span space, struct span text)
{
	bool q = q_length(text) <= b_length(text);
	while (text.len > 0) {
		size_t used = f->column + space.len;
		/* Too little room for a few characters: rather a line of its own. */
		if (f->begun && used + ENCODED_FRAME + 24 > ENCODE_LINE_SOFT) {
			new_line(f);
			used = space.len;
		}
		size_t room = used < ENCODE_LINE_SOFT ? ENCODE_LINE_SOFT - used : 0;
		size_t n = chunk(text, room < ENCODED_WORD_MAX ? room : ENCODED_WORD_MAX, q);
		size_t before = f->out->len;
		buf_add_span(f->out, space);
		add_encoded_word(f->out, span_sub(text, 0, n), q);
		f->column += f->out->len - before;
		f->begun = true;
		text = span_sub(text, n, SIZE_MAX);
		space = SPAN_LIT(" ");
	}
}

/* The next word and the white space in front of it. */
static bool encode_next_word(struct span *rest, struct span *ret_space, struct span *ret_word)
{
	struct lexer l = { *rest, 0 };
	lexer_fws(&l);
	*ret_space = span_sub(*rest, 0, l.at);
	*ret_word = lexer_run(&l, is_not_space);
	*rest = span_sub(*rest, l.at, SIZE_MAX);
	return ret_word->len > 0;
}

/* What a reader would take for an encoded word, although it was not meant as one, is encoded as well. */
static bool must_encode(struct span word)
{
	return !is_ascii(word) || span_find(word, SPAN_LIT("=?"), 0) >= 0;
}

/* Text without control characters. White space between two encoded words is not shown, so that neighbours are encoded
 * together with what stands between them. */
static int put_unstructured(struct folder *f, struct span text, struct error *err)
{
	struct span space, word, rest = text;
	bool ascii = is_ascii(text);
	while (encode_next_word(&rest, &space, &word)) {
		if (!f->begun && space.len == 0)
			space = SPAN_LIT(" ");
		if (ascii || !must_encode(word)) {
			if (put_word(f, space, word, err) < 0)
				return -1;
			continue;
		}
		struct span run = word, ahead = rest, gap, next;
		while (encode_next_word(&ahead, &gap, &next) && must_encode(next)) {
			run.len = (size_t)(next.p - run.p) + next.len;
			rest = ahead;
		}
		put_encoded(f, span_sub(space, 0, 1), run);
	}
	return 0;
}

/* A display name as a phrase: words where it is made of atoms, else a quoted string, else encoded words. */
static int put_display(struct folder *f, struct span display, struct error *err)
{
	if (!is_ascii(display)) {
		put_encoded(f, SPAN_LIT(" "), display);
		return 0;
	}
	_cleanup_(buf_fini) struct buf phrase = BUF_INIT(VALUE_MAX);
	bool plain = true;
	for (size_t i = 0; i < display.len; i++)
		plain = plain && (is_atext(display.p[i]) || display.p[i] == ' ');
	if (!plain)
		buf_add_char(&phrase, '"');
	for (size_t i = 0; i < display.len; i++) {
		if (display.p[i] == '"' || display.p[i] == '\\')
			buf_add_char(&phrase, '\\');
		buf_add_char(&phrase, display.p[i]);
	}
	if (!plain)
		buf_add_char(&phrase, '"');
	if (buf_check(&phrase, "display name", err) < 0)
		return -1;
	struct span space, word, rest = buf_span(&phrase);
	while (encode_next_word(&rest, &space, &word))
		if (put_word(f, SPAN_LIT(" "), word, err) < 0)
			return -1;
	return 0;
}

static int put_addresses(struct folder *f, struct span text, struct error *err)
{
	struct address_list list;
	if (address_list_parse(&list, text, err) < 0) {
		err->kind = ERROR_CONFIG;
		return -1;
	}
	int rc = is_ascii(text) ? put_unstructured(f, text, err) : 0;
	for (size_t i = 0; rc == 0 && i < list.count && !is_ascii(text); i++) {
		_cleanup_(buf_fini) struct buf spec = BUF_INIT(VALUE_MAX);
		bool named = list.v[i].display.len > 0;
		if (named)
			buf_add_char(&spec, '<');
		address_add_spec(&spec, &list.v[i]);
		if (named)
			buf_add_char(&spec, '>');
		if (i + 1 < list.count)
			buf_add_char(&spec, ',');
		rc = buf_check(&spec, "address", err);
		if (rc == 0 && named)
			rc = put_display(f, list.v[i].display, err);
		if (rc == 0)
			rc = put_word(f, SPAN_LIT(" "), buf_span(&spec), err);
	}
	address_list_fini(&list);
	return rc;
}

static bool is_address_field(struct span name)
{
	static const char *const names[] = { "From",      "Sender",    "Reply-To",    "To",
					     "Cc",        "Bcc",       "Resent-From", "Resent-Sender",
					     "Resent-To", "Resent-Cc", "Resent-Bcc" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

static int check_text(struct span text, struct error *err)
{
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.p[i] < 32 && text.p[i] != '\t') || text.p[i] == 127)
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "control character 0x%02x at octet %zu",
					 (unsigned char)text.p[i], i);
	if (!utf8_valid(text))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "not valid UTF-8");
	return 0;
}

static int check_name(struct span name, struct error *err)
{
	bool good = name.len > 0 && name.len <= ENCODE_LINE_SOFT;
	for (size_t i = 0; good && i < name.len; i++)
		good = name.p[i] > 32 && name.p[i] < 127 && name.p[i] != ':';
	return good ? 0 : error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "not the name of a header field");
}

int encode_field(struct buf *out, struct span name, struct span value, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(VALUE_MAX);
	header_unfold(value, &text);
	int rc = check_name(name, err);
	if (rc == 0)
		rc = buf_check(&text, "value", err);
	if (rc == 0)
		rc = check_text(buf_span(&text), err);
	if (rc == 0) {
		struct folder f = { .out = out };
		put(&f, name);
		put(&f, SPAN_LIT(":"));
		if (is_address_field(name))
			rc = put_addresses(&f, buf_span(&text), err);
		else
			rc = put_unstructured(&f, buf_span(&text), err);
		buf_add_str(out, "\r\n");
	}
	if (rc == 0)
		rc = buf_check(out, "header", err);
	return rc < 0 ? error_prefix(err, "header field %.*s", SPAN_ARG(span_sub(name, 0, 80))) : 0;
}
