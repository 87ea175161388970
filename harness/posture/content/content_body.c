/* What a reader sees, and how much of it there is. */
#include <string.h>

#include "harness/posture/content/content_checks.h"

enum {
	PLACEHOLDER_MAX = 80,
	TRIVIAL_WORDS = 10, /* a body of no more words that says "test" is one */
	IMAGE_WORDS = 10,   /* beside images there is text of at least so many words */
	SIZE_MAX_OCTETS = 10 * 1000 * 1000,
	GMAIL_CLIPS = 102 * 1024,
};

/* --- placeholders ----------------------------------------------------------------------------------------------- */

struct delimiters {
	struct span open, close;
	bool capitals; /* only `FIRST NAME` and `FIRST_NAME` count between them */
};

static const struct delimiters placeholders[] = {
	{ { "{{", 2 }, { "}}", 2 }, false }, /* Mustache, Handlebars, postproof */
	{ { "((", 2 }, { "))", 2 }, false }, /* GOV.UK Notify */
	{ { "${", 2 }, { "}", 1 }, false },  /* FreeMarker, JavaScript */
	{ { "%%", 2 }, { "%%", 2 }, false }, /* Salesforce */
	{ { "*|", 2 }, { "|*", 2 }, false }, /* Mailchimp */
	{ { "<%", 2 }, { "%>", 2 }, false }, /* ERB */
	{ { "{%", 2 }, { "%}", 2 }, false }, /* Liquid, Jinja */
	{ { "[", 1 }, { "]", 1 }, true },
};

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_placeholder_name(struct span name, bool capitals)
{
	name = span_trim(name);
	if (name.len < 1 + (size_t)capitals || memchr(name.p, '\n', name.len))
		return false;
	if (!capitals)
		return ascii_is_alnum(name.p[0]) || strchr("_#/=^&!>.", name.p[0]);
	if (!is_capital(name.p[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!is_capital(name.p[i]) && !ascii_is_digit(name.p[i]) && !strchr("_ ", name.p[i]))
			return false;
	return true;
}

static void find_placeholders(struct span text, struct buf *list, size_t *count)
{
	for (size_t k = 0; k < ARRAY_LEN(placeholders); k++) {
		const struct delimiters *d = &placeholders[k];
		ptrdiff_t at = 0;
		for (size_t from = 0; (at = span_find(text, d->open, from)) >= 0;) {
			struct span near = span_sub(text, (size_t)at, PLACEHOLDER_MAX + d->open.len + d->close.len);
			ptrdiff_t end = span_find(near, d->close, d->open.len);
			from = (size_t)at + 1;
			if (end < 0 ||
			    !is_placeholder_name(span_sub(near, d->open.len, (size_t)end - d->open.len), d->capitals))
				continue;
			check_enumerate(list, ", ", "%.*s", (int)((size_t)end + d->close.len), near.p);
			*count += 1;
			from = (size_t)at + (size_t)end + d->close.len;
		}
	}
}

static void check_placeholders(struct check *check, const struct content *c)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(CONTENT_LIST_MAX);
	size_t count = 0;
	find_placeholders(buf_span(&c->subject), &list, &count);
	find_placeholders(buf_span(&c->from), &list, &count);
	find_placeholders(buf_span(&c->plain), &list, &count);
	find_placeholders(buf_span(&c->html.text), &list, &count);
	for (size_t i = 0; i < c->html.link_count; i++)
		find_placeholders(span_of(c->html.links[i].href), &list, &count);
	for (size_t i = 0; i < c->html.image_count; i++)
		find_placeholders(span_of(c->html.images[i].alt), &list, &count);
	if (count == 0 && c->html.cut)
		check_open(check, "content.placeholders", content_name(c),
			   "none in what is looked at; the HTML goes on behind it");
	else if (count == 0)
		check_good(check, "content.placeholders", content_name(c), "none is left");
	else
		check_bad(check, "content.placeholders", content_name(c),
			  "give each placeholder a value, or take it out", "%zu left: %s", count,
			  check_text(check, &list));
}

/* --- words ------------------------------------------------------------------------------------------------------ */

static bool is_word_octet(char c)
{
	return ascii_is_alnum(c) || (unsigned char)c > 127;
}

static bool content_body_next_word(struct span *rest, struct span *ret)
{
	size_t start = 0, end;
	while (start < rest->len && !is_word_octet(rest->p[start]))
		start++;
	end = start;
	while (end < rest->len && is_word_octet(rest->p[end]))
		end++;
	*ret = span_sub(*rest, start, end - start);
	*rest = span_sub(*rest, end, SIZE_MAX);
	return ret->len > 0;
}

static bool content_body_is_one_of(struct span word, const char *const *words)
{
	while (*words && !span_is_nocase(word, *words))
		words++;
	return *words != NULL;
}

struct word_count {
	size_t all, test, filler; /* of all, those that say "test", and those that say nothing beside it */
};

static struct word_count count_words(struct span text)
{
	static const char *const test[] = { "test", "tests", "testing", NULL };
	static const char *const filler[] = { "a",     "an",      "the",   "this", "is",   "my",   "mail",
					      "email", "message", "hello", "hi",   "just", "only", NULL };
	struct word_count count = { 0 };
	struct span word;
	while (content_body_next_word(&text, &word)) {
		count.all++;
		count.test += content_body_is_one_of(word, test);
		count.filler += content_body_is_one_of(word, filler);
	}
	return count;
}

static void check_not_a_test(struct check *check, const struct content *c)
{
	static const char id[] = "content.not-a-test",
			  mend[] = "send the service's real text: filters know messages that are tests";
	struct span shown = content_shown(c);
	struct word_count body = count_words(shown), subject = count_words(buf_span(&c->subject));
	if (body.all == 0)
		check_bad(check, id, content_name(c), mend, "there is no text");
	else if (span_find_nocase(shown, SPAN_LIT("lorem ipsum"), 0) >= 0)
		check_bad(check, id, content_name(c), mend, "the text says \"lorem ipsum\"");
	else if (body.test > 0 && body.all <= TRIVIAL_WORDS)
		check_bad(check, id, content_name(c), mend, "the text is \"%.*s\"", SPAN_ARG(shown));
	else
		check_that(check, subject.test == 0 || subject.test + subject.filler < subject.all, id, content_name(c),
			   mend, "Subject: %s; text of %zu words", check_text(check, &c->subject), body.all);
}

/* --- images ----------------------------------------------------------------------------------------------------- */

static void check_images(struct check *check, const struct content *c)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(CONTENT_LIST_MAX);
	size_t without = 0, words = count_words(content_shown(c)).all;
	for (size_t i = 0; i < c->html.image_count; i++) {
		if (c->html.images[i].alt)
			continue;
		without++;
		check_enumerate(&list, ", ", "%s", c->html.images[i].src);
	}
	check_that(check, without == 0, "content.images-have-text", content_name(c),
		   "give each image an alt attribute that says what it shows, `alt=\"\"` where it only decorates",
		   "%zu of %zu images have no alt attribute%s%s", without, c->html.image_count, without ? ": " : "",
		   check_text(check, &list));
	check_that(check, c->html.image_count == 0 || words >= IMAGE_WORDS, "content.not-image-only", content_name(c),
		   "say in text what the images say", "%zu images, %zu words of text", c->html.image_count, words);
}

/* --- parts ------------------------------------------------------------------------------------------------------ */

/* A part that belongs to no alternative, is no shown text, and no image that the HTML shows. */
static bool is_attachment(const struct content_part *p)
{
	if (span_starts_nocase(p->disposition, SPAN_LIT("attachment")))
		return true;
	return !p->is_shown && !span_is_nocase(p->part.container, "multipart/alternative") &&
	       !span_starts_nocase(p->part.type, SPAN_LIT("multipart/")) &&
	       !(p->id.len > 0 && span_starts_nocase(p->part.type, SPAN_LIT("image/")));
}

static void check_attachments(struct check *check, const struct content *c)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(CONTENT_LIST_MAX);
	size_t count = 0;
	for (size_t i = 0; i < c->part_count; i++) {
		const struct content_part *p = &c->parts[i];
		char name[PART_BOUNDARY_MAX];
		if (!is_attachment(p))
			continue;
		size_t len = part_read_parameter(p->disposition, "filename", name);
		if (len == 0)
			len = part_read_parameter(p->type, "name", name);
		check_enumerate(&list, ", ", "%.*s %.*s", SPAN_ARG(p->part.type), (int)len, name);
		count++;
	}
	check_that(check, count == 0, "content.no-attachments", content_name(c),
		   "link to a page that has the document, instead of attaching it", "%zu attachments%s%s", count,
		   count ? ": " : "", check_text(check, &list));
}

static void check_alternative(struct check *check, const struct content *c)
{
	bool has_text = false;
	for (size_t i = 0; i < c->part_count; i++) {
		const struct content_part *p = &c->parts[i];
		bool is_html = span_is_nocase(p->part.type, "text/html");
		has_text |= p->is_shown && !is_html && span_trim(p->part.body).len > 0;
	}
	check_that(check, !c->has_html || has_text, "content.html-has-text", content_name(c),
		   "send multipart/alternative with a text/plain part that says the same as the HTML",
		   "%s HTML part, %s text part", c->has_html ? "an" : "no", has_text ? "a" : "no");
}

static void check_size(struct check *check, const struct content *c)
{
	size_t shown = c->has_html ? c->markup.len : c->plain.len, all = c->message->octets.len;
	check_that(check, all <= SIZE_MAX_OCTETS, "content.size", content_name(c),
		   "keep the message below 10 MB: many servers take no more", "%zu octets in all", all);
	check_that(check, shown <= GMAIL_CLIPS, "content.size-gmail", content_name(c),
		   "keep the text below 102 KB: Gmail clips what is longer", "%zu octets of %s", shown,
		   c->has_html ? "HTML" : "text");
}

void content_check_body(struct check *check, const struct content *c)
{
	check_placeholders(check, c);
	check_not_a_test(check, c);
	check_images(check, c);
	check_attachments(check, c);
	check_alternative(check, c);
	check_size(check, c);
}
