/* What an HTML mail shows: its text, its links with the text that they are shown by, its images. By libxml2's parser of
 * tag soup, which knows entities and unclosed elements better than code of ours would; it is bounded here in octets and
 * depth, since parts of it take quadratic time. */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* No more than this is read (Gmail shows 102 KB). */
enum { HTML_OCTETS_MAX = 256 * 1024, HTML_DEPTH_MAX = 1000 };

/* Texts are UTF-8, owned, NUL-terminated, and never NULL unless it is said. */
struct html_link {
	char *href; /* as written, entities decoded, without white space around it */
	char *text; /* of the element, white space as one space; "" where it holds an image only */
};

struct html_image {
	char *src;         /* "" where there is none */
	char *alt;         /* NULL where there is none */
	int width, height; /* in pixels: of the attribute, else of the style attribute; -1 where not said */
};

struct html {
	struct html_link *links; /* elements a and area with a href, in order */
	size_t link_count, link_cap;
	struct html_image *images;
	size_t image_count, image_cap;
	struct buf text; /* what is shown: no title, style, script, comments; white space as one space */
	bool cut;        /* there is more than is read */
};

/* Reads a document of valid UTF-8; no input is an error. -1 only for memory. Free with html_fini. Any thread. */
int html_read(struct html *ret, struct span text, struct error *err);
void html_fini(struct html *html); /* leaves it zeroed */

#endif
