/* Follows multiparts without recursion. It must never lose an octet: leads, headers, bodies and the tail, one behind
 * the other, are the message. */
#include "harness/send/template_mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/vec.h"
#include "harness/mail/rfc5322.h"

struct frame {
	char boundary[MIME_BOUNDARY_MAX + 1];
	size_t len;
	bool is_signed;
	size_t parts;
};

struct template_mime_reader {
	struct mime_tree *tree;
	struct span in;
	struct frame stack[MIME_DEPTH_MAX];
	size_t depth;
	size_t done;    /* octets that belong to an entity already */
	bool in_leaf;   /* the last entity's body is being looked for */
	size_t body_at; /* where it begins */
	struct mime_problem *problem;
};

static int wrong(struct template_mime_reader *r, size_t at, const char *text)
{
	r->problem->at = at;
	snprintf(r->problem->text, sizeof(r->problem->text), "%s", text);
	return 1;
}

/* One `; name=value`: 1, 0 at the end, -1 where it is none. */
static int next_parameter(struct lexer *l, struct span *ret_name, struct buf *value)
{
	if (!lexer_cfws(l))
		return -1;
	if (lexer_peek(l) < 0)
		return 0;
	if (!lexer_char(l, ';') || !lexer_cfws(l))
		return -1;
	if (lexer_peek(l) < 0)
		return 0; /* a last semicolon with nothing behind it is common */
	*ret_name = lexer_run(l, is_token);
	if (!ret_name->len || !lexer_cfws(l) || !lexer_char(l, '=') || !lexer_cfws(l))
		return -1;
	struct span inner;
	int quoted = lexer_quoted(l, &inner);
	buf_clear(value);
	if (quoted > 0)
		lexer_add_unquoted(value, inner);
	else if (quoted == 0)
		buf_add_span(value, lexer_run(l, is_token));
	return quoted < 0 || value->failed ? -1 : 1;
}

bool mime_type_read(struct span value, struct mime_type *ret)
{
	struct lexer l = { value, 0 };
	struct mime_type type = { .charset = MIME_CHARSET_OTHER };
	if (!lexer_cfws(&l))
		return false;
	type.type = lexer_run(&l, is_token);
	bool slash = lexer_cfws(&l) && lexer_char(&l, '/') && lexer_cfws(&l);
	type.subtype = lexer_run(&l, is_token);
	if (!slash || !type.type.len || !type.subtype.len)
		return false;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(4096);
	struct span name;
	int found;
	while ((found = next_parameter(&l, &name, &text)) > 0) {
		if (span_is_nocase(name, "boundary") &&
		    !span_copy(buf_span(&text), type.boundary, sizeof(type.boundary)))
			return false;
		if (span_is_nocase(name, "charset") && span_is_nocase(buf_span(&text), "utf-8"))
			type.charset = MIME_CHARSET_UTF8;
	}
	if (found < 0)
		return false;
	*ret = type;
	return true;
}

static enum mime_encoding encoding_of(const struct header *header)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} known[] = { { "", MIME_IDENTITY },
		      { "7bit", MIME_IDENTITY },
		      { "8bit", MIME_IDENTITY },
		      { "binary", MIME_BINARY },
		      { "quoted-printable", MIME_QUOTED_PRINTABLE },
		      { "base64", MIME_BASE64 } };
	struct span value = header_value(header, "Content-Transfer-Encoding");
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_is_nocase(value, known[i].name))
			return known[i].encoding;
	return MIME_UNKNOWN;
}

/* A line `--boundary`, maybe `--` behind it, of any open multipart: its level, or -1. */
static ptrdiff_t delimiter(const struct template_mime_reader *r, struct span line, bool *ret_closing)
{
	if (!span_starts(line, SPAN_LIT("--")))
		return -1;
	for (size_t k = r->depth; k-- > 0;) {
		const struct frame *f = &r->stack[k];
		struct span rest = span_sub(line, 2 + f->len, line.len);
		if (line.len < 2 + f->len || memcmp(line.p + 2, f->boundary, f->len) != 0)
			continue;
		*ret_closing = span_starts(rest, SPAN_LIT("--"));
		if (!span_trim(span_sub(rest, *ret_closing ? 2 : 0, rest.len)).len)
			return (ptrdiff_t)k;
	}
	return -1;
}

static int push(struct template_mime_reader *r, size_t at, const struct mime_type *type)
{
	if (!type->boundary[0])
		return wrong(r, at, "the multipart has no boundary in its Content-Type");
	if (r->depth == MIME_DEPTH_MAX)
		return wrong(r, at, "multiparts are nested too deeply");
	struct frame *f = &r->stack[r->depth];
	*f = (struct frame){ .len = strlen(type->boundary) };
	memcpy(f->boundary, type->boundary, sizeof(f->boundary));
	f->is_signed = span_is_nocase(type->subtype, "signed") || (r->depth && r->stack[r->depth - 1].is_signed);
	r->depth++;
	return 0;
}

/* What the header says of the entity; a multipart is opened. */
static int classify(struct template_mime_reader *r, size_t at, struct mime_entity *e)
{
	struct mime_type type;
	struct span value = header_value(&e->header, "Content-Type");
	e->encoding = encoding_of(&e->header);
	e->is_signed = r->depth && r->stack[r->depth - 1].is_signed;
	e->nested = r->depth > 0;
	if (header_find(&e->header, "Content-Type", 0) < 0) {
		e->kind = MIME_TEXT;
		e->charset = MIME_CHARSET_DEFAULT;
		return 0;
	}
	if (!mime_type_read(value, &type))
		return wrong(r, at, "the Content-Type cannot be read: write type/subtype; name=value");
	e->charset = type.charset;
	e->kind = span_is_nocase(type.type, "text")        ? MIME_TEXT
		  : span_is_nocase(type.type, "multipart") ? MIME_MULTIPART
		  : span_is_nocase(type.type, "message")   ? MIME_MESSAGE
							   : MIME_OTHER;
	if (e->kind != MIME_MULTIPART)
		return 0;
	if (e->encoding != MIME_IDENTITY && e->encoding != MIME_BINARY)
		return wrong(r, at, "a multipart cannot be encoded: take its Content-Transfer-Encoding away");
	return push(r, at, &type);
}

/* The entity whose header begins at `at`. */
static int template_mime_begin(struct template_mime_reader *r, size_t at, struct error *err)
{
	struct mime_tree *tree = r->tree;
	if (tree->count == MIME_ENTITIES_MAX)
		return wrong(r, at, "too many parts");
	if (vec_grow(&tree->entities, tree->count, &tree->cap, sizeof(*tree->entities), err) < 0)
		return -1;
	struct mime_entity *e = &tree->entities[tree->count];
	if (header_parse(&e->header, span_sub(r->in, at, r->in.len), err) < 0)
		return -1;
	tree->count++;
	if (e->header.stray_lines || e->header.capped)
		return wrong(r, at, "a line of this header is no header field");
	if (!e->header.has_empty_line)
		return wrong(r, at, "there is no empty line between header and body");
	e->lead = span_sub(r->in, r->done, at - r->done);
	r->done = r->body_at = at + e->header.body_offset;
	int rc = classify(r, at, e);
	r->in_leaf = e->kind != MIME_MULTIPART;
	return rc;
}

/* Ends the body that is open, if any, at the delimiter line at `at`. */
static void end_leaf(struct template_mime_reader *r, size_t at)
{
	if (!r->in_leaf)
		return;
	size_t end = at >= r->body_at + 2 ? at - 2 : r->body_at;
	r->tree->entities[r->tree->count - 1].body = span_sub(r->in, r->body_at, end - r->body_at);
	r->done = end;
	r->in_leaf = false;
}

static int on_delimiter(struct template_mime_reader *r, size_t level, bool closing, size_t at, size_t next,
			struct error *err, size_t *ret_next)
{
	end_leaf(r, at);
	r->depth = closing ? level : level + 1;
	*ret_next = next;
	if (closing)
		return r->stack[level].parts ? 0 : wrong(r, at, "the multipart is closed before its first part");
	r->stack[level].parts++;
	int rc = template_mime_begin(r, next, err);
	*ret_next = r->done;
	return rc;
}

int mime_read(struct mime_tree *tree, struct span message, struct mime_problem *problem, struct error *err)
{
	struct template_mime_reader r = { .tree = tree, .in = message, .problem = problem };
	*tree = (struct mime_tree){ 0 };
	int rc = template_mime_begin(&r, 0, err);
	size_t at = r.done;
	while (rc == 0 && r.depth && at < message.len) {
		bool closing;
		ptrdiff_t lf = span_find_char(message, '\n', at);
		size_t next = lf < 0 ? message.len : (size_t)lf + 1;
		ptrdiff_t level = delimiter(&r, span_sub(message, at, next - at), &closing);
		if (level >= 0)
			rc = on_delimiter(&r, (size_t)level, closing, at, next, err, &next);
		at = next;
	}
	if (rc)
		return rc;
	if (r.depth)
		return wrong(&r, message.len, "a multipart is not ended by its closing delimiter (--boundary--)");
	if (r.in_leaf) {
		tree->entities[tree->count - 1].body = span_sub(message, r.body_at, message.len);
		r.done = message.len;
	}
	tree->tail = span_sub(message, r.done, message.len);
	return 0;
}

void mime_tree_fini(struct mime_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		header_fini(&tree->entities[i].header);
	free(tree->entities);
	*tree = (struct mime_tree){ 0 };
}
