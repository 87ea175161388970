/* What the newest runs of a store have shown of a sending domain. For posture_input.c alone. */
#ifndef RUN_POSTURE_POSTURE_HISTORY_H
#define RUN_POSTURE_POSTURE_HISTORY_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/string_list.h"
#include "harness/judge/matrix.h"
#include "harness/model/facts.h"
#include "harness/posture/engine/posture.h"
#include "store/store.h"

struct posture_history {
	struct string_list selectors; /* of signatures of the domain, or of one above or below it */
	struct posture_sender *senders;
	size_t sender_count, sender_cap;
	struct string_list helos;              /* what senders borrow */
	const struct evaluation **evaluations; /* of the newest run in which a message was found; borrowed from it */
	const char **evaluation_messages;      /* names; borrowed likewise */
	size_t evaluation_count;
	struct run_facts newest;
	struct matrix matrix;     /* of that run */
	struct findings findings; /* of the newest run that has some */
};

/* Reads the newest runs that were sent from the domain. Errors: ERROR_STORE, memory. */
int posture_history_read(struct posture_history *ret, struct store *store, const char *domain, struct error *err);
void posture_history_fini(struct posture_history *history);

#endif
