/* How mail systems that do not write RFC 3464 say that a message was not delivered: their phrases, as data. */
#ifndef MAIL_DSN_FORMS_H
#define MAIL_DSN_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/span.h"

enum dsn_form_place {
	FORM_TEXT,    /* in the explanation, in front of the returned message */
	FORM_SUBJECT, /* in the subject, of a message whose sender is a mail system */
};

struct dsn_form {
	const char *family; /* who writes it; "" for a phrase of many, people among them */
	enum dsn_form_place place;
	bool delayed;       /* a delay notice; else the delivery has failed */
	const char *phrase; /* in lower case, each run of white space as one space */
};

/* The first form of this place and effect (`anybody`: those of no family too) whose phrase stands in the text (ASCII
 * lower case, white space squeezed: a text is searched for a hundred phrases); *ret_at: where. NULL where there is
 * none. */
const struct dsn_form *dsn_form_find(struct span lowered, enum dsn_form_place place, bool delayed, bool anybody,
				     size_t *ret_at);

/* Whether a line (trimmed) is where the returned message begins. */
bool dsn_form_ends(struct span line);

/* Whether an address or display name is that of a mail system: MAILER-DAEMON, postmaster. */
bool dsn_form_is_system(struct span from);

#endif
