/* DMARC by RFC 9989 (tree walk) and by RFC 7489 (public suffix list), side by side. Pure: no clock, no network but
 * through the resolver. */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

#include "harness/auth/orgdomain.h"
#include "harness/base/error.h"
#include "harness/dns/resolver.h"
#include "harness/mail/header.h"
#include "harness/model/evaluation.h"

/* Evaluates over the message's From and over what SPF and DKIM said. Of SPF the result and the domain count (of the
 * HELO identity too, which stands in for an empty envelope sender); an SPF that was not evaluated leaves the result
 * AUTH_UNKNOWN where DKIM alone does not make a pass. Whatever message and records say is a result, never an error; -1
 * only for memory or a bug. Free with dmarc_evaluation_fini. Any thread. */
int dmarc_evaluate(const struct header *header, const struct spf_evaluation *spf, const struct dkim_evaluation *dkim,
		   struct resolver *resolver, struct dmarc_evaluation *ret, struct error *err);

#endif
