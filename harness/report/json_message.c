/* Headers and evaluations as JSON. */
#include "harness/report/json_message.h"

void message_put_received(struct writer *w, json_t *to, const struct trace *t)
{
	json_t *hops = json_array();
	for (size_t i = 0; i < t->hop_count; i++) {
		const struct trace_hop *h = &t->hops[i];
		json_t *o = json_object();
		writer_put(w, o, "from_helo", writer_text(h->from_helo));
		writer_put(w, o, "from_name", writer_text(h->from_name));
		writer_put(w, o, "from_ip", writer_text(h->from_ip));
		writer_put(w, o, "by", writer_text(h->by));
		writer_put(w, o, "with", writer_text(h->with));
		writer_put(w, o, "id", writer_text(h->id));
		writer_put(w, o, "for", writer_text(h->for_));
		writer_put(w, o, "tls", json_string(hop_tls_name(h->tls)));
		writer_put(w, o, "tls_version", writer_text(h->tls_version));
		writer_put(w, o, "tls_cipher", writer_text(h->tls_cipher));
		writer_put(w, o, "time", writer_time(h->has_time ? h->time_ms : 0));
		writer_put(w, o, "delay_ms", writer_integer(h->has_delay, h->delay_ms));
		writer_put(w, o, "own", json_boolean(h->own));
		writer_put(w, hops, NULL, o);
	}
	writer_put(w, to, "received", hops);
}

static json_t *method(struct writer *w, const struct trace_method *m)
{
	json_t *o = json_object(), *properties = json_array();
	writer_put(w, o, "method", writer_text(m->method));
	writer_put(w, o, "word", writer_text(m->word));
	writer_put(w, o, "result", json_string(auth_result_name(m->result)));
	writer_put(w, o, "reason", writer_text(m->reason));
	writer_put(w, o, "comment", writer_text(m->comment));
	for (size_t i = 0; i < m->property_count; i++) {
		json_t *triple = json_array();
		writer_put(w, triple, NULL, writer_text(m->properties[i].ptype));
		writer_put(w, triple, NULL, writer_text(m->properties[i].property));
		writer_put(w, triple, NULL, writer_text(m->properties[i].value));
		writer_put(w, properties, NULL, triple);
	}
	writer_put(w, o, "properties", properties);
	writer_put(w, o, "judged", json_boolean(m->judged));
	return o;
}

void message_put_results(struct writer *w, json_t *to, const struct trace *t)
{
	json_t *results = json_array();
	for (size_t i = 0; i < t->result_count; i++) {
		const struct trace_results *r = &t->results[i];
		json_t *o = json_object(), *methods = json_array();
		writer_put(w, o, "authserv_id", writer_text(r->authserv_id));
		writer_put(w, o, "version", writer_text(r->version));
		writer_put(w, o, "arc", json_boolean(r->arc));
		writer_put(w, o, "instance", writer_integer(r->arc, r->instance));
		writer_put(w, o, "trusted", json_boolean(r->trusted));
		writer_put(w, o, "sealed_by", writer_text(r->sealed_by));
		writer_put(w, o, "deviation", writer_text(r->deviation));
		for (size_t k = 0; k < r->method_count; k++)
			writer_put(w, methods, NULL, method(w, &r->methods[k]));
		writer_put(w, o, "methods", methods);
		writer_put(w, results, NULL, o);
	}
	writer_put(w, to, "authentication_results", results);
}

static json_t *trail(struct writer *w, const struct trail *t)
{
	json_t *steps = json_array();
	for (size_t i = 0; i < t->count; i++) {
		const struct trail_step *s = &t->steps[i];
		json_t *o = json_object();
		char type[DNS_TYPE_TEXT_MAX];
		bool asked = s->name != NULL;
		writer_put(w, o, "depth", json_integer(s->depth));
		writer_put(w, o, "what", writer_text(s->what));
		writer_put(w, o, "name", writer_text(s->name));
		writer_put(w, o, "type", asked ? json_string(dns_type_name(s->type, type)) : json_null());
		writer_put(w, o, "state", asked ? json_string(dns_state_name(s->state)) : json_null());
		writer_put(w, o, "rcode", writer_integer(asked, s->rcode));
		writer_put(w, o, "records", writer_integer(asked, (int64_t)s->records));
		writer_put(w, o, "ttl", writer_integer(asked, s->ttl));
		writer_put(w, o, "lookup", writer_integer(s->lookup > 0, s->lookup));
		writer_put(w, o, "void_lookup", json_boolean(s->void_lookup));
		writer_put(w, o, "outcome", writer_text(s->outcome));
		writer_put(w, steps, NULL, o);
	}
	return steps;
}

json_t *message_spf(struct writer *w, const struct spf_evaluation *e)
{
	char client[IP_TEXT_MAX];
	if (!e->evaluated)
		return json_null();
	json_t *o = json_object();
	writer_put(w, o, "result", json_string(auth_result_name(e->result)));
	writer_put(w, o, "explanation", writer_text(e->explanation));
	writer_put(w, o, "identity", json_string(spf_identity_name(e->identity)));
	writer_put(w, o, "lookups", json_integer(e->lookups));
	writer_put(w, o, "void_lookups", json_integer(e->void_lookups));
	writer_put(w, o, "reason", writer_text(e->reason));
	writer_put(w, o, "section", writer_text(e->section));
	writer_put(w, o, "domain", writer_text(e->domain));
	writer_put(w, o, "mechanism", writer_text(e->mechanism));
	writer_put(w, o, "record", writer_text(e->record));
	writer_put(w, o, "client", json_string(ip_format(&e->client, client)));
	writer_put(w, o, "helo", writer_text(e->helo));
	writer_put(w, o, "mail_from", writer_text(e->mail_from));
	writer_put(w, o, "source", json_string(sender_source_name(e->source)));
	writer_put(w, o, "trail", trail(w, &e->trail));
	return o;
}

static const char *canon_name(enum dkim_canon canon)
{
	return canon == DKIM_RELAXED ? "relaxed" : "simple";
}

static json_t *signature(struct writer *w, const struct dkim_signature *s)
{
	json_t *o = json_object();
	writer_put(w, o, "domain", writer_text(s->domain));
	writer_put(w, o, "selector", writer_text(s->selector));
	writer_put(w, o, "algorithm", writer_text(s->algorithm));
	writer_put(w, o, "key_bits", writer_integer(s->key_bits > 0, s->key_bits));
	writer_put(w, o, "result", json_string(auth_result_name(s->result)));
	writer_put(w, o, "reason", writer_text(s->reason));
	writer_put(w, o, "section", writer_text(s->section));
	writer_put(w, o, "identity", writer_text(s->identity));
	writer_put(w, o, "testing", json_boolean(s->testing));
	writer_put(w, o, "weak_key", json_boolean(s->weak_key));
	writer_put(w, o, "header_canonicalization", json_string(canon_name(s->header_canon)));
	writer_put(w, o, "body_canonicalization", json_string(canon_name(s->body_canon)));
	writer_put(w, o, "signed_fields", writer_text(s->signed_fields));
	writer_put(w, o, "body_length", writer_integer(s->body_length >= 0, s->body_length));
	writer_put(w, o, "timestamp", writer_time(s->timestamp >= 0 ? s->timestamp * 1000 : 0));
	writer_put(w, o, "expiry", writer_time(s->expiry >= 0 ? s->expiry * 1000 : 0));
	writer_put(w, o, "key_name", writer_text(s->key_name));
	writer_put(w, o, "key_ttl", writer_integer(s->key_bits > 0, s->key_ttl));
	return o;
}

static json_t *json_message_reading(struct writer *w, const struct dmarc_reading *r)
{
	json_t *o = json_object(), *aligned = json_object(), *reports = json_array();
	writer_put(w, o, "result", json_string(auth_result_name(r->result)));
	writer_put(w, o, "policy", writer_word(dmarc_policy_name(r->policy)));
	writer_put(w, o, "record_domain", writer_text(r->record_domain));
	writer_put(w, o, "org_domain", writer_text(r->org_domain));
	writer_put(w, aligned, "spf", json_boolean(r->aligned_spf));
	writer_put(w, aligned, "dkim", json_boolean(r->aligned_dkim));
	writer_put(w, o, "aligned", aligned);
	writer_put(w, o, "aligned_domain", writer_text(r->aligned_domain));
	writer_put(w, o, "reason", writer_text(r->reason));
	writer_put(w, o, "section", writer_text(r->section));
	writer_put(w, o, "record", writer_text(r->record));
	writer_put(w, o, "policy_tag", writer_text(r->policy_tag));
	writer_put(w, o, "effective_policy", writer_word(dmarc_policy_name(r->effective)));
	writer_put(w, o, "pct", json_integer(r->pct));
	writer_put(w, o, "testing", json_boolean(r->testing));
	for (size_t i = 0; i < r->report_count; i++) {
		json_t *report = json_object();
		writer_put(w, report, "tag", json_string(r->reports[i].failure ? "ruf" : "rua"));
		writer_put(w, report, "uri", writer_text(r->reports[i].uri));
		writer_put(w, report, "domain", writer_text(r->reports[i].domain));
		writer_put(w, report, "external", json_boolean(r->reports[i].external));
		writer_put(w, report, "authorised", json_string(auth_result_name(r->reports[i].authorised)));
		writer_put(w, reports, NULL, report);
	}
	writer_put(w, o, "reports", reports);
	writer_put(w, o, "trail", trail(w, &r->trail));
	return o;
}

static json_t *arc(struct writer *w, const struct arc_evaluation *e)
{
	json_t *o = json_object();
	writer_put(w, o, "result", json_string(auth_result_name(e->result)));
	writer_put(w, o, "instances", json_integer(e->instances));
	writer_put(w, o, "reason", writer_text(e->reason));
	writer_put(w, o, "section", writer_text(e->section));
	writer_put(w, o, "sealed_by", writer_text(e->sealed_by));
	writer_put(w, o, "oldest_pass", json_integer(e->oldest_pass));
	writer_put(w, o, "trail", trail(w, &e->trail));
	return o;
}

void message_put_evaluation(struct writer *w, json_t *to, const struct evaluation *e)
{
	json_t *signatures = json_array(), *dmarc = json_object();
	writer_put(w, to, "spf", message_spf(w, &e->spf));
	for (size_t i = 0; i < e->dkim.count; i++)
		writer_put(w, signatures, NULL, signature(w, &e->dkim.signatures[i]));
	writer_put(w, to, "dkim", signatures);
	writer_put(w, to, "dkim_trail", trail(w, &e->dkim.trail));
	writer_put(w, to, "arc", arc(w, &e->arc));
	writer_put(w, dmarc, "from_domain", writer_text(e->dmarc.from_domain));
	writer_put(w, dmarc, "from_deviation", writer_text(e->dmarc.from_deviation));
	writer_put(w, dmarc, "rfc9989", json_message_reading(w, &e->dmarc.readings[DMARC_RFC9989]));
	writer_put(w, dmarc, "rfc7489", json_message_reading(w, &e->dmarc.readings[DMARC_RFC7489]));
	writer_put(w, dmarc, "difference", writer_text(e->dmarc.difference));
	writer_put(w, to, "dmarc", dmarc);
}
