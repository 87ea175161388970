/* Steps of the sending of probes. Each call is one durable commit of everything that it is given: all or nothing. */
#ifndef STORE_SEND_H
#define STORE_SEND_H

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* A message that is composed and may be sent: its octets, Message-ID (without angle brackets) and envelope sender. */
struct send_intent {
	int64_t probe;
	int64_t at_ms;
	const char *message_id, *mail_from;
	struct span composed;
};

/* Each with its INTENT event. Once per probe. */
int store_send_intents(struct store *store, const struct send_intent *intents, size_t count, struct error *err);

struct send_step {
	int64_t probe;
	const struct send_event *event;
};

/* Any other events, in this order. SEND_HANDING_OVER is refused by the schema itself for a probe that is not composed,
 * that was accepted or rejected, or that was handed over without a reply since: whatever a program believes, nothing is
 * sent twice. */
int store_send_events(struct store *store, const struct send_step *steps, size_t count, struct error *err);

#endif
