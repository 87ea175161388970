/* All evaluators over one message. Pure: no clock, no network but through the resolver. */
#ifndef AUTH_EVALUATE_H
#define AUTH_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/auth/dkim.h"
#include "harness/auth/spf.h"
#include "harness/base/error.h"
#include "harness/dns/resolver.h"
#include "harness/model/evaluation.h"

struct evaluate_request {
	struct auth_message message;
	int64_t now_ms;            /* wall clock: when the message arrived */
	bool has_sender;           /* the client's address and the envelope sender are known; false: SPF is not
				      evaluated */
	bool dkim_alone;           /* without a sender DMARC rests on DKIM alone; false: it may be AUTH_UNKNOWN */
	struct spf_request sender; /* its now_ms is taken from above */
	enum sender_source source;
};

/* Evaluates SPF (where the sender is known), DKIM, ARC and, over the first two, DMARC. keys as in dkim_evaluate.
 * Whatever message and DNS say is a result, never an error; -1 only for memory or a bug. Free with evaluation_fini. Any
 * thread. */
int auth_evaluate(const struct evaluate_request *request, struct resolver *resolver, struct dkim_keys *keys,
		  struct evaluation *ret, struct error *err);

#endif
