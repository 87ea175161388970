/* Sentences about what servers and other people said: replies, notifications, other messages. What they mean is looked
 * up in replies.h. */
#include "harness/judge/reason_reply.h"

#include "harness/base/text.h"
#include "harness/judge/reason_words.h"

/* `550 5.7.1 text` */
void reason_add_reply(struct buf *b, const struct sending_evidence *s)
{
	const char *gap = "";
	if (s->code) {
		buf_addf(b, "%d", s->code);
		gap = " ";
	}
	/* The text of many servers begins with the enhanced code itself. */
	if (reason_has(s->enhanced) && !(s->text && span_starts(span_trim(span_of(s->text)), span_of(s->enhanced)))) {
		buf_add_str(b, gap);
		reason_add_foreign(b, s->enhanced);
		gap = " ";
	}
	if (reason_has(s->text)) {
		buf_add_str(b, gap);
		reason_add_foreign(b, s->text);
	} else if (!*gap) {
		buf_add_str(b, "no reason was given");
	}
}

/* `mx.example.net says: 5.1.1 no such user` */
void reason_add_notice(struct buf *b, const struct bounce_evidence *n)
{
	if (reason_has(n->remote_mta)) {
		reason_add_foreign(b, n->remote_mta);
		buf_add_str(b, " says: ");
	}
	bool status = reason_has(n->status), diagnostic = reason_has(n->diagnostic);
	if (status)
		reason_add_foreign(b, n->status);
	if (diagnostic) {
		if (status)
			buf_add_char(b, ' ');
		reason_add_foreign(b, n->diagnostic);
	}
	if (!status && !diagnostic)
		buf_add_str(b, "without a reason");
}

/* Where our own evaluation finds a pass that the reply denies, both are said. */
static void reply_add_disagreement(struct buf *b, const struct probe_evidence *e, unsigned methods)
{
	static const char *const names[AUTH_METHOD_COUNT] = { "SPF", "DKIM", "DMARC" };
	const struct ours_evidence *ours = e->first_seen_ms ? e->ours : e->elsewhere;
	size_t count = 0;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		if (!(methods >> m & 1) || ours[m].result != AUTH_PASS)
			continue;
		buf_addf(b, "%s%s", count ? ", " : " Our own check disagrees: ", names[m]);
		count++;
	}
	if (count == 0)
		return;
	buf_add_str(b, count == 1 ? " passes" : " pass");
	if (ours == e->elsewhere) {
		buf_add_str(b, " for the same message as it arrived at ");
		reason_add_foreign(b, e->elsewhere_seed);
	}
	reason_add_stop(b);
}

/* What the reply means, and what to do, where it is known. */
static void reply_add_meaning(struct buf *b, const struct probe_evidence *e, const struct reply_meaning *m)
{
	if (!m)
		return;
	buf_addf(b, " In words: %s. To fix: %s.", m->cause, m->fix);
	reply_add_disagreement(b, e, m->methods);
}

void reason_add_notice_meaning(struct buf *b, const struct probe_evidence *e, const struct bounce_evidence *n)
{
	const struct reply_meaning *m = reply_meaning_find(n->status, n->diagnostic, n->remote_mta);
	/* What is to be done about a mailbox is said of the seed's alone. */
	reply_add_meaning(b, e, m && m->about != REPLY_ABOUT_SENDER && n->other ? NULL : m);
}

void reason_add_reply_meaning(struct buf *b, const struct probe_evidence *e)
{
	reply_add_meaning(b, e, reply_meaning_find(e->sending.enhanced, e->sending.text, NULL));
}

/* ` A notice about another address, a@b, came back: ...` */
void reason_add_other_recipient(struct buf *b, const struct bounce_evidence *n)
{
	if (!n->seen || !n->other)
		return;
	buf_add_str(b, " A notice about another address, ");
	reason_add_foreign(b, n->recipient);
	buf_add_str(b, ", came back (does the seed forward its mail?): ");
	reason_add_notice(b, n);
	reason_add_stop(b);
}

/* What came back and says nothing of delivery. */
void reason_add_returned(struct buf *b, const struct returned_evidence *r)
{
	static const char *const kinds[RETURNED_KIND_COUNT] = {
		[RETURNED_MESSAGE] = "a message that is not a delivery notification",
		[RETURNED_AUTO_REPLY] = "an automatic reply",
		[RETURNED_RECEIPT] = "a read receipt",
		[RETURNED_COMPLAINT] = "an abuse report",
		[RETURNED_CHALLENGE] = "a request to confirm the sender",
	};
	if (!r->seen)
		return;
	buf_addf(b, " What came back is %s", kinds[r->kind]);
	if (reason_has(r->sender)) {
		buf_add_str(b, " from ");
		reason_add_foreign(b, r->sender);
	}
	if (reason_has(r->subject)) {
		buf_add_str(b, ": \"");
		reason_add_foreign(b, r->subject);
		buf_add_char(b, '"');
	}
	buf_add_str(b, ". Read it in the bounce mailbox.");
}

/* The mailbox of the seed is at fault: nothing is said about the sender. */
void reason_add_seed_fault(struct buf *b, const struct probe_evidence *e, const struct reply_meaning *m)
{
	buf_addf(b, "the seed is at fault, %s: ", m->cause);
	if (e->failed.seen)
		reason_add_notice(b, &e->failed);
	else if (e->sending.state == SENDING_REJECTED || e->sending.state == SENDING_TEMPORARY)
		reason_add_reply(b, &e->sending);
	else
		reason_add_notice(b, &e->delayed);
	reason_add_stop(b);
	buf_addf(b, " To fix: %s.", m->fix);
}
