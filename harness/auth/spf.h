/* Sender Policy Framework: check_host (RFC 7208 section 4). Pure: no clock, no network but through the resolver. */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/ip.h"
#include "harness/base/span.h"
#include "harness/dns/resolver.h"
#include "harness/model/evaluation.h"

struct spf_request {
	struct ip client;      /* that connected to the provider */
	struct span helo;      /* as the client gave it; may be empty */
	struct span mail_from; /* envelope sender, as a path of SMTP (address_of_path) or a domain alone; empty: the
				  null reverse-path, and the HELO identity (section 2.4) */
	const char *receiver;  /* for the macro `r` in explanations; NULL: "unknown" (section 7.2) */
	int64_t now_ms;        /* wall clock of the evaluation, for the macro `t` in explanations */
};

/* Evaluates (section 4). U-labels of the identity are read as A-labels (RFC 8616 section 4). Whatever records and
 * servers say is a result, never an error; -1 only for memory or a bug. `source` of the result is SENDER_GIVEN. Free
 * with spf_evaluation_fini. Any thread. */
int spf_evaluate(const struct spf_request *request, struct resolver *resolver, struct spf_evaluation *ret,
		 struct error *err);

#endif
