/* What a loaded template consists of: for template.c, which makes it, and compose.c, which reads it. */
#ifndef SEND_TEMPLATE_PARTS_H
#define SEND_TEMPLATE_PARTS_H

#include "harness/base/buf.h"
#include "harness/send/template_mime.h"
#include "harness/send/template_vars.h"

enum { TEMPLATE_WHERE_MAX = 400, TEMPLATE_SHA256_TEXT = 65 };

/* How the body of a leaf is to be treated. */
struct template_leaf {
	bool variables;  /* it is searched for variables (and has some) */
	bool decoded_is; /* decoded holds it without its transfer encoding */
	bool rewrap;     /* its lines are too long: they are broken where its transfer encoding allows */
	struct buf decoded;
};

struct template
{
	char *name;
	char sha256[TEMPLATE_SHA256_TEXT];
	struct buf octets; /* the file with CRLF line ends */
	struct mime_tree tree;
	struct template_leaf *leaves; /* one for each entity */
	struct template_var *vars;    /* strings owned */
	size_t var_count;
};

/* The number of the line that the octet stands on: `at` points into template->octets. */
unsigned template_line(const struct template *template, const char *at);

/* "NAME:LINE" for errors. Returns out. */
const char *template_where(const struct template *template, const char *at, char out[TEMPLATE_WHERE_MAX]);

/* The template's own variables, borrowed; those of a message are the caller's to set. */
struct template_values template_values_of(const struct template *template);

/* Whether a header field belongs to MIME: no variables, nothing but ASCII in it. */
bool template_is_mime_field(struct span name);

#endif
