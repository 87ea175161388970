/* The sentences that say why a cell is judged as it is. For judge.c alone. Each adds whole sentences of valid UTF-8,
 * whatever octets the evidence holds. */
#ifndef JUDGE_REASON_H
#define JUDGE_REASON_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/judge/evidence.h"
#include "harness/judge/expect.h"

/* What the sentences speak of. */
struct reason {
	const struct probe_evidence *evidence;
	const struct expectation *expectation;
	enum outcome outcome;
	int64_t latency_ms;   /* -1 where it is not known */
	enum verdict verdict; /* of the cell */
};

/* Each adds a sentence of the cell's reason, on the part that it is named after. */
void reason_outcome(struct buf *b, const struct reason *r);
void reason_placement(struct buf *b, const struct reason *r);
void reason_auth(struct buf *b, const struct reason *r, enum auth_method method);
void reason_tls(struct buf *b, const struct reason *r);
void reason_within(struct buf *b, const struct reason *r);

#endif
