/* Bounce mailbox: which probe does a message speak of, and what does it say. What carries no tag of this run must
 * settle nothing, since the mailbox is open to the world; who knows a tag was sent the message. */
#include "harness/watch/notices.h"

#include <stdlib.h>

#include "harness/base/compiler.h"
#include "harness/mail/charset.h"
#include "harness/mail/dsn.h"
#include "harness/mail/dsn_forms.h"
#include "harness/mail/part.h"
#include "harness/mail/returned.h"
#include "harness/mail/tag.h"

enum { NOTICE_FIELD_MAX = 4096 };

/* Whom it was sent to first: a forwarder may have put another tag into the rest. */
static const char *const tagged_fields[] = {
	"X-Original-To", "Delivered-To", "X-Delivered-To", "Envelope-To",
	"X-Envelope-To", "To",           "In-Reply-To",    "References",
};

static ptrdiff_t notice_find(struct ledger *ledger, struct span text)
{
	char tag[TAG_SIZE];
	size_t at = 0;
	while (tag_next(text, &at, tag)) {
		ptrdiff_t probe = ledger_find_tag(ledger, span_of(tag));
		if (probe >= 0)
			return probe;
	}
	return -1;
}

static ptrdiff_t notice_find_in_fields(struct ledger *ledger, const struct header *header)
{
	for (size_t i = 0; i < ARRAY_LEN(tagged_fields); i++)
		for (ptrdiff_t f = header_find(header, tagged_fields[i], 0); f >= 0;
		     f = header_find(header, tagged_fields[i], (size_t)f + 1)) {
			ptrdiff_t probe = notice_find(ledger, header->fields[f].value);
			if (probe >= 0)
				return probe;
		}
	return -1;
}

/* In a part that is encoded. */
static int notice_find_decoded(struct ledger *ledger, struct span message, ptrdiff_t *ret, struct error *err)
{
	struct part_walk walk;
	struct part part;
	int rc;
	part_walk_init(&walk, message);
	while ((rc = part_next(&walk, &part, err)) > 0) {
		_cleanup_(buf_fini) struct buf text = BUF_INIT(part.body.len);
		if (part_add_decoded(&text, &part) < 0)
			return error_memory(err);
		*ret = notice_find(ledger, buf_span(&text));
		if (*ret >= 0)
			return 0;
	}
	return rc;
}

static int notice_probe(struct ledger *ledger, const struct header *header, struct span message, ptrdiff_t *ret,
			struct error *err)
{
	*ret = notice_find_in_fields(ledger, header);
	if (*ret < 0)
		*ret = notice_find(ledger, message);
	return *ret >= 0 ? 0 : notice_find_decoded(ledger, message, ret, err);
}

bool notice_likely(struct ledger *ledger, const struct header *header)
{
	struct span type = header_value(header, "Content-Type");
	return span_starts_nocase(type, SPAN_LIT("multipart/report")) ||
	       span_starts_nocase(type, SPAN_LIT("message/")) || header_find(header, "X-Failed-Recipients", 0) >= 0 ||
	       header_find(header, "Auto-Submitted", 0) >= 0 || dsn_form_is_system(header_value(header, "From")) ||
	       notice_find_in_fields(ledger, header) >= 0;
}

static bool notice_is_seed(const struct dsn_recipient *r, struct span seed)
{
	return span_eq_nocase(r->final_recipient, seed) || span_eq_nocase(r->original_recipient, seed);
}

/* What a group says of the seed weighs more than what one says of another, and then a failure more than a delay, and
 * that more than the rest. */
static int notice_weight(const struct dsn_recipient *r, struct span seed)
{
	enum dsn_action action = dsn_action_of(r);
	int weight = action == DSN_FAILED ? 3 : action == DSN_DELAYED ? 2 : action != DSN_UNKNOWN ? 1 : 0;
	return weight > 1 && notice_is_seed(r, seed) ? weight + 2 : weight;
}

static const struct dsn_recipient *notice_weightiest(const struct dsn *dsn, struct span seed)
{
	const struct dsn_recipient *best = &dsn->recipients[0];
	for (size_t i = 1; i < dsn->recipient_count; i++)
		if (notice_weight(&dsn->recipients[i], seed) > notice_weight(best, seed))
			best = &dsn->recipients[i];
	return best;
}

/* The seed where it is the one, in whichever field. */
static struct span notice_recipient(const struct dsn_recipient *r, struct span seed)
{
	if (notice_is_seed(r, seed))
		return seed;
	return r->final_recipient.len ? r->final_recipient : r->original_recipient;
}

static char *notice_copy(struct span s)
{
	return s.len ? span_dup(s) : NULL;
}

/* The field as UTF-8, cut where it is long; NULL where it is not there. */
static char *notice_field(const struct header *header, const char *name)
{
	struct buf text = BUF_INIT(NOTICE_FIELD_MAX);
	charset_add_field(&text, span_sub(header_value(header, name), 0, NOTICE_FIELD_MAX / 4));
	return text.len ? buf_take(&text) : NULL;
}

static int notice_store(struct ledger *ledger, size_t probe, struct bounce *bounce, const struct header *header,
			struct span message, struct error *err)
{
	bounce->sender = notice_field(header, "From");
	bounce->subject = notice_field(header, "Subject");
	bounce->raw = span_dup(message);
	bounce->raw_len = message.len;
	int result = bounce->action && bounce->raw ? ledger_bounced(ledger, probe, bounce, err) : error_memory(err);
	bounce_fini(bounce);
	return result < 0 ? -1 : 0;
}

static int notice_keep_dsn(struct ledger *ledger, size_t probe, const struct dsn *dsn, const struct header *header,
			   struct span message, int64_t at_ms, struct error *err)
{
	struct span seed = span_of(ledger_seed(ledger, probe));
	const struct dsn_recipient *r = notice_weightiest(dsn, seed);
	struct bounce bounce = {
		.at_ms = at_ms,
		.action = span_dup(span_of(dsn_action_name(dsn_action_of(r)))),
		.status = notice_copy(r->status),
		.diagnostic = notice_copy(r->diagnostic),
		.remote_mta = notice_copy(r->remote_mta),
		.reporting_mta = notice_copy(dsn->reporting_mta),
		.recipient = notice_copy(notice_recipient(r, seed)),
	};
	return notice_store(ledger, probe, &bounce, header, message, err);
}

static int notice_keep_other(struct ledger *ledger, size_t probe, const struct header *header, struct span message,
			     int64_t at_ms, struct error *err)
{
	enum returned_kind kind;
	if (returned_kind_of(header, message, &kind, err) < 0)
		return -1;
	struct bounce bounce = { .at_ms = at_ms, .action = span_dup(span_of(returned_kind_name(kind))) };
	return notice_store(ledger, probe, &bounce, header, message, err);
}

static int notice_read(struct ledger *ledger, const struct header *header, struct span message, int64_t at_ms,
		       struct error *err)
{
	ptrdiff_t probe;
	struct dsn dsn;
	if (notice_probe(ledger, header, message, &probe, err) < 0)
		return -1;
	if (probe < 0)
		return 0;
	int rc = dsn_parse(&dsn, message, err);
	if (rc <= 0)
		return rc < 0 ? -1 : notice_keep_other(ledger, (size_t)probe, header, message, at_ms, err);
	rc = notice_keep_dsn(ledger, (size_t)probe, &dsn, header, message, at_ms, err);
	dsn_fini(&dsn);
	return rc;
}

int notice_keep(struct ledger *ledger, struct span message, int64_t at_ms, struct error *err)
{
	struct header header;
	if (header_parse(&header, message, err) < 0)
		return -1;
	int result = notice_read(ledger, &header, message, at_ms, err);
	header_fini(&header);
	return result;
}
