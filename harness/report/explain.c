/* The whole evidence of one probe, for people. Must never let an octet of a stranger act on the terminal. */
#include "harness/report/explain.h"

#include <inttypes.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/report/evaluation.h"
#include "harness/report/message.h"
#include "harness/report/style.h"

static bool explain_has(const char *text)
{
	return text && *text;
}

static void explain_add_probe(struct buf *out, const struct matrix_row *row, bool colour)
{
	const struct probe *p = row->probe;
	style_add(out, "Seed ", p->seed, "");
	style_add(out, " at ", p->provider, "");
	style_add(out, ", message ", p->message, "\n");
	style_add(out, "Tag ", p->tag, "");
	style_add(out, ", Message-ID <", p->message_id, ">");
	style_add(out, ", envelope sender <", p->mail_from, ">");
	buf_add_str(out, "\nVerdict ");
	style_add_verdict(out, colour, row->judgement.verdict, verdict_name(row->judgement.verdict));
	buf_addf(out, ": %s\n", row->judgement.reason);
}

static void add_cells(struct buf *out, const struct probe_judgement *j, bool colour)
{
	style_add_heading(out, "Cells", j->cell_count, "none");
	for (size_t i = 0; i < j->cell_count; i++) {
		const struct cell *c = &j->cells[i];
		buf_addf(out, "  %s: ", expect_key_name(c->key));
		style_add_verdict(out, colour, c->verdict, verdict_name(c->verdict));
		buf_addf(out, ", is %s, expected %s\n    %s\n", explain_has(c->actual) ? c->actual : "not known",
			 c->expected, c->reason);
	}
}

static void add_sends(struct buf *out, const struct probe *p)
{
	style_add_heading(out, "Sending", p->send_count, "nothing was sent");
	for (size_t i = 0; i < p->send_count; i++) {
		const struct send_event *s = &p->sends[i];
		buf_add_str(out, "  ");
		style_add_time(out, s->at_ms);
		if (s->attempt)
			buf_addf(out, "  attempt %d", s->attempt);
		buf_addf(out, "  %s", send_event_name(s->kind));
		if (s->stage != STAGE_NONE)
			buf_addf(out, " (%s)", send_stage_name(s->stage));
		if (s->reply_code)
			buf_addf(out, " %d", s->reply_code);
		style_add(out, " ", s->enhanced, "");
		style_add(out, " ", s->text, "");
		style_add(out, "; server ", s->peer, "");
		style_add(out, "; ", s->tls_version, "");
		style_add(out, " ", s->tls_cipher, "");
		buf_add_char(out, '\n');
	}
}

static void explain_add_seed(struct buf *out, const struct probe_evidence *e)
{
	buf_addf(out, "\nSeed mailbox\n  %s", e->seed_ready ? "could be read" : "could not be read");
	if (!e->seed_ready) {
		style_add(out, ": ", e->seed_problem, "");
		style_add(out, "\n  Mend: ", e->seed_mend, "");
	}
	buf_addf(out, "\n  %s\n",
		 e->swept ? "every folder was read after the wait" : "not every folder was read after the wait");
	style_add(out, "  The bounce mailbox could not be read: ", e->bounces_problem, "\n");
}

static void add_observations(struct buf *out, const struct probe *p)
{
	style_add_heading(out, "Seen", p->observation_count, "nowhere");
	for (size_t i = 0; i < p->observation_count; i++) {
		const struct observation *o = &p->observations[i];
		buf_add_str(out, "  ");
		style_add_time(out, o->at_ms);
		buf_add_str(out, o->gone ? "  gone from folder " : "  in folder ");
		text_add_escaped(out, span_of(o->folder));
		buf_addf(out, " (%s), UID %" PRIu32 " of %" PRIu32, folder_role_name(o->role), o->uid, o->uidvalidity);
		if (!o->gone && o->size >= 0)
			buf_addf(out, ", %" PRId64 " octets", o->size);
		if (o->truncated)
			buf_add_str(out, ", body cut");
		if (o->internal_ms) {
			buf_add_str(out, ", INTERNALDATE ");
			style_add_time(out, o->internal_ms);
		}
		if (o->absent_ms) {
			buf_add_str(out, ", not there when the folder was read at ");
			style_add_time(out, o->absent_ms);
		}
		style_add(out, ", by ", o->found_by, "");
		buf_add_char(out, '\n');
	}
}

static void add_places(struct buf *out, const struct probe_evidence *e)
{
	style_add_heading(out, "Places", e->place_count, "none");
	for (size_t i = 0; i < e->place_count; i++) {
		buf_add_str(out, "  ");
		style_add_time(out, e->places[i].at_ms);
		buf_add_str(out, "  ");
		trace_place_add(out, &e->places[i]);
		buf_add_str(out, e->places[i].gone ? ", gone since\n" : "\n");
	}
}

static void add_bounces(struct buf *out, const struct probe *p)
{
	style_add_heading(out, "What came back", p->bounce_count, "nothing");
	for (size_t i = 0; i < p->bounce_count; i++) {
		const struct bounce *b = &p->bounces[i];
		buf_add_str(out, "  ");
		style_add_time(out, b->at_ms);
		style_add(out, "  ", b->action, "");
		style_add(out, " ", b->status, "");
		style_add(out, " for ", b->recipient, "");
		style_add(out, ", remote server ", b->remote_mta, "");
		style_add(out, ", reported by ", b->reporting_mta, "");
		style_add(out, "\n    ", b->diagnostic, "");
		style_add(out, "\n    from ", b->sender, "");
		style_add(out, b->sender ? ": " : "\n    subject: ", b->subject, "");
		buf_add_char(out, '\n');
	}
}

int report_explain(const struct run_summary *run, const struct matrix_row *row, bool colour, struct buf *out,
		   struct error *err)
{
	style_add_run(out, run);
	explain_add_probe(out, row, colour);
	add_cells(out, &row->judgement, colour);
	add_sends(out, row->probe);
	explain_add_seed(out, &row->evidence);
	add_observations(out, row->probe);
	add_places(out, &row->evidence);
	if (row->trace.return_path) {
		buf_add_str(out, "\nReturn-Path <");
		text_add_escaped(out, span_of(row->trace.return_path));
		buf_add_str(out, ">\n");
	}
	message_add_hops(out, &row->trace);
	message_add_results(out, &row->trace);
	style_add_heading(out, "Our own evaluation", row->evaluated,
			  "none: the message was not found, or its run has no snapshot of the DNS");
	if (row->evaluated)
		evaluation_add(out, &row->evaluation);
	add_bounces(out, row->probe);
	return buf_check(out, "the explanation", err);
}
