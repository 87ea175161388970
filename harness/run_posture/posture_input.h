/* What a look at the sending domain is told: taken from the configuration, from the messages as they would be sent, and
 * from what stored runs have shown. Sends nothing, asks nobody, and opens no mailbox: that is the caller's (posture.h,
 * struct posture_mailbox). */
#ifndef RUN_POSTURE_POSTURE_INPUT_H
#define RUN_POSTURE_POSTURE_INPUT_H

#include "harness/base/error.h"
#include "harness/dns/resolver.h"
#include "harness/posture/engine/posture.h"
#include "harness/config/config.h"
#include "store/store.h"

struct posture_input; /* owns everything that its parameters borrow */

/* All borrowed, and must outlive the input. */
struct posture_sources {
	const struct config *config; /* NULL: nothing but the domain is known */
	const char *domain;          /* NULL: the service's; one that is not leaves out what is the service's own */
	struct store *store;         /* NULL: there is none */
	struct resolver *resolver;
	const struct posture_mailbox *mailbox; /* looks into the service's mailboxes; NULL: nobody does */
	int64_t now_ms;
};

/* Gathers. Errors: ERROR_CONFIG (a template or a domain that cannot be used), ERROR_STORE, memory. Free with
 * posture_input_free. */
int posture_input_new(const struct posture_sources *sources, struct posture_input **ret, struct error *err);
void posture_input_free(struct posture_input *input); /* NULL is allowed */
void posture_input_free_p(struct posture_input **input);

/* Borrowed from the input. */
const struct posture_params *posture_input_params(const struct posture_input *input);

#endif
