/* Words on when a message arrived, where that is known by bounds alone. For reason.c. */
#ifndef JUDGE_REASON_ARRIVAL_H
#define JUDGE_REASON_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/judge/evidence.h"

/* Whether the sight does not date the arrival: the mailbox's clock does, or the bounds leave open whether it was in
 * time.
 */
bool reason_arrival_dated(const struct probe_evidence *e, int64_t within_ms);

/* Adds `before` and when it arrived, as a part of a sentence without its stop. */
void reason_arrival_add(struct buf *b, const struct probe_evidence *e, int64_t within_ms, const char *before);

#endif
