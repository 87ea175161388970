/* HTML by the events of libxml2's parser: no tree is built. */
#include "harness/mail/html.h"

#include <libxml/HTMLparser.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"

struct html_reader {
	struct html html;
	struct buf link_text; /* of the link that is open */
	bool in_link;
	const char *hidden; /* the element that is not shown: everything in it is left out */
	size_t depth;
	bool memory_short;
	htmlParserCtxtPtr parser;
};

static void free_texts(struct html *html)
{
	for (size_t i = 0; i < html->link_count; i++) {
		free(html->links[i].href);
		free(html->links[i].text);
	}
	for (size_t i = 0; i < html->image_count; i++) {
		free(html->images[i].src);
		free(html->images[i].alt);
	}
}

void html_fini(struct html *html)
{
	free_texts(html);
	free(html->links);
	free(html->images);
	buf_fini(&html->text);
	*html = (struct html){ 0 };
}

/* --- text ------------------------------------------------------------------------------------------------------- */

/* White space as browsers show it, the no-break space with it: what matters here are words. */
static size_t space_at(struct span s)
{
	if (ascii_is_space(s.p[0]) || s.p[0] == '\f')
		return 1;
	return span_starts(s, SPAN_LIT("\xc2\xa0")) ? 2 : 0;
}

static void add_words(struct buf *out, struct span s)
{
	for (size_t at = 0; at < s.len;) {
		size_t n = space_at(span_sub(s, at, SIZE_MAX));
		if (n == 0)
			buf_add_char(out, s.p[at]);
		else if (out->len > 0 && out->p[out->len - 1] != ' ')
			buf_add_char(out, ' ');
		at += n ? n : 1;
	}
}

static char *take_words(struct buf *text)
{
	char *words = buf_result(text) < 0 ? NULL : span_dup(span_trim(buf_span(text)));
	buf_clear(text);
	return words;
}

static void on_text(void *user, const xmlChar *octets, int len)
{
	struct html_reader *r = user;
	struct span s = span_make((const char *)octets, (size_t)len);
	if (r->hidden)
		return;
	add_words(&r->html.text, s);
	if (r->in_link)
		add_words(&r->link_text, s);
}

/* --- elements --------------------------------------------------------------------------------------------------- */

static const char *attribute(const xmlChar **attributes, const char *name)
{
	for (size_t i = 0; attributes && attributes[i]; i += 2)
		if (strcmp((const char *)attributes[i], name) == 0)
			return attributes[i + 1] ? (const char *)attributes[i + 1] : "";
	return NULL;
}

static int leading_number(struct span s)
{
	uint64_t value;
	size_t digits = 0;
	s = span_trim(s);
	while (digits < s.len && ascii_is_digit(s.p[digits]))
		digits++;
	return span_to_u64(span_sub(s, 0, digits), 100000, &value) && !span_is(span_sub(s, digits, 1), "%") ? (int)value
													    : -1;
}

/* `width="1"`, `style="max-height: 2em; width:1px"`. */
static int size_of(const xmlChar **attributes, const char *name)
{
	struct span rest = span_of(attribute(attributes, "style")), rule, property;
	const char *value = attribute(attributes, name);
	if (value)
		return leading_number(span_of(value));
	while (span_next(&rest, ';', &rule))
		if (span_next(&rule, ':', &property) && span_is_nocase(span_trim(property), name) && rule.p)
			return leading_number(rule);
	return -1;
}

static void close_link(struct html_reader *r)
{
	if (!r->in_link)
		return;
	r->in_link = false;
	char **text = &r->html.links[r->html.link_count - 1].text;
	free(*text);
	*text = take_words(&r->link_text);
	r->memory_short |= *text == NULL;
}

static void open_link(struct html_reader *r, const char *href)
{
	struct html *html = &r->html;
	struct error err = ERROR_INIT;
	close_link(r);
	if (vec_grow(&html->links, html->link_count, &html->link_cap, sizeof(*html->links), &err) < 0) {
		r->memory_short = true;
		return;
	}
	html->links[html->link_count++] = (struct html_link){ .href = span_dup(span_trim(span_of(href))),
							      .text = strdup("") };
	r->memory_short |= !html->links[html->link_count - 1].href || !html->links[html->link_count - 1].text;
	r->in_link = true;
}

static void add_image(struct html_reader *r, const xmlChar **attributes)
{
	struct html *html = &r->html;
	const char *alt = attribute(attributes, "alt");
	struct error err = ERROR_INIT;
	if (vec_grow(&html->images, html->image_count, &html->image_cap, sizeof(*html->images), &err) < 0) {
		r->memory_short = true;
		return;
	}
	struct html_image *image = &html->images[html->image_count++];
	*image = (struct html_image){ .src = span_dup(span_trim(span_of(attribute(attributes, "src")))),
				      .alt = alt ? strdup(alt) : NULL,
				      .width = size_of(attributes, "width"),
				      .height = size_of(attributes, "height") };
	r->memory_short |= !image->src || (alt && !image->alt);
}

static bool html_is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

/* Words on both sides of these are no one word. */
static bool parts_words(const char *name)
{
	static const char *const inlines[] = { "a",     "abbr", "b",      "big", "em",  "font", "i", "ins", "s",
					       "small", "span", "strong", "sub", "sup", "tt",   "u", NULL };
	return !html_is_one_of(name, inlines);
}

static void on_start(void *user, const xmlChar *element, const xmlChar **attributes)
{
	static const char *const hidden[] = { "title", "style", "script", "template", NULL };
	struct html_reader *r = user;
	const char *name = (const char *)element;
	if (++r->depth > HTML_DEPTH_MAX || r->memory_short) {
		r->html.cut = true;
		xmlStopParser(r->parser);
		return;
	}
	if (r->hidden)
		return;
	if (html_is_one_of(name, hidden)) {
		r->hidden = name;
		return;
	}
	if (parts_words(name))
		on_text(r, (const xmlChar *)" ", 1);
	const char *href = strcmp(name, "a") == 0 || strcmp(name, "area") == 0 ? attribute(attributes, "href") : NULL;
	if (href)
		open_link(r, href);
	else if (strcmp(name, "img") == 0)
		add_image(r, attributes);
}

static void on_end(void *user, const xmlChar *element)
{
	struct html_reader *r = user;
	const char *name = (const char *)element;
	r->depth -= r->depth > 0;
	if (r->hidden) {
		if (strcmp(name, r->hidden) == 0)
			r->hidden = NULL;
		return;
	}
	if (parts_words(name))
		on_text(r, (const xmlChar *)" ", 1);
	if (strcmp(name, "a") == 0 || strcmp(name, "area") == 0)
		close_link(r);
}

/* Style sheets and scripts. */
static void on_cdata(void *user, const xmlChar *octets, int len)
{
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void parse(struct html_reader *r, struct span text)
{
	htmlSAXHandler *events = r->parser->sax;
	*events = (htmlSAXHandler){ .startElement = on_start,
				    .endElement = on_end,
				    .characters = on_text,
				    .ignorableWhitespace = on_text,
				    .cdataBlock = on_cdata };
	r->parser->userData = r;
	htmlCtxtReadMemory(r->parser, text.p, (int)text.len, NULL, "UTF-8",
			   HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
			       HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC);
}

int html_read(struct html *ret, struct span text, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct html_reader r = { .html.text = BUF_INIT(2 * HTML_OCTETS_MAX),
				 .link_text = BUF_INIT(2 * HTML_OCTETS_MAX) };
	pthread_once(&once, xmlInitParser);
	r.html.cut = text.len > HTML_OCTETS_MAX;
	if (text.len > 0) {
		r.parser = htmlNewParserCtxt();
		if (!r.parser)
			return error_memory(err);
		parse(&r, span_sub(text, 0, HTML_OCTETS_MAX));
		htmlFreeParserCtxt(r.parser);
	}
	close_link(&r);
	buf_fini(&r.link_text);
	if (r.memory_short || buf_check(&r.html.text, "the text of an HTML part", err) < 0) {
		html_fini(&r.html);
		return r.memory_short ? error_memory(err) : -1;
	}
	*ret = r.html;
	return 0;
}
