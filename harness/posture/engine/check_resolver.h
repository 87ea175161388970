/* The DNS as evaluators within a check see it: asked through check_ask, so that questions are counted, asked again and
 * put to the authorities; whatever comes is remembered, and nothing is asked once the deadline has passed. */
#ifndef ENGINE_CHECK_RESOLVER_H
#define ENGINE_CHECK_RESOLVER_H

#include <pthread.h>

#include "harness/posture/engine/check.h"

struct check_resolver {
	struct resolver base; /* asks; not for users */
	struct check *check;
	struct resolver *memory; /* to be asked; any thread */
	pthread_mutex_t lock;    /* of the two below */
	struct dns_fact *failures;
	size_t failure_count, failure_cap;
};

/* 0, or -1 for memory, which the check remembers. Must not be moved; end with asker_fini. */
int check_resolver_init(struct check_resolver *dns, struct check *check);
void check_resolver_fini(struct check_resolver *dns);

/* Asks all side by side. -1 for memory, which the check remembers; then no answer is handed out. */
int check_resolver_ask(struct check_resolver *dns, const struct dns_question *questions, size_t count,
		       struct dns_answer *ret_answers);

#endif
