/* Traces: how a place is written, and freeing. */
#include "harness/model/trace.h"

#include <stdlib.h>

#include "harness/base/text.h"

int trace_place_add(struct buf *b, const struct trace_place *place)
{
	switch (place->kind) {
	case PLACEMENT_NONE:
		return 0;
	case PLACEMENT_INBOX:
		return buf_add_str(b, "inbox");
	case PLACEMENT_SPAM:
		return buf_add_str(b, "spam");
	case PLACEMENT_CATEGORY:
		buf_add_str(b, "category:");
		break;
	case PLACEMENT_OTHER:
		buf_add_str(b, "other:");
		break;
	}
	return text_add_escaped(b, span_of(place->name));
}

static void method_fini(struct trace_method *m)
{
	free(m->method);
	free(m->word);
	free(m->reason);
	free(m->comment);
	for (size_t i = 0; i < m->property_count; i++) {
		free(m->properties[i].ptype);
		free(m->properties[i].property);
		free(m->properties[i].value);
	}
	free(m->properties);
}

static void results_fini(struct trace_results *r)
{
	free(r->authserv_id);
	free(r->version);
	free(r->deviation);
	free(r->sealed_by);
	for (size_t i = 0; i < r->method_count; i++)
		method_fini(&r->methods[i]);
	free(r->methods);
}

static void hop_fini(struct trace_hop *h)
{
	free(h->from_helo);
	free(h->from_name);
	free(h->from_ip);
	free(h->by);
	free(h->with);
	free(h->id);
	free(h->for_);
	free(h->tls_version);
	free(h->tls_cipher);
}

void trace_fini(struct trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->place_count; i++)
		free(trace->places[i].name);
	free(trace->places);
	for (size_t i = 0; i < trace->hop_count; i++)
		hop_fini(&trace->hops[i]);
	free(trace->hops);
	for (size_t i = 0; i < trace->result_count; i++)
		results_fini(&trace->results[i]);
	free(trace->results);
	free(trace->trouble);
	free(trace->return_path);
	free(trace->message_id);
	*trace = (struct trace){ 0 };
}
