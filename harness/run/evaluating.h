/* Evaluates messages of a run when they are found, so that the run's snapshot holds every answer of the DNS that
 * judging needs: which addresses, selectors and names matter is known only then. The results are not kept: they follow
 * from the message and the snapshot. Works on threads of its own, since a server of the DNS may be slow; what is found
 * is stored before, so that nothing of the run waits for it. */
#ifndef RUN_EVALUATING_H
#define RUN_EVALUATING_H

#include <stddef.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"
#include "store/store.h"

struct evaluating;

/* Begins, with the snapshot that the run has so far. Everything is borrowed until evaluating_free. Errors:
 * ERROR_ENVIRONMENT, memory. */
int evaluating_new(struct evaluating **ret, const struct config *config, const struct run_facts *facts,
		   struct store *store, struct log *log, struct error *err);

/* The probe of that number in facts->probes was found, and what was found is stored. Never waits. Any thread. */
void evaluating_add(struct evaluating *evaluating, size_t probe);

/* Waits until everything that was added has been evaluated, or the deadline has passed: what is left then is logged,
 * and its answers are missing in the snapshot. Errors: ERROR_STORE; memory. */
int evaluating_finish(struct evaluating *evaluating, struct deadline deadline, struct error *err);

/* The DNS as the run sees it: what it answers is in the run's snapshot. Valid until evaluating_free. Any thread. */
struct resolver *evaluating_resolver(struct evaluating *evaluating);

/* Stops at the next question and frees. NULL is allowed. */
void evaluating_free(struct evaluating *evaluating);

#endif
