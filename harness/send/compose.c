/* Composes one message. It must never let a value add a line to the header, and never give out octets that a server
 * could change or refuse for their form: bare CR or LF, NUL, long lines, 8-bit content. */
#include "harness/send/compose.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/mail/address.h"
#include "harness/mail/encode.h"
#include "harness/mail/tag.h"
#include "harness/send/template_parts.h"

enum { MESSAGE_MAX = 4 * TEMPLATE_MAX, FIELD_MAX = 1 << 20, REWRAP_MAX = 76 };

/* A message that is being composed. `out` remembers that it was full; it is asked once, at the end. */
struct composer {
	const struct compose_params *params;
	const struct template *template;
	struct template_values values;
	struct buf from_spec; /* the address of params->from */
	struct buf out;
};

/* --- addresses --- */

static int check_address(const char *what, struct span text, struct error *err)
{
	struct address address;
	return address_check(text, &address, err) < 0 ? error_prefix(err, "%s", what) : 0;
}

/* The only address of a From value, as `local@domain`. */
static int one_address(struct span value, struct buf *spec, struct error *err)
{
	struct address_list list;
	if (address_list_parse(&list, value, err) < 0) {
		err->kind = ERROR_CONFIG;
		return -1;
	}
	int rc = list.count == 1
		     ? 0
		     : error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%zu addresses where one is wanted", list.count);
	if (rc == 0)
		address_add_spec(spec, &list.v[0]);
	address_list_fini(&list);
	return rc < 0 ? -1 : check_address("the address", buf_span(spec), err);
}

/* The domain without regard to case, the local part octet for octet (RFC 5321 section 2.4). */
static bool same_address(struct span a, struct span b)
{
	size_t at = a.len;
	while (at > 0 && a.p[at - 1] != '@')
		at--;
	return a.len == b.len && span_eq(span_sub(a, 0, at), span_sub(b, 0, at)) && span_eq_nocase(a, b);
}

/* --- header --- */

static int add_field(struct composer *c, const char *name, struct span value, struct error *err)
{
	return encode_field(&c->out, span_of(name), value, err);
}

static bool fits_as_it_is(struct span raw)
{
	return span_is_ascii(raw) && encode_choose(raw) == TRANSFER_7BIT;
}

static int check_from(struct composer *c, struct span value, struct error *err)
{
	_cleanup_(buf_fini) struct buf spec = BUF_INIT(FIELD_MAX);
	if (one_address(value, &spec, err) < 0)
		return error_prefix(err, "From");
	if (same_address(buf_span(&spec), buf_span(&c->from_spec)))
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
			 "From is %s, but the service sends as %s: write {{from}}, or take the line out",
			 buf_str(&spec), buf_str(&c->from_spec));
}

/* A field of the template that is not of MIME. */
static int add_template_field(struct composer *c, const struct header_field *f, struct error *err)
{
	struct template_problem problem;
	_cleanup_(buf_fini) struct buf value = BUF_INIT(FIELD_MAX);
	bool is_subject = span_is_nocase(f->name, "Subject");
	ptrdiff_t variables = template_expand(f->value, &c->values, &value, &problem);
	if (buf_check(&value, "the header field", err) < 0)
		return -1;
	if (variables < 0)
		return template_say_problem(&problem, &c->values, c->template->name, err);
	if (span_is_nocase(f->name, "From") && check_from(c, buf_span(&value), err) < 0)
		return -1;
	if (is_subject && c->params->tag_in_subject) {
		buf_add_char(&value, ' ');
		tag_add_subject(&value, c->params->tag);
	} else if (variables == 0 && fits_as_it_is(f->raw)) {
		buf_add_span(&c->out, f->raw);
		return 0;
	}
	if (buf_check(&value, "the header field", err) < 0)
		return -1;
	if (!span_is_ascii(buf_span(&value)) && span_find(f->value, SPAN_LIT("=?"), 0) >= 0)
		return error_set(
		    err, ERROR_CONFIG, RETRY_NEVER, 0,
		    "%.*s mixes encoded words (=?...?=) with text that is not ASCII: write all of it in UTF-8",
		    SPAN_ARG(f->name));
	return encode_field(&c->out, f->name, buf_span(&value), err);
}

/* What postproof adds stands in front of what the template says. */
static int add_own_fields(struct composer *c, const struct header *header, struct error *err)
{
	const struct compose_params *p = c->params;
	char date[TIME_TEXT_MAX];
	_cleanup_(buf_fini) struct buf id = BUF_INIT(FIELD_MAX);
	buf_add_char(&id, '<');
	tag_add_message_id(&id, p->tag, span_of(p->domain));
	buf_add_char(&id, '>');
	if (buf_check(&id, "the Message-ID", err) < 0)
		return -1;
	if (header_find(header, "Date", 0) < 0 &&
	    add_field(c, "Date", span_of(time_rfc5322(p->date_ms, date)), err) < 0)
		return -1;
	if (header_find(header, "From", 0) < 0 && add_field(c, "From", span_of(p->from), err) < 0)
		return -1;
	if (add_field(c, "Message-ID", buf_span(&id), err) < 0 || add_field(c, TAG_FIELD, span_of(p->tag), err) < 0)
		return -1;
	if (!p->tag_in_subject || header_find(header, "Subject", 0) >= 0)
		return 0;
	_cleanup_(buf_fini) struct buf subject = BUF_INIT(FIELD_MAX);
	tag_add_subject(&subject, p->tag);
	if (buf_check(&subject, "the subject", err) < 0)
		return -1;
	return add_field(c, "Subject", buf_span(&subject), err);
}

/* A field of MIME: kept, but for a transfer encoding that is not so any more. */
static int add_mime_field(struct composer *c, const struct header_field *f, const char *encoding, struct error *err)
{
	if (encoding && span_is_nocase(f->name, "Content-Transfer-Encoding"))
		return add_field(c, "Content-Transfer-Encoding", span_of(encoding), err);
	if (!fits_as_it_is(f->raw))
		return encode_field(&c->out, f->name, f->value, err);
	buf_add_span(&c->out, f->raw);
	return 0;
}

/* The header of an entity with its empty line. `encoding`: the new transfer encoding, NULL where the old one stays;
 * `utf8`: the text needs a charset. */
static int add_header(struct composer *c, const struct mime_entity *e, const char *encoding, bool utf8,
		      struct error *err)
{
	const struct header *header = &e->header;
	char where[TEMPLATE_WHERE_MAX];
	bool is_message = !e->nested;
	if (is_message && add_own_fields(c, header, err) < 0)
		return -1;
	for (size_t i = 0; i < header->count; i++) {
		const struct header_field *f = &header->fields[i];
		int rc = is_message && !template_is_mime_field(f->name) ? add_template_field(c, f, err)
									: add_mime_field(c, f, encoding, err);
		if (rc < 0)
			return error_prefix(err, "%s", template_where(c->template, f->raw.p, where));
	}
	bool has_type = header_find(header, "Content-Type", 0) >= 0;
	bool has_encoding = header_find(header, "Content-Transfer-Encoding", 0) >= 0;
	if (is_message && header_find(header, "MIME-Version", 0) < 0 && (encoding || has_type || has_encoding))
		buf_add_str(&c->out, "MIME-Version: 1.0\r\n");
	if (utf8 && !has_type)
		buf_add_str(&c->out, "Content-Type: text/plain; charset=utf-8\r\n");
	if (encoding && !has_encoding)
		buf_addf(&c->out, "Content-Transfer-Encoding: %s\r\n", encoding);
	buf_add_str(&c->out, "\r\n");
	return 0;
}

/* --- body --- */

static bool declares_more_than_7bit(const struct mime_entity *e)
{
	struct span value = header_value(&e->header, "Content-Transfer-Encoding");
	return span_is_nocase(value, "8bit") || span_is_nocase(value, "binary");
}

static int add_container(struct composer *c, const struct mime_entity *e, struct error *err)
{
	return add_header(c, e, declares_more_than_7bit(e) ? "7bit" : NULL, false, err);
}

/* The body is text without transfer encoding, to be written in the best one. */
static int add_text(struct composer *c, const struct mime_entity *e, struct span text, struct error *err)
{
	enum transfer_encoding encoding = encode_choose(text);
	bool keeps = encoding == TRANSFER_7BIT && e->encoding == MIME_IDENTITY && !declares_more_than_7bit(e);
	if (add_header(c, e, keeps ? NULL : transfer_encoding_name(encoding), !span_is_ascii(text), err) < 0)
		return -1;
	encode_text(&c->out, text, encoding);
	/* base64 ends its last line; in a multipart the delimiter brings the line end along. */
	bool ended = c->out.len >= 2 && c->out.p[c->out.len - 1] == '\n';
	if (e->nested && ended && encoding == TRANSFER_BASE64)
		c->out.p[c->out.len -= 2] = '\0';
	return 0;
}

/* An encoded body with lines of at most 76 octets (RFC 2045 sections 6.7 and 6.8). What it stands for stays as it is.
 */
static void add_rewrapped(struct buf *out, struct span body, enum mime_encoding encoding)
{
	bool base64 = encoding == MIME_BASE64;
	size_t width = 0;
	for (size_t i = 0; i < body.len;) {
		bool line_end = body.p[i] == '\r' || body.p[i] == '\n';
		size_t octets = !base64 && body.p[i] == '=' && i + 2 < body.len && body.p[i + 1] != '\r' ? 3 : 1;
		if (!line_end && width + octets > (base64 ? REWRAP_MAX : REWRAP_MAX - 1)) {
			buf_add_str(out, base64 ? "\r\n" : "=\r\n");
			width = 0;
		}
		width = line_end ? 0 : width + octets;
		buf_add_span(out, span_sub(body, i, octets));
		i += octets;
	}
}

static int add_leaf(struct composer *c, const struct mime_entity *e, const struct template_leaf *leaf,
		    struct error *err)
{
	char where[TEMPLATE_WHERE_MAX];
	struct template_problem problem;
	if (!leaf->variables && e->encoding != MIME_IDENTITY) {
		if (add_header(c, e, NULL, false, err) < 0)
			return -1;
		if (leaf->rewrap)
			add_rewrapped(&c->out, e->body, e->encoding);
		else
			buf_add_span(&c->out, e->body);
		return 0;
	}
	if (!leaf->variables)
		return add_text(c, e, e->body, err);
	_cleanup_(buf_fini) struct buf text = BUF_INIT(MESSAGE_MAX);
	struct template_values values = c->values;
	values.ascii_only = e->charset == MIME_CHARSET_OTHER;
	if (template_expand(leaf->decoded_is ? buf_span(&leaf->decoded) : e->body, &values, &text, &problem) < 0)
		return template_say_problem(&problem, &values, template_where(c->template, e->body.p, where), err);
	return add_text(c, e, buf_span(&text), err);
}

/* --- the whole --- */

static int check_params(const struct compose_params *p, struct error *err)
{
	if (strlen(p->tag) != TAG_LEN || !tag_valid(span_of(p->tag)))
		return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "\"%s\" is no tag", p->tag);
	if (!address_domain_valid(span_of(p->domain)))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" is no domain for the Message-ID",
				 p->domain);
	for (const char *at = p->from; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "from holds a control character or line end");
	return check_address("to", span_of(p->to), err);
}

static int envelope(const struct compose_params *p, struct buf *out, struct error *err)
{
	struct span pattern = span_of(p->envelope);
	if (span_find(pattern, SPAN_LIT(TAG_PLACEHOLDER), 0) < 0)
		buf_add_span(out, pattern);
	else if (!tag_pattern_valid(pattern))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" is no envelope sender with one {tag}",
				 p->envelope);
	else
		tag_add_pattern(out, pattern, p->tag);
	return check_address("envelope sender", buf_span(out), err);
}

static int add_entities(struct composer *c, struct error *err)
{
	const struct mime_tree *tree = &c->template->tree;
	for (size_t i = 0; i < tree->count; i++) {
		const struct mime_entity *e = &tree->entities[i];
		buf_add_span(&c->out, e->lead);
		if (e->kind == MIME_MULTIPART ? add_container(c, e, err) < 0
					      : add_leaf(c, e, &c->template->leaves[i], err) < 0)
			return -1;
	}
	buf_add_span(&c->out, tree->tail);
	/* What was quoted-printable may have ended in a soft line break. */
	if (c->out.len && c->out.p[c->out.len - 1] != '\n')
		buf_add_str(&c->out, "\r\n");
	return buf_check(&c->out, c->template->name, err);
}

static int compose_hand_out(struct composer *c, struct buf *mail_from, struct composed *ret, struct error *err)
{
	const struct compose_params *p = c->params;
	struct buf id = BUF_INIT(FIELD_MAX);
	tag_add_message_id(&id, p->tag, span_of(p->domain));
	struct composed composed = { .len = c->out.len };
	composed.smtputf8 = !span_is_ascii(buf_span(&c->out)) || !span_is_ascii(span_of(p->to)) ||
			    !span_is_ascii(buf_span(mail_from));
	composed.octets = buf_take(&c->out);
	composed.message_id = buf_take(&id);
	composed.mail_from = buf_take(mail_from);
	if (!composed.octets || !composed.message_id || !composed.mail_from) {
		composed_fini(&composed);
		return error_memory(err);
	}
	*ret = composed;
	return 0;
}

int compose(const struct compose_params *p, struct composed *ret, struct error *err)
{
	char date[TIME_TEXT_MAX];
	if (check_params(p, err) < 0)
		return -1;
	struct composer c = { .params = p, .template = p->template, .values = template_values_of(p->template) };
	buf_init(&c.out, MESSAGE_MAX);
	buf_init(&c.from_spec, FIELD_MAX);
	_cleanup_(buf_fini) struct buf mail_from = BUF_INIT(FIELD_MAX);
	int rc = one_address(span_of(p->from), &c.from_spec, err);
	if (rc < 0)
		error_prefix(err, "[service] from");
	/* In the order of template_builtins. */
	const char *const builtin[] = { p->to, buf_str(&c.from_spec), p->tag, time_rfc5322(p->date_ms, date) };
	c.values.builtin = builtin;
	if (rc == 0)
		rc = envelope(p, &mail_from, err);
	if (rc == 0)
		rc = add_entities(&c, err);
	if (rc == 0)
		rc = compose_hand_out(&c, &mail_from, ret, err);
	buf_fini(&c.out);
	buf_fini(&c.from_spec);
	return rc;
}

void composed_fini(struct composed *composed)
{
	if (!composed)
		return;
	free(composed->octets);
	free(composed->message_id);
	free(composed->mail_from);
	*composed = (struct composed){ 0 };
}
