/* The messages of an earlier run, asked about again: so that they can be judged under the DNS of this run, and what
 * has changed a result be found. */
#ifndef RUN_POSTURE_EARLIER_MESSAGES_H
#define RUN_POSTURE_EARLIER_MESSAGES_H

#include <stdint.h>

#include "harness/auth/dkim.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/config/config.h"
#include "harness/dns/resolver.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* Asks what evaluating the message of a probe asks (addresses, selectors and names are known only by doing it), and
 * forgets the results: they follow from the message and the answers. The probe is loaded with its bodies; one whose
 * message was not found asks nothing. Errors: those of the resolver, memory. */
int message_questions_ask(const struct config *config, const struct probe *probe, struct resolver *resolver,
			  struct dkim_keys *keys, struct error *err);

/* Asks through `resolver` every question that the messages of the newest finished run but `except` asked then, and
 * every one that they ask under the DNS of today. What the deadline leaves is not asked; where that run has settings
 * that this version cannot read, nothing is. Errors: ERROR_STORE, those of the resolver, memory. */
int earlier_messages_ask(struct store *store, int64_t except, struct resolver *resolver, struct deadline deadline,
			 struct error *err);

#endif
