/* Snapshots for tests: what a survey of example.org finds in a zone. */
#ifndef TESTS_SURVEY_OF_H
#define TESTS_SURVEY_OF_H

#include "harness/dns/snapshot.h"

/* Surveys `example.org`, with the selector `s1` and the envelope sender's domain `b.example.org`, where the zone is all
 * of the DNS; names that are listed in `failed` (NULL: none) have no answer. Whatever is wrong ends the program. */
void survey_of(const char *zone_text, const char *failed, struct dns_snapshot *ret);

#endif
