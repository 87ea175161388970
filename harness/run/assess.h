/* From stored facts to a judged matrix: reads the headers that were found, puts together what is known of each probe,
 * and has it judged. Pure: no clock, no network. */
#ifndef RUN_ASSESS_H
#define RUN_ASSESS_H

#include "harness/base/error.h"
#include "harness/judge/matrix.h"
#include "harness/model/facts.h"
#include "harness/run/config.h"

/* Judges every probe of the run by the expectations and profiles of `config` (that of the run itself: rebuilt from its
 * settings). The matrix borrows from the facts. Errors: memory. Free with matrix_fini. */
int assess(const struct run_facts *facts, const struct config *config, struct matrix *ret, struct error *err);

#endif
