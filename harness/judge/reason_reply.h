/* Sentences about what came back, and about refusals. For reason.c alone. All but the first two begin with a blank, as
 * further sentences, and add nothing where there is nothing to say. */
#ifndef JUDGE_REASON_REPLY_H
#define JUDGE_REASON_REPLY_H

#include "harness/base/buf.h"
#include "harness/judge/evidence.h"
#include "harness/judge/replies.h"

/* The last reply of the service's own server: `550 5.7.1 text`. No sentence yet: the stop is the caller's, as below. */
void reason_add_reply(struct buf *b, const struct sending_evidence *s);

/* `mx.example.net says: 5.1.1 no such user` */
void reason_add_notice(struct buf *b, const struct bounce_evidence *n);

/* What it means in words, what to do, and where our own evaluation disagrees. */
void reason_add_notice_meaning(struct buf *b, const struct probe_evidence *e, const struct bounce_evidence *n);
void reason_add_reply_meaning(struct buf *b, const struct probe_evidence *e);

/* That a notice about another recipient came. */
void reason_add_other_recipient(struct buf *b, const struct bounce_evidence *n);

/* That a message came back that says nothing of delivery. */
void reason_add_returned(struct buf *b, const struct returned_evidence *r);

/* Why the seed is at fault, without a blank in front. */
void reason_add_seed_fault(struct buf *b, const struct probe_evidence *e, const struct reply_meaning *m);

#endif
