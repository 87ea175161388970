/* What a run knows of its probes while it works: every fact is committed to the store first and counted here after, so
 * that memory never knows more than the disk. Any thread. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/base/span.h"
#include "harness/model/facts.h"
#include "harness/ledger/progress.h"
#include "store/send.h"
#include "store/store.h"

struct ledger;

/* Pointers are borrowed and must outlive the ledger. */
struct ledger_params {
	struct store *store;
	const struct run_facts *facts; /* of the run */
	int64_t settle_ms;             /* a found message is watched so long before its probe counts as settled */
	struct progress progress;      /* event NULL: nobody is told */
	struct log *log;               /* gets a line for each fact; NULL: none */
};

/* Builds the ledger of a stored run, as it stands: a new run and one that is continued are the same. Errors: memory. */
int ledger_new(struct ledger **ret, const struct ledger_params *params, struct error *err);
void ledger_free(struct ledger *ledger);

/* Called with the number of a probe when it is found for the first time, after that was committed. Set it before the
 * first fact; it must not call the ledger. */
void ledger_on_found(struct ledger *ledger, void (*found)(void *user, size_t probe), void *user);

/* Number of the probe in facts->probes that has this tag, or -1. */
ptrdiff_t ledger_find_tag(struct ledger *ledger, struct span tag);

/* Address of the seed of a probe. Borrowed from the facts. */
const char *ledger_seed(const struct ledger *ledger, size_t probe);

/* Facts of sending, by the number of their probe. The store's id of the probe is filled in by the ledger. */
struct ledger_step {
	size_t probe;
	const struct send_event *event;
};
struct ledger_intent {
	size_t probe;
	struct send_intent fact;
};

/* Facts become known. Each call commits, once, then logs, counts, tells. Errors: ERROR_STORE, memory; then nothing was
 * counted. */
int ledger_send_events(struct ledger *ledger, const struct ledger_step *steps, size_t count, struct error *err);
int ledger_intents(struct ledger *ledger, const struct ledger_intent *intents, size_t count, struct error *err);
int ledger_observed(struct ledger *ledger, size_t probe, const struct observation *observation, struct error *err);
/* A message that came back; stored once, however often it is read. */
int ledger_bounced(struct ledger *ledger, size_t probe, const struct bounce *bounce, struct error *err);
int ledger_seed_event(struct ledger *ledger, const struct seed_event *event, struct error *err);

/* Tells without a fact. */
void ledger_notify(struct ledger *ledger, const struct progress_event *event);

/* How far the sending of a probe has come. Any thread. */
enum send_state ledger_send_state(struct ledger *ledger, size_t probe);

/* A place of a probe. */
struct whereabouts {
	bool seen;
	bool gone; /* it was seen, and is no longer there */
	char folder[512];
	uint32_t uidvalidity, uid;
};

/* The place that counts (places_current of places.h). */
struct whereabouts ledger_whereabouts(struct ledger *ledger, size_t probe);

/* Place number n of the probe, in the order in which they were found. False where there are no more. */
bool ledger_place(struct ledger *ledger, size_t probe, size_t n, struct whereabouts *ret);

/* Whether the probe was already observed at just this place. */
bool ledger_knows(struct ledger *ledger, size_t probe, const char *folder, uint32_t uidvalidity, uint32_t uid);

/* A seed (by address) for which something is still awaited: handed over, neither found nor refused. */
bool ledger_awaits(struct ledger *ledger, const char *seed);

/* How many probes are not settled at monotonic time now_ms; *ret_next_ms is the earliest time at which one settles by
 * the passing of time alone (INT64_MAX where none does). */
size_t ledger_unsettled(struct ledger *ledger, int64_t now_ms, int64_t *ret_next_ms);

/* Whether every probe that may be sent has had an attempt that ended. */
bool ledger_all_attempted(struct ledger *ledger);

#endif
