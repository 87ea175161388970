/* Canonicalisation. Most octets of a message are canonical already, so what has to change is looked for many octets at
 * a time, and all between is handed to the hash as it stands. Pure, linear, no copy of the body. */
#include "harness/auth/dkim_canon.h"

#include <string.h>

typedef unsigned char lanes __attribute__((vector_size(16)));

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static lanes dkim_canon_load(const char *p)
{
	lanes v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* Whether any of the lanes' octets at p might have to change; p[-1] and the octet behind them are looked at. */
static bool any_changes(const char *p, bool relaxed)
{
	lanes before = dkim_canon_load(p - 1), here = dkim_canon_load(p);
	uint64_t halves[2];
	lanes hit = (lanes)(here == '\n') & (lanes)(before != '\r');
	if (relaxed) {
		lanes after = dkim_canon_load(p + 1);
		lanes space = (lanes)(after == ' ') | (lanes)(after == '\t') | (lanes)(after == '\r') |
			      (lanes)(after == '\n');
		hit |= (lanes)(here == '\t') | ((lanes)(here == ' ') & space);
	}
	memcpy(halves, &hit, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* The same for one octet: a bare LF; in relaxed form white space but for single spaces within a line. */
static bool changes(struct span s, size_t i, bool relaxed)
{
	if (s.p[i] == '\n')
		return i == 0 || s.p[i - 1] != '\r';
	if (!relaxed || !is_wsp(s.p[i]))
		return false;
	return s.p[i] == '\t' || i + 1 == s.len || ascii_is_space(s.p[i + 1]);
}

/* Offset of the next octet at or after `at` that might have to change. */
static size_t next_change(struct span s, size_t at, bool relaxed)
{
	while (at < s.len) {
		bool whole = at > 0 && s.len - at > sizeof(lanes);
		if (whole && !any_changes(s.p + at, relaxed)) {
			at += sizeof(lanes);
			continue;
		}
		for (size_t end = whole ? at + sizeof(lanes) : at + 1; at < end; at++)
			if (changes(s, at, relaxed))
				return at;
	}
	return s.len;
}

static bool is_line_end(struct span s, size_t i)
{
	return s.p[i] == '\n' || (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n');
}

void dkim_canon_lines(struct dkim_hash *hash, enum dkim_canon canon, struct span lines)
{
	size_t at = 0;
	while (at < lines.len && hash->octets < hash->limit) {
		/* In pieces, so that what was looked through is still at hand when it is hashed. */
		struct span piece = span_sub(lines, 0, lines.len - at > 65536 ? at + 65536 : lines.len);
		size_t change = next_change(piece.len < lines.len ? piece : lines, at, canon == DKIM_RELAXED);
		dkim_hash_add(hash, span_sub(lines, at, change - at));
		at = change;
		if (at == lines.len || !changes(lines, at, canon == DKIM_RELAXED))
			continue;
		if (lines.p[at] == '\n') {
			dkim_hash_add(hash, SPAN_LIT("\r\n"));
			at++;
			continue;
		}
		while (at < lines.len && is_wsp(lines.p[at]))
			at++;
		if (at < lines.len && !is_line_end(lines, at))
			dkim_hash_add(hash, SPAN_LIT(" "));
	}
	hash->cut = hash->cut || at < lines.len;
}

struct span dkim_canon_trim(enum dkim_canon canon, struct span body)
{
	size_t len = body.len;
	for (;;) {
		size_t before = len;
		if (len > 0 && body.p[len - 1] == '\n')
			len -= len > 1 && body.p[len - 2] == '\r' ? 2 : 1;
		while (canon == DKIM_RELAXED && len > 0 && is_wsp(body.p[len - 1]))
			len--;
		if (len == before)
			return span_sub(body, 0, len);
	}
}

bool dkim_canon_has_end(enum dkim_canon canon, struct span trimmed)
{
	return canon == DKIM_SIMPLE || trimmed.len > 0;
}

void dkim_canon_body(struct dkim_hash *hash, enum dkim_canon canon, struct span body)
{
	struct span trimmed = dkim_canon_trim(canon, body);
	dkim_canon_lines(hash, canon, trimmed);
	if (dkim_canon_has_end(canon, trimmed))
		dkim_hash_add(hash, SPAN_LIT("\r\n"));
}

/* Adds a piece of a field's value in relaxed form. *started: a visible octet went before; *space: white space is due if
 * another one follows. */
static void relaxed_piece(struct dkim_hash *hash, struct span s, bool *started, bool *space)
{
	size_t at = 0;
	while (at < s.len) {
		size_t from = at;
		while (at < s.len && (is_wsp(s.p[at]) || is_line_end(s, at)))
			at++;
		*space = *space || at > from;
		from = at;
		while (at < s.len && !is_wsp(s.p[at]) && !is_line_end(s, at))
			at++;
		if (at == from)
			return;
		if (*space && *started)
			dkim_hash_add(hash, SPAN_LIT(" "));
		dkim_hash_add(hash, span_sub(s, from, at - from));
		*started = true;
		*space = false;
	}
}

static void add_lower(struct dkim_hash *hash, struct span name)
{
	char lower[64];
	for (size_t at = 0; at < name.len; at += sizeof(lower)) {
		struct span part = span_sub(name, at, sizeof(lower));
		for (size_t i = 0; i < part.len; i++)
			lower[i] = ascii_lower(part.p[i]);
		dkim_hash_add(hash, span_make(lower, part.len));
	}
}

/* The field without its line end, in two pieces: what stands in front of the cut, and behind it. */
static void add_pieces(struct dkim_hash *hash, enum dkim_canon canon, const struct header_field *field,
		       const struct span pieces[2])
{
	bool started = false, space = false;
	if (canon == DKIM_RELAXED) {
		add_lower(hash, field->name);
		dkim_hash_add(hash, SPAN_LIT(":"));
	} else {
		dkim_canon_lines(hash, DKIM_SIMPLE, span_sub(field->raw, 0, (size_t)(field->value.p - field->raw.p)));
	}
	for (int i = 0; i < 2; i++)
		if (canon == DKIM_RELAXED)
			relaxed_piece(hash, pieces[i], &started, &space);
		else
			dkim_canon_lines(hash, DKIM_SIMPLE, pieces[i]);
}

void dkim_canon_field(struct dkim_hash *hash, enum dkim_canon canon, const struct header_field *field)
{
	const struct span pieces[2] = { field->value };
	add_pieces(hash, canon, field, pieces);
	dkim_hash_add(hash, SPAN_LIT("\r\n"));
}

void dkim_canon_signature(struct dkim_hash *hash, enum dkim_canon canon, const struct header_field *field,
			  struct span cut)
{
	size_t from = (size_t)(cut.p - field->value.p);
	const struct span pieces[2] = { span_sub(field->value, 0, from),
					span_sub(field->value, from + cut.len, SIZE_MAX) };
	add_pieces(hash, canon, field, pieces);
}
