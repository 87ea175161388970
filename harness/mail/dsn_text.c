/* Notifications as text. Pure. What nobody's program writes must stay unread: a person who answers must not settle a
 * probe. */
#include "harness/mail/dsn_text.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/mail/charset.h"
#include "harness/mail/dsn_forms.h"
#include "harness/mail/part.h"

enum { FIELD_MAX = 4096, ADDRESS_MAX = 320 /* RFC 5321 section 4.5.3.1, and the @ */ };

struct dsn_text_finding {
	const struct dsn_form *form; /* NULL where the header alone says it */
	size_t at;                   /* of its phrase in the text */
	bool delayed;
};

/* Cuts the next line off; without its line end. */
static bool dsn_text_line(struct span *rest, struct span *ret)
{
	if (!span_next(rest, '\n', ret))
		return false;
	*ret = span_trim(*ret);
	return true;
}

struct span dsn_text_cut(struct span text)
{
	struct span rest = text, line;
	for (size_t at = 0; at < text.len && dsn_text_line(&rest, &line);
	     at = rest.p ? (size_t)(rest.p - text.p) : text.len)
		if (dsn_form_ends(line))
			return span_sub(text, 0, at);
	return text;
}

ptrdiff_t dsn_text_fields(struct span explanation)
{
	struct span rest = explanation, line;
	while (dsn_text_line(&rest, &line))
		if (span_starts_nocase(line, SPAN_LIT("Reporting-MTA:")) ||
		    span_starts_nocase(line, SPAN_LIT("Final-Recipient:")))
			return line.p - explanation.p;
	return -1;
}

int dsn_text_squeeze(struct span text, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < text.len;) {
		size_t lines = 0, from = i;
		for (; i < text.len && ascii_is_space(text.p[i]); i++)
			lines += text.p[i] == '\n';
		if (i > from && i < text.len && out->len > 0)
			buf_add_char(out, lines > 1 ? '\n' : ' ');
		for (from = i; i < text.len && !ascii_is_space(text.p[i]); i++)
			;
		buf_add_span(out, span_sub(text, from, i - from));
	}
	return out->failed ? error_memory(err) : 0;
}

static bool dsn_text_inside_word(char c)
{
	return ascii_is_alnum(c) || c == '.' || c == '_' || c == '@' || (unsigned char)c >= 0x80;
}

static bool dsn_text_begins(struct span t, size_t at)
{
	return at == 0 || !dsn_text_inside_word(t.p[at - 1]);
}

/* `550`: the length, or 0. Only what RFC 5321 and its extensions use as second digit. */
static size_t dsn_text_reply(struct span t, size_t at)
{
	struct span code = span_sub(t, at, 3);
	if (code.len < 3 || !dsn_text_begins(t, at) || (code.p[0] != '4' && code.p[0] != '5') ||
	    !ascii_is_digit(code.p[1]) || code.p[1] == '6' || code.p[1] > '7' || !ascii_is_digit(code.p[2]))
		return 0;
	struct span behind = span_sub(t, at + 3, 2);
	if (behind.len == 2 && behind.p[0] == '.')
		behind = span_sub(behind, 1, 1);
	return behind.len > 0 && behind.p[0] != '.' && dsn_text_inside_word(behind.p[0]) ? 0 : 3;
}

/* `5.1.1` of class 4 or 5 (RFC 3463 section 2): the length, or 0. Four numbers are an address, not a status. */
static size_t dsn_text_status(struct span t, size_t at)
{
	size_t i = at + 1;
	if (!dsn_text_begins(t, at) || (t.p[at] != '4' && t.p[at] != '5'))
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;
		if (i >= t.len || t.p[i] != '.')
			return 0;
		for (i++; i < t.len && ascii_is_digit(t.p[i]); i++)
			digits++;
		if (digits == 0 || digits > 3)
			return 0;
	}
	bool more = i + 1 < t.len && t.p[i] == '.' && ascii_is_digit(t.p[i + 1]);
	return more || (i < t.len && ascii_is_alpha(t.p[i])) ? 0 : i - at;
}

struct span dsn_text_diagnostic(struct span t)
{
	for (size_t i = 0; i < t.len; i++)
		if (dsn_text_reply(t, i) || dsn_text_status(t, i)) {
			struct span rest = span_sub(t, i, DSN_TEXT_DIAGNOSTIC_MAX);
			ptrdiff_t end = span_find_char(rest, '\n', 0);
			return end < 0 ? rest : span_sub(rest, 0, (size_t)end);
		}
	return (struct span){ 0 };
}

/* Whether a server is quoted: a status, or a reply behind what leads to one. A number in a sentence is neither. */
static bool dsn_text_quotes(struct span t)
{
	for (size_t i = 0; i < t.len; i++) {
		size_t before = i;
		if (dsn_text_status(t, i))
			return true;
		if (!dsn_text_reply(t, i))
			continue;
		while (before > 0 && t.p[before - 1] == ' ')
			before--;
		if (before == 0 || strchr(":<>\"'(-\n", t.p[before - 1]))
			return true;
	}
	return false;
}

static struct span dsn_text_first_status(struct span t)
{
	for (size_t i = 0; i < t.len; i++) {
		size_t len = dsn_text_status(t, i);
		if (len)
			return span_sub(t, i, len);
	}
	return (struct span){ 0 };
}

static bool dsn_text_in_address(char c)
{
	return (ascii_is_alnum(c) || (unsigned char)c >= 0x80 || (c != '\0' && strchr(".!#$%&'*+-/=?^_`{|}~@", c)));
}

/* Whether the address behind this text is that of a postmaster who can help, not of a recipient. */
static bool dsn_text_is_helper(struct span before)
{
	while (before.len > 0 && strchr("< ", before.p[before.len - 1]))
		before.len--;
	return span_ends_nocase(before, SPAN_LIT("contact"));
}

/* The first address at or after `from`; with `marked` only one that stands as `<a@b>:` in front of its reason. */
static struct span dsn_text_address(struct span t, size_t from, bool marked)
{
	ptrdiff_t at = (ptrdiff_t)from - 1;
	while ((at = span_find_char(t, '@', (size_t)(at + 1))) >= 0) {
		size_t begin = (size_t)at, end = (size_t)at + 1;
		while (begin > 0 && t.p[begin - 1] != '@' && dsn_text_in_address(t.p[begin - 1]))
			begin--;
		while (end < t.len && t.p[end] != '@' && dsn_text_in_address(t.p[end]))
			end++;
		while (end > (size_t)at + 1 && strchr(".'", t.p[end - 1]))
			end--;
		bool whole = begin < (size_t)at && end > (size_t)at + 1 && end - begin <= ADDRESS_MAX;
		if (whole && !dsn_text_is_helper(span_sub(t, 0, begin)) &&
		    (!marked || span_starts(span_sub(t, end, 2), SPAN_LIT(">:"))))
			return span_sub(t, begin, end - begin);
	}
	return (struct span){ 0 };
}

/* Whether it comes from a mail system: by its author, or by a type that no person's program writes. */
static bool dsn_text_from_system(const struct header *h)
{
	char type[PART_BOUNDARY_MAX];
	size_t len = part_read_parameter(header_value(h, "Content-Type"), "report-type", type);
	if (span_is_nocase(span_make(type, len), "delivery-status"))
		return true;
	return dsn_form_is_system(span_sub(header_value(h, "From"), 0, FIELD_MAX));
}

static void dsn_text_lower(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		b->p[i] = ascii_lower(b->p[i]);
}

/* `lowered`: the text in lower case. */
static bool dsn_text_recognise(const struct header *h, struct span text, struct span lowered,
			       struct dsn_text_finding *ret)
{
	_cleanup_(buf_fini) struct buf buf = BUF_INIT(FIELD_MAX);
	bool from_system = dsn_text_from_system(h);
	size_t at = 0;
	charset_add_field(&buf, span_sub(header_value(h, "Subject"), 0, FIELD_MAX / 4));
	dsn_text_lower(&buf);
	struct span subject = buf_span(&buf);
	*ret = (struct dsn_text_finding){ 0 };
	bool server_speaks = dsn_text_quotes(text) || dsn_text_address(text, 0, true).len > 0;
	/* A phrase that people use too needs more to go by. */
	bool anybody = from_system || server_speaks;
	ret->form = dsn_form_find(lowered, FORM_TEXT, false, anybody, &ret->at);
	bool failed = ret->form || header_find(h, "X-Failed-Recipients", 0) >= 0 ||
		      (from_system && (server_speaks || dsn_form_find(subject, FORM_SUBJECT, false, true, &at)));
	const struct dsn_form *delay = dsn_form_find(lowered, FORM_TEXT, true, anybody, &at);
	if (delay) {
		ret->form = delay;
		ret->at = at;
	} else if (from_system) {
		delay = dsn_form_find(subject, FORM_SUBJECT, true, true, &at);
	}
	ret->delayed = delay != NULL;
	return failed || ret->delayed;
}

/* The first of X-Failed-Recipients, else of the text. */
static struct span dsn_text_recipient(struct span failed, struct span text, size_t from)
{
	struct span s = dsn_text_address(failed, 0, false);
	if (!s.len)
		s = dsn_text_address(text, 0, true);
	if (!s.len)
		s = dsn_text_address(text, from, false);
	return s.len ? s : dsn_text_address(text, 0, false);
}

/* Where no server is quoted: what stands behind the recipient, or else behind the phrase, to the end of the paragraph.
 */
static struct span dsn_text_words(struct span text, struct span recipient, size_t from)
{
	ptrdiff_t at = recipient.len ? span_find_nocase(text, recipient, from) : -1;
	struct span rest = span_sub(text, at >= 0 ? (size_t)at : from, DSN_TEXT_DIAGNOSTIC_MAX);
	ptrdiff_t end = span_find_char(rest, '\n', 0);
	/* An address alone on its line: the reason is the paragraph below. */
	if (end >= 0 && recipient.len && (size_t)end <= recipient.len + 2)
		end = span_find_char(rest, '\n', (size_t)end + 1);
	return end < 0 ? rest : span_sub(rest, 0, (size_t)end);
}

/* Puts both into one block: the recipient of the field, then the text; line ends become spaces. */
static char *dsn_text_own(struct span failed, struct span text)
{
	char *octets = malloc(failed.len + text.len + 1);
	for (size_t i = 0; octets && i < failed.len + text.len; i++) {
		char c = i < failed.len ? failed.p[i] : text.p[i - failed.len];
		octets[i] = c == '\r' || c == '\n' ? ' ' : c;
	}
	return octets;
}

static struct span dsn_text_move(struct span s, struct span from, const char *to)
{
	return s.len ? span_make(to + (s.p - from.p), s.len) : s;
}

int dsn_text_read(const struct header *header, struct span explanation, struct dsn_text *ret, char **ret_octets,
		  struct error *err)
{
	_cleanup_(buf_fini) struct buf squeezed = BUF_INIT(DSN_TEXT_MAX + 1), lowered = BUF_INIT(DSN_TEXT_MAX + 1);
	struct dsn_text_finding finding;
	if (dsn_text_squeeze(span_sub(explanation, 0, DSN_TEXT_MAX), &squeezed, err) < 0)
		return -1;
	struct span text = buf_span(&squeezed);
	if (buf_add_span(&lowered, text) < 0)
		return error_memory(err);
	dsn_text_lower(&lowered);
	if (!dsn_text_recognise(header, text, buf_span(&lowered), &finding))
		return 0;
	struct span field = span_sub(header_value(header, "X-Failed-Recipients"), 0, FIELD_MAX);
	char *octets = dsn_text_own(field, text);
	if (!octets)
		return error_memory(err);
	struct span recipient = dsn_text_recipient(field, text, finding.at);
	bool from_field = recipient.len && field.len && recipient.p >= field.p && recipient.p < field.p + field.len;
	struct span diagnostic = dsn_text_diagnostic(text);
	struct span status = dsn_text_first_status(diagnostic);
	if (!diagnostic.len)
		diagnostic = dsn_text_words(text, recipient, finding.at);
	*ret = (struct dsn_text){
		.recipient = dsn_text_move(recipient, from_field ? field : text,
					   from_field ? octets : octets + field.len),
		.delayed = finding.delayed,
		.status = dsn_text_move(status, text, octets + field.len),
		.diagnostic = dsn_text_move(diagnostic, text, octets + field.len),
	};
	*ret_octets = octets;
	return 1;
}
