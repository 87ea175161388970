/* Refusals that say something of the seed mailbox and nothing of the sender. */
#ifndef JUDGE_SEED_FAULT_H
#define JUDGE_SEED_FAULT_H

#include "harness/judge/evidence.h"
#include "harness/judge/replies.h"

/* What a refusal or delay says of the seed mailbox itself (full, disabled, or unknown and not to be signed in to), so
 * that nothing was tested; NULL where it is the sender's matter, or there is none. */
const struct reply_meaning *seed_fault_find(const struct probe_evidence *evidence);

#endif
