/* Assessment: evidence from facts. Decides nothing itself; that is for judge/. */
#include "harness/assess/assess.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dkim.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/assess/assess_arrival.h"
#include "harness/assess/assess_message.h"
#include "harness/assess/assess_trace.h"
#include "providers/profile.h"

struct assessment {
	const struct run_facts *facts;
	const struct config *config;
	bool over;
	const char *bounces_problem;
	const struct assess_bodies *bodies;
	struct resolver *snapshot; /* NULL where the run has none */
	struct dkim_keys *keys;
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

/* The newest notification of that action; one about the seed before any about another recipient. */
static struct bounce_evidence bounce_of(const struct probe *p, const char *action)
{
	struct bounce_evidence found = { 0 };
	for (size_t i = p->bounce_count; i > 0; i--) {
		const struct bounce *b = &p->bounces[i - 1];
		bool other = !bounce_is_about(b, p->seed);
		if (strcmp(b->action, action) != 0 || (found.seen && (other || !found.other)))
			continue;
		found = (struct bounce_evidence){ true,          b->at_ms,     b->status, b->diagnostic,
						  b->remote_mta, b->recipient, other };
	}
	return found;
}

static struct returned_evidence assess_returned_of(const struct probe *p)
{
	for (size_t i = p->bounce_count; i > 0; i--) {
		const struct bounce *b = &p->bounces[i - 1];
		struct returned_evidence found = { .seen = true, .sender = b->sender, .subject = b->subject };
		if (returned_kind_from(span_of(b->action), &found.kind))
			return found;
	}
	return (struct returned_evidence){ 0 };
}

/* The last event of a seed says whether it could be read. */
static const struct seed_event *last_event(const struct run_facts *facts, const char *seed)
{
	for (size_t i = facts->seed_event_count; i > 0; i--)
		if (strcmp(facts->seed_events[i - 1].seed, seed) == 0)
			return &facts->seed_events[i - 1];
	return NULL;
}

/* Whether the folders of the seed were listed, and none of them is one for spam. */
static bool shows_no_spam_folder(const struct run_facts *facts, const char *seed)
{
	bool listed = false;
	for (size_t i = 0; i < facts->baseline_count; i++) {
		if (strcmp(facts->baselines[i].seed, seed) != 0)
			continue;
		listed = true;
		if (facts->baselines[i].role == FOLDER_SPAM)
			return false;
	}
	return listed;
}

static void seed_evidence(const struct assessment *a, struct probe_evidence *e)
{
	const struct seed_event *last = last_event(a->facts, e->seed);
	if (!last)
		return;
	e->seed_ready = last->kind != SEED_FAILED;
	e->swept = last->kind == SEED_SWEPT;
	e->no_spam_folder = shows_no_spam_folder(a->facts, e->seed);
	if (last->kind == SEED_FAILED) {
		e->seed_problem = last->detail;
		e->seed_mend = last->mend;
	}
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
			ret->from_seal = trace->results[i].sealed_by != NULL;
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

/* The signature whose result is shown: the best aligned one, else the best, as with the provider's results. */
static const struct dkim_signature *shown_signature(const struct evaluation *e)
{
	const struct dkim_signature *best = NULL;
	struct span from = span_of(e->dmarc.from_domain);
	for (size_t i = 0; i < e->dkim.count; i++) {
		const struct dkim_signature *s = &e->dkim.signatures[i];
		bool aligned = theirs_aligned(span_of(s->domain), from);
		bool best_aligned = best && theirs_aligned(span_of(best->domain), from);
		if (!best || (aligned && !best_aligned) ||
		    (aligned == best_aligned && theirs_rank(s->result) > theirs_rank(best->result)))
			best = s;
	}
	return best;
}

/* By RFC 9989; how RFC 7489 reads it stands in the evaluation. */
static void ours_evidence_of(const struct evaluation *e, struct ours_evidence *ours)
{
	const struct dkim_signature *signature = shown_signature(e);
	const struct dmarc_reading *dmarc = &e->dmarc.readings[DMARC_RFC9989];
	ours[METHOD_SPF] = (struct ours_evidence){ e->spf.result, e->spf.reason };
	if (e->dkim.unread && e->dkim.result != AUTH_PASS)
		ours[METHOD_DKIM] = (struct ours_evidence){ e->dkim.result, e->dkim.unread };
	else
		ours[METHOD_DKIM] = (struct ours_evidence){ signature ? signature->result : e->dkim.result,
							    signature ? signature->reason
								      : "the message is not signed" };
	ours[METHOD_DMARC] = (struct ours_evidence){ dmarc->result, dmarc->reason };
}

static int evaluate_message(const struct assessment *a, const struct assess_message *message,
			    const struct observation *o, struct matrix_row *row, struct error *err)
{
	char *octets = NULL;
	size_t len = 0;
	if (!a->snapshot)
		return 0;
	if (!o->body && a->bodies->load(a->bodies->user, o->id, &octets, &len, err) < 0)
		return -1;
	int result = assess_message_evaluate(message, o,
					     o->body ? span_make(o->body, o->body_len) : span_make(octets, len),
					     a->snapshot, a->keys, &row->evaluation, err);
	free(octets);
	if (result < 0)
		return -1;
	row->evaluated = true;
	ours_evidence_of(&row->evaluation, row->evidence.ours);
	return 0;
}

static void theirs_evidence(const struct theirs *theirs, unsigned reports, struct matrix_row *row)
{
	const enum auth_result results[] = { theirs->spf, theirs->dkim, theirs->dmarc };
	struct probe_evidence *e = &row->evidence;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		struct theirs_evidence *t = &e->theirs[m];
		theirs_evidence_of(&row->trace, auth_method_name((enum auth_method)m), results[m], t);
		t->trouble = reports >> m & 1 ? row->trace.trouble : NULL;
		t->sealed_by = theirs->sealed >= 0 ? row->trace.results[theirs->sealed].sealed_by : NULL;
		t->sealed = theirs->sealed_results[m];
	}
	e->hop_trouble = theirs->outside ? NULL : row->trace.trouble;
	e->tls = theirs->tls;
	if (theirs->outside)
		e->tls_cipher = row->trace.hops[theirs->boundary].tls_cipher;
}

static int read_message(const struct assessment *a, const struct probe *probe, const struct observation *o,
			const struct profile *profile, struct matrix_row *row, struct error *err)
{
	struct assess_message message;
	if (assess_message_read(&message, probe, o, profile, err) < 0)
		return -1;
	int result = evaluate_message(a, &message, o, row, err);
	if (result == 0 && row->evaluated)
		assess_message_take_sealed(&message, &row->evaluation.arc, profile);
	if (result == 0)
		result = trace_theirs(&message.theirs, row->evaluation.arc.sealed_by, &row->trace, err);
	if (result == 0)
		theirs_evidence(&message.theirs, profile ? profile->reports : AUTH_METHODS_ALL, row);
	assess_message_fini(&message);
	return result;
}

/* Methods that something is known of: what the provider reports, and what we found ourselves. */
static unsigned known_methods(const struct profile *profile, const struct probe_evidence *e)
{
	unsigned methods = profile ? profile->reports : AUTH_METHODS_ALL;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++)
		if (e->ours[m].result != AUTH_NOT_REPORTED && e->ours[m].result != AUTH_UNKNOWN)
			methods |= 1u << m;
	return methods;
}

static const struct profile *assess_profile_of(const struct assessment *a, const struct probe *p)
{
	const struct config_provider *provider = config_provider(a->config, p->provider);
	return provider ? provider->profile : NULL;
}

static int assess_gather(const struct assessment *a, const struct probe *p, const struct arrival *arrival,
			 struct matrix_row *row, struct error *err)
{
	const struct observation *first = assess_first_sight(p);
	row->probe = p;
	row->evidence = (struct probe_evidence){
		.seed = p->seed,
		.provider = p->provider,
		.message = p->message,
		.over = a->over,
		.sending = sending_of(p),
		.failed = bounce_of(p, "failed"),
		.delayed = bounce_of(p, "delayed"),
		.returned = assess_returned_of(p),
		.bounces_problem = a->bounces_problem,
	};
	seed_evidence(a, &row->evidence);
	if (trace_places(p, &row->trace, err) < 0)
		return -1;
	row->evidence.places = row->trace.places;
	row->evidence.place_count = row->trace.place_count;
	row->evidence.gone = row->trace.place_count > 0 && row->trace.places[row->trace.place_count - 1].gone;
	if (first) {
		row->evidence.arrival = *arrival;
		row->evidence.first_seen_ms = arrival->by_mailbox_clock ? arrival->latest_ms : arrival->seen_ms;
		row->evidence.unread = !first->header;
		if (first->header && read_message(a, p, first, assess_profile_of(a, p), row, err) < 0)
			return -1;
	}
	return 0;
}

/* A message that did not arrive was evaluated by us where it did: at the first other seed that has it. */
static void assess_look_elsewhere(struct matrix_row *rows, size_t count, struct matrix_row *row)
{
	const struct probe_evidence *e = &row->evidence;
	bool refused = e->failed.seen || e->delayed.seen || e->sending.state == SENDING_REJECTED ||
		       e->sending.state == SENDING_TEMPORARY;
	if (e->first_seen_ms || !refused)
		return;
	for (size_t i = 0; i < count; i++)
		if (rows[i].evaluated && strcmp(rows[i].probe->message, row->probe->message) == 0) {
			memcpy(row->evidence.elsewhere, rows[i].evidence.ours, sizeof(row->evidence.elsewhere));
			row->evidence.elsewhere_seed = rows[i].probe->seed;
			return;
		}
}

static int assess_judge_row(const struct assessment *a, struct matrix_row *row, struct error *err)
{
	const struct probe *p = row->probe;
	const struct expectation expectation = expectations_get(a->config->expect, p->provider, p->message,
								known_methods(assess_profile_of(a, p), &row->evidence));
	return judge_probe(&row->evidence, &expectation, &row->judgement, err);
}

static int assess_probes(const struct assessment *a, struct matrix *ret, struct error *err)
{
	size_t count = a->facts->probe_count;
	struct matrix_row *rows = calloc(count + 1, sizeof(*rows));
	if (!rows)
		return error_memory(err);
	struct arrival *arrivals = NULL;
	int result = assess_arrivals(a->facts, &arrivals, err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = assess_gather(a, &a->facts->probes[i], &arrivals[i], &rows[i], err);
	free(arrivals);
	for (size_t i = 0; i < count && result == 0; i++) {
		assess_look_elsewhere(rows, count, &rows[i]);
		result = assess_judge_row(a, &rows[i], err);
	}
	if (result == 0)
		return matrix_init(ret, rows, count, err);
	for (size_t i = 0; i < count; i++)
		matrix_row_fini(&rows[i]);
	free(rows);
	return -1;
}

int assess(const struct run_facts *facts, const struct config *config, const struct assess_bodies *bodies,
	   struct matrix *ret, struct error *err)
{
	const struct seed_event *bounces = last_event(facts, "");
	struct assessment a = {
		.facts = facts,
		.config = config,
		.over = facts->summary.finished,
		.bounces_problem = bounces && bounces->kind == SEED_FAILED ? bounces->detail : NULL,
		.bodies = bodies,
	};
	int result = 0;
	if (facts->dns_count > 0 && (resolver_replay_new(facts->dns, facts->dns_count, &a.snapshot, err) < 0 ||
				     dkim_keys_new(&a.keys, err) < 0))
		result = -1;
	if (result == 0)
		result = assess_probes(&a, ret, err);
	dkim_keys_free(a.keys);
	resolver_free(a.snapshot);
	return result;
}
