/* The order of the evaluators: DMARC needs what SPF and DKIM say. */
#include "harness/auth/evaluate.h"

#include <string.h>

#include "harness/auth/arc.h"
#include "harness/auth/dmarc.h"

static int evaluate_spf(const struct evaluate_request *request, struct resolver *resolver, struct spf_evaluation *ret,
			struct error *err)
{
	struct spf_request sender = request->sender;
	sender.now_ms = request->now_ms;
	if (!request->has_sender) {
		ret->result = request->dkim_alone ? AUTH_NONE : AUTH_UNKNOWN;
		ret->reason = strdup("the client's address or the envelope sender is not known");
		return ret->reason ? 0 : error_memory(err);
	}
	if (spf_evaluate(&sender, resolver, ret, err) < 0)
		return -1;
	ret->source = request->source;
	return 0;
}

int auth_evaluate(const struct evaluate_request *request, struct resolver *resolver, struct dkim_keys *keys,
		  struct evaluation *ret, struct error *err)
{
	_cleanup_(evaluation_fini) struct evaluation e = { 0 };
	if (evaluate_spf(request, resolver, &e.spf, err) < 0 ||
	    dkim_evaluate(&request->message, request->now_ms, resolver, keys, &e.dkim, err) < 0 ||
	    arc_evaluate(&request->message, request->now_ms, resolver, keys, &e.arc, err) < 0 ||
	    dmarc_evaluate(request->message.header, &e.spf, &e.dkim, resolver, &e.dmarc, err) < 0)
		return -1;
	*ret = e;
	e = (struct evaluation){ 0 };
	return 0;
}
