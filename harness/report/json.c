/* JSON. Must always be valid UTF-8, whatever octets the facts hold. */
#include "harness/report/json.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/model/reading.h"
#include "harness/report/check_json.h"
#include "harness/report/json_message.h"
#include "harness/report/json_writer.h"

#define JSON_FLAGS   (JSON_INDENT(2) | JSON_ENCODE_ANY)
#define PROBE_INDENT "    "

enum { PIECE_MAX = 512 * 1024 * 1024 };

static json_t *json_place(const struct trace_place *p)
{
	_cleanup_(buf_fini) struct buf b = BUF_INIT(4 * span_of(p->name).len + 16);
	if (trace_place_add(&b, p) < 0)
		return NULL;
	return json_stringn(buf_str(&b), b.len);
}

static void put_cells(struct writer *w, json_t *probe, const struct probe_judgement *j)
{
	json_t *cells = json_array();
	for (size_t i = 0; i < j->cell_count; i++) {
		const struct cell *c = &j->cells[i];
		json_t *o = json_object();
		writer_put(w, o, "name", json_string(expect_key_name(c->key)));
		writer_put(w, o, "verdict", json_string(verdict_name(c->verdict)));
		writer_put(w, o, "expected", writer_text(c->expected));
		writer_put(w, o, "actual", writer_word(c->actual));
		writer_put(w, o, "reason", writer_text(c->reason));
		writer_put(w, cells, NULL, o);
	}
	writer_put(w, probe, "cells", cells);
}

static void put_sends(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *sends = json_array();
	for (size_t i = 0; i < p->send_count; i++) {
		const struct send_event *s = &p->sends[i];
		json_t *o = json_object();
		writer_put(w, o, "event", json_string(send_event_name(s->kind)));
		writer_put(w, o, "at", writer_time(s->at_ms));
		writer_put(w, o, "attempt", writer_integer(s->attempt > 0, s->attempt));
		writer_put(w, o, "stage",
			   s->stage == STAGE_NONE ? json_null() : json_string(send_stage_name(s->stage)));
		writer_put(w, o, "reply_code", writer_integer(s->reply_code > 0, s->reply_code));
		writer_put(w, o, "enhanced", writer_text(s->enhanced));
		writer_put(w, o, "text", writer_text(s->text));
		writer_put(w, o, "tls_version", writer_text(s->tls_version));
		writer_put(w, o, "tls_cipher", writer_text(s->tls_cipher));
		writer_put(w, o, "peer", writer_text(s->peer));
		writer_put(w, sends, NULL, o);
	}
	writer_put(w, probe, "sends", sends);
}

static void put_places(struct writer *w, json_t *probe, const struct probe_evidence *e)
{
	json_t *places = json_array();
	for (size_t i = 0; i < e->place_count; i++) {
		json_t *o = json_object();
		writer_put(w, o, "placement", json_place(&e->places[i]));
		writer_put(w, o, "at", writer_time(e->places[i].at_ms));
		writer_put(w, o, "gone", json_boolean(e->places[i].gone));
		writer_put(w, o, "copies", json_integer(e->places[i].copies));
		writer_put(w, places, NULL, o);
	}
	writer_put(w, probe, "places", places);
}

static void put_observations(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *observations = json_array();
	for (size_t i = 0; i < p->observation_count; i++) {
		const struct observation *v = &p->observations[i];
		json_t *o = json_object();
		writer_put(w, o, "at", writer_time(v->at_ms));
		writer_put(w, o, "gone", json_boolean(v->gone));
		writer_put(w, o, "folder", writer_text(v->folder));
		writer_put(w, o, "role", json_string(folder_role_name(v->role)));
		writer_put(w, o, "uidvalidity", json_integer(v->uidvalidity));
		writer_put(w, o, "uid", json_integer(v->uid));
		writer_put(w, o, "internal_date", writer_time(v->internal_ms));
		writer_put(w, o, "absent", writer_time(v->absent_ms));
		writer_put(w, o, "size", writer_integer(!v->gone && v->size >= 0, v->size));
		writer_put(w, o, "truncated", json_boolean(v->truncated));
		writer_put(w, o, "found_by", writer_text(v->found_by));
		writer_put(w, observations, NULL, o);
	}
	writer_put(w, probe, "observations", observations);
}

static void put_bounces(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *bounces = json_array();
	for (size_t i = 0; i < p->bounce_count; i++) {
		const struct bounce *v = &p->bounces[i];
		json_t *o = json_object();
		writer_put(w, o, "at", writer_time(v->at_ms));
		writer_put(w, o, "action", writer_text(v->action));
		writer_put(w, o, "status", writer_text(v->status));
		writer_put(w, o, "diagnostic", writer_text(v->diagnostic));
		writer_put(w, o, "remote_mta", writer_text(v->remote_mta));
		writer_put(w, o, "reporting_mta", writer_text(v->reporting_mta));
		writer_put(w, o, "recipient", writer_text(v->recipient));
		writer_put(w, o, "sender", writer_text(v->sender));
		writer_put(w, o, "subject", writer_text(v->subject));
		writer_put(w, bounces, NULL, o);
	}
	writer_put(w, probe, "bounces", bounces);
}

/* What the cell found, null where it does not apply. */
static json_t *actual(const struct probe_judgement *j, enum expect_key key)
{
	const struct cell *c = judgement_cell(j, key);
	return c ? writer_word(c->actual) : json_null();
}

/* Results by method: ours, null where nothing was evaluated; whether both agree, null where it was not found. */
static void put_ours(struct writer *w, json_t *probe, const struct matrix_row *row)
{
	json_t *ours = json_object(), *agreement = json_object();
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		const char *name = auth_method_name((enum auth_method)m);
		bool judged = judgement_cell(&row->judgement, (enum expect_key)(EXPECT_SPF + m)) != NULL;
		writer_put(w, ours, name,
			   row->evaluated ? json_string(auth_result_name(row->evidence.ours[m].result)) : json_null());
		writer_put(w, agreement, name,
			   judged ? json_string(agreement_name(row->judgement.agreement[m])) : json_null());
	}
	writer_put(w, probe, "ours", ours);
	writer_put(w, probe, "agreement", agreement);
}

static json_t *evaluation(struct writer *w, const struct matrix_row *row)
{
	if (!row->evaluated)
		return json_null();
	json_t *o = json_object();
	message_put_evaluation(w, o, &row->evaluation);
	return o;
}

static json_t *probe(struct writer *w, const struct matrix_row *row)
{
	const struct probe_judgement *j = &row->judgement;
	json_t *o = json_object();
	writer_put(w, o, "provider", writer_text(row->evidence.provider));
	writer_put(w, o, "seed", writer_text(row->evidence.seed));
	writer_put(w, o, "message", writer_text(row->evidence.message));
	writer_put(w, o, "tag", writer_text(row->probe->tag));
	writer_put(w, o, "message_id", writer_text(row->probe->message_id));
	writer_put(w, o, "mail_from", writer_text(row->probe->mail_from));
	writer_put(w, o, "outcome", json_string(outcome_name(j->outcome)));
	writer_put(w, o, "placement", writer_word(j->placement_text));
	writer_put(w, o, "spf", actual(j, EXPECT_SPF));
	writer_put(w, o, "dkim", actual(j, EXPECT_DKIM));
	writer_put(w, o, "dmarc", actual(j, EXPECT_DMARC));
	put_ours(w, o, row);
	writer_put(w, o, "tls", actual(j, EXPECT_TLS));
	writer_put(w, o, "latency_ms", writer_integer(j->latency_ms >= 0, j->latency_ms));
	writer_put(w, o, "latency_least_ms", writer_integer(j->latency_ms >= 0, j->latency_least_ms));
	writer_put(w, o, "latency_by",
		   j->latency_ms < 0 ? json_null()
				     : json_string(row->evidence.arrival.by_mailbox_clock ? "mailbox-clock" : "sight"));
	writer_put(w, o, "verdict", json_string(verdict_name(j->verdict)));
	writer_put(w, o, "reason", writer_text(j->reason));
	put_cells(w, o, j);
	put_sends(w, o, row->probe);
	put_places(w, o, &row->evidence);
	put_observations(w, o, row->probe);
	put_bounces(w, o, row->probe);
	writer_put(w, o, "return_path", writer_text(row->trace.return_path));
	message_put_received(w, o, &row->trace);
	message_put_results(w, o, &row->trace);
	writer_put(w, o, "evaluation", evaluation(w, row));
	return o;
}

static json_t *run_object(struct writer *w, const struct run_summary *run)
{
	json_t *o = json_object();
	writer_put(w, o, "id", json_integer(run->id));
	writer_put(w, o, "label", writer_text(run->label));
	writer_put(w, o, "created", writer_time(run->created_ms));
	writer_put(w, o, "ended", writer_time(run->ended_ms));
	writer_put(w, o, "finished", json_boolean(run->finished));
	writer_put(w, o, "clock_set_ms", json_integer(run->clock_set_ms));
	writer_put(w, o, "slept_ms", json_integer(run->slept_ms));
	return o;
}

static json_t *counts(struct writer *w, const struct matrix *matrix)
{
	json_t *o = json_object(), *verdicts = json_object(), *outcomes = json_object();
	for (int v = 0; v < VERDICT_COUNT; v++)
		writer_put(w, verdicts, verdict_name((enum verdict)v), json_integer((json_int_t)matrix->verdicts[v]));
	for (int v = 0; v < OUTCOME_COUNT; v++)
		writer_put(w, outcomes, outcome_name((enum outcome)v), json_integer((json_int_t)matrix->outcomes[v]));
	writer_put(w, o, "verdicts", verdicts);
	writer_put(w, o, "outcomes", outcomes);
	return o;
}

static json_t *json_check(struct writer *w, const struct posture_judgement *posture)
{
	if (!posture)
		return json_null();
	json_t *o = json_object();
	check_put_findings(w, o, posture);
	return o;
}

/* What the run was made with, and what is judged differently now. */
static json_t *json_program(struct writer *w, const struct run_program *program)
{
	json_t *o = json_object(), *list = json_array();
	size_t count = 0;
	const char *const *changes = reading_changes(program->reading, &count);
	for (size_t i = 0; i < count; i++)
		writer_put(w, list, NULL, json_string(changes[i]));
	writer_put(w, o, "version", writer_text(program->version));
	writer_put(w, o, "reading", writer_integer(program->reading > 0, program->reading));
	writer_put(w, o, "changes", list);
	return o;
}

/* All but the probes. */
static json_t *json_head(struct writer *w, const struct run_report *report)
{
	json_t *root = json_object();
	writer_put(w, root, "schema", json_integer(JSON_SCHEMA));
	writer_put(w, root, "run", run_object(w, report->run));
	writer_put(w, root, "program", json_program(w, report->program));
	writer_put(w, root, "exit_status", json_integer(report->exit_status));
	writer_put(w, root, "counts", counts(w, report->matrix));
	writer_put(w, root, "check", json_check(w, report->posture));
	return root;
}

/* Adds a piece of an element of the array of probes: further to the right than it stands by itself. */
static int json_add_indented(const char *chunk, size_t len, void *out)
{
	struct span rest = span_make(chunk, len);
	const char *end;
	while (rest.len && (end = memchr(rest.p, '\n', rest.len))) {
		size_t line = (size_t)(end - rest.p) + 1;
		buf_add_span(out, span_sub(rest, 0, line));
		buf_add_str(out, PROBE_INDENT);
		rest = span_sub(rest, line, rest.len);
	}
	return buf_add_span(out, rest);
}

/* Writes what is in the buffer, and empties it. */
static int json_flush(const struct writer *w, struct buf *piece, const struct report_sink *sink, struct error *err)
{
	if (w->failed)
		return error_memory(err);
	int result = buf_check(piece, "a probe of the JSON export", err) < 0
			 ? -1
			 : sink->write(sink->user, buf_span(piece), err);
	buf_clear(piece);
	return result;
}

/* The object without its end, and the beginning of the array. */
static int json_begin(const struct run_report *report, struct buf *piece, const struct report_sink *sink,
		      struct error *err)
{
	static const char end[] = "\n}";
	struct writer w = { .failed = false };
	json_t *root = json_head(&w, report);
	char *text = w.failed ? NULL : json_dumps(root, JSON_FLAGS);
	json_decref(root);
	if (!text)
		return error_memory(err);
	buf_add(piece, text, strlen(text) - strlen(end));
	free(text);
	buf_add_str(piece, ",\n  \"probes\": [");
	return json_flush(&w, piece, sink, err);
}

int report_json(const struct run_report *report, const struct report_sink *sink, struct error *err)
{
	const struct matrix *matrix = report->matrix;
	_cleanup_(buf_fini) struct buf piece = BUF_INIT(PIECE_MAX);
	int result = json_begin(report, &piece, sink, err);
	for (size_t i = 0; i < matrix->count && result == 0; i++) {
		struct writer w = { .failed = false };
		json_t *o = probe(&w, &matrix->rows[i]);
		buf_add_str(&piece, i > 0 ? ",\n" PROBE_INDENT : "\n" PROBE_INDENT);
		if (json_dump_callback(o, json_add_indented, &piece, JSON_FLAGS) < 0 && !piece.failed)
			w.failed = true;
		json_decref(o);
		result = json_flush(&w, &piece, sink, err);
	}
	if (result < 0)
		return -1;
	buf_add_str(&piece, matrix->count > 0 ? "\n  ]\n}\n" : "]\n}\n");
	return json_flush(&(struct writer){ .failed = false }, &piece, sink, err);
}
