/* Delivery status notifications. Pure. Anyone can send one: what it says counts only for the probe whose tag it
 * carries, which is for the caller to find. */
#include "harness/mail/dsn.h"

#include <stdlib.h>

#include "harness/base/vec.h"
#include "harness/mail/part.h"

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
		if (header_find(&h, "Final-Recipient", 0) >= 0 || header_find(&h, "Action", 0) >= 0) {
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

static int dsn_take_status(struct dsn *d, const struct part *part, struct error *err)
{
	_cleanup_(free_p) char *text = NULL;
	size_t len;
	if (decode(part, &text, &len, err) < 0)
		return -1;
	d->status_octets = malloc(len + 1);
	if (!d->status_octets)
		return error_memory(err);
	return read_status(d, span_make(text, len), err);
}

static int take_returned(struct dsn *d, const struct part *part, struct error *err)
{
	size_t len;
	if (decode(part, &d->returned_octets, &len, err) < 0)
		return -1;
	if (header_parse(&d->returned, span_make(d->returned_octets, len), err) < 0)
		return -1;
	d->has_returned = true;
	return 0;
}

/* RFC 3464 section 2, RFC 6533 section 6. */
static const char *const status_types[] = { "message/delivery-status", "message/global-delivery-status", NULL };
static const char *const returned_types[] = { "message/rfc822",         "text/rfc822-headers",    "message/global",
					      "message/global-headers", "message/rfc822-headers", NULL };

int dsn_parse(struct dsn *ret, struct span message, struct error *err)
{
	struct dsn d = { 0 };
	struct part_walk walk;
	struct part part;
	int rc;
	part_walk_init(&walk, message);
	while ((rc = part_next(&walk, &part, err)) > 0) {
		if (part.container.len == 0)
			continue;
		if (!d.status_octets && dsn_is_one_of(part.type, status_types))
			rc = dsn_take_status(&d, &part, err);
		else if (!d.returned_octets && dsn_is_one_of(part.type, returned_types))
			rc = take_returned(&d, &part, err);
		if (rc < 0)
			break;
	}
	if (rc < 0 || d.recipient_count == 0) {
		dsn_fini(&d);
		return rc < 0 ? -1 : 0;
	}
	*ret = d;
	return 1;
}

void dsn_fini(struct dsn *d)
{
	free(d->recipients);
	header_fini(&d->returned);
	free(d->status_octets);
	free(d->returned_octets);
	*d = (struct dsn){ 0 };
}
