/* Asking the servers of a zone themselves, where a resolver has failed: one lost answer must not turn a finding. */
#ifndef ENGINE_AUTHORITY_H
#define ENGINE_AUTHORITY_H

#include "harness/posture/engine/check.h"

/* Looks for the name servers of the zone that the question's name is in, asks them, and puts their answer in the place
 * of *answer, which is a failure; leaves that as it is where they cannot be found or do not answer either. */
void authority_ask(struct check *check, const struct dns_question *question, struct dns_answer *answer);

#endif
