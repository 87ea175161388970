/* The DNS of the service as it is now: what it is asked for is known from the configuration and from stored runs. */
#ifndef DNS_WAIT_DNS_SURVEY_H
#define DNS_WAIT_DNS_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/dns/name.h"
#include "harness/dns/resolver.h"
#include "harness/dns/snapshot.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"
#include "store/store.h"

/* All borrowed for the call. */
struct dns_survey_sources {
	const struct config *config;
	struct store *store;             /* its newest runs show selectors and sending addresses; NULL: there is none */
	const struct run_facts *earlier; /* whose questions about the domain are asked again; NULL: none */
	struct resolver *resolver;
	int64_t now_ms; /* wall clock */
};

/* The domain of the service. False where it is no name. */
bool dns_survey_domain(const struct config *config, char out[DNS_NAME_TEXT_MAX]);

/* Asks for everything that matters, and adds the answers. Errors: as posture_input_new, memory. */
int dns_survey(const struct dns_survey_sources *sources, struct dns_snapshot *ret, struct error *err);

/* Adds what only later comparisons need: the answers to what the messages of the newest finished run ask, and the keys
 * and proofs of all answers (chain.h). Takes a minute at most, beside a question that is under way then. Needs a store.
 * Errors: as earlier_messages_ask. */
int dns_survey_further(const struct dns_survey_sources *sources, struct dns_snapshot *snapshot, struct error *err);

/* Stores the answers as a run without probes: its number in *ret_run. Errors: ERROR_STORE, memory. */
int dns_survey_store(const struct dns_survey_sources *sources, const struct dns_snapshot *snapshot, const char *label,
		     int64_t *ret_run, struct error *err);

/* The newest run that has answers of the DNS. 1 found, 0 there is none, -1 error. */
int dns_survey_earlier(struct store *store, struct run_facts *ret, struct error *err);

#endif
