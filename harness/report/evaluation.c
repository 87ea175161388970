/* Evaluations for people. Must never let an octet of a stranger act on the terminal. */
#include "harness/report/evaluation.h"

#include "harness/base/clock.h"
#include "harness/base/text.h"
#include "harness/report/style.h"

enum { LOOKUPS_MAX = 10, VOID_LOOKUPS_MAX = 2 }; /* RFC 7208 section 4.6.4 */

static void add_question(struct buf *out, const struct trail_step *s)
{
	char type[DNS_TYPE_TEXT_MAX];
	if (!s->name)
		return;
	buf_addf(out, "  [%s ", dns_type_name(s->type, type));
	text_add_escaped(out, span_of(s->name));
	if (s->state != DNS_ANSWERED)
		buf_addf(out, ": %s]", dns_state_name(s->state));
	else if (s->rcode == DNS_NXDOMAIN)
		buf_add_str(out, ": no such name]");
	else
		buf_addf(out, ": %zu record%s, TTL %u]", s->records, s->records == 1 ? "" : "s", s->ttl);
}

static void add_trail(struct buf *out, const struct trail *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct trail_step *s = &t->steps[i];
		if (s->lookup)
			buf_addf(out, "    %2u  ", s->lookup);
		else
			buf_add_str(out, "        ");
		for (unsigned d = 0; d < s->depth; d++)
			buf_add_str(out, "  ");
		text_add_escaped(out, span_of(s->what));
		style_add(out, ": ", s->outcome, "");
		add_question(out, s);
		buf_add_str(out, s->void_lookup ? "  (void lookup)\n" : "\n");
	}
	if (t->cut)
		buf_add_str(out, "        ... and more\n");
}

/* `: reason (RFC 7208 section 5)` and the line end. */
static void evaluation_add_reason(struct buf *out, const char *reason, const char *section)
{
	style_add(out, ": ", reason, "");
	style_add(out, " (", section, ")");
	buf_add_char(out, '\n');
}

void evaluation_add_spf(struct buf *out, const struct spf_evaluation *e)
{
	char client[IP_TEXT_MAX];
	buf_addf(out, "  SPF %s", e->evaluated ? auth_result_name(e->result) : "not evaluated");
	if (e->evaluated) {
		buf_addf(out, " for %s of ", spf_identity_name(e->identity));
		text_add_escaped(out, span_of(e->domain));
		buf_addf(out, " from %s", ip_format(&e->client, client));
	}
	evaluation_add_reason(out, e->reason, e->section);
	if (!e->evaluated)
		return;
	buf_add_str(out, "    HELO ");
	text_add_escaped(out, span_of(e->helo && *e->helo ? e->helo : "not known"));
	style_add(out, ", MAIL FROM ", e->mail_from, "");
	buf_addf(out, ", %s\n", e->source == SENDER_GIVEN ? "as given" : sender_source_name(e->source));
	style_add(out, "    Record: ", e->record, "\n");
	style_add(out, "    Explanation: ", e->explanation, "\n");
	add_trail(out, &e->trail);
	buf_addf(out, "    %u of %d DNS lookups, %u of %d void lookups\n", e->lookups, LOOKUPS_MAX, e->void_lookups,
		 VOID_LOOKUPS_MAX);
}

static void add_signature(struct buf *out, const struct dkim_signature *s)
{
	char time[TIME_TEXT_MAX];
	buf_addf(out, "  DKIM %s", auth_result_name(s->result));
	style_add(out, " for ", s->domain, "");
	style_add(out, ", selector ", s->selector, "");
	style_add(out, ", ", s->algorithm, "");
	if (s->key_bits)
		buf_addf(out, " with a key of %u bits", s->key_bits);
	evaluation_add_reason(out, s->reason, s->section);
	if (s->testing)
		buf_add_str(out, "    The key says t=y: the domain is testing.\n");
	style_add(out, "    Signed fields: ", s->signed_fields, "\n");
	if (s->body_length >= 0)
		buf_addf(out, "    Signed are only the first %lld octets of the body.\n", (long long)s->body_length);
	if (s->timestamp > 0)
		buf_addf(out, "    Signed at %s.\n", time_rfc3339(s->timestamp * 1000, time));
	if (s->expiry > 0)
		buf_addf(out, "    Expires at %s.\n", time_rfc3339(s->expiry * 1000, time));
	if (s->key_name && s->key_bits) {
		buf_add_str(out, "    Key ");
		text_add_escaped(out, span_of(s->key_name));
		buf_addf(out, ", TTL %u\n", s->key_ttl);
	}
}

static void add_reading(struct buf *out, const struct dmarc_reading *r, enum dmarc_standard standard)
{
	buf_addf(out, "  DMARC by %s: %s", dmarc_standard_name(standard), auth_result_name(r->result));
	evaluation_add_reason(out, r->reason, r->section);
	style_add(out, "    Record at ", r->record_domain, "");
	style_add(out, ": ", r->record, "\n");
	style_add(out, "    Organisational domain ", r->org_domain, "");
	if (r->policy != DMARC_POLICY_ABSENT) {
		buf_addf(out, ", policy %s (%s)", dmarc_policy_name(r->policy), r->policy_tag);
		if (r->effective != r->policy)
			buf_addf(out, ", in effect %s", dmarc_policy_name(r->effective));
	}
	buf_addf(out, "%sSPF %s, DKIM %s\n", r->org_domain ? ", " : "    ", r->aligned_spf ? "aligned" : "not aligned",
		 r->aligned_dkim ? "aligned" : "not aligned");
	for (size_t i = 0; i < r->report_count; i++) {
		const struct dmarc_report *report = &r->reports[i];
		buf_addf(out, "    Reports (%s) to ", report->failure ? "ruf" : "rua");
		text_add_escaped(out, span_of(report->uri));
		if (report->external)
			buf_addf(out, ", outside of the organisation, authorised by it: %s",
				 auth_result_name(report->authorised));
		buf_add_char(out, '\n');
	}
	add_trail(out, &r->trail);
}

void evaluation_add(struct buf *out, const struct evaluation *e)
{
	evaluation_add_spf(out, &e->spf);
	for (size_t i = 0; i < e->dkim.count; i++)
		add_signature(out, &e->dkim.signatures[i]);
	if (e->dkim.unread)
		buf_addf(out, "  DKIM %s: %s\n", auth_result_name(e->dkim.result), e->dkim.unread);
	else if (e->dkim.count == 0)
		buf_add_str(out, "  DKIM none: the message has no DKIM-Signature field\n");
	add_trail(out, &e->dkim.trail);
	style_add(out, "  From breaks RFC 5322; its address was read as receivers do: ", e->dmarc.from_deviation, "\n");
	for (int i = 0; i < DMARC_STANDARD_COUNT; i++)
		add_reading(out, &e->dmarc.readings[i], (enum dmarc_standard)i);
	style_add(out, "  The two standards differ: ", e->dmarc.difference, "\n");
	buf_addf(out, "  ARC %s", auth_result_name(e->arc.result));
	style_add(out, ", sealed by ", e->arc.sealed_by, "");
	evaluation_add_reason(out, e->arc.reason, e->arc.section);
	add_trail(out, &e->arc.trail);
}
