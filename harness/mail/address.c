/* Lists of mail addresses, read from hostile header fields. Iterative, linear; what comes out holds no control
 * character outside of display names, and none at all there but white space. */
#include "harness/mail/address.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/base/vec.h"
#include "harness/mail/rfc5322.h"

/* Where the parser stands, and the octets that it has written. What is written is never longer than what was read. */
struct address_reader {
	struct lexer l;
	char *octets;
	size_t used;
	const char *wrong; /* set with a false return */
};

static bool wrong(struct address_reader *r, const char *what)
{
	r->wrong = what;
	return false;
}

static int address_fail(struct address_reader *r, const char *what)
{
	r->wrong = what;
	return -1;
}

static struct span written_since(const struct address_reader *r, size_t mark)
{
	return span_make(r->octets + mark, r->used - mark);
}

static void write_span(struct address_reader *r, struct span s)
{
	if (s.len > 0)
		memcpy(r->octets + r->used, s.p, s.len);
	r->used += s.len;
}

static void write_unquoted(struct address_reader *r, struct span inner)
{
	for (size_t i = 0; i < inner.len; i++) {
		char c = inner.p[i];
		if (c == '\\' && i + 1 < inner.len)
			c = inner.p[++i];
		if (c != '\r' && c != '\n')
			r->octets[r->used++] = c;
	}
}

static bool cfws(struct address_reader *r)
{
	return lexer_cfws(&r->l) || wrong(r, "comment without end");
}

/* An atom or quoted string, written unquoted. 1, 0 where none begins here, -1. */
static int word(struct address_reader *r)
{
	struct span s;
	int rc = lexer_quoted(&r->l, &s);
	if (rc < 0)
		return address_fail(r, "quoted string without end");
	if (rc > 0) {
		write_unquoted(r, s);
		return 1;
	}
	s = lexer_run(&r->l, is_atext);
	write_span(r, s);
	return s.len > 0;
}

/* Words, with dots where they are obsolete, and white space between them written as one space. Ends in front of the
 * first other octet. */
static bool phrase(struct address_reader *r, struct span *ret)
{
	size_t mark = r->used;
	for (;;) {
		size_t before = r->l.at;
		if (!cfws(r))
			return false;
		bool gap = r->l.at > before && r->used > mark;
		int c = lexer_peek(&r->l);
		if (c < 0 || (c != '.' && c != '"' && !is_atext((char)c)))
			break;
		if (gap && c != '.')
			r->octets[r->used++] = ' ';
		if (lexer_char(&r->l, '.'))
			r->octets[r->used++] = '.';
		else if (word(r) < 0)
			return false;
	}
	*ret = written_since(r, mark);
	return true;
}

/* Words with dots between them (RFC 5322 section 4.4: white space and comments are allowed everywhere). */
static bool local_part(struct address_reader *r, struct span *ret)
{
	size_t mark = r->used;
	do {
		if (!cfws(r))
			return false;
		int rc = word(r);
		if (rc <= 0)
			return rc < 0 ? false : wrong(r, "local part expected");
		if (!cfws(r))
			return false;
		if (lexer_peek(&r->l) == '.')
			r->octets[r->used++] = '.';
	} while (lexer_char(&r->l, '.'));
	*ret = written_since(r, mark);
	return utf8_valid(*ret) || wrong(r, "invalid UTF-8 in the local part");
}

static bool is_dtext(char c)
{
	return c > 32 && c < 127 && c != '[' && c != ']' && c != '\\';
}

static bool domain(struct address_reader *r, struct span *ret)
{
	size_t mark = r->used;
	if (!cfws(r))
		return false;
	if (lexer_peek(&r->l) == '[') {
		size_t start = r->l.at++;
		lexer_run(&r->l, is_dtext);
		if (!lexer_char(&r->l, ']'))
			return wrong(r, "address literal without end");
		write_span(r, span_sub(r->l.in, start, r->l.at - start));
		*ret = written_since(r, mark);
		return cfws(r);
	}
	for (;;) {
		struct span label = lexer_run(&r->l, is_atext);
		if (label.len == 0)
			return wrong(r, "domain expected");
		write_span(r, label);
		if (!cfws(r))
			return false;
		if (!lexer_char(&r->l, '.'))
			break;
		r->octets[r->used++] = '.';
		if (!cfws(r))
			return false;
	}
	*ret = written_since(r, mark);
	return utf8_valid(*ret) || wrong(r, "invalid UTF-8 in the domain");
}

/* `local@domain`, then nothing but comments. */
static bool addr_spec(struct address_reader *r, struct address *a)
{
	if (!local_part(r, &a->local))
		return false;
	if (!lexer_char(&r->l, '@'))
		return wrong(r, "@ expected");
	return domain(r, &a->domain);
}

/* Behind `<`: the obsolete route (`@a,@b:`) is skipped. */
static bool angle_addr(struct address_reader *r, struct address *a)
{
	if (!cfws(r))
		return false;
	if (lexer_peek(&r->l) == '@') {
		ptrdiff_t colon = span_find_char(r->l.in, ':', r->l.at);
		if (colon < 0)
			return wrong(r, "route without end");
		r->l.at = (size_t)colon + 1;
	}
	if (!addr_spec(r, a))
		return false;
	return lexer_char(&r->l, '>') || wrong(r, "> expected");
}

/* One mailbox: 1; the head of a group, which has none: 0; -1. */
static int mailbox(struct address_reader *r, struct address *a)
{
	size_t at = r->l.at, used = r->used;
	if (!phrase(r, &a->display))
		return -1;
	if (lexer_char(&r->l, ':'))
		return a->display.len > 0 ? 0 : address_fail(r, "group without a name");
	if (lexer_char(&r->l, '<'))
		return angle_addr(r, a) && cfws(r) ? 1 : -1;
	/* It was no display name but the local part: read again as that. */
	r->l.at = at;
	r->used = used;
	a->display = (struct span){ 0 };
	return addr_spec(r, a) ? 1 : -1;
}

static int address_refuse(const struct address_reader *r, struct error *err)
{
	return error_set(err, ERROR_PROTOCOL, RETRY_NEVER, 0, "address list: %s at octet %zu", r->wrong, r->l.at);
}

static int read_list(struct address_reader *r, struct address_list *list, struct error *err)
{
	size_t cap = 0;
	bool group = false, separated = true;
	for (;;) {
		if (!cfws(r))
			return address_refuse(r, err);
		if (lexer_peek(&r->l) < 0)
			return 0;
		if (lexer_char(&r->l, ',') || (group && lexer_char(&r->l, ';'))) {
			group = group && r->l.in.p[r->l.at - 1] != ';';
			separated = true;
			continue;
		}
		if (!separated) {
			r->wrong = ", expected";
			return address_refuse(r, err);
		}
		struct address a = { 0 };
		int rc = mailbox(r, &a);
		if (rc == 0 && group)
			rc = address_fail(r, "group within a group");
		if (rc < 0)
			return address_refuse(r, err);
		group = group || rc == 0;
		separated = rc == 0;
		if (rc == 0)
			continue;
		if (list->count == ADDRESS_LIST_MAX)
			return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "address list: more than %d mailboxes",
					 ADDRESS_LIST_MAX);
		if (vec_grow(&list->v, list->count, &cap, sizeof(*list->v), err) < 0)
			return -1;
		list->v[list->count++] = a;
	}
}

int address_list_parse(struct address_list *list, struct span value, struct error *err)
{
	struct address_list made = { .octets = malloc(value.len + 1) };
	struct address_reader r = { .l = { value, 0 }, .octets = made.octets };
	if (!made.octets)
		return error_memory(err);
	if (read_list(&r, &made, err) < 0) {
		address_list_fini(&made);
		return -1;
	}
	*list = made;
	return 0;
}

void address_list_fini(struct address_list *list)
{
	free(list->v);
	free(list->octets);
	*list = (struct address_list){ 0 };
}

int address_add_spec(struct buf *out, const struct address *a)
{
	if (is_dot_atom(a->local)) {
		buf_add_span(out, a->local);
	} else {
		buf_add_char(out, '"');
		for (size_t i = 0; i < a->local.len; i++) {
			if (a->local.p[i] == '"' || a->local.p[i] == '\\')
				buf_add_char(out, '\\');
			buf_add_char(out, a->local.p[i]);
		}
		buf_add_char(out, '"');
	}
	buf_add_char(out, '@');
	return buf_add_span(out, a->domain);
}
