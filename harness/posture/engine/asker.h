/* The DNS as evaluators within a check see it: asked through check_ask, so that questions are counted, asked again and
 * put to the authorities; whatever comes is remembered, and nothing is asked once the deadline has passed. */
#ifndef ENGINE_ASKER_H
#define ENGINE_ASKER_H

#include <pthread.h>

#include "harness/posture/engine/check.h"

struct asker {
	struct resolver base; /* asks; not for users */
	struct check *check;
	struct resolver *memory; /* to be asked; any thread */
	pthread_mutex_t lock;    /* of the two below */
	struct dns_fact *failures;
	size_t failure_count, failure_cap;
};

/* 0, or -1 for memory, which the check remembers. Must not be moved; end with asker_fini. */
int asker_init(struct asker *asker, struct check *check);
void asker_fini(struct asker *asker);

/* Asks all side by side. -1 for memory, which the check remembers; then no answer is handed out. */
int asker_ask(struct asker *asker, const struct dns_question *questions, size_t count, struct dns_answer *ret_answers);

#endif
