/* Notifications that are written for people alone: qmail, Exim, dma, Gmail of old and many more (dsn_forms.h). */
#ifndef MAIL_DSN_TEXT_H
#define MAIL_DSN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"

/* Octets of an explanation that are looked at, and of a diagnostic that are taken from it. */
enum { DSN_TEXT_MAX = 64 * 1024, DSN_TEXT_DIAGNOSTIC_MAX = 600 };

/* What such a text says; spans are empty where it does not. */
struct dsn_text {
	bool delayed; /* else it has failed */
	struct span status;
	struct span recipient;
	struct span diagnostic;
};

/* The explanation alone: what stands in front of the returned message. */
struct span dsn_text_cut(struct span text);

/* Adds the text, each run of white space as one space, or as one LF where an empty line is in it: *out never gets more
 * octets than the text has. Errors: memory, also where *out is full. */
int dsn_text_squeeze(struct span text, struct buf *out, struct error *err);

/* Where the fields of a delivery-status part begin in an explanation, as servers write them that know no MIME: offset
 * of `Reporting-MTA:` or `Final-Recipient:` at the start of a line; -1 where there are none. */
ptrdiff_t dsn_text_fields(struct span explanation);

/* The first reply of class 4 or 5, with or without its status, up to the end of its paragraph (an LF); empty where
 * there is none. */
struct span dsn_text_diagnostic(struct span text);

/* Reads an explanation (UTF-8 where it says its charset) and the header of its message. Returns 1 where it is a
 * notification: it has a phrase that only mail systems write, or X-Failed-Recipients, or comes from a mail system and
 * has a subject like theirs, quotes the reply of a server or names a recipient as `<a@b>:`. *ret gets `failed` or
 * `delayed`; the first status code of class 4 or 5; the first reply of a server, or what is said of the recipient; the
 * first recipient. Spans point into *ret_octets (free with free). 0 where it is none, -1 for memory. Linear. */
int dsn_text_read(const struct header *header, struct span explanation, struct dsn_text *ret, char **ret_octets,
		  struct error *err);

#endif
