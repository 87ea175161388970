/* Macro strings of SPF. One walk over the tokens serves the check of the syntax and the expansion. */
#include "harness/auth/spf_macro.h"

#include <string.h>

enum {
	NAME_MAX_OCTETS = 253, /* RFC 7208 section 7.3 */
	TAIL_OCTETS = 512,     /* what is kept of a name that grows: cutting from the left needs no more */
	ADDRESS_TEXT_MAX = 80, /* 32 nibbles with dots between them */
};

static bool is_delimiter(char c)
{
	return c != '\0' && strchr(".-+,/_=", c);
}

/* Reads `s3r-}` behind `%{`. Returns how many octets it takes, or 0 with *ret_at the offset of the fault. */
static size_t read_braces(struct span s, enum spf_macro_place place, struct spf_macro *ret, size_t *ret_at,
			  const char **ret_what)
{
	size_t at = 1, start;
	*ret_at = 0;
	*ret_what = "unknown macro letter";
	if (s.len == 0 || s.p[0] == '\0' || !strchr("slodipvhcrt", ascii_lower(s.p[0])))
		return 0;
	ret->letter = ascii_lower(s.p[0]);
	ret->url_escape = ret->letter != s.p[0];
	if (place == SPF_MACRO_TERM && strchr("crt", ret->letter)) {
		*ret_what = "a macro letter that only explanations may have";
		return 0;
	}
	for (start = at; at < s.len && ascii_is_digit(s.p[at]); at++)
		if (ret->parts < SIZE_MAX / 100)
			ret->parts = ret->parts * 10 + (size_t)(s.p[at] - '0');
	*ret_at = start;
	*ret_what = "a macro with 0 parts";
	if (at > start && ret->parts == 0)
		return 0;
	ret->reverse = at < s.len && ascii_lower(s.p[at]) == 'r';
	at += ret->reverse;
	for (start = at; at < s.len && is_delimiter(s.p[at]);)
		at++;
	ret->delimiters = at > start ? span_sub(s, start, at - start) : SPAN_LIT(".");
	*ret_at = at;
	*ret_what = "a macro without its closing brace";
	return at < s.len && s.p[at] == '}' ? at + 1 : 0;
}

static bool spf_macro_is_literal(char c, enum spf_macro_place place)
{
	return (c > 0x20 && c < 0x7f && c != '%') || (c == ' ' && place == SPF_MACRO_EXPLANATION);
}

static int read_percent(struct span *rest, enum spf_macro_place place, struct spf_macro *ret, const char **ret_what)
{
	char second = rest->len > 1 ? rest->p[1] : '\0';
	size_t used = 2;
	if (second == '{') {
		size_t at, inner = read_braces(span_sub(*rest, 2, rest->len), place, ret, &at, ret_what);
		if (inner == 0) {
			*rest = span_sub(*rest, 2 + at, rest->len);
			return -1;
		}
		used += inner;
	} else if (second == '%' || second == '_' || second == '-') {
		ret->letter = second;
	} else {
		*ret_what = "a `%` that begins no macro";
		return -1;
	}
	ret->text = span_sub(*rest, 0, used);
	*rest = span_sub(*rest, used, rest->len);
	return 1;
}

int spf_macro_next(struct span *rest, enum spf_macro_place place, struct spf_macro *ret, const char **ret_what)
{
	size_t n = 0;
	*ret = (struct spf_macro){ 0 };
	if (rest->len == 0)
		return 0;
	if (rest->p[0] == '%')
		return read_percent(rest, place, ret, ret_what);
	while (n < rest->len && spf_macro_is_literal(rest->p[n], place))
		n++;
	if (n == 0) {
		*ret_what = "an octet that is not visible US-ASCII";
		return -1;
	}
	ret->text = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n, rest->len);
	return 1;
}

bool spf_macro_uses(struct span text, const char *letters)
{
	struct spf_macro macro;
	const char *what;
	while (spf_macro_next(&text, SPF_MACRO_EXPLANATION, &macro, &what) > 0)
		if (macro.letter && strchr(letters, macro.letter))
			return true;
	return false;
}

/* RFC 3986 section 2.3. */
static bool is_unreserved(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_value(struct buf *out, struct span value, bool url_escape)
{
	static const char digits[] = "0123456789ABCDEF";
	if (!url_escape) {
		buf_add_span(out, value);
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.p[i];
		const char escaped[3] = { '%', digits[c >> 4], digits[c & 15] };
		if (is_unreserved(value.p[i]))
			buf_add_char(out, value.p[i]);
		else
			buf_add(out, escaped, sizeof(escaped));
	}
}

static bool parts_at(struct span value, size_t i, struct span delimiters)
{
	return span_find_char(delimiters, value.p[i], 0) >= 0;
}

static struct span cut_first(struct span *value, struct span delimiters)
{
	size_t n = 0;
	while (n < value->len && !parts_at(*value, n, delimiters))
		n++;
	struct span part = span_sub(*value, 0, n);
	*value = span_sub(*value, n + 1, value->len);
	return part;
}

static struct span cut_last(struct span *value, struct span delimiters)
{
	size_t n = value->len;
	while (n > 0 && !parts_at(*value, n - 1, delimiters))
		n--;
	struct span part = span_sub(*value, n, value->len);
	value->len = n > 0 ? n - 1 : 0;
	return part;
}

/* Section 7.3: the value is split at the delimiters, turned round, cut to its right-hand parts, joined by dots. */
static void add_parts(struct buf *out, struct span value, const struct spf_macro *macro)
{
	size_t parts = 1;
	for (size_t i = 0; i < value.len; i++)
		parts += parts_at(value, i, macro->delimiters);
	size_t skip = macro->parts > 0 && macro->parts < parts ? parts - macro->parts : 0;
	for (size_t i = 0; i < parts; i++) {
		struct span part = macro->reverse ? cut_last(&value, macro->delimiters)
						  : cut_first(&value, macro->delimiters);
		if (i < skip)
			continue;
		if (i > skip)
			buf_add_char(out, '.');
		add_value(out, part, macro->url_escape);
	}
}

/* The value of `i`: dotted octets, or dotted nibbles as the suite of openspf writes them. */
static struct span dotted_address(const struct ip *ip, char out[ADDRESS_TEXT_MAX])
{
	static const char digits[] = "0123456789ABCDEF";
	size_t at = 0;
	if (!ip->v6)
		return span_of(ip_format(ip, out));
	for (size_t i = 0; i < sizeof(ip->octets); i++) {
		out[at++] = digits[ip->octets[i] >> 4];
		out[at++] = '.';
		out[at++] = digits[ip->octets[i] & 15];
		out[at++] = '.';
	}
	return span_make(out, at - 1);
}

/* The value of a letter other than `s`; `scratch` holds it where it has to be made. */
static struct span letter_value(char letter, const struct spf_macro_values *v, char scratch[ADDRESS_TEXT_MAX])
{
	switch (letter) {
	case 'l':
		return v->local_part;
	case 'o':
		return v->sender_domain;
	case 'd':
		return v->domain;
	case 'i':
		return dotted_address(&v->client, scratch);
	case 'p':
		return v->validated;
	case 'v':
		return v->client.v6 ? SPAN_LIT("ip6") : SPAN_LIT("in-addr");
	case 'h':
		return v->helo;
	case 'c':
		return span_of(ip_format(&v->client, scratch));
	case 'r':
		return v->receiver;
	case 't':
		snprintf(scratch, ADDRESS_TEXT_MAX, "%lld", (long long)(v->now_ms / 1000));
		return span_of(scratch);
	case '%':
		return SPAN_LIT("%");
	case '_':
		return SPAN_LIT(" ");
	default:
		return SPAN_LIT("%20"); /* of `%-` */
	}
}

static void add_macro(struct buf *out, const struct spf_macro *macro, const struct spf_macro_values *values)
{
	char scratch[ADDRESS_TEXT_MAX];
	if (macro->letter == 0)
		buf_add_span(out, macro->text);
	else if (macro->letter == 's') {
		_cleanup_(buf_fini) struct buf sender = BUF_INIT(values->local_part.len + values->sender_domain.len +
								 1);
		buf_add_span(&sender, values->local_part);
		buf_add_char(&sender, '@');
		buf_add_span(&sender, values->sender_domain);
		if (buf_result(&sender) < 0)
			buf_add_buf(out, &sender);
		else
			add_parts(out, buf_span(&sender), macro);
	} else if (macro->delimiters.len == 0)
		buf_add_span(out, letter_value(macro->letter, values, scratch));
	else
		add_parts(out, letter_value(macro->letter, values, scratch), macro);
}

int spf_macro_expand(struct span text, enum spf_macro_place place, const struct spf_macro_values *values,
		     struct buf *out)
{
	struct spf_macro macro;
	const char *what;
	while (!out->failed && spf_macro_next(&text, place, &macro, &what) > 0)
		add_macro(out, &macro, values);
	return buf_result(out);
}

int spf_macro_expand_name(struct span domain_spec, const struct spf_macro_values *values, struct buf *out)
{
	struct spf_macro macro;
	const char *what;
	buf_clear(out);
	while (!out->failed && spf_macro_next(&domain_spec, SPF_MACRO_TERM, &macro, &what) > 0) {
		add_macro(out, &macro, values);
		if (out->len > 2 * TAIL_OCTETS)
			buf_drop(out, out->len - TAIL_OCTETS);
	}
	if (out->failed)
		return -1;
	if (out->len > 0 && out->p[out->len - 1] == '.')
		out->p[--out->len] = '\0';
	while (out->len > NAME_MAX_OCTETS) {
		ptrdiff_t dot = span_find_char(buf_span(out), '.', 0);
		if (dot < 0)
			break;
		buf_drop(out, (size_t)dot + 1);
	}
	return 0;
}
