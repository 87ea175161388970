/* Opens messages: walks the parts, decodes what is shown, collects links. Judges nothing. */
#include "harness/posture/content/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/orgdomain.h"
#include "harness/base/vec.h"

/* A character of a charset is at most four octets of UTF-8; a line end follows each part. */
enum { FIELD_MAX = 8192, UTF8_MAX = 4 };

const char *content_name(const struct content *c)
{
	return c->message->name;
}

struct span content_shown(const struct content *c)
{
	return span_trim(buf_span(c->has_html ? &c->html.text : &c->plain));
}

size_t content_count_fields(const struct content *c, const char *name)
{
	size_t count = 0;
	for (ptrdiff_t i = header_find(&c->header, name, 0); i >= 0; i = header_find(&c->header, name, (size_t)i + 1))
		count++;
	return count;
}

static bool is_host_octet(char c)
{
	return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || (unsigned char)c > 127;
}

bool content_is_host(struct span text, char out[DNS_NAME_TEXT_MAX])
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_host_octet(text.p[i]))
			return false;
	return span_find_char(text, '.', 0) > 0 && dns_name_make(text, out) && orgdomain_suffix_known(out);
}

/* --- parts ------------------------------------------------------------------------------------------------------ */

static int read_part_header(struct content_part *p, struct error *err)
{
	struct header h;
	if (header_parse(&h, p->part.entity, err) < 0)
		return -1;
	ptrdiff_t type = header_find(&h, "Content-Type", 0);
	p->type = header_value(&h, "Content-Type");
	p->type_twice = type >= 0 && header_find(&h, "Content-Type", (size_t)type + 1) >= 0;
	p->disposition = header_value(&h, "Content-Disposition");
	p->id = header_value(&h, "Content-ID");
	header_fini(&h);
	return 0;
}

/* RFC 2045 section 5.2: what has no type is plain text. */
static bool is_plain(const struct content_part *p)
{
	return p->part.type.len == 0 || span_is_nocase(p->part.type, "text/plain");
}

/* Adds the text of the part to what is shown. */
static int show_part(struct content *c, struct content_part *p, struct error *err)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(p->part.body.len);
	struct buf *out = is_plain(p) ? &c->plain : &c->markup;
	char charset[PART_BOUNDARY_MAX];
	size_t len = part_read_parameter(p->type, "charset", charset);
	c->has_html |= !is_plain(p);
	part_add_decoded(&octets, &p->part);
	p->is_ascii = span_is_ascii(buf_span(&octets));
	p->fault = charset_add_utf8(out, buf_span(&octets), span_make(charset, len));
	buf_add_char(out, '\n');
	return buf_check(&octets, "a part", err) < 0 || buf_check(out, "the text of the message", err) < 0 ? -1 : 0;
}

static int read_parts(struct content *c, struct error *err)
{
	struct part_walk walk;
	struct part part;
	int rc;
	part_walk_init(&walk, c->message->octets);
	while ((rc = part_next(&walk, &part, err)) > 0) {
		if (c->part_count == CONTENT_PARTS_MAX) {
			c->parts_cut = true;
			break;
		}
		if (vec_grow(&c->parts, c->part_count, &c->part_cap, sizeof(*c->parts), err) < 0)
			return -1;
		struct content_part *p = &c->parts[c->part_count++];
		p->part = part;
		if (read_part_header(p, err) < 0)
			return -1;
		p->is_shown = !span_starts_nocase(p->disposition, SPAN_LIT("attachment")) &&
			      (is_plain(p) || span_is_nocase(part.type, "text/html"));
		if (p->is_shown && show_part(c, p, err) < 0)
			return -1;
	}
	c->unclosed = walk.unclosed;
	return rc < 0 ? -1 : 0;
}

/* --- links ------------------------------------------------------------------------------------------------------ */

/* Takes the link where it has a host. */
static int add_link(struct content *c, struct span text, const struct content_link *as, struct error *err)
{
	struct url url;
	int rc = url_read(text, &url, err);
	if (rc <= 0)
		return rc;
	if (c->link_count == CONTENT_LINKS_MAX) {
		c->links_cut = true;
		url_fini(&url);
		return 0;
	}
	if (vec_grow(&c->links, c->link_count, &c->link_cap, sizeof(*c->links), err) < 0) {
		url_fini(&url);
		return -1;
	}
	c->links[c->link_count] = *as;
	c->links[c->link_count++].url = url;
	return 0;
}

static int add_html_links(struct content *c, struct error *err)
{
	for (size_t i = 0; i < c->html.link_count; i++) {
		const struct html_link *l = &c->html.links[i];
		const struct content_link as = {
			.kind = CONTENT_LINK_HTML, .shown = l->text, .width = -1, .height = -1
		};
		if (add_link(c, span_of(l->href), &as, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < c->html.image_count; i++) {
		const struct html_image *image = &c->html.images[i];
		const struct content_link as = {
			.kind = CONTENT_LINK_IMAGE, .shown = "", .width = image->width, .height = image->height
		};
		if (add_link(c, span_of(image->src), &as, err) < 0)
			return -1;
	}
	return 0;
}

static bool ends_url(char c)
{
	return ascii_is_space(c) || c == '<' || c == '>' || c == '"';
}

/* What stands behind a URL in a sentence is no part of it; a closing bracket is, where it was opened within. */
static struct span without_sentence(struct span s)
{
	const char *marks = span_find_char(s, '(', 0) >= 0 ? ".,;:!?'*]" : ".,;:!?'*])";
	while (s.len > 0 && s.p[s.len - 1] != '\0' && strchr(marks, s.p[s.len - 1]))
		s.len--;
	return s;
}

static int add_text_links(struct content *c, struct error *err)
{
	const struct content_link as = { .kind = CONTENT_LINK_TEXT, .shown = "", .width = -1, .height = -1 };
	struct span text = buf_span(&c->plain);
	ptrdiff_t mark = 0;
	for (size_t at = 0; (mark = span_find(text, SPAN_LIT("://"), at)) >= 0;) {
		size_t start = (size_t)mark, end = (size_t)mark;
		while (start > at && ascii_is_alpha(text.p[start - 1]))
			start--;
		while (end < text.len && !ends_url(text.p[end]))
			end++;
		if (add_link(c, without_sentence(span_sub(text, start, end - start)), &as, err) < 0)
			return -1;
		at = end;
	}
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static int open_message(struct content *c, struct error *err)
{
	if (header_parse(&c->header, c->message->octets, err) < 0 || read_parts(c, err) < 0 ||
	    html_read(&c->html, buf_span(&c->markup), err) < 0)
		return -1;
	c->links_cut = c->html.cut;
	charset_add_field(&c->subject, header_value(&c->header, "Subject"));
	charset_add_field(&c->from, header_value(&c->header, "From"));
	if (buf_check_memory(&c->subject, err) < 0 || buf_check_memory(&c->from, err) < 0)
		return -1;
	return add_html_links(c, err) < 0 || add_text_links(c, err) < 0 ? -1 : 0;
}

int content_open(const struct posture_message *message, struct content *ret, struct error *err)
{
	const size_t max = UTF8_MAX * message->octets.len + CONTENT_PARTS_MAX;
	*ret = (struct content){ .message = message,
				 .subject = BUF_INIT(FIELD_MAX),
				 .from = BUF_INIT(FIELD_MAX),
				 .plain = BUF_INIT(max),
				 .markup = BUF_INIT(max) };
	return open_message(ret, err);
}

void content_fini(struct content *c)
{
	for (size_t i = 0; i < c->link_count; i++)
		url_fini(&c->links[i].url);
	free(c->links);
	free(c->parts);
	header_fini(&c->header);
	html_fini(&c->html);
	buf_fini(&c->subject);
	buf_fini(&c->from);
	buf_fini(&c->plain);
	buf_fini(&c->markup);
}
