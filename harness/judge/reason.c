/* Sentences for people. Must never let an octet of a server through unescaped, nor a text of any length. */
#include "harness/judge/reason.h"

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/judge/reason_arrival.h"
#include "harness/judge/reason_reply.h"
#include "harness/judge/reason_words.h"
#include "harness/judge/seed_fault.h"

/* `, expected pass` and the stop; for what passes only the stop. */
static void add_expected(struct buf *b, const struct reason *r, enum expect_key key)
{
	if (r->verdict != VERDICT_PASS) {
		_cleanup_(buf_fini) struct buf phrase = BUF_INIT(b->max);
		expectation_add_phrase(r->expectation, key, &phrase);
		buf_add_str(b, ", expected ");
		if (buf_result(&phrase) < 0)
			buf_add_buf(b, &phrase);
		text_add_escaped(b, buf_span(&phrase));
	}
	reason_add_stop(b);
}

static void reason_add_place(struct buf *b, enum placement_kind kind, const char *name)
{
	switch (kind) {
	case PLACEMENT_INBOX:
		buf_add_str(b, "the inbox");
		return;
	case PLACEMENT_SPAM:
		buf_add_str(b, "the spam folder");
		return;
	case PLACEMENT_CATEGORY:
		buf_add_str(b, "category ");
		break;
	case PLACEMENT_OTHER:
		buf_add_str(b, "folder ");
		break;
	case PLACEMENT_NONE:
		buf_add_str(b, "an unknown place");
		return;
	}
	reason_add_foreign(b, name);
}

static void add_last_place(struct buf *b, const struct probe_evidence *e)
{
	const struct trace_place none = { .kind = PLACEMENT_NONE };
	const struct trace_place *last = e->place_count ? &e->places[e->place_count - 1] : &none;
	reason_add_place(b, last->kind, last->name);
}

static void add_stage(struct buf *b, enum send_stage stage)
{
	static const char *const stages[] = {
		[STAGE_NONE] = "",
		[STAGE_CONNECT] = " on connecting",
		[STAGE_TLS] = " at STARTTLS",
		[STAGE_AUTH] = " at AUTH",
		[STAGE_MAIL] = " at MAIL",
		[STAGE_RCPT] = " at RCPT",
		[STAGE_DATA] = " at DATA",
		[STAGE_END_OF_DATA] = " after the end of data",
	};
	if ((size_t)stage < ARRAY_LEN(stages))
		buf_add_str(b, stages[stage]);
}

static void add_delivery(struct buf *b, const struct reason *r)
{
	char words[TIME_TEXT_MAX];
	add_last_place(b, r->evidence);
	if (reason_arrival_dated(r->evidence, expectation_within_ms(r->expectation))) {
		reason_arrival_add(b, r->evidence, expectation_within_ms(r->expectation), ", ");
	} else if (r->latency_ms >= 0) {
		buf_addf(b, ", found %s after the service's server had accepted it",
			 duration_words(r->latency_ms, words));
	} else {
		buf_add_str(b, "; how long it took is not known, since the reply of the service's server is not");
	}
	reason_add_stop(b);
	const struct sending_evidence *s = &r->evidence->sending;
	if (s->temporary_seen)
		buf_addf(b, " It was refused for a time (4xx) and sent again: %d attempts.", s->attempts);
	if (r->evidence->delayed.seen) {
		buf_add_str(b, " A delay notice came before: ");
		reason_add_notice(b, &r->evidence->delayed);
		reason_add_stop(b);
	}
	reason_add_other_recipient(b, &r->evidence->failed);
}

static void add_seed_problem(struct buf *b, const struct probe_evidence *e)
{
	if (reason_has(e->seed_problem))
		reason_add_foreign(b, e->seed_problem);
	else
		buf_add_str(b, "the seed was not opened");
	reason_add_stop(b);
	if (reason_has(e->seed_mend)) {
		buf_add_str(b, " Mend: ");
		reason_add_foreign(b, e->seed_mend);
		reason_add_stop(b);
	}
}

static void add_not_tested(struct buf *b, const struct probe_evidence *e)
{
	const struct sending_evidence *s = &e->sending;
	const struct reply_meaning *fault = seed_fault_find(e);
	buf_add_str(b, "Not tested: ");
	if (fault) {
		reason_add_seed_fault(b, e, fault);
	} else if (!e->seed_ready) {
		add_seed_problem(b, e);
	} else if (s->state == SENDING_ACCEPTED) {
		buf_add_str(b, "the message was not found, but not every folder was read after the wait.");
		reason_add_returned(b, &e->returned);
	} else if (s->state == SENDING_FAILED) {
		buf_addf(b, "the message could not be sent, %d attempt%s, the last one ended", s->attempts,
			 s->attempts == 1 ? "" : "s");
		add_stage(b, s->stage);
		buf_add_str(b, ": ");
		reason_add_reply(b, s);
		reason_add_stop(b);
	} else {
		buf_add_str(b, "the message was not sent.");
	}
}

static void add_deferred(struct buf *b, const struct probe_evidence *e)
{
	const struct sending_evidence *s = &e->sending;
	if (s->state == SENDING_TEMPORARY) {
		buf_addf(b, "Deferred: not accepted before the run ended, %d attempt%s, the last reply", s->attempts,
			 s->attempts == 1 ? "" : "s");
		add_stage(b, s->stage);
		buf_add_str(b, ": ");
		reason_add_reply(b, s);
	} else {
		buf_add_str(b, "Deferred: not delivered before the run ended, and the last word is a delay notice: ");
		reason_add_notice(b, &e->delayed);
	}
	reason_add_stop(b);
	if (s->state == SENDING_TEMPORARY)
		reason_add_reply_meaning(b, e);
	else
		reason_add_notice_meaning(b, e, &e->delayed);
}

static void add_pending(struct buf *b, const struct probe_evidence *e)
{
	switch (e->sending.state) {
	case SENDING_ACCEPTED:
		buf_add_str(b, "Pending: accepted by the service's server, not found yet.");
		break;
	case SENDING_IN_DOUBT:
		buf_add_str(b, "Pending: handed over without a known reply, not found yet.");
		break;
	case SENDING_TEMPORARY:
		buf_add_str(b, "Pending: refused for a time");
		add_stage(b, e->sending.stage);
		buf_add_str(b, ", to be sent again: ");
		reason_add_reply(b, &e->sending);
		reason_add_stop(b);
		break;
	default:
		buf_add_str(b, "Pending: not sent yet.");
		return;
	}
	if (!e->seed_ready) {
		buf_add_str(b, " At the moment the seed cannot be read: ");
		add_seed_problem(b, e);
	}
}

static void add_bounces_problem(struct buf *b, const struct probe_evidence *e)
{
	if (!reason_has(e->bounces_problem))
		return;
	buf_add_str(b, " The bounce mailbox could not be read, so that a bounce would not have been seen: ");
	reason_add_foreign(b, e->bounces_problem);
	reason_add_stop(b);
}

/* Accepted, and in no folder that is shown. */
static void add_not_shown(struct buf *b, const struct probe_evidence *e)
{
	buf_add_str(
	    b, "Unknown: the message is in none of the folders that the mailbox shows, but no spam folder is among "
	       "them, so it may be there. Show the spam folder over IMAP in the settings of the webmail, or name "
	       "it by spam in [provider ");
	reason_add_foreign(b, e->provider);
	buf_add_str(b, "].");
	reason_add_returned(b, &e->returned);
	add_bounces_problem(b, e);
}

static void add_unknown(struct buf *b, const struct probe_evidence *e)
{
	if (e->sending.state == SENDING_ACCEPTED) {
		if (e->no_spam_folder) {
			add_not_shown(b, e);
			return;
		}
		buf_add_str(b,
			    "Unknown: every folder was read after the wait and it is in none; the service's server had "
			    "accepted it: ");
		reason_add_reply(b, &e->sending);
		reason_add_stop(b);
	} else {
		buf_add_str(b,
			    "Unknown: handed over, the reply of the service's server is not known, and the message was "
			    "not found; it is never sent twice.");
	}
	if (!e->seed_ready) {
		buf_add_str(b, " The seed could not be read: ");
		add_seed_problem(b, e);
	}
	reason_add_returned(b, &e->returned);
	add_bounces_problem(b, e);
}

static void add_missing(struct buf *b, const struct probe_evidence *e)
{
	buf_add_str(
	    b, "Missing: every folder was read after the wait and it is in none; the service's server had accepted "
	       "it: ");
	reason_add_reply(b, &e->sending);
	reason_add_stop(b);
	reason_add_returned(b, &e->returned);
}

static void add_bounced(struct buf *b, const struct probe_evidence *e)
{
	buf_add_str(b, "Bounced: ");
	reason_add_notice(b, &e->failed);
	reason_add_stop(b);
	if (e->failed.other) {
		buf_add_str(b, " The notice is about another address, ");
		reason_add_foreign(b, e->failed.recipient);
		buf_add_str(b, ": does the seed forward its mail?");
	}
	reason_add_notice_meaning(b, e, &e->failed);
	if (e->first_seen_ms) {
		buf_add_str(b, " It was found in ");
		add_last_place(b, e);
		buf_add_str(b, " nevertheless.");
	}
}

static void add_rejected(struct buf *b, const struct probe_evidence *e)
{
	buf_add_str(b, "Rejected by the service's server");
	add_stage(b, e->sending.stage);
	buf_add_str(b, ": ");
	reason_add_reply(b, &e->sending);
	reason_add_stop(b);
	reason_add_reply_meaning(b, e);
	if (e->first_seen_ms) {
		buf_add_str(b, " It was found in ");
		add_last_place(b, e);
		buf_add_str(b, " nevertheless.");
	}
}

void reason_outcome(struct buf *b, const struct reason *r)
{
	switch (r->outcome) {
	case OUTCOME_DELIVERED:
		buf_add_str(b, "Delivered to ");
		add_delivery(b, r);
		break;
	case OUTCOME_DELAYED:
		buf_add_str(b, "Delayed: delivered to ");
		add_delivery(b, r);
		break;
	case OUTCOME_DEFERRED:
		add_deferred(b, r->evidence);
		break;
	case OUTCOME_REJECTED:
		add_rejected(b, r->evidence);
		break;
	case OUTCOME_BOUNCED:
		add_bounced(b, r->evidence);
		break;
	case OUTCOME_MISSING:
		add_missing(b, r->evidence);
		break;
	case OUTCOME_NOT_TESTED:
		add_not_tested(b, r->evidence);
		return;
	case OUTCOME_PENDING:
		add_pending(b, r->evidence);
		return;
	default:
		add_unknown(b, r->evidence);
		return;
	}
	if (r->verdict != VERDICT_PASS) {
		buf_add_str(b, " Expected ");
		expectation_add_phrase(r->expectation, EXPECT_OUTCOME, b);
		reason_add_stop(b);
	}
}

/* The other places: those where it is as well, or, where it is in one alone, the last one that it left. */
static void add_copies(struct buf *b, const struct probe_evidence *e)
{
	const struct trace_place *last = e->place_count ? &e->places[e->place_count - 1] : NULL;
	if (last && last->copies > 1)
		buf_addf(b, " %u times", last->copies);
	for (size_t i = e->place_count; i > 1; i--) {
		const struct trace_place *other = &e->places[i - 2];
		if (other->gone && i < e->place_count)
			break;
		buf_add_str(b, other->gone ? ", moved there from " : ", also in ");
		reason_add_place(b, other->kind, other->name);
	}
}

void reason_placement(struct buf *b, const struct reason *r)
{
	const struct probe_evidence *e = r->evidence;
	buf_add_str(b, e->gone ? "Placement: last seen in " : "Placement: found in ");
	add_last_place(b, e);
	add_copies(b, e);
	if (e->gone)
		buf_add_str(b, ", where it is no longer, and it was not found elsewhere");
	add_expected(b, r, EXPECT_PLACEMENT);
}

/* What we found ourselves, with the first cause. */
static void add_ours(struct buf *b, const struct ours_evidence *ours)
{
	if (ours->result == AUTH_NOT_REPORTED)
		return;
	buf_addf(b, " Our own evaluation: %s", auth_result_name(ours->result));
	if (reason_has(ours->reason)) {
		buf_add_str(b, ", ");
		reason_add_foreign(b, ours->reason);
	}
	reason_add_stop(b);
}

/* That the provider's word is proved, or that it is not the one that is. */
static void reason_add_seal(struct buf *b, const struct theirs_evidence *t)
{
	if (!t->sealed_by || (!t->from_seal && (t->sealed == AUTH_NOT_REPORTED || t->sealed == t->result)))
		return;
	buf_add_str(b, t->from_seal ? ", sealed by " : "; its ARC results, sealed by ");
	reason_add_foreign(b, t->sealed_by);
	if (!t->from_seal)
		buf_addf(b, ", say %s", auth_result_name(t->sealed));
}

static const char not_handed_over[] =
    "the provider shows the message in the mailbox, but does not hand it over when it is asked for it";

void reason_auth(struct buf *b, const struct reason *r, enum auth_method method)
{
	static const char *const names[AUTH_METHOD_COUNT] = { "SPF", "DKIM", "DMARC" };
	const struct theirs_evidence *t = &r->evidence->theirs[method];
	if (r->evidence->unread) {
		buf_addf(b, "%s: %s", names[method], not_handed_over);
		add_expected(b, r, (enum expect_key)(EXPECT_SPF + (int)method));
		return;
	}
	if (t->result == AUTH_NOT_REPORTED && !reason_has(t->word) && t->trouble) {
		buf_addf(b, "%s: unknown, because ", names[method]);
		reason_add_foreign(b, t->trouble);
		add_expected(b, r, (enum expect_key)(EXPECT_SPF + (int)method));
		add_ours(b, &r->evidence->ours[method]);
		return;
	}
	buf_addf(b, "%s: the provider reports ", names[method]);
	if (t->result != AUTH_NOT_REPORTED) {
		buf_add_str(b, auth_result_name(t->result));
		if (reason_has(t->word) && !span_is_nocase(span_trim(span_of(t->word)), auth_result_name(t->result))) {
			buf_add_str(b, " (as `");
			reason_add_foreign(b, t->word);
			buf_add_str(b, "`)");
		}
	} else if (reason_has(t->word)) {
		buf_add_char(b, '`');
		reason_add_foreign(b, t->word);
		buf_add_str(b, "`, which is no result");
	} else {
		buf_add_str(b, "no result");
	}
	if (reason_has(t->domain)) {
		buf_add_str(b, " for ");
		reason_add_foreign(b, t->domain);
	}
	const char *details[] = { t->reason, t->comment };
	for (size_t i = 0; i < ARRAY_LEN(details); i++) {
		if (!reason_has(details[i]))
			continue;
		buf_add_str(b, " (");
		reason_add_foreign(b, details[i]);
		buf_add_char(b, ')');
	}
	reason_add_seal(b, t);
	if (t->result == AUTH_TEMPERROR && r->verdict == VERDICT_UNKNOWN)
		buf_add_str(b, ", which is temporary and says nothing of the message");
	add_expected(b, r, (enum expect_key)(EXPECT_SPF + (int)method));
	add_ours(b, &r->evidence->ours[method]);
}

void reason_tls(struct buf *b, const struct reason *r)
{
	const struct probe_evidence *e = r->evidence;
	switch (e->tls) {
	case HOP_TLS_UNKNOWN:
		if (e->unread) {
			buf_addf(b, "TLS: %s", not_handed_over);
			break;
		}
		buf_add_str(b, e->hop_trouble ? "TLS: unknown, because "
					      : "TLS: the provider's header does not say whether the last hop was "
						"encrypted");
		reason_add_foreign(b, e->hop_trouble ? e->hop_trouble : "");
		break;
	case HOP_TLS_NONE:
		buf_add_str(b, "TLS: the last hop was not encrypted");
		break;
	case HOP_TLS_YES:
		buf_add_str(b, "TLS: the last hop was encrypted, its version is not said");
		break;
	default:
		buf_addf(b, "TLS: the last hop used %s", hop_tls_name(e->tls));
		break;
	}
	if (e->tls != HOP_TLS_NONE && e->tls != HOP_TLS_UNKNOWN && reason_has(e->tls_cipher)) {
		buf_add_str(b, " with ");
		reason_add_foreign(b, e->tls_cipher);
	}
	add_expected(b, r, EXPECT_TLS);
}

void reason_within(struct buf *b, const struct reason *r)
{
	const struct sending_evidence *s = &r->evidence->sending;
	char words[TIME_TEXT_MAX];
	int64_t most = r->evidence->arrival.latest_ms - s->handed_over_ms;
	if (reason_arrival_dated(r->evidence, expectation_within_ms(r->expectation))) {
		reason_arrival_add(b, r->evidence, expectation_within_ms(r->expectation), "Time: ");
	} else if (r->latency_ms >= 0) {
		buf_addf(b, "Time: found after %s", duration_words(r->latency_ms, words));
	} else if (s->handed_over_ms && most >= 0) {
		buf_addf(b, "Time: found at most %s after the handing over, whose reply is not known",
			 duration_words(most, words));
	} else {
		buf_add_str(b, "Time: not known, since the time of the handing over is not");
	}
	add_expected(b, r, EXPECT_WITHIN);
}
