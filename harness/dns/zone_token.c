/* The text of master files, RFC 1035 section 5.1: entries of words, and what single words stand for. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/base/vec.h"
#include "harness/dns/zone_internal.h"

enum { SHOWN_MAX = 80 };

static int complain(struct error *err, const char *what)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s", what);
}

void zone_entry_fini(struct zone_entry *entry)
{
	free(entry->tokens);
	*entry = (struct zone_entry){ 0 };
}

static int peek(const struct zone_text *text)
{
	return text->rest.len ? (unsigned char)text->rest.p[0] : -1;
}

static void skip(struct zone_text *text, size_t count)
{
	text->rest = span_sub(text->rest, count, text->rest.len);
}

static bool ends_word(int c)
{
	return c < 0 || ascii_is_space((char)c) || strchr(";()\"", c) != NULL;
}

static int add_token(struct zone_entry *entry, struct zone_token token, struct error *err)
{
	if (vec_grow(&entry->tokens, entry->count, &entry->cap, sizeof(token), err) < 0)
		return -1;
	entry->tokens[entry->count++] = token;
	return 0;
}

/* The octet behind a backslash never ends a string or a word. */
static int read_quoted(struct zone_text *text, struct zone_entry *entry, struct error *err)
{
	size_t len = 0;
	skip(text, 1);
	while (len < text->rest.len && text->rest.p[len] != '"' && text->rest.p[len] != '\n')
		len += text->rest.p[len] == '\\' && len + 1 < text->rest.len && text->rest.p[len + 1] != '\n' ? 2 : 1;
	if (len >= text->rest.len || text->rest.p[len] != '"')
		return complain(err, "a string is not closed: write `\"` at its end, on the same line");
	const struct zone_token token = { span_sub(text->rest, 0, len), true, text->line };
	skip(text, len + 1);
	return add_token(entry, token, err);
}

static int read_word(struct zone_text *text, struct zone_entry *entry, struct error *err)
{
	struct zone_token token = { { text->rest.p, 0 }, false, text->line };
	for (int c = peek(text); c == 0 || !ends_word(c); c = peek(text)) {
		bool escape = c == '\\' && text->rest.len > 1 && text->rest.p[1] != '\n';
		token.text.len += escape ? 2 : 1;
		skip(text, escape ? 2 : 1);
	}
	if (peek(text) == '"')
		return complain(err, "a string begins within a word: write a space in front of it, or `\\\"`");
	return add_token(entry, token, err);
}

static void skip_comment(struct zone_text *text)
{
	ptrdiff_t end = span_find_char(text->rest, '\n', 0);
	skip(text, end < 0 ? text->rest.len : (size_t)end);
}

/* Reads to the end of the entry; *depth counts open parentheses. Returns 1 at the end of a line, 0 to go on, -1. */
static int read_one(struct zone_text *text, struct zone_entry *entry, unsigned *depth, struct error *err)
{
	int c = peek(text);
	switch (c) {
	case -1:
		if (*depth == 0)
			return 1;
		text->line = text->open_line;
		return complain(err, "a parenthesis is not closed: write `)`");
	case '"':
		return read_quoted(text, entry, err);
	case ';':
		skip_comment(text);
		return 0;
	case '(':
	case ')':
		if (c == ')' && *depth == 0)
			return complain(err, "`)` stands without `(`");
		if (*depth == 0)
			text->open_line = text->line;
		*depth = c == '(' ? *depth + 1 : *depth - 1;
		skip(text, 1);
		return 0;
	case '\n':
		if (*depth == 0)
			return 1;
		text->line++;
		skip(text, 1);
		return 0;
	default:
		if (!ascii_is_space((char)c))
			return read_word(text, entry, err);
		skip(text, 1);
		return 0;
	}
}

int zone_entry_next(struct zone_text *text, struct zone_entry *entry, struct error *err)
{
	entry->count = 0;
	while (text->rest.len > 0) {
		unsigned depth = 0;
		int done = 0;
		entry->blank_owner = ascii_is_space((char)peek(text));
		while (done == 0)
			done = read_one(text, entry, &depth, err);
		if (done < 0)
			return -1;
		if (entry->count > 0)
			return 1;
		if (text->rest.len > 0) {
			text->line++;
			skip(text, 1);
		}
	}
	return 0;
}

int zone_token_octets(const struct zone_token *token, struct buf *out, struct error *err)
{
	const struct span s = token->text;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t value = 0;
		if (s.p[i] != '\\') {
			buf_add_char(out, s.p[i]);
		} else if (i + 1 < s.len && !ascii_is_digit(s.p[i + 1])) {
			buf_add_char(out, s.p[++i]);
		} else if (i + 3 < s.len && span_to_u64(span_sub(s, i + 1, 3), 255, &value)) {
			buf_add_char(out, (char)value);
			i += 3;
		} else {
			return complain(err, "a backslash stands before an octet in three digits up to 255, or before "
					     "another character");
		}
	}
	return buf_check(out, "a word", err);
}

/* Escapes and UTF-8 never stand in one name: what an escaped octet would mean beside letters is not defined. */
static bool make_name(struct span text, char out[DNS_NAME_TEXT_MAX])
{
	char copy[DNS_NAME_TEXT_MAX];
	if (span_find_char(text, '\\', 0) < 0)
		return dns_name_make(text, out);
	return !memchr(text.p, '\0', text.len) && span_copy(text, copy, sizeof(copy)) && dns_name_normal(copy, out);
}

/* Whether the name ends with a dot that is not escaped. */
static bool is_absolute(struct span text)
{
	size_t backslashes = 0;
	if (text.len == 0 || text.p[text.len - 1] != '.')
		return false;
	while (backslashes + 1 < text.len && text.p[text.len - 2 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 0;
}

static int no_name(const struct zone_token *token, struct error *err)
{
	char shown[SHOWN_MAX];
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "`%s` is no domain name",
			 escape_text(shown, sizeof(shown), token->text));
}

static int complete(const struct zone_token *token, const char *origin, char name[DNS_NAME_TEXT_MAX], struct error *err)
{
	char shown[SHOWN_MAX], whole[2 * DNS_NAME_TEXT_MAX];
	escape_text(shown, sizeof(shown), token->text);
	if (!origin)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "`%s` is relative: write `%s.`, or $ORIGIN in front of it", shown, shown);
	snprintf(whole, sizeof(whole), "%s.%s", name, strcmp(origin, ".") == 0 ? "" : origin);
	return dns_name_normal(whole, name) ? 0 : no_name(token, err);
}

int zone_token_name(const struct zone_token *token, const char *origin, char out[DNS_NAME_TEXT_MAX], struct error *err)
{
	if (token->quoted)
		return no_name(token, err);
	if (span_is(token->text, ".") || (origin && span_is(token->text, "@"))) {
		span_copy(token->text.p[0] == '.' ? SPAN_LIT(".") : span_of(origin), out, DNS_NAME_TEXT_MAX);
		return 0;
	}
	if (span_is(token->text, "@"))
		return complain(err, "`@` is the origin, and there is none: write $ORIGIN in front of it");
	if (!make_name(token->text, out))
		return no_name(token, err);
	return is_absolute(token->text) ? 0 : complete(token, origin, out, err);
}

static uint64_t unit_seconds(char unit)
{
	switch (ascii_lower(unit)) {
	case 'w':
		return 604800;
	case 'd':
		return 86400;
	case 'h':
		return 3600;
	case 'm':
		return 60;
	case 's':
		return 1;
	default:
		return 0;
	}
}

bool zone_token_seconds(const struct zone_token *token, uint32_t max, uint32_t *ret)
{
	struct span rest = token->text;
	uint64_t sum = 0, part = 0;
	while (rest.len > 0) {
		size_t digits = 0;
		while (digits < rest.len && ascii_is_digit(rest.p[digits]))
			digits++;
		if (!span_to_u64(span_sub(rest, 0, digits), max, &part))
			return false;
		/* A number without a unit stands alone. */
		bool bare = digits == token->text.len;
		uint64_t unit = bare ? 1 : digits < rest.len ? unit_seconds(rest.p[digits]) : 0;
		sum += part * unit;
		if (unit == 0 || sum > max)
			return false;
		rest = span_sub(rest, digits + 1, rest.len);
	}
	if (token->quoted || token->text.len == 0)
		return false;
	*ret = (uint32_t)sum;
	return true;
}
