/* Walks over the leaves of a MIME message. Pure. What a sender nests or leaves open may cost nothing but itself. */
#include "harness/mail/part.h"

#include <string.h>

#include "harness/base/base64.h"
#include "harness/mail/decode.h"
#include "harness/mail/rfc5322.h"

void part_walk_init(struct part_walk *w, struct span message)
{
	*w = (struct part_walk){ .message = message };
}

/* A value as servers write it: quoted, or up to the next semicolon or white space, whatever characters it has. */
static bool is_parameter_octet(char c)
{
	return !ascii_is_space(c) && c != ';';
}

static size_t unquote(struct span inner, char out[PART_BOUNDARY_MAX])
{
	size_t len = 0;
	for (size_t i = 0; i < inner.len; i++) {
		if (inner.p[i] == '\\' && i + 1 < inner.len)
			i++;
		if (inner.p[i] == '\r' || inner.p[i] == '\n')
			continue;
		if (len == PART_BOUNDARY_MAX)
			return 0;
		out[len++] = inner.p[i];
	}
	/* RFC 2046 section 5.1.1: a boundary does not end in white space. */
	while (len > 0 && ascii_is_space(out[len - 1]))
		len--;
	return len;
}

/* Up to the next parameter and behind its `=`, over whatever stands in between; a semicolon in quotes is none. False
 * where there is none left. */
static bool next_parameter(struct lexer *l, struct span *ret_name)
{
	struct span quoted;
	while (lexer_peek(l) >= 0) {
		int rc = lexer_quoted(l, &quoted);
		if (rc < 0)
			return false;
		if (rc > 0)
			continue;
		if (!lexer_char(l, ';')) {
			l->at++;
			continue;
		}
		if (!lexer_cfws(l))
			return false;
		*ret_name = lexer_run(l, is_token);
		if (!lexer_cfws(l))
			return false;
		if (lexer_char(l, '='))
			return lexer_cfws(l);
	}
	return false;
}

size_t part_read_parameter(struct span value, const char *name, char out[PART_BOUNDARY_MAX])
{
	struct lexer l = { value, 0 };
	struct span found, quoted;
	size_t len = 0;
	lexer_cfws(&l);
	while (len == 0 && next_parameter(&l, &found)) {
		if (!span_is_nocase(found, name))
			continue;
		if (lexer_quoted(&l, &quoted) > 0)
			len = unquote(quoted, out);
		else
			len = unquote(lexer_run(&l, is_parameter_octet), out);
	}
	return len;
}

void part_read_type(struct span value, struct span *ret_type, char out[PART_BOUNDARY_MAX], size_t *ret_len)
{
	struct lexer l = { value, 0 };
	lexer_cfws(&l);
	size_t start = l.at;
	lexer_run(&l, is_token);
	if (lexer_char(&l, '/'))
		lexer_run(&l, is_token);
	*ret_type = span_sub(value, start, l.at - start);
	*ret_len = part_read_parameter(value, "boundary", out);
}

/* Whether the line is a delimiter of the level; *ret_last: the closing one. */
static bool is_delimiter(const struct part_level *level, struct span line, bool *ret_last)
{
	if (!span_starts(line, SPAN_LIT("--")) ||
	    !span_starts(span_sub(line, 2, SIZE_MAX), span_make(level->boundary, level->boundary_len)))
		return false;
	line = span_sub(line, 2 + level->boundary_len, SIZE_MAX);
	*ret_last = span_starts(line, SPAN_LIT("--"));
	return span_trim(span_sub(line, *ret_last ? 2 : 0, SIZE_MAX)).len == 0;
}

static struct span without_line_end(struct span s)
{
	if (s.len > 0 && s.p[s.len - 1] == '\n')
		s.len--;
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

/* Takes the next part off the level. False where there is none left. */
static bool take_part(struct part_level *level, bool *ret_unclosed, struct span *ret)
{
	struct span all = level->rest;
	size_t at = 0, start = 0;
	if (!all.p)
		return false;
	level->rest = (struct span){ 0 };
	while (at < all.len) {
		ptrdiff_t lf = span_find_char(all, '\n', at);
		size_t line = at;
		bool last;
		at = lf < 0 ? all.len : (size_t)lf + 1;
		if (!is_delimiter(level, span_sub(all, line, at - line), &last))
			continue;
		if (level->begun) {
			*ret = without_line_end(span_sub(all, start, line - start));
			if (!last)
				level->rest = span_sub(all, at, SIZE_MAX);
			return true;
		}
		if (last)
			return false;
		level->begun = true;
		start = at;
	}
	*ret_unclosed = true;
	*ret = span_sub(all, start, SIZE_MAX);
	return level->begun && ret->len > 0;
}

/* Reads an entity: pushes it where it is a multipart (0), else it is a leaf (1). */
static int part_enter(struct part_walk *w, struct span entity, struct part *ret, struct error *err)
{
	struct header h;
	struct part leaf = { .entity = entity };
	struct part_level level = { .begun = false };
	if (w->depth > 0)
		leaf.container = w->levels[w->depth - 1].type;
	if (header_parse(&h, entity, err) < 0)
		return -1;
	leaf.content_type = header_value(&h, "Content-Type");
	part_read_type(leaf.content_type, &leaf.type, level.boundary, &level.boundary_len);
	leaf.encoding = header_value(&h, "Content-Transfer-Encoding");
	leaf.body = span_sub(entity, h.body_offset, SIZE_MAX);
	header_fini(&h);
	if (span_starts_nocase(leaf.type, SPAN_LIT("multipart/")) && level.boundary_len > 0 &&
	    w->depth < PART_DEPTH_MAX) {
		level.type = leaf.type;
		level.rest = leaf.body;
		w->levels[w->depth++] = level;
		return 0;
	}
	*ret = leaf;
	return 1;
}

int part_next(struct part_walk *w, struct part *ret, struct error *err)
{
	int rc = 0;
	if (w->message.p) {
		struct span message = w->message;
		w->message = (struct span){ 0 };
		rc = part_enter(w, message, ret, err);
	}
	while (rc == 0 && w->depth > 0) {
		struct span entity;
		if (take_part(&w->levels[w->depth - 1], &w->unclosed, &entity))
			rc = part_enter(w, entity, ret, err);
		else
			w->depth--;
	}
	return rc;
}

int part_add_decoded(struct buf *out, const struct part *part)
{
	if (span_is_nocase(part->encoding, "quoted-printable"))
		return decode_quoted_printable(out, part->body);
	if (span_is_nocase(part->encoding, "base64"))
		return base64_add_decoded(out, part->body);
	return buf_add_span(out, part->body);
}
