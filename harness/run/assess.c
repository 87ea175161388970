/* Assessment: evidence from facts. Decides nothing itself; that is for judge/. */
#include "harness/run/assess.h"

#include <stdlib.h>
#include <string.h>

#include "harness/mail/header.h"
#include "harness/mail/theirs.h"
#include "harness/run/assess_trace.h"
#include "providers/profile.h"

struct assessment {
	const struct run_facts *facts;
	const struct config *config;
	bool over;
	const char *bounces_problem;
};

static struct sending_evidence sending_of(const struct probe *p)
{
	struct sending_evidence e = { .state = send_state_of(p->sends, p->send_count) };
	for (size_t i = 0; i < p->send_count; i++) {
		const struct send_event *s = &p->sends[i];
		e.attempts = s->attempt > e.attempts ? s->attempt : e.attempts;
		if (s->kind == SEND_HANDING_OVER)
			e.handed_over_ms = s->at_ms;
		if (s->kind != SEND_REPLY && s->kind != SEND_FAILED)
			continue;
		e.stage = s->stage;
		e.code = s->reply_code;
		e.enhanced = s->enhanced;
		e.text = s->text;
		e.tls = s->tls_version;
		e.temporary_seen = e.temporary_seen || (s->kind == SEND_REPLY && s->reply_code / 100 == 4);
		if (s->kind == SEND_REPLY && s->reply_code / 100 == 2)
			e.accepted_ms = s->at_ms;
	}
	return e;
}

static struct bounce_evidence bounce_of(const struct probe *p, const char *action)
{
	for (size_t i = p->bounce_count; i > 0; i--) {
		const struct bounce *b = &p->bounces[i - 1];
		if (strcmp(b->action, action) == 0)
			return (struct bounce_evidence){ true, b->at_ms, b->status, b->diagnostic, b->remote_mta };
	}
	return (struct bounce_evidence){ 0 };
}

/* The last event of a seed says whether it could be read. */
static const struct seed_event *last_event(const struct run_facts *facts, const char *seed)
{
	for (size_t i = facts->seed_event_count; i > 0; i--)
		if (strcmp(facts->seed_events[i - 1].seed, seed) == 0)
			return &facts->seed_events[i - 1];
	return NULL;
}

static void seed_evidence(const struct assessment *a, struct probe_evidence *e)
{
	const struct seed_event *last = last_event(a->facts, e->seed);
	if (!last)
		return;
	e->seed_ready = last->kind != SEED_FAILED;
	e->swept = last->kind == SEED_SWEPT;
	if (last->kind == SEED_FAILED) {
		e->seed_problem = last->detail;
		e->seed_mend = last->mend;
	}
}

/* The observation whose header counts: of the first sight, since a later place holds the same message. */
static const struct observation *first_seen(const struct probe *p)
{
	for (size_t i = 0; i < p->observation_count; i++)
		if (!p->observations[i].gone && p->observations[i].header)
			return &p->observations[i];
	return NULL;
}

/* When the message had arrived. A folder that is not watched is read at the end only: there the server's own note of
 * the arrival (INTERNALDATE, whole seconds of its clock) is nearer to the truth, within what can be. */
static int64_t arrival_ms(const struct observation *o, int64_t accepted_ms)
{
	if (strcmp(o->found_by, "sweep") != 0 || o->internal_ms == 0 || o->internal_ms > o->at_ms)
		return o->at_ms;
	return o->internal_ms > accepted_ms ? o->internal_ms : accepted_ms;
}

/* Gone from the place where it was seen last. */
static bool is_gone(const struct probe *p)
{
	return p->observation_count > 0 && p->observations[p->observation_count - 1].gone;
}

/* The judged entry of a method in the trace: its strings live as long as the matrix. */
static void theirs_evidence_of(const struct trace *trace, const char *method, enum auth_result result,
			       struct theirs_evidence *ret)
{
	static const char *const domains[] = { "header.d", "header.i", "header.from", "smtp.mailfrom", "smtp.helo" };
	ret->result = result;
	for (size_t i = 0; i < trace->result_count; i++)
		for (size_t k = 0; k < trace->results[i].method_count; k++) {
			const struct trace_method *m = &trace->results[i].methods[k];
			if (!m->judged || !span_is_nocase(span_of(m->method), method))
				continue;
			ret->word = m->word;
			ret->reason = m->reason;
			ret->comment = m->comment;
			for (size_t d = 0; d < ARRAY_LEN(domains) && !ret->domain; d++)
				for (size_t j = 0; j < m->property_count && !ret->domain; j++) {
					char name[64];
					snprintf(name, sizeof(name), "%s.%s", m->properties[j].ptype,
						 m->properties[j].property);
					if (span_is_nocase(span_of(name), domains[d]))
						ret->domain = m->properties[j].value;
				}
			return;
		}
}

static int read_header(const struct observation *o, const struct profile *profile, struct matrix_row *row,
		       struct error *err)
{
	const struct theirs_profile patterns = {
		.own_hops = profile ? (const char *const *)profile->received_by : NULL,
		.authserv_ids = profile ? (const char *const *)profile->authserv_ids : NULL,
		.no_authserv_id = profile && profile->no_authserv_id,
	};
	struct header header;
	struct theirs theirs;
	if (header_parse(&header, span_make(o->header, o->header_len), err) < 0)
		return -1;
	int result = theirs_read(&theirs, &header, &patterns, err);
	if (result == 0) {
		result = trace_theirs(&theirs, &row->trace, err);
		theirs_evidence_of(&row->trace, "spf", theirs.spf, &row->evidence.theirs[METHOD_SPF]);
		theirs_evidence_of(&row->trace, "dkim", theirs.dkim, &row->evidence.theirs[METHOD_DKIM]);
		theirs_evidence_of(&row->trace, "dmarc", theirs.dmarc, &row->evidence.theirs[METHOD_DMARC]);
		row->evidence.no_own_hop = theirs.boundary < 0;
		row->evidence.tls = theirs.tls;
		if (theirs.boundary >= 0)
			row->evidence.tls_cipher = row->trace.hops[theirs.boundary].tls_cipher;
		theirs_fini(&theirs);
	}
	header_fini(&header);
	return result;
}

static int assess_probe(const struct assessment *a, const struct probe *p, struct matrix_row *row, struct error *err)
{
	const struct config_provider *provider = config_provider(a->config, p->provider);
	const struct profile *profile = provider ? provider->profile : NULL;
	const struct observation *first = first_seen(p);
	row->probe = p;
	row->evidence = (struct probe_evidence){
		.seed = p->seed,
		.provider = p->provider,
		.message = p->message,
		.over = a->over,
		.sending = sending_of(p),
		.gone = is_gone(p),
		.failed = bounce_of(p, "failed"),
		.delayed = bounce_of(p, "delayed"),
		.bounces_problem = a->bounces_problem,
	};
	seed_evidence(a, &row->evidence);
	if (trace_places(p, &row->trace, err) < 0)
		return -1;
	row->evidence.places = row->trace.places;
	row->evidence.place_count = row->trace.place_count;
	if (first) {
		row->evidence.first_seen_ms = arrival_ms(first, row->evidence.sending.accepted_ms);
		if (read_header(first, profile, row, err) < 0)
			return -1;
	}

	const struct expectation expectation = expectations_get(a->config->expect, p->provider, p->message,
								profile ? profile->reports : AUTH_METHODS_ALL);
	return judge_probe(&row->evidence, &expectation, &row->judgement, err);
}

int assess(const struct run_facts *facts, const struct config *config, struct matrix *ret, struct error *err)
{
	const struct seed_event *bounces = last_event(facts, "");
	const struct assessment a = {
		.facts = facts,
		.config = config,
		.over = facts->summary.finished,
		.bounces_problem = bounces && bounces->kind == SEED_FAILED ? bounces->detail : NULL,
	};
	struct matrix_row *rows = calloc(facts->probe_count + 1, sizeof(*rows));
	if (!rows)
		return error_memory(err);
	for (size_t i = 0; i < facts->probe_count; i++)
		if (assess_probe(&a, &facts->probes[i], &rows[i], err) < 0) {
			for (size_t k = 0; k <= i; k++)
				matrix_row_fini(&rows[k]);
			free(rows);
			return -1;
		}
	return matrix_init(ret, rows, facts->probe_count, err);
}
