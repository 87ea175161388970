/* Tokens of structured header fields. Pure, iterative. */
#include "harness/mail/rfc5322.h"

#include <string.h>

int lexer_peek(const struct lexer *l)
{
	return l->at < l->in.len ? (unsigned char)l->in.p[l->at] : -1;
}

bool lexer_fws(struct lexer *l)
{
	size_t start = l->at;
	while (l->at < l->in.len && ascii_is_space(l->in.p[l->at]))
		l->at++;
	return l->at > start;
}

int lexer_comment(struct lexer *l, struct span *ret_inner)
{
	if (lexer_peek(l) != '(')
		return 0;
	size_t depth = 0;
	for (size_t i = l->at; i < l->in.len; i++) {
		char c = l->in.p[i];
		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			*ret_inner = span_sub(l->in, l->at + 1, i - l->at - 1);
			l->at = i + 1;
			return 1;
		}
	}
	return -1;
}

bool lexer_cfws(struct lexer *l)
{
	struct span ignored;
	int rc;
	do {
		lexer_fws(l);
		rc = lexer_comment(l, &ignored);
	} while (rc > 0);
	return rc == 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}

int lexer_quoted(struct lexer *l, struct span *ret_inner)
{
	if (lexer_peek(l) != '"')
		return 0;
	for (size_t i = l->at + 1; i < l->in.len; i++) {
		char c = l->in.p[i];
		if (c == '"') {
			*ret_inner = span_sub(l->in, l->at + 1, i - l->at - 1);
			l->at = i + 1;
			return 1;
		}
		if (c == '\\' && i + 1 < l->in.len)
			c = l->in.p[++i];
		if (is_control(c) && !ascii_is_space(c))
			return -1;
	}
	return -1;
}

struct span lexer_run(struct lexer *l, bool (*pass)(char c))
{
	size_t start = l->at;
	while (l->at < l->in.len && pass(l->in.p[l->at]))
		l->at++;
	return span_sub(l->in, start, l->at - start);
}

bool lexer_char(struct lexer *l, char c)
{
	if (lexer_peek(l) != (unsigned char)c)
		return false;
	l->at++;
	return true;
}

static bool is_printable_but(char c, const char *specials)
{
	return (unsigned char)c > 32 && c != 127 && !strchr(specials, c);
}

bool is_atext(char c)
{
	return is_printable_but(c, "()<>[]:;@\\,.\"");
}

bool is_dot_atext(char c)
{
	return c == '.' || is_atext(c);
}

bool is_token(char c)
{
	return is_printable_but(c, "()<>@,;:\\\"/[]?=");
}

bool is_not_space(char c)
{
	return !ascii_is_space(c);
}

bool is_dot_atom(struct span s)
{
	if (s.len == 0 || s.p[0] == '.' || s.p[s.len - 1] == '.')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_dot_atext(s.p[i]) || (s.p[i] == '.' && s.p[i - 1] == '.'))
			return false;
	return true;
}

int lexer_add_unquoted(struct buf *out, struct span inner)
{
	for (size_t i = 0; i < inner.len; i++) {
		char c = inner.p[i];
		if (c == '\\' && i + 1 < inner.len)
			c = inner.p[++i];
		if (c != '\r' && c != '\n')
			buf_add_char(out, c);
	}
	return buf_result(out);
}
