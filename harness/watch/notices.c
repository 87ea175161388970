/* Bounce mailbox: which probe does a notification speak of, and what does it say. A notification that does not carry a
 * tag of this run must settle nothing, since the mailbox is open to the world. */
#include "harness/watch/notices.h"

#include <stdlib.h>
#include <string.h>

#include "harness/mail/dsn.h"
#include "harness/mail/tag.h"

static const char *const recipient_fields[] = { "X-Original-To", "Delivered-To", "Envelope-To", "To" };

static bool tag_of_recipients(const struct header *header, const char *verp, char out[TAG_SIZE])
{
	if (!verp || !tag_pattern_valid(span_of(verp)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(recipient_fields); i++)
		for (ptrdiff_t f = header_find(header, recipient_fields[i], 0); f >= 0;
		     f = header_find(header, recipient_fields[i], (size_t)f + 1))
			if (tag_from_pattern(header->fields[f].value, span_of(verp), out))
				return true;
	return false;
}

bool notice_likely(const struct header *header, const char *verp)
{
	char tag[TAG_SIZE];
	struct span type = span_trim(header_value(header, "Content-Type"));
	return span_starts_nocase(type, SPAN_LIT("multipart/report")) || tag_of_recipients(header, verp, tag);
}

/* The recipient group that says most: a failure before a delay before anything else. */
static const struct dsn_recipient *weightiest(const struct dsn *dsn)
{
	const struct dsn_recipient *best = NULL;
	for (size_t i = 0; i < dsn->recipient_count; i++) {
		const struct dsn_recipient *r = &dsn->recipients[i];
		if (span_is_nocase(r->action, "failed"))
			return r;
		if (!best || (span_is_nocase(r->action, "delayed") && !span_is_nocase(best->action, "delayed")))
			best = r;
	}
	return best;
}

static char *notices_copy(struct span s)
{
	return s.len ? span_dup(s) : NULL;
}

/* The words of RFC 3464 section 2.3.3 in lower case; another word is kept as it was written. */
static char *copy_action(struct span s)
{
	char *word = span_dup(s);
	for (char *p = word; p && *p; p++)
		*p = ascii_lower(*p);
	return word;
}

static int notices_keep(struct ledger *ledger, size_t probe, const struct dsn *dsn, struct span message, int64_t at_ms,
			struct error *err)
{
	const struct dsn_recipient *r = weightiest(dsn);
	struct bounce bounce = {
		.at_ms = at_ms,
		.action = copy_action(r->action),
		.status = notices_copy(r->status),
		.diagnostic = notices_copy(r->diagnostic),
		.remote_mta = notices_copy(r->remote_mta),
		.reporting_mta = notices_copy(dsn->reporting_mta),
		.recipient = notices_copy(r->final_recipient),
		.raw = span_dup(message),
		.raw_len = message.len,
	};
	int result = bounce.action && bounce.raw ? ledger_bounced(ledger, probe, &bounce, err) : error_memory(err);
	bounce_fini(&bounce);
	return result < 0 ? -1 : 0;
}

int notice_keep(struct ledger *ledger, const char *verp, struct span message, int64_t at_ms, struct error *err)
{
	struct header header;
	struct dsn dsn;
	char tag[TAG_SIZE];
	if (header_parse(&header, message, err) < 0)
		return -1;
	int is_dsn = dsn_parse(&dsn, message, err);
	if (is_dsn <= 0) {
		header_fini(&header);
		/* A notification beyond a cap is hostile or broken: it settles nothing. */
		return is_dsn < 0 && err->kind == ERROR_ENVIRONMENT ? -1 : 0;
	}
	bool tagged = tag_of_recipients(&header, verp, tag) ||
		      (dsn.has_returned && tag_from_header(&dsn.returned, tag));
	ptrdiff_t probe = tagged ? ledger_find_tag(ledger, span_of(tag)) : -1;
	int result = probe >= 0 && weightiest(&dsn) ? notices_keep(ledger, (size_t)probe, &dsn, message, at_ms, err)
						    : 0;
	dsn_fini(&dsn);
	header_fini(&header);
	return result;
}
