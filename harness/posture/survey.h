/* Every record that matters for the mail of a domain, asked for once: what a snapshot of its DNS holds. */
#ifndef POSTURE_SURVEY_H
#define POSTURE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/dns/resolver.h"

/* All borrowed; names in the form of harness/model/dns.h, NULL where there is none. */
struct survey_params {
	const char *domain;           /* of the service */
	const char *from_domain;      /* of the From address */
	const char *envelope_domain;  /* of the envelope sender */
	const char *const *selectors; /* of DKIM keys under `domain` and `from_domain` */
	size_t selector_count;
	const struct dns_question *further; /* that are asked as well: those of an earlier snapshot, PTR of senders */
	size_t further_count;
};

/* Asks for SPF with all that it includes, DKIM keys, DMARC up to the top of the name and the consent of those who
 * receive its reports, MX with addresses and DANE, MTA-STS, TLS-RPT, BIMI, NS, SOA, DS, and follows what it is pointed
 * to. The answers are left to the resolver, which is one that records (resolver_recording_new) and so asks nothing
 * twice. What is asked at once goes out at once. Errors: those of the resolver. */
int survey(const struct survey_params *params, struct resolver *resolver, struct error *err);

/* Whether a question of a stored run belongs into a survey of the domain: it is about the domain or what lies under it,
 * a DKIM key, or the name of an address. */
bool survey_wants(const char *domain, const struct dns_question *question);

#endif
