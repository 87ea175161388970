/* Loads and checks a template. It must never accept what compose() would have to send otherwise than the user meant. */
#include "harness/send/template.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/mail/decode.h"
#include "harness/mail/encode.h"
#include "harness/send/template_parts.h"

unsigned template_line(const struct template *template, const char *at)
{
	struct span before = span_sub(buf_span(&template->octets), 0, (size_t)(at - template->octets.p));
	unsigned line = 1;
	for (size_t i = 0; i < before.len; i++)
		line += before.p[i] == '\n';
	return line;
}

const char *template_where(const struct template *template, const char *at, char out[TEMPLATE_WHERE_MAX])
{
	snprintf(out, TEMPLATE_WHERE_MAX, "%.300s:%u", template->name, template_line(template, at));
	return out;
}

struct template_values template_values_of(const struct template *template)
{
	return (struct template_values){ .own = template->vars, .own_count = template->var_count };
}

bool template_is_mime_field(struct span name)
{
	return span_starts_nocase(name, SPAN_LIT("Content-"));
}

const char *template_name(const struct template *template)
{
	return template->name;
}

const char *template_sha256(const struct template *template)
{
	return template->sha256;
}

static int config_error(const struct template *t, const char *at, struct error *err, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

static int config_error(const struct template *t, const char *at, struct error *err, const char *fmt, ...)
{
	char where[TEMPLATE_WHERE_MAX], text[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: %s", template_where(t, at, where), text);
}

/* CRLF everywhere, also at the end. */
static int normalise(struct template *t, struct span in, struct error *err)
{
	const struct span mark = SPAN_LIT("\xef\xbb\xbf");
	if (span_starts(in, mark))
		in = span_sub(in, mark.len, in.len);
	buf_init(&t->octets, 2 * TEMPLATE_MAX + 2);
	unsigned line = 1;
	for (size_t from = 0, i = 0; i <= in.len; i++) {
		bool cr = i < in.len && in.p[i] == '\r';
		if (i < in.len && ((cr && (i + 1 == in.len || in.p[i + 1] != '\n')) || in.p[i] == '\0'))
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "%s:%u: %s: a template is a text file whose lines end in LF or CRLF", t->name,
					 line, cr ? "CR without LF" : "NUL");
		if (i < in.len && in.p[i] != '\n')
			continue;
		size_t end = i > from && in.p[i - 1] == '\r' ? i - 1 : i;
		buf_add_span(&t->octets, span_sub(in, from, end - from));
		if (i < in.len || i > from)
			buf_add_str(&t->octets, "\r\n");
		from = i + 1;
		line++;
	}
	return buf_check(&t->octets, t->name, err);
}

static int copy_vars(struct template *t, const struct template_var *vars, size_t count, struct error *err)
{
	if (count > TEMPLATE_VARS_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "more than %d variables", TEMPLATE_VARS_MAX);
	t->vars = calloc(count + 1, sizeof(*t->vars));
	if (!t->vars)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		if (template_var_check(&vars[i], err) < 0)
			return -1;
		t->vars[i] = (struct template_var){ span_dup(span_of(vars[i].name)), span_dup(span_of(vars[i].value)) };
		t->var_count++;
		if (!t->vars[i].name || !t->vars[i].value)
			return error_memory(err);
	}
	return 0;
}

#define TEMPLATE_RFC2231 "write file names by RFC 2231 (filename*=UTF-8''...)"

/* --- the header of the message --- */

/* Fields that must not stand in a template, and why. */
static const struct {
	const char *name, *why;
} forbidden[] = {
	{ "Message-ID", "postproof sets its own, with the tag" },
	{ "X-Postproof-Tag", "postproof sets its own" },
	{ "Return-Path", "the receiving server sets it" },
	{ "Received", "servers on the way set it" },
	{ "Delivered-To", "the receiving server sets it" },
	{ "DKIM-Signature", "the service's server signs; this signature fits another message" },
	{ "ARC-Seal", "servers on the way set it" },
	{ "ARC-Message-Signature", "servers on the way set it" },
	{ "ARC-Authentication-Results", "servers on the way set it" },
	{ "Authentication-Results", "the receiving server sets it" },
	{ "Bcc", "each seed gets a message of its own" },
};

/* At most once: RFC 5322 section 3.6, RFC 2045 section 3. */
static const char *const single[] = { "Date",    "From",         "Sender",       "Reply-To",
				      "To",      "Cc",           "In-Reply-To",  "References",
				      "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding" };

static int check_octets(const struct template *t, const struct header_field *f, struct error *err)
{
	if (!utf8_valid(f->value))
		return config_error(t, f->raw.p, err, "%.*s is not UTF-8: save the template as UTF-8",
				    SPAN_ARG(span_sub(f->name, 0, 60)));
	for (size_t i = 0; i < f->value.len; i++)
		if (((unsigned char)f->value.p[i] < ' ' && !ascii_is_space(f->value.p[i])) || f->value.p[i] == 0x7f)
			return config_error(t, f->value.p + i, err, "%.*s holds a control character",
					    SPAN_ARG(span_sub(f->name, 0, 60)));
	return 0;
}

static int check_variables(const struct template *t, const struct header_field *f, struct error *err)
{
	char where[TEMPLATE_WHERE_MAX];
	struct template_problem problem;
	struct template_values values = template_values_of(t);
	ptrdiff_t n = template_expand(f->value, &values, NULL, &problem);
	if (n < 0)
		return template_say_problem(&problem, &values, template_where(t, f->value.p + problem.at, where), err);
	if (n > 0 && template_is_mime_field(f->name))
		return config_error(t, f->raw.p, err, "variables are not replaced in %.*s",
				    SPAN_ARG(span_sub(f->name, 0, 60)));
	return 0;
}

static int check_field(const struct template *t, const struct header *header, size_t i, struct error *err)
{
	const struct header_field *f = &header->fields[i];
	for (size_t k = 0; k < ARRAY_LEN(forbidden); k++)
		if (span_is_nocase(f->name, forbidden[k].name))
			return config_error(t, f->raw.p, err, "%s cannot stand in a template: %s. Take the line out",
					    forbidden[k].name, forbidden[k].why);
	for (size_t k = 0; k < ARRAY_LEN(single); k++)
		if (span_is_nocase(f->name, single[k]) && header_find(header, single[k], 0) != (ptrdiff_t)i)
			return config_error(t, f->raw.p, err, "a second %s: a message has only one", single[k]);
	if (check_octets(t, f, err) < 0 || check_variables(t, f, err) < 0)
		return -1;
	if (template_is_mime_field(f->name) && !span_is_ascii(f->raw))
		return config_error(t, f->raw.p, err, "%.*s is not ASCII: " TEMPLATE_RFC2231,
				    SPAN_ARG(span_sub(f->name, 0, 60)));
	if (span_is_nocase(f->name, "Date") && !template_mentions(f->value, "date"))
		return config_error(t, f->raw.p, err, "the Date is fixed: write {{date}}, or take the line out");
	return 0;
}

static int check_header(const struct template *t, struct error *err)
{
	const struct header *header = &t->tree.entities[0].header;
	for (size_t i = 0; i < header->count; i++)
		if (check_field(t, header, i, err) < 0)
			return -1;
	ptrdiff_t to = header_find(header, "To", 0);
	if (to < 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%s: no To header: add \"To: {{to}}\", which becomes the seed's address", t->name);
	if (!template_mentions(header->fields[to].value, "to"))
		return config_error(
		    t, header->fields[to].raw.p, err,
		    "the To header has no {{to}}: write \"To: {{to}}\", which becomes the seed's address");
	return 0;
}

/* --- parts --- */

static bool lines_fit(struct span s)
{
	return encode_choose(s) == TRANSFER_7BIT;
}

/* Text between the parts, and headers of parts, go out as they stand. */
static int check_verbatim(const struct template *t, struct span s, const char *what, struct error *err)
{
	if (lines_fit(s))
		return 0;
	return config_error(t, s.p, err, "%s is not ASCII or has a line above %d octets", what, ENCODE_LINE_HARD);
}

/* The leaf's text is looked at without its transfer encoding. */
static int decode_leaf(const struct template *t, const struct mime_entity *e, struct template_leaf *leaf,
		       struct error *err)
{
	buf_init(&leaf->decoded, 2 * TEMPLATE_MAX);
	if (e->encoding == MIME_QUOTED_PRINTABLE)
		decode_quoted_printable(&leaf->decoded, e->body);
	else if (e->encoding == MIME_BASE64)
		base64_add_decoded(&leaf->decoded, e->body);
	else
		return 0;
	leaf->decoded_is = true;
	return buf_check(&leaf->decoded, t->name, err);
}

static int check_leaf_variables(const struct template *t, const struct mime_entity *e, struct template_leaf *leaf,
				struct error *err)
{
	char where[TEMPLATE_WHERE_MAX];
	struct template_problem problem;
	struct template_values values = template_values_of(t);
	if (e->kind != MIME_TEXT || e->encoding == MIME_UNKNOWN)
		return 0;
	if (decode_leaf(t, e, leaf, err) < 0)
		return -1;
	values.ascii_only = e->charset == MIME_CHARSET_OTHER;
	struct span text = leaf->decoded_is ? buf_span(&leaf->decoded) : e->body;
	ptrdiff_t n = template_expand(text, &values, NULL, &problem);
	if (n < 0)
		return template_say_problem(
		    &problem, &values, template_where(t, e->body.p + (leaf->decoded_is ? 0 : problem.at), where), err);
	leaf->variables = n > 0;
	if (!leaf->variables && leaf->decoded_is) {
		buf_fini(&leaf->decoded);
		leaf->decoded_is = false;
	}
	if (leaf->variables && e->is_signed)
		return config_error(t, e->body.p, err,
				    "variables would break the signature of the multipart/signed around them");
	return 0;
}

/* Many programs write base64 as one line. To break it changes none of the octets that it stands for. */
static bool template_can_rewrap(const struct mime_entity *e)
{
	return (e->encoding == MIME_BASE64 || e->encoding == MIME_QUOTED_PRINTABLE) && e->kind != MIME_MESSAGE &&
	       !e->is_signed && span_is_ascii(e->body);
}

static int check_leaf(const struct template *t, const struct mime_entity *e, struct template_leaf *leaf,
		      struct error *err)
{
	bool encoded = e->encoding != MIME_IDENTITY;
	if (check_leaf_variables(t, e, leaf, err) < 0)
		return -1;
	if (e->encoding == MIME_BINARY)
		return config_error(t, e->body.p, err, "a binary part cannot stand in a template: encode it as base64");
	if (lines_fit(e->body))
		return 0;
	if (template_can_rewrap(e)) {
		leaf->rewrap = true;
		return 0;
	}
	if (encoded || e->kind == MIME_MESSAGE || e->is_signed)
		return config_error(t, e->body.p, err,
				    "this part is not ASCII or has a line above %d octets, and cannot be encoded %s",
				    ENCODE_LINE_HARD,
				    encoded                   ? "again: it says that it is encoded already"
				    : e->kind == MIME_MESSAGE ? "(RFC 2046 section 5.2.1): encode the parts within it"
							      : "without breaking the signature around it");
	if (e->charset == MIME_CHARSET_DEFAULT && !utf8_valid(e->body))
		return config_error(t, e->body.p, err,
				    "this text is not UTF-8 and has no Content-Type that names its charset");
	return 0;
}

static int check_parts(struct template *t, struct error *err)
{
	t->leaves = calloc(t->tree.count, sizeof(*t->leaves));
	if (!t->leaves)
		return error_memory(err);
	for (size_t i = 0; i < t->tree.count; i++) {
		const struct mime_entity *e = &t->tree.entities[i];
		if (i > 0) {
			struct span header = span_make(e->lead.p + e->lead.len, e->header.body_offset);
			if (check_verbatim(t, e->lead, "the text around the parts", err) < 0)
				return -1;
			if (!span_is_ascii(header))
				return config_error(t, header.p, err,
						    "the header of a part is not ASCII: " TEMPLATE_RFC2231);
			if (check_verbatim(t, header, "the header of a part", err) < 0)
				return -1;
		}
		if (e->kind != MIME_MULTIPART && check_leaf(t, e, &t->leaves[i], err) < 0)
			return -1;
	}
	return check_verbatim(t, t->tree.tail, "the text behind the parts", err);
}

/* --- the whole --- */

static int check_shape(const struct template *t, struct error *err)
{
	_cleanup_(header_fini) struct header header = { 0 };
	if (header_parse(&header, buf_span(&t->octets), err) < 0)
		return -1;
	const char *at = t->octets.p;
	if (!header.count)
		return error_set(
		    err, ERROR_CONFIG, RETRY_NEVER, 0,
		    "%s:1: no header: a template begins with lines like \"Subject: ...\", an empty line follows",
		    t->name);
	for (size_t i = 0; i < header.count && at == header.fields[i].raw.p; i++)
		at += header.fields[i].raw.len;
	if (header.stray_lines)
		return config_error(t, at, err,
				    "this line is no header field: a field is \"Name: value\", an empty line ends "
				    "the header");
	struct span body = span_sub(buf_span(&t->octets), header.body_offset, t->octets.len);
	if (!header.has_empty_line || !span_trim(body).len)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%s: no body: it stands behind the empty line that ends the header", t->name);
	return 0;
}

static int read_parts(struct template *t, struct error *err)
{
	struct mime_problem problem = { 0 };
	int rc = mime_read(&t->tree, buf_span(&t->octets), &problem, err);
	if (rc > 0)
		return config_error(t, t->octets.p + problem.at, err, "%s", problem.text);
	return rc;
}

static int hash(struct template *t, struct span octets, struct error *err)
{
	unsigned char digest[32];
	if (EVP_Digest(octets.p ? octets.p : "", octets.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return error_memory(err);
	hex_encode(digest, sizeof(digest), t->sha256);
	return 0;
}

static int template_fill(struct template *t, struct span octets, const struct template_var *vars, size_t var_count,
			 struct error *err)
{
	if (octets.len > TEMPLATE_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "%s is larger than %d octets", t->name,
				 TEMPLATE_MAX);
	if (hash(t, octets, err) < 0 || copy_vars(t, vars, var_count, err) < 0 || normalise(t, octets, err) < 0 ||
	    check_shape(t, err) < 0 || read_parts(t, err) < 0)
		return -1;
	return check_header(t, err) < 0 || check_parts(t, err) < 0 ? -1 : 0;
}

int template_parse(const char *name, struct span octets, const struct template_var *vars, size_t var_count,
		   struct template **ret, struct error *err)
{
	struct template *t = calloc(1, sizeof(*t));
	if (!t)
		return error_memory(err);
	t->name = span_dup(span_of(name));
	int rc = t->name ? template_fill(t, octets, vars, var_count, err) : error_memory(err);
	if (rc < 0) {
		template_free(t);
		return -1;
	}
	*ret = t;
	return 0;
}

int template_load(const char *path, const struct template_var *vars, size_t var_count, struct template **ret,
		  struct error *err)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(TEMPLATE_MAX);
	if (file_read(path, &octets, err) < 0)
		return -1;
	return template_parse(path, buf_span(&octets), vars, var_count, ret, err);
}

void template_free(struct template *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->leaves && i < t->tree.count; i++)
		buf_fini(&t->leaves[i].decoded);
	for (size_t i = 0; i < t->var_count; i++) {
		free((char *)(uintptr_t)t->vars[i].name);
		free((char *)(uintptr_t)t->vars[i].value);
	}
	free(t->vars);
	free(t->leaves);
	mime_tree_fini(&t->tree);
	buf_fini(&t->octets);
	free(t->name);
	free(t);
}
