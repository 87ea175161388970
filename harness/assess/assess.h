/* From stored facts to a judged matrix: reads the headers that were found, puts together what is known of each probe,
 * and has it judged. Pure: no clock, no network. */
#ifndef ASSESS_ASSESS_H
#define ASSESS_ASSESS_H

#include "harness/base/error.h"
#include "harness/judge/matrix.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"

/* Where the body of an observation is read that was loaded without it: as store_observation_body. */
struct assess_bodies {
	int (*load)(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err);
	void *user;
};

/* Judges every probe of the run by the expectations and profiles of `config` (that of the run itself: rebuilt from its
 * settings), and evaluates every message that was found from the run's snapshot of the DNS, where it has one. The
 * matrix borrows from the facts. Errors: those of `bodies`, memory. Free with matrix_fini. */
int assess(const struct run_facts *facts, const struct config *config, const struct assess_bodies *bodies,
	   struct matrix *ret, struct error *err);

#endif
