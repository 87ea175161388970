/* Trace fields and authentication results for people. Must never let an octet of a stranger act on the terminal. */
#include "harness/report/message.h"

#include "harness/base/clock.h"
#include "harness/report/style.h"

static bool message_has(const char *text)
{
	return text && *text;
}

static void add_delay(struct buf *out, const struct trace_hop *h)
{
	char words[TIME_TEXT_MAX];
	if (h->has_delay && h->delay_ms < 0)
		buf_addf(out, ", %s before the hop below (clocks disagree)", duration_words(-h->delay_ms, words));
	else if (h->has_delay)
		buf_addf(out, ", %s after the hop below", duration_words(h->delay_ms, words));
}

void message_add_hops(struct buf *out, const struct trace *t)
{
	style_add_heading(out, "Received fields, newest first", t->hop_count, "none");
	for (size_t i = 0; i < t->hop_count; i++) {
		const struct trace_hop *h = &t->hops[i];
		buf_addf(out, "  %zu. ", i + 1);
		if (h->has_time)
			style_add_time(out, h->time_ms);
		else
			buf_add_str(out, "time not said");
		add_delay(out, h);
		buf_addf(out, "%s\n    ", h->own ? ", written by the provider" : "");
		style_add(out, "from ", h->from_helo, " ");
		if (message_has(h->from_name) || message_has(h->from_ip)) {
			style_add(out, "(", h->from_name, "");
			style_add(out, message_has(h->from_name) ? " [" : "([", h->from_ip, "]");
			buf_add_str(out, ") ");
		}
		style_add(out, "by ", h->by, " ");
		style_add(out, "with ", h->with, " ");
		style_add(out, "id ", h->id, " ");
		style_add(out, "for ", h->for_, " ");
		buf_addf(out, "TLS %s", hop_tls_name(h->tls));
		style_add(out, " as `", h->tls_version, "`");
		style_add(out, " ", h->tls_cipher, "");
		buf_add_char(out, '\n');
	}
}

static void message_add_method(struct buf *out, const struct trace_method *m)
{
	style_add(out, "    ", m->method, "=");
	style_add(out, "", m->word, "");
	if (message_has(m->word) && !span_is_nocase(span_of(m->word), auth_result_name(m->result)))
		buf_addf(out, " (read as %s)", auth_result_name(m->result));
	style_add(out, " (", m->comment, ")");
	style_add(out, " reason \"", m->reason, "\"");
	for (size_t i = 0; i < m->property_count; i++) {
		buf_add_char(out, ' ');
		style_add(out, "", m->properties[i].ptype, ".");
		style_add(out, "", m->properties[i].property, "=");
		style_add(out, "", m->properties[i].value, "");
	}
	buf_add_str(out, m->judged ? "  <- judged by this\n" : "\n");
}

void message_add_results(struct buf *out, const struct trace *t)
{
	style_add_heading(out, "Authentication results, in the order of the header", t->result_count, "none");
	for (size_t i = 0; i < t->result_count; i++) {
		const struct trace_results *r = &t->results[i];
		buf_addf(out, "  %s, ", r->trusted ? "trusted" : "not trusted");
		if (r->arc)
			buf_addf(out, "ARC instance %u, ", r->instance);
		buf_add_str(out, message_has(r->authserv_id) ? "by " : "without authserv-id");
		style_add(out, "", r->authserv_id, "");
		style_add(out, ", version ", r->version, "");
		style_add(out, ", sealed by ", r->sealed_by, "");
		style_add(out, "; departs from RFC 8601: ", r->deviation, "");
		buf_add_char(out, '\n');
		for (size_t k = 0; k < r->method_count; k++)
			message_add_method(out, &r->methods[k]);
		if (r->method_count == 0)
			buf_add_str(out, "    no results\n");
	}
}
