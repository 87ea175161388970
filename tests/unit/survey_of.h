/* Snapshots for tests: what a survey of example.org finds in a zone. */
#ifndef TESTS_SURVEY_OF_H
#define TESTS_SURVEY_OF_H

#include "harness/model/dns.h"

struct facts {
	struct dns_fact *v;
	size_t count, cap;
};

/* Surveys `example.org`, with the selector `s1` and the envelope sender's domain `b.example.org`, where the zone is all
 * of the DNS; names that are listed in `failed` (NULL: none) have no answer. Whatever is wrong ends the program. */
void survey_of(const char *zone_text, const char *failed, struct facts *ret);

/* A sink that adds to the facts: for resolver_recording_new. */
int facts_add(void *facts, const struct dns_fact *fact, struct error *err);
void facts_fini(struct facts *facts);

#endif
