/* Delivery status notifications. Pure. Anyone can send one: what it says counts only for the probe whose tag it
 * carries, which is for the caller to find. */
#include "harness/mail/dsn.h"

#include <stdlib.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/mail/charset.h"
#include "harness/mail/dsn_text.h"
#include "harness/mail/part.h"
#include "harness/mail/returned.h"

/* Where values are copied to; never longer than the text they are taken from, since each field is taken once. */
struct writer {
	char *octets;
	size_t used;
};

/* The unfolded value of a field, each fold as one space; empty where it is absent. */
static struct span dsn_take(struct writer *w, const struct header *h, const char *name)
{
	struct span value = header_value(h, name);
	char *to = w->octets + w->used;
	size_t len = 0;
	bool fold = false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];
		if (c == '\r' || c == '\n') {
			fold = true;
			continue;
		}
		if (fold && (c == ' ' || c == '\t'))
			continue;
		if (fold && len > 0 && to[len - 1] != ' ')
			to[len++] = ' ';
		fold = false;
		to[len++] = c;
	}
	w->used += len;
	return span_make(to, len);
}

/* RFC 3464 section 2.1.2: `type; text`. A text without its type is tolerated. */
static struct span without_type(struct span s)
{
	size_t n = 0;
	while (n < s.len && (ascii_is_alnum(s.p[n]) || s.p[n] == '-'))
		n++;
	size_t semicolon = n;
	while (semicolon < s.len && ascii_is_space(s.p[semicolon]))
		semicolon++;
	if (n == 0 || semicolon >= s.len || s.p[semicolon] != ';')
		return s;
	return span_trim(span_sub(s, semicolon + 1, SIZE_MAX));
}

static struct span without_angles(struct span s)
{
	return s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>' ? span_sub(s, 1, s.len - 2) : s;
}

static struct span first_word(struct span s)
{
	size_t n = 0;
	while (n < s.len && !ascii_is_space(s.p[n]) && s.p[n] != '(' && s.p[n] != ';')
		n++;
	return span_sub(s, 0, n);
}

static int add_recipient(struct dsn *d, size_t *cap, struct writer *w, const struct header *h, struct error *err)
{
	if (d->recipient_count == DSN_RECIPIENTS_MAX)
		return 0;
	if (vec_grow(&d->recipients, d->recipient_count, cap, sizeof(*d->recipients), err) < 0)
		return -1;
	d->recipients[d->recipient_count++] = (struct dsn_recipient){
		.original_recipient = without_angles(without_type(dsn_take(w, h, "Original-Recipient"))),
		.final_recipient = without_angles(without_type(dsn_take(w, h, "Final-Recipient"))),
		.action = first_word(dsn_take(w, h, "Action")),
		.status = first_word(dsn_take(w, h, "Status")),
		.remote_mta = without_type(dsn_take(w, h, "Remote-MTA")),
		.diagnostic = without_type(dsn_take(w, h, "Diagnostic-Code")),
	};
	return 0;
}

/* Groups of fields with empty lines between them: the first one of the message, the others of one recipient each. */
static int read_status(struct dsn *d, struct span text, struct error *err)
{
	struct writer w = { .octets = d->status_octets };
	size_t cap = 0;
	bool message_seen = false;
	while (text.len > 0) {
		struct header h;
		if (header_parse(&h, text, err) < 0)
			return -1;
		int rc = 0;
		if (header_find(&h, "Final-Recipient", 0) >= 0 || header_find(&h, "Action", 0) >= 0 ||
		    header_find(&h, "Status", 0) >= 0) {
			rc = add_recipient(d, &cap, &w, &h, err);
		} else if (h.count > 0 && !message_seen) {
			message_seen = true;
			d->reporting_mta = without_type(dsn_take(&w, &h, "Reporting-MTA"));
			d->envelope_id = dsn_take(&w, &h, "Original-Envelope-Id");
		}
		text = span_sub(text, h.body_offset, SIZE_MAX);
		header_fini(&h);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static bool dsn_is_one_of(struct span type, const char *const *types)
{
	for (; *types; types++)
		if (span_is_nocase(type, *types))
			return true;
	return false;
}

/* The decoded body; a part is never longer decoded than encoded. */
static int decode(const struct part *part, char **ret_octets, size_t *ret_len, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(part->body.len);
	if (part_add_decoded(&text, part) < 0)
		return error_memory(err);
	*ret_len = text.len;
	*ret_octets = buf_take(&text);
	return *ret_octets ? 0 : error_memory(err);
}

static int take_status(struct dsn *d, struct span text, struct error *err)
{
	d->status_octets = malloc(text.len + 1);
	if (!d->status_octets)
		return error_memory(err);
	return read_status(d, text, err);
}

static int dsn_take_status_part(struct dsn *d, const struct part *part, struct error *err)
{
	_cleanup_(free_p) char *text = NULL;
	size_t len;
	return decode(part, &text, &len, err) < 0 ? -1 : take_status(d, span_make(text, len), err);
}

static void dsn_add_capped(struct buf *out, struct span s)
{
	buf_add_span(out, span_sub(s, 0, out->max - out->len));
}

/* Adds what a part says to people, in UTF-8 where its charset is known; as it stands where it is not. Of two versions
 * of a text the plain one comes first. */
static int dsn_take_text(struct buf *out, const struct part *part, struct error *err)
{
	_cleanup_(buf_fini) struct buf utf8 = BUF_INIT(DSN_TEXT_MAX);
	_cleanup_(free_p) char *text = NULL;
	char charset[PART_BOUNDARY_MAX];
	size_t len;
	bool html = span_is_nocase(part->type, "text/html");
	if ((html && out->len > 0) ||
	    (part->type.len > 0 && !html && !span_starts_nocase(part->type, SPAN_LIT("text/plain"))))
		return 0;
	/* Base64 and quoted-printable shrink by two thirds at the most. */
	const struct part begin = { .encoding = part->encoding, .body = span_sub(part->body, 0, 3 * DSN_TEXT_MAX) };
	if (decode(&begin, &text, &len, err) < 0)
		return -1;
	struct span octets = span_make(text, len);
	size_t named = part_read_parameter(part->content_type, "charset", charset);
	if (named && charset_add_utf8(&utf8, octets, span_make(charset, named)) == CHARSET_FINE)
		octets = buf_span(&utf8);
	dsn_add_capped(out, octets);
	dsn_add_capped(out, SPAN_LIT("\n\n"));
	return out->failed ? error_memory(err) : 0;
}

/* RFC 3464 section 2, RFC 6533 section 6. */
static const char *const status_types[] = { "message/delivery-status", "message/global-delivery-status", NULL };
static const char *const returned_types[] = { "message/rfc822",         "text/rfc822-headers",    "message/global",
					      "message/global-headers", "message/rfc822-headers", NULL };

/* Reads the parts. *ret_other: it is a report of another kind. */
static int dsn_walk_parts(struct dsn *d, struct span message, struct buf *text, bool *ret_other, struct error *err)
{
	struct part_walk walk;
	struct part part;
	bool returned = false;
	int rc;
	part_walk_init(&walk, message);
	while ((rc = part_next(&walk, &part, err)) > 0) {
		*ret_other = *ret_other || returned_kind_of_type(part.type) != RETURNED_MESSAGE;
		if (!d->status_octets && dsn_is_one_of(part.type, status_types))
			rc = dsn_take_status_part(d, &part, err);
		else if (part.container.len > 0 && dsn_is_one_of(part.type, returned_types))
			returned = true;
		else if (!returned)
			rc = dsn_take_text(text, &part, err);
		if (rc < 0)
			return -1;
	}
	return rc;
}

static bool dsn_says_something(const struct dsn *d)
{
	for (size_t i = 0; i < d->recipient_count; i++)
		if (dsn_action_of(&d->recipients[i]) != DSN_UNKNOWN)
			return true;
	return false;
}

/* Takes what the text says in the place of what the status part says, which is nothing. */
static int dsn_take_form(struct dsn *d, const struct header *header, struct span explanation, struct error *err)
{
	struct dsn_text said;
	char *octets = NULL;
	size_t cap = 0;
	int rc = dsn_text_read(header, explanation, &said, &octets, err);
	if (rc <= 0)
		return rc;
	free(d->recipients);
	free(d->status_octets);
	*d = (struct dsn){ .status_octets = octets };
	if (vec_grow(&d->recipients, 0, &cap, sizeof(*d->recipients), err) < 0)
		return -1;
	d->recipients[d->recipient_count++] = (struct dsn_recipient){
		.final_recipient = said.recipient,
		.action = said.delayed ? SPAN_LIT("delayed") : SPAN_LIT("failed"),
		.status = said.status,
		.diagnostic = said.diagnostic,
	};
	return 0;
}

/* What a notification without a readable status part says to people. */
static int dsn_read_explanation(struct dsn *d, struct span message, struct span text, struct error *err)
{
	struct header header;
	if (header_parse(&header, message, err) < 0)
		return -1;
	if (!text.len)
		text = span_sub(message, header.body_offset, DSN_TEXT_MAX);
	struct span explanation = dsn_text_cut(text);
	ptrdiff_t fields = d->status_octets ? -1 : dsn_text_fields(explanation);
	int rc = fields >= 0 ? take_status(d, span_sub(explanation, (size_t)fields, SIZE_MAX), err) : 0;
	if (rc == 0 && !dsn_says_something(d))
		rc = dsn_take_form(d, &header, explanation, err);
	header_fini(&header);
	return rc;
}

int dsn_parse(struct dsn *ret, struct span message, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(DSN_TEXT_MAX);
	struct dsn d = { 0 };
	bool other = false;
	int rc = dsn_walk_parts(&d, message, &text, &other, err);
	if (rc == 0 && !other && !dsn_says_something(&d))
		rc = dsn_read_explanation(&d, message, buf_span(&text), err);
	if (rc < 0 || other || !dsn_says_something(&d)) {
		dsn_fini(&d);
		return rc < 0 ? -1 : 0;
	}
	*ret = d;
	return 1;
}

/* RFC 3464 section 2.3.3, and other words that servers write. */
static const struct {
	const char *word;
	enum dsn_action action;
} dsn_action_words[] = {
	{ "failed", DSN_FAILED },         { "delayed", DSN_DELAYED },   { "delivered", DSN_DELIVERED },
	{ "relayed", DSN_RELAYED },       { "expanded", DSN_EXPANDED }, { "failure", DSN_FAILED },
	{ "fail", DSN_FAILED },           { "error", DSN_FAILED },      { "undeliverable", DSN_FAILED },
	{ "bounced", DSN_FAILED },        { "rejected", DSN_FAILED },   { "expired", DSN_FAILED },
	{ "deferred", DSN_DELAYED },      { "delay", DSN_DELAYED },     { "delivery", DSN_DELIVERED },
	{ "deliverable", DSN_DELIVERED },
};

enum dsn_action dsn_action_of(const struct dsn_recipient *r)
{
	for (size_t i = 0; i < ARRAY_LEN(dsn_action_words); i++)
		if (span_is_nocase(r->action, dsn_action_words[i].word))
			return dsn_action_words[i].action;
	struct span code = r->status.len ? r->status : dsn_text_diagnostic(r->diagnostic);
	if (code.len == 0 || (code.len > 1 && code.p[1] != '.' && !ascii_is_digit(code.p[1])))
		return DSN_UNKNOWN;
	return code.p[0] == '5'   ? DSN_FAILED
	       : code.p[0] == '4' ? DSN_DELAYED
	       : code.p[0] == '2' ? DSN_DELIVERED
				  : DSN_UNKNOWN;
}

const char *dsn_action_name(enum dsn_action v)
{
	static const char *const names[] = { "unknown", "failed", "delayed", "delivered", "relayed", "expanded" };
	return names[v];
}

void dsn_fini(struct dsn *d)
{
	free(d->recipients);
	free(d->status_octets);
	*d = (struct dsn){ 0 };
}
