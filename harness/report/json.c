/* JSON. Must always be valid UTF-8, whatever octets the facts hold. */
#include "harness/report/json.h"

#include <jansson.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"

/* A failure to make or to add any value is remembered, so that it is checked once. */
struct writer {
	bool failed;
};

/* Adds a member, or an element of an array for key NULL; the value is taken. */
static void put(struct writer *w, json_t *to, const char *key, json_t *value)
{
	if ((key ? json_object_set_new(to, key, value) : json_array_append_new(to, value)) < 0)
		w->failed = true;
}

/* An escaped string; null for NULL. */
static json_t *text(const char *string)
{
	if (!string)
		return json_null();
	struct span s = span_of(string);
	/* An octet becomes at most the four of \xNN. */
	_cleanup_(buf_fini) struct buf b = BUF_INIT(4 * s.len);
	if (text_add_escaped(&b, s) < 0)
		return NULL;
	return json_stringn(buf_str(&b), b.len);
}

/* As text, but null where there is nothing. */
static json_t *word(const char *string)
{
	return string && *string ? text(string) : json_null();
}

static json_t *time_or_null(int64_t ms)
{
	char out[TIME_TEXT_MAX];
	return ms ? json_string(time_rfc3339(ms, out)) : json_null();
}

static json_t *integer_or_null(bool there, int64_t value)
{
	return there ? json_integer(value) : json_null();
}

static json_t *place(const struct trace_place *p)
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
		put(w, o, "name", json_string(expect_key_name(c->key)));
		put(w, o, "verdict", json_string(verdict_name(c->verdict)));
		put(w, o, "expected", text(c->expected));
		put(w, o, "actual", word(c->actual));
		put(w, o, "reason", text(c->reason));
		put(w, cells, NULL, o);
	}
	put(w, probe, "cells", cells);
}

static void put_sends(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *sends = json_array();
	for (size_t i = 0; i < p->send_count; i++) {
		const struct send_event *s = &p->sends[i];
		json_t *o = json_object();
		put(w, o, "event", json_string(send_event_name(s->kind)));
		put(w, o, "at", time_or_null(s->at_ms));
		put(w, o, "attempt", integer_or_null(s->attempt > 0, s->attempt));
		put(w, o, "stage", s->stage == STAGE_NONE ? json_null() : json_string(send_stage_name(s->stage)));
		put(w, o, "reply_code", integer_or_null(s->reply_code > 0, s->reply_code));
		put(w, o, "enhanced", text(s->enhanced));
		put(w, o, "text", text(s->text));
		put(w, o, "tls_version", text(s->tls_version));
		put(w, o, "tls_cipher", text(s->tls_cipher));
		put(w, o, "peer", text(s->peer));
		put(w, sends, NULL, o);
	}
	put(w, probe, "sends", sends);
}

static void put_places(struct writer *w, json_t *probe, const struct probe_evidence *e)
{
	json_t *places = json_array();
	for (size_t i = 0; i < e->place_count; i++) {
		json_t *o = json_object();
		put(w, o, "placement", place(&e->places[i]));
		put(w, o, "at", time_or_null(e->places[i].at_ms));
		put(w, places, NULL, o);
	}
	put(w, probe, "places", places);
}

static void put_observations(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *observations = json_array();
	for (size_t i = 0; i < p->observation_count; i++) {
		const struct observation *v = &p->observations[i];
		json_t *o = json_object();
		put(w, o, "at", time_or_null(v->at_ms));
		put(w, o, "gone", json_boolean(v->gone));
		put(w, o, "folder", text(v->folder));
		put(w, o, "role", json_string(folder_role_name(v->role)));
		put(w, o, "uidvalidity", json_integer(v->uidvalidity));
		put(w, o, "uid", json_integer(v->uid));
		put(w, o, "internal_date", time_or_null(v->internal_ms));
		put(w, o, "size", integer_or_null(!v->gone, v->size));
		put(w, o, "truncated", json_boolean(v->truncated));
		put(w, o, "found_by", text(v->found_by));
		put(w, observations, NULL, o);
	}
	put(w, probe, "observations", observations);
}

static void put_bounces(struct writer *w, json_t *probe, const struct probe *p)
{
	json_t *bounces = json_array();
	for (size_t i = 0; i < p->bounce_count; i++) {
		const struct bounce *v = &p->bounces[i];
		json_t *o = json_object();
		put(w, o, "at", time_or_null(v->at_ms));
		put(w, o, "action", text(v->action));
		put(w, o, "status", text(v->status));
		put(w, o, "diagnostic", text(v->diagnostic));
		put(w, o, "remote_mta", text(v->remote_mta));
		put(w, o, "reporting_mta", text(v->reporting_mta));
		put(w, o, "recipient", text(v->recipient));
		put(w, bounces, NULL, o);
	}
	put(w, probe, "bounces", bounces);
}

static void put_received(struct writer *w, json_t *probe, const struct trace *t)
{
	json_t *hops = json_array();
	for (size_t i = 0; i < t->hop_count; i++) {
		const struct trace_hop *h = &t->hops[i];
		json_t *o = json_object();
		put(w, o, "from_helo", text(h->from_helo));
		put(w, o, "from_name", text(h->from_name));
		put(w, o, "from_ip", text(h->from_ip));
		put(w, o, "by", text(h->by));
		put(w, o, "with", text(h->with));
		put(w, o, "id", text(h->id));
		put(w, o, "for", text(h->for_));
		put(w, o, "tls", json_string(hop_tls_name(h->tls)));
		put(w, o, "tls_version", text(h->tls_version));
		put(w, o, "tls_cipher", text(h->tls_cipher));
		put(w, o, "time", time_or_null(h->has_time ? h->time_ms : 0));
		put(w, o, "delay_ms", integer_or_null(h->has_delay, h->delay_ms));
		put(w, o, "own", json_boolean(h->own));
		put(w, hops, NULL, o);
	}
	put(w, probe, "received", hops);
}

static json_t *method(struct writer *w, const struct trace_method *m)
{
	json_t *o = json_object(), *properties = json_array();
	put(w, o, "method", text(m->method));
	put(w, o, "word", text(m->word));
	put(w, o, "result", json_string(auth_result_name(m->result)));
	put(w, o, "reason", text(m->reason));
	put(w, o, "comment", text(m->comment));
	for (size_t i = 0; i < m->property_count; i++) {
		json_t *triple = json_array();
		put(w, triple, NULL, text(m->properties[i].ptype));
		put(w, triple, NULL, text(m->properties[i].property));
		put(w, triple, NULL, text(m->properties[i].value));
		put(w, properties, NULL, triple);
	}
	put(w, o, "properties", properties);
	put(w, o, "judged", json_boolean(m->judged));
	return o;
}

static void put_results(struct writer *w, json_t *probe, const struct trace *t)
{
	json_t *results = json_array();
	for (size_t i = 0; i < t->result_count; i++) {
		const struct trace_results *r = &t->results[i];
		json_t *o = json_object(), *methods = json_array();
		put(w, o, "authserv_id", text(r->authserv_id));
		put(w, o, "version", text(r->version));
		put(w, o, "arc", json_boolean(r->arc));
		put(w, o, "instance", integer_or_null(r->arc, r->instance));
		put(w, o, "trusted", json_boolean(r->trusted));
		put(w, o, "deviation", text(r->deviation));
		for (size_t k = 0; k < r->method_count; k++)
			put(w, methods, NULL, method(w, &r->methods[k]));
		put(w, o, "methods", methods);
		put(w, results, NULL, o);
	}
	put(w, probe, "authentication_results", results);
}

/* What the cell found, null where it does not apply. */
static json_t *actual(const struct probe_judgement *j, enum expect_key key)
{
	const struct cell *c = judgement_cell(j, key);
	return c ? word(c->actual) : json_null();
}

static json_t *probe(struct writer *w, const struct matrix_row *row)
{
	const struct probe_judgement *j = &row->judgement;
	json_t *o = json_object();
	put(w, o, "provider", text(row->evidence.provider));
	put(w, o, "seed", text(row->evidence.seed));
	put(w, o, "message", text(row->evidence.message));
	put(w, o, "tag", text(row->probe->tag));
	put(w, o, "message_id", text(row->probe->message_id));
	put(w, o, "mail_from", text(row->probe->mail_from));
	put(w, o, "outcome", json_string(outcome_name(j->outcome)));
	put(w, o, "placement", word(j->placement_text));
	put(w, o, "spf", actual(j, EXPECT_SPF));
	put(w, o, "dkim", actual(j, EXPECT_DKIM));
	put(w, o, "dmarc", actual(j, EXPECT_DMARC));
	put(w, o, "tls", actual(j, EXPECT_TLS));
	put(w, o, "latency_ms", integer_or_null(j->latency_ms >= 0, j->latency_ms));
	put(w, o, "verdict", json_string(verdict_name(j->verdict)));
	put(w, o, "reason", text(j->reason));
	put_cells(w, o, j);
	put_sends(w, o, row->probe);
	put_places(w, o, &row->evidence);
	put_observations(w, o, row->probe);
	put_bounces(w, o, row->probe);
	put(w, o, "return_path", text(row->trace.return_path));
	put_received(w, o, &row->trace);
	put_results(w, o, &row->trace);
	return o;
}

static json_t *run_object(struct writer *w, const struct run_summary *run)
{
	json_t *o = json_object();
	put(w, o, "id", json_integer(run->id));
	put(w, o, "label", text(run->label));
	put(w, o, "created", time_or_null(run->created_ms));
	put(w, o, "ended", time_or_null(run->ended_ms));
	put(w, o, "finished", json_boolean(run->finished));
	return o;
}

static json_t *counts(struct writer *w, const struct matrix *matrix)
{
	json_t *o = json_object(), *verdicts = json_object(), *outcomes = json_object();
	for (int v = 0; v < VERDICT_COUNT; v++)
		put(w, verdicts, verdict_name((enum verdict)v), json_integer((json_int_t)matrix->verdicts[v]));
	for (int v = 0; v < OUTCOME_COUNT; v++)
		put(w, outcomes, outcome_name((enum outcome)v), json_integer((json_int_t)matrix->outcomes[v]));
	put(w, o, "verdicts", verdicts);
	put(w, o, "outcomes", outcomes);
	return o;
}

static int add_chunk(const char *chunk, size_t len, void *out)
{
	return buf_add(out, chunk, len);
}

int report_json(const struct run_summary *run, const struct matrix *matrix, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = json_object(), *probes = json_array();
	put(&w, root, "schema", json_integer(JSON_SCHEMA));
	put(&w, root, "run", run_object(&w, run));
	put(&w, root, "exit_status", json_integer(matrix_exit_status(matrix)));
	put(&w, root, "counts", counts(&w, matrix));
	for (size_t i = 0; i < matrix->count; i++)
		put(&w, probes, NULL, probe(&w, &matrix->rows[i]));
	put(&w, root, "probes", probes);
	if (!w.failed && json_dump_callback(root, add_chunk, out, JSON_INDENT(2)) < 0 && !out->failed)
		w.failed = true;
	json_decref(root);
	buf_add_char(out, '\n');
	return w.failed ? error_memory(err) : buf_check(out, "the JSON export", err);
}
