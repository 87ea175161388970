/* Whether the From address says that it is not read. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/posture/senders/checks.h"

enum { LOCAL_PART_MAX = 256, MEND_MAX = 600 };

static const char *const check_no_reply_names[] = { "noreply", "donotreply", "dontreply", "noresponse" };

/* However it is written: `no-reply`, `No_Reply.2`, `do.not.reply+x`. */
static const char *no_reply_name(struct span local_part)
{
	_cleanup_(buf_fini) struct buf letters = BUF_INIT(LOCAL_PART_MAX);
	for (size_t i = 0; i < local_part.len; i++)
		if (ascii_is_alpha(local_part.p[i]))
			buf_add_char(&letters, ascii_lower(local_part.p[i]));
	for (size_t i = 0; i < ARRAY_LEN(check_no_reply_names); i++)
		if (span_find(buf_span(&letters), span_of(check_no_reply_names[i]), 0) >= 0)
			return check_no_reply_names[i];
	return NULL;
}

void check_no_reply(struct check *check, void *argument)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	const char *address = check_params(check)->from_address;
	const char *at = address ? strrchr(address, '@') : NULL;
	if (!at)
		return;
	const char *name = no_reply_name(span_make(address, (size_t)(at - address)));
	buf_addf(&mend, "send from an address whose mail a person reads, for example hello%s", at);
	if (name)
		check_bad(check, "from.not-no-reply", address, check_text(check, &mend), "it reads as \"%s\"", name);
	else
		check_good(check, "from.not-no-reply", address, "it does not say that nobody reads replies");
}
