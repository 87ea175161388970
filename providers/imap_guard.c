/* Tells responses, strings and literals apart, and counts. What is in no form of RFC 9051 - a line end within quotes, a
 * size with blanks - begins no string and no literal: it costs its line. Must never allocate or look back. */
#include "providers/imap_guard.h"

#include <inttypes.h>
#include <string.h>

void imap_guard_init(struct imap_guard *guard, const struct imap_limits *limits)
{
	*guard = (struct imap_guard){ .limits = *limits };
}

void imap_guard_begin(struct imap_guard *guard, const struct imap_limits *limits)
{
	guard->limits = *limits;
	guard->octets = 0;
	guard->responses = 0;
}

static int broken(struct imap_guard *g, const char *what, struct error *err)
{
	g->state = GUARD_BROKEN;
	return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server does not speak IMAP properly: %s", what);
}

static int over(struct imap_guard *g, const char *what, uint64_t limit, struct error *err)
{
	g->state = GUARD_BROKEN;
	return error_set(err, ERROR_LIMIT, RETRY_LATER, 0, "the server sent %s than the %" PRIu64 " that are allowed",
			 what, limit);
}

static int open_parenthesis(struct imap_guard *g, struct error *err)
{
	if (g->depth++ < g->limits.depth)
		return 0;
	return over(g, "more nested parentheses", g->limits.depth, err);
}

static int add_digit(struct imap_guard *g, char c, struct error *err)
{
	g->digits = true;
	g->literal = g->literal * 10 + (uint64_t)(c - '0');
	if (g->literal <= g->limits.literal)
		return 0;
	return over(g, "a literal with more octets", g->limits.literal, err);
}

static int in_data(struct imap_guard *g, char c, struct error *err)
{
	switch (c) {
	case '(':
		return open_parenthesis(g, err);
	case ')':
		g->depth -= g->depth > 0;
		return 0;
	case '"':
		g->state = GUARD_QUOTED;
		return 0;
	case '{':
		g->state = GUARD_SIZE;
		g->digits = false;
		g->literal = 0;
		return 0;
	default:
		return 0;
	}
}

static int line_end(struct imap_guard *g, struct error *err)
{
	switch (g->state) {
	case GUARD_STAR:
	case GUARD_UNTAGGED:
	case GUARD_NUMBER:
	case GUARD_NUMBERED:
		return broken(g, "an untagged response has no name", err);
	default:
		g->state = GUARD_START;
		g->line = 0;
		return 0;
	}
}

static int in_quoted(struct imap_guard *g, char c, struct error *err)
{
	bool escaped = g->state == GUARD_ESCAPED && (c == '"' || c == '\\');
	if (c == '\n')
		return line_end(g, err);
	g->state = GUARD_QUOTED;
	if (!escaped && c == '"')
		g->state = GUARD_DATA;
	else if (!escaped && c == '\\')
		g->state = GUARD_ESCAPED;
	return 0;
}

/* What began like the size of a literal is none. */
static int no_size(struct imap_guard *g, char c, struct error *err)
{
	g->state = GUARD_DATA;
	return c == '\n' ? line_end(g, err) : in_data(g, c, err);
}

static int in_size(struct imap_guard *g, char c, struct error *err)
{
	if (g->state == GUARD_SIZE && ascii_is_digit(c))
		return add_digit(g, c, err);
	if (g->state == GUARD_SIZE && g->digits && c == '+')
		g->state = GUARD_PLUS;
	else if ((g->state == GUARD_SIZE || g->state == GUARD_PLUS) && g->digits && c == '}')
		g->state = GUARD_END;
	else if (g->state == GUARD_END && c == '\r')
		g->state = GUARD_CR;
	else if ((g->state == GUARD_END || g->state == GUARD_CR) && c == '\n')
		g->state = g->literal > 0 ? GUARD_LITERAL : GUARD_DATA;
	else
		return no_size(g, c, err);
	return 0;
}

static bool word_is_one_of(const struct imap_guard *g, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(g->word, names[i]) == 0)
			return true;
	return false;
}

/* Behind the word: what sort of response it is. */
static int named(struct imap_guard *g, char c, struct error *err)
{
	static const char *const texts[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	static const char *const wanted[] = { "FETCH", "LIST" };
	g->word[g->word_len < sizeof(g->word) ? g->word_len : sizeof(g->word) - 1] = '\0';
	g->wanted = word_is_one_of(g, wanted, ARRAY_LEN(wanted));
	g->state = word_is_one_of(g, texts, ARRAY_LEN(texts)) ? GUARD_TEXT : GUARD_DATA;
	return g->state == GUARD_DATA ? in_data(g, c, err) : 0;
}

/* From the beginning of a response to the word that names it. */
static int in_beginning(struct imap_guard *g, char c, struct error *err)
{
	switch (g->state) {
	case GUARD_START:
		g->depth = 0;
		if (c == ' ' || c == '\t')
			return broken(g, "a line begins with a blank", err);
		if (g->responses++ == g->limits.responses)
			return over(g, "more responses", g->limits.responses, err);
		g->state = c == '*' ? GUARD_STAR : GUARD_TEXT;
		return 0;
	case GUARD_STAR:
		g->state = GUARD_UNTAGGED;
		return c == ' ' ? 0 : broken(g, "no blank behind *", err);
	case GUARD_UNTAGGED:
		g->state = GUARD_NUMBER;
		if (ascii_is_digit(c))
			return 0;
		break;
	case GUARD_NUMBER:
		if (c == ' ')
			g->state = GUARD_NUMBERED;
		return c == ' ' || ascii_is_digit(c) ? 0 : broken(g, "a number is not in digits", err);
	case GUARD_WORD:
		if (!ascii_is_alpha(c))
			return named(g, c, err);
		if (g->word_len < sizeof(g->word) - 1)
			g->word[g->word_len++] = (char)(ascii_lower(c) - 'a' + 'A');
		else
			g->word[0] = '\0'; /* too long for any that is looked for */
		return 0;
	default:
		break;
	}
	if (!ascii_is_alpha(c))
		return broken(g, "an untagged response has no name", err);
	g->state = GUARD_WORD;
	g->word_len = 1;
	g->word[0] = (char)(ascii_lower(c) - 'a' + 'A');
	return 0;
}

/* One octet outside of literals. */
static int imap_guard_step(struct imap_guard *g, char c, struct error *err)
{
	if (c == '\0' && g->state == GUARD_START)
		return 0; /* some servers pad their answers */
	if (c == '\0')
		return broken(g, "a NUL outside of a literal", err);
	if (g->line++ == g->limits.line)
		return over(g, "a line with more octets", g->limits.line, err);
	switch (g->state) {
	case GUARD_START:
		g->wanted = false;
		break;
	case GUARD_QUOTED:
	case GUARD_ESCAPED:
		return in_quoted(g, c, err);
	case GUARD_SIZE:
	case GUARD_PLUS:
	case GUARD_END:
	case GUARD_CR:
		return in_size(g, c, err);
	default:
		break;
	}
	if (c == '\n')
		return line_end(g, err);
	if (g->state == GUARD_DATA)
		return in_data(g, c, err);
	if (g->state == GUARD_TEXT)
		return 0;
	return c == '\r' && g->state == GUARD_START ? 0 : in_beginning(g, c, err);
}

int imap_guard_feed(struct imap_guard *g, struct span octets, struct error *err)
{
	if (g->state == GUARD_BROKEN)
		return broken(g, "it went on after an error", err);
	if (octets.len > g->limits.octets - g->octets)
		return over(g, "more octets in answer to one command", g->limits.octets, err);
	g->octets += octets.len;
	for (size_t i = 0; i < octets.len;) {
		if (g->state != GUARD_LITERAL) {
			if (imap_guard_step(g, octets.p[i++], err) < 0)
				return -1;
			continue;
		}
		size_t part = octets.len - i < g->literal ? octets.len - i : (size_t)g->literal;
		i += part;
		g->literal -= part;
		if (g->literal == 0)
			g->state = GUARD_DATA;
	}
	return 0;
}
