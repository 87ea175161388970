/* Steps of the sending of a probe. Each call is one durable commit. */
#ifndef STORE_SEND_H
#define STORE_SEND_H

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* The message is composed and may be sent: its octets, Message-ID (without angle brackets) and envelope sender, with
 * the INTENT event. Once per probe. */
int store_send_intent(struct store *store, int64_t probe, int64_t at_ms, const char *message_id, const char *mail_from,
		      struct span composed, struct error *err);

/* Any other event. SEND_HANDING_OVER is refused by the schema itself for a probe that is not composed, that was
 * accepted or rejected, or that was handed over without a reply since: whatever a program believes, nothing is sent
 * twice. */
int store_send_event_add(struct store *store, int64_t probe, const struct send_event *event, struct error *err);

#endif
