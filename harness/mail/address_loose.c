/* Address fields that are not as RFC 5322 has them, read as receivers do: what stands in angle brackets is the address,
 * whatever the display name holds. No address that a strict reading would show is passed over. Iterative, linear. */
#include "harness/mail/address.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/base/vec.h"
#include "harness/mail/rfc5322.h"

struct address_scan {
	struct lexer l;
	bool unclosed; /* a quote or parenthesis has no end: no more are looked for, they are text */
};

struct address_loose {
	struct address_list *list;
	size_t cap, used;  /* of list->v, list->octets */
	size_t part;       /* where the element between commas begins */
	size_t part_count; /* addresses in front of it */
	bool open;         /* within angle brackets */
	size_t bracket;    /* behind the opening one */
	struct error *err;
	bool failed;
};

/* Moves behind a quoted string or comment, or over one octet: that octet, or -1 behind them or at the end. */
static int address_scan_next(struct address_scan *s)
{
	struct span inner;
	int c = lexer_peek(&s->l), rc = 0;
	if ((c == '"' || c == '(') && !s->unclosed)
		rc = c == '"' ? lexer_quoted(&s->l, &inner) : lexer_comment(&s->l, &inner);
	s->unclosed = s->unclosed || rc < 0;
	if (rc > 0 || c < 0)
		return -1;
	s->l.at++;
	return c;
}

/* The last @ outside of quotes and comments, or -1. */
static ptrdiff_t address_loose_at(struct span s)
{
	struct address_scan scan = { .l = { s, 0 } };
	ptrdiff_t found = -1;
	while (scan.l.at < s.len) {
		size_t at = scan.l.at;
		if (address_scan_next(&scan) == '@')
			found = (ptrdiff_t)at;
	}
	return found;
}

/* What stands behind the @: a name without comments, white space and a dot behind it, or a literal. */
static struct span address_loose_domain(struct address_loose *a, struct span text)
{
	struct lexer l = { text, 0 };
	char *start = a->list->octets + a->used;
	size_t len = 0;
	for (;;) {
		size_t before = l.at;
		bool closed = lexer_cfws(&l);
		/* White space and comments stand around dots only. */
		if (len > 0 && l.at > before && start[len - 1] != '.' && lexer_peek(&l) != '.')
			break;
		struct span piece = lexer_run(&l, is_dot_atext);
		if (len == 0 && piece.len == 0 && lexer_peek(&l) == '[') {
			ptrdiff_t end = span_find_char(text, ']', l.at);
			piece = end < 0 ? piece : span_sub(text, l.at, (size_t)end + 1 - l.at);
			l.at = text.len;
		}
		if (piece.len > 0)
			memcpy(start + len, piece.p, piece.len);
		len += piece.len;
		if (piece.len == 0 || !closed)
			break;
	}
	while (len > 0 && start[len - 1] == '.')
		len--;
	a->used += len;
	return span_make(start, len);
}

/* `local@domain`, if that is what it is. */
static void address_loose_take(struct address_loose *a, struct span text)
{
	ptrdiff_t at = address_loose_at(text);
	struct span local = span_trim(span_sub(text, 0, at < 0 ? 0 : (size_t)at));
	if (local.len == 0 || a->failed)
		return;
	struct span domain = address_loose_domain(a, span_sub(text, (size_t)at + 1, SIZE_MAX));
	if (domain.len == 0 || !utf8_valid(domain))
		return;
	a->failed = a->list->count == ADDRESS_LIST_MAX ||
		    vec_grow(&a->list->v, a->list->count, &a->cap, sizeof(*a->list->v), a->err) < 0;
	if (a->failed)
		return;
	memcpy(a->list->octets + a->used, local.p, local.len);
	local = span_make(a->list->octets + a->used, local.len);
	a->used += local.len;
	a->list->v[a->list->count++] = (struct address){ .local = local, .domain = domain };
}

static bool address_loose_is_word(struct span s)
{
	s = span_trim(s);
	for (size_t i = 0; i < s.len; i++)
		if (ascii_is_space(s.p[i]))
			return false;
	return s.len > 0;
}

/* Behind an element: where no brackets are in it, it may be an address itself. */
static void address_loose_end(struct address_loose *a, struct span text, size_t end)
{
	struct span part = span_sub(text, a->part, end - a->part);
	if (a->open)
		address_loose_take(a, span_sub(text, a->bracket, end - a->bracket));
	else if (a->list->count == a->part_count && address_loose_is_word(part))
		address_loose_take(a, part);
	a->open = false;
	a->part = end + 1;
	a->part_count = a->list->count;
}

/* Whether a comma stands in brackets that hold no address so far: in a source route, or in anything else. */
static bool address_loose_in_route(const struct address_loose *a, struct span text, size_t at)
{
	return a->open && address_loose_at(span_sub(text, a->bracket, at - a->bracket)) <= 0;
}

static void address_loose_elements(struct address_loose *a, struct span text)
{
	struct address_scan scan = { .l = { text, 0 } };
	while (scan.l.at < text.len) {
		size_t at = scan.l.at;
		int c = address_scan_next(&scan);
		if (a->open && (c == '<' || c == '>'))
			address_loose_take(a, span_sub(text, a->bracket, at - a->bracket));
		if (c == '<' || c == '>') {
			a->open = c == '<';
			a->bracket = at + 1;
		} else if ((c == ',' || c == ';') && !address_loose_in_route(a, text, at)) {
			address_loose_end(a, text, at);
		}
	}
	address_loose_end(a, text, text.len);
}

/* Without any brackets or lone address: the words that have an @. */
static void address_loose_words(struct address_loose *a, struct span text)
{
	struct address_scan scan = { .l = { text, 0 } };
	size_t start = 0;
	while (start < text.len) {
		size_t at = scan.l.at;
		int c = address_scan_next(&scan);
		if (at < text.len && !(c >= 0 && (ascii_is_space((char)c) || strchr(",;<>", c))) &&
		    !(c < 0 && scan.l.at > at))
			continue;
		address_loose_take(a, span_sub(text, start, at - start));
		start = at < text.len ? scan.l.at : text.len;
	}
}

int address_list_read(struct address_list *list, struct span value, struct error *ret_deviation, struct error *err)
{
	struct error why = ERROR_INIT;
	*ret_deviation = (struct error)ERROR_INIT;
	if (address_list_parse(list, value, &why) == 0)
		return 0;
	/* Each octet is written once at most as a part of brackets, of an element, and of a word. */
	struct address_list made = { .octets = why.kind == ERROR_PROTOCOL ? malloc(3 * value.len + 1) : NULL };
	struct address_loose a = { .list = &made, .err = &why };
	if (made.octets) {
		address_loose_elements(&a, value);
		if (made.count == 0)
			address_loose_words(&a, value);
	}
	if (made.count == 0 || a.failed) {
		address_list_fini(&made);
		*err = why;
		return -1;
	}
	*ret_deviation = why;
	*list = made;
	return 0;
}
