/* A message opened for the checks of what it says: its fields, its parts, the text that is shown, its links. Private to
 * harness/posture. */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "harness/dns/name.h"
#include "harness/mail/charset.h"
#include "harness/mail/header.h"
#include "harness/mail/html.h"
#include "harness/mail/part.h"
#include "harness/net/url.h"
#include "harness/posture/engine/check.h"

/* What is beyond is not looked at, and content.mime, content.links-answer say so. */
enum { CONTENT_PARTS_MAX = 200, CONTENT_LINKS_MAX = 500 };

/* Spans point into the message. */
struct content_part {
	struct part part;
	struct span type, disposition, id; /* values of Content-Type, -Disposition and -ID, as written; or empty */
	bool type_twice;
	bool is_shown;            /* a text that readers see: no attachment */
	enum charset_fault fault; /* of a text that is shown */
	bool is_ascii;            /* of a text that is shown, decoded */
};

enum content_link_kind { CONTENT_LINK_HTML, CONTENT_LINK_TEXT, CONTENT_LINK_IMAGE };

/* Something with a host that the message points to. */
struct content_link {
	enum content_link_kind kind;
	struct url url;
	const char *shown; /* CONTENT_LINK_HTML: what stands in its place; else "" */
	int width, height; /* CONTENT_LINK_IMAGE: of html.h; else -1 */
};

struct content {
	const struct posture_message *message;
	struct header header;
	struct buf subject, from; /* decoded, UTF-8 */
	struct content_part *parts;
	size_t part_count, part_cap;
	bool unclosed, parts_cut;
	struct buf plain, markup; /* all that is shown of text/plain and of text/html, UTF-8 */
	bool has_html;            /* there is such a part */
	struct html html;         /* of markup */
	struct content_link *links;
	size_t link_count, link_cap;
	bool links_cut;
};

/* Opens a message, which must outlive it. -1 only for memory. Free with content_fini, in any case. */
int content_open(const struct posture_message *message, struct content *ret, struct error *err);
void content_fini(struct content *content);

/* The name of the message: subject of its findings. */
const char *content_name(const struct content *content);

/* The text that a reader sees: of the HTML where there is one. */
struct span content_shown(const struct content *content);

/* Number of fields of that name. */
size_t content_count_fields(const struct content *content, const char *name);

/* Whether the text reads as the name of a host on the internet: dots, and a top-level domain that exists. `out`
 * receives it. */
bool content_is_host(struct span text, char out[DNS_NAME_TEXT_MAX]);

/* Of lists only the beginning is shown. */
enum { CONTENT_LIST_MAX = 1500 };

#endif
