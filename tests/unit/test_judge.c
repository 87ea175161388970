/* Outcome, cells, verdict and reason of one probe. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/judge/judge.h"

enum { T0 = 1000000, MINUTE = 60000 };

/* What a row changes in the evidence of a message that was delivered to the inbox after 340 ms with everything right.
 */
struct change {
	const char *expect[3][2]; /* key, value */
	enum send_state state;    /* 0: SENDING_ACCEPTED */
	bool not_composed;        /* instead, since SENDING_NOT_COMPOSED is 0 */
	bool lost;                /* not found */
	bool not_over;
	bool unread;       /* the seed could not be read */
	bool never_opened; /* nor is there a reason */
	bool not_swept;
	bool no_spam_folder;
	bool gone;
	bool not_handed_over;
	bool temporary_seen;
	int64_t latency_ms;     /* 0: 340 */
	struct arrival arrival; /* where it is not by the sight alone */
	const struct trace_place *places;
	size_t place_count;
	bool failed, delayed;
	const char *status, *diagnostic; /* of both, where given */
	const char *other;               /* recipient that they are about, where it is not the seed */
	struct returned_evidence returned;
	struct ours_evidence elsewhere[AUTH_METHOD_COUNT];
	const char *bounces_problem;
	struct theirs_evidence theirs[AUTH_METHOD_COUNT]; /* those with a word, or `silent` */
	bool silent;
	struct ours_evidence ours[AUTH_METHOD_COUNT];
	enum hop_tls tls; /* 0: TLSv1.3 */
	bool tls_unknown;
	const char *trouble;
};

static const struct trace_place in_inbox[] = { { .kind = PLACEMENT_INBOX, .at_ms = T0 } };
static const struct trace_place in_spam[] = { { .kind = PLACEMENT_SPAM, .at_ms = T0 } };
static char archive[] = "Archiv", promotions[] = "promotions", hostile[] = "a\x1b[31m\xff\r\n b";
static const struct trace_place in_category[] = { { .kind = PLACEMENT_CATEGORY, .name = promotions } };
static const struct trace_place in_folder[] = { { .kind = PLACEMENT_OTHER, .name = archive } };
static const struct trace_place in_hostile[] = { { .kind = PLACEMENT_OTHER, .name = hostile } };
static const struct trace_place moved[] = { { .kind = PLACEMENT_INBOX, .gone = true },
					    { .kind = PLACEMENT_SPAM, .copies = 1 } };
static const struct trace_place copied[] = { { .kind = PLACEMENT_INBOX, .copies = 1 },
					     { .kind = PLACEMENT_SPAM, .copies = 1 } };
static const struct trace_place moved_and_copied[] = { { .kind = PLACEMENT_OTHER, .name = archive, .gone = true },
						       { .kind = PLACEMENT_INBOX, .copies = 2 },
						       { .kind = PLACEMENT_SPAM, .copies = 1 } };
static const struct trace_place twice[] = { { .kind = PLACEMENT_INBOX, .copies = 2 } };

static struct sending_evidence sending(const struct change *c)
{
	struct sending_evidence s = {
		.state = c->state ? c->state : SENDING_ACCEPTED,
		.stage = STAGE_END_OF_DATA,
		.code = 250,
		.enhanced = "2.0.0",
		.text = "Ok: queued as 4F2",
		.attempts = c->temporary_seen ? 2 : 1,
		.temporary_seen = c->temporary_seen,
		.handed_over_ms = T0 - 5,
		.accepted_ms = T0,
	};
	if (c->not_composed)
		s.state = SENDING_NOT_COMPOSED;
	if (s.state == SENDING_ACCEPTED)
		return s;
	s.accepted_ms = 0;
	s.code = 0;
	s.enhanced = s.text = NULL;
	switch (s.state) {
	case SENDING_REJECTED:
		s.stage = STAGE_RCPT;
		s.code = 550;
		s.enhanced = "5.7.1";
		s.text = "5.7.1 policy says no";
		break;
	case SENDING_TEMPORARY:
		s.stage = STAGE_RCPT;
		s.code = 451;
		s.enhanced = "4.7.1";
		s.text = "Greylisted, come again";
		s.attempts = 3;
		s.temporary_seen = true;
		break;
	case SENDING_FAILED:
		s.stage = STAGE_CONNECT;
		s.text = "connect to 192.0.2.1 port 25: Connection refused";
		break;
	default:
		break;
	}
	return s;
}

static struct probe_evidence evidence(const struct change *c)
{
	struct probe_evidence e = {
		.seed = "ana@alpha.test",
		.provider = "alpha",
		.message = "ordinary",
		.seed_ready = !c->unread && !c->never_opened,
		.seed_problem = c->unread ? "login to imap.alpha.test as ana refused: AUTHENTICATIONFAILED" : NULL,
		.seed_mend = c->unread ? "check the password of [seed ana@alpha.test]" : NULL,
		.swept = !c->not_swept,
		.no_spam_folder = c->no_spam_folder,
		.over = !c->not_over,
		.sending = sending(c),
		.gone = c->gone,
		.unread = c->not_handed_over,
		.bounces_problem = c->bounces_problem,
		.hop_trouble = c->trouble,
		.tls = c->tls || c->tls_unknown ? c->tls : HOP_TLS_1_3,
		.tls_cipher = "TLS_AES_256_GCM_SHA384",
	};
	if (!c->lost) {
		e.first_seen_ms = T0 + (c->latency_ms ? c->latency_ms : 340);
		e.arrival = c->arrival.seen_ms ? c->arrival
					       : (struct arrival){ e.first_seen_ms, e.first_seen_ms, e.first_seen_ms };
		e.places = c->places ? c->places : in_inbox;
		e.place_count = c->places ? c->place_count : 1;
	}
	struct bounce_evidence notice = { .seen = true,
					  .status = "5.1.1",
					  .diagnostic = "550 no\r\n such user here",
					  .remote_mta = "mx.alpha.test" };
	if (c->status || c->diagnostic) {
		notice.status = c->status;
		notice.diagnostic = c->diagnostic;
	}
	notice.recipient = c->other;
	notice.other = c->other != NULL;
	e.returned = c->returned;
	if (c->elsewhere[0].result) {
		memcpy(e.elsewhere, c->elsewhere, sizeof(e.elsewhere));
		e.elsewhere_seed = "u1@bravo.test";
	}
	if (c->failed)
		e.failed = notice;
	if (c->delayed)
		e.delayed = c->status ? notice : (struct bounce_evidence){ .seen = true, .status = "4.4.3" };
	for (size_t i = 0; i < AUTH_METHOD_COUNT; i++) {
		e.ours[i] = c->ours[i];
		if (c->theirs[i].word)
			e.theirs[i] = c->theirs[i];
		else if (!c->silent)
			e.theirs[i] =
			    (struct theirs_evidence){ .result = AUTH_PASS, .word = "pass", .domain = "example.gov.uk" };
		e.theirs[i].trouble = c->trouble;
	}
	return e;
}

static struct probe_judgement judge(const struct change *c, const char *label)
{
	struct expectations *e = NULL;
	struct error err = ERROR_INIT;
	struct probe_judgement j = { 0 };
	assert_int_equal(expectations_new(&e, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(c->expect) && c->expect[i][0]; i++)
		if (expectations_set(e, NULL, NULL, c->expect[i][0], c->expect[i][1], &err) < 0)
			fail_msg("%s: %s", label, err.text);
	struct expectation x = expectations_get(e, "alpha", "ordinary", AUTH_METHODS_ALL);
	struct probe_evidence evidence_ = evidence(c);
	if (judge_probe(&evidence_, &x, &j, &err) < 0)
		fail_msg("%s: %s", label, err.text);
	expectations_free(e); /* a judgement borrows nothing */
	return j;
}

/* The outcome rules: change, outcome, verdict of the outcome cell, whether there are other cells, part of the reason.
 */
static const struct outcome_row {
	const char *label;
	struct change change;
	enum outcome outcome;
	enum verdict verdict;
	bool other_cells;
	const char *reason;
} outcome_rows[] = {
	{ "delivered",
	  { .lost = false },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox, found 340 ms after the service's server had accepted it." },
	{ "delivered before the run is over",
	  { .not_over = true },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox" },
	{ "delivered, then the seed failed", { .unread = true }, OUTCOME_DELIVERED, VERDICT_PASS, true, "Delivered" },
	{ "delivered at the last moment",
	  { .latency_ms = 5 * MINUTE },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "found 5 min after" },
	{ "delayed",
	  { .latency_ms = 5 * MINUTE + 1 },
	  OUTCOME_DELAYED,
	  VERDICT_FAIL,
	  true,
	  "Delayed: delivered to the inbox, found 5 min after the service's server had accepted it. Expected "
	  "delivered." },
	{ "delayed is a warning",
	  { .expect = { { "outcome", "delivered, delayed(warn)" } }, .latency_ms = 7 * MINUTE },
	  OUTCOME_DELAYED,
	  VERDICT_WARN,
	  true,
	  "Expected delivered, or delayed with a warning." },
	{ "never late without a limit",
	  { .expect = { { "within", "any" } }, .latency_ms = 700 * MINUTE },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered" },
	{ "read long after, in time by its date",
	  { .latency_ms = 999, .arrival = { T0 + 0, T0 + 999, T0 + 30 * MINUTE, true, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox, there within a second after the service's server had accepted it, by the mailbox's "
	  "clock "
	  "(first read 30 min after the acceptance)." },
	{ "read at the end, in time by its date",
	  { .latency_ms = 3500, .arrival = { T0 + 2501, T0 + 3500, T0 + 30 * MINUTE, true, true, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox, there at most 3.5 s after the service's server had accepted it, by the mailbox's "
	  "clock "
	  "(read at the end)." },
	{ "late by its date",
	  { .latency_ms = 7 * MINUTE + 999,
	    .arrival = { T0 + 7 * MINUTE, T0 + 7 * MINUTE + 999, T0 + 30 * MINUTE, true, false, false, 0 } },
	  OUTCOME_DELAYED,
	  VERDICT_FAIL,
	  true,
	  "Delayed: delivered to the inbox, there at least 7 min after the service's server had accepted it, by the "
	  "mailbox's "
	  "clock (first read 30 min after the acceptance). Expected delivered." },
	{ "perhaps late",
	  { .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_UNKNOWN,
	  true,
	  "Delivered to the inbox, there at most 30 min after the service's server had accepted it (the mailbox was "
	  "first read "
	  "30 min after the acceptance); whether it came in time is not known." },
	{ "perhaps late, which is a warning",
	  { .expect = { { "outcome", "delivered, delayed(warn)" } },
	    .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_UNKNOWN,
	  true,
	  "whether it came in time is not known" },
	{ "perhaps late, and both are accepted",
	  { .expect = { { "outcome", "delivered, delayed" } },
	    .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "whether it came in time is not known" },
	{ "perhaps late, and only late is accepted",
	  { .expect = { { "outcome", "delayed" } },
	    .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_UNKNOWN,
	  true,
	  "whether it came in time is not known" },
	{ "perhaps late, and neither is accepted",
	  { .expect = { { "outcome", "rejected" } },
	    .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_FAIL,
	  true,
	  "whether it came in time is not known" },
	{ "perhaps late, without a limit",
	  { .expect = { { "within", "any" } },
	    .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "found 30 min after" },
	{ "perhaps late, between two readings",
	  { .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 2 * MINUTE, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELIVERED,
	  VERDICT_UNKNOWN,
	  true,
	  "there at most 30 min and at least 2 min after the service's server had accepted it" },
	{ "late by who looked",
	  { .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 29 * MINUTE, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  OUTCOME_DELAYED,
	  VERDICT_FAIL,
	  true,
	  "found 30 min after" },
	{ "greylisted, then delivered",
	  { .temporary_seen = true, .latency_ms = 2000 },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "It was refused for a time (4xx) and sent again: 2 attempts." },
	{ "delay notice, then delivered",
	  { .delayed = true },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "A delay notice came before: 4.4.3." },
	{ "temporary failure, and yet found",
	  { .state = SENDING_TEMPORARY },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "how long it took is not known" },
	{ "rejected",
	  { .state = SENDING_REJECTED, .lost = true },
	  OUTCOME_REJECTED,
	  VERDICT_FAIL,
	  false,
	  "Rejected by the service's server at RCPT: 550 5.7.1 policy says no. Expected delivered." },
	{ "rejected before the run is over",
	  { .state = SENDING_REJECTED, .lost = true, .not_over = true },
	  OUTCOME_REJECTED,
	  VERDICT_FAIL,
	  false,
	  "Rejected" },
	{ "rejected as expected",
	  { .expect = { { "outcome", "rejected" } }, .state = SENDING_REJECTED, .lost = true },
	  OUTCOME_REJECTED,
	  VERDICT_PASS,
	  false,
	  "Rejected by the service's server at RCPT: 550 5.7.1 policy says no." },
	{ "rejected beats a delivery",
	  { .state = SENDING_REJECTED },
	  OUTCOME_REJECTED,
	  VERDICT_FAIL,
	  true,
	  "It was found in the inbox nevertheless." },
	{ "bounced",
	  { .failed = true, .lost = true },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced: mx.alpha.test says: 5.1.1 550 no such user here. In words: the server knows no mailbox of that "
	  "name. "
	  "To fix: check the address of the seed, and that the mailbox still exists. Expected delivered." },
	{ "bounced beats a delivery",
	  { .failed = true, .places = in_spam, .place_count = 1 },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  true,
	  "It was found in the spam folder nevertheless." },
	{ "bounced beats a delay notice",
	  { .failed = true, .delayed = true, .lost = true },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced" },
	{ "bounced before the run is over",
	  { .failed = true, .lost = true, .not_over = true },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced" },
	{ "unknown recipient, and the seed cannot be signed in to",
	  { .failed = true, .lost = true, .unread = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the seed is at fault, the server knows no mailbox of that name: mx.alpha.test says: 5.1.1 550 "
	  "no "
	  "such user here. To fix: check the address of the seed" },
	{ "full seed",
	  { .failed = true, .lost = true, .status = "5.2.2", .diagnostic = "552 5.2.2 no room" },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the seed is at fault, the mailbox is full: mx.alpha.test says: 5.2.2 552 5.2.2 no room. To fix: "
	  "empty the seed mailbox." },
	{ "full seed, said in the reply alone",
	  { .failed = true, .lost = true, .status = "5.0.0", .diagnostic = "552 5.2.2 no room" },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "empty the seed" },
	{ "full seed, said in words alone",
	  { .failed = true, .lost = true, .diagnostic = "The user's mailfolder is full." },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "empty the seed" },
	{ "disabled seed",
	  { .failed = true, .lost = true, .status = "5.2.1", .diagnostic = "550 5.2.1 disabled" },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "the mailbox is disabled or takes no mail" },
	{ "full seed, delay notice",
	  { .delayed = true, .lost = true, .status = "4.2.2", .diagnostic = "452 4.2.2 no room" },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "empty the seed" },
	{ "full seed, delay notice, while the run goes on",
	  { .delayed = true, .lost = true, .not_over = true, .status = "4.2.2" },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending" },
	{ "a full mailbox that the message arrived in",
	  { .failed = true, .status = "5.2.2" },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  true,
	  "It was found in the inbox nevertheless." },
	{ "full mailbox of another",
	  { .failed = true, .lost = true, .status = "5.2.2", .other = "x@y.test" },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced: mx.alpha.test says: 5.2.2. The notice is about another address, x@y.test: does the seed forward "
	  "its "
	  "mail? Expected delivered." },
	{ "a notice about another does not outrank the delivery",
	  { .failed = true, .other = "x@y.test" },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "A notice about another address, x@y.test, came back (does the seed forward its mail?): mx.alpha.test says: "
	  "5.1.1 550 no such user here." },
	{ "a notice about another ends no waiting",
	  { .failed = true, .lost = true, .not_over = true, .other = "x@y.test" },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending" },
	{ "refused for authentication, which passes elsewhere",
	  { .failed = true,
	    .lost = true,
	    .status = "5.7.26",
	    .diagnostic = "550-5.7.26 see https://support.google.com/mail",
	    .elsewhere = { { AUTH_PASS, "x" }, { AUTH_PASS, "x" }, { AUTH_PASS, "x" } } },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "In words: Gmail says that neither SPF nor DKIM passes. To fix: make SPF pass for the envelope sender, and "
	  "sign "
	  "with DKIM. Our own check disagrees: SPF, DKIM pass for the same message as it arrived at u1@bravo.test." },
	{ "refused for authentication, of which one passes elsewhere",
	  { .failed = true,
	    .lost = true,
	    .status = "5.7.515",
	    .elsewhere = { { AUTH_FAIL, "x" }, { AUTH_PASS, "x" }, { AUTH_FAIL, "x" } } },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Our own check disagrees: DKIM passes for the same message as it arrived at u1@bravo.test." },
	{ "refused for authentication, which fails elsewhere too",
	  { .failed = true,
	    .lost = true,
	    .status = "5.7.515",
	    .elsewhere = { { AUTH_FAIL, "x" }, { AUTH_FAIL, "x" }, { AUTH_FAIL, "x" } } },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "and publish a DMARC record. Expected delivered." },
	{ "bounced, seed unreadable",
	  { .failed = true, .lost = true, .unread = true, .status = "5.7.1" },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced" },
	{ "bounced after a doubtful hand-over",
	  { .failed = true, .lost = true, .state = SENDING_IN_DOUBT },
	  OUTCOME_BOUNCED,
	  VERDICT_FAIL,
	  false,
	  "Bounced" },
	{ "deferred by 4xx",
	  { .state = SENDING_TEMPORARY, .lost = true },
	  OUTCOME_DEFERRED,
	  VERDICT_FAIL,
	  false,
	  "Deferred: not accepted before the run ended, 3 attempts, the last reply at RCPT: 451 4.7.1 Greylisted, come "
	  "again. In words: the receiver asks every new sender to try again later (greylisting). To fix: let the run "
	  "wait "
	  "longer (wait in [run]), and see that the server tries again. Expected delivered." },
	{ "deferred by 4xx, seed unreadable",
	  { .state = SENDING_TEMPORARY, .lost = true, .unread = true },
	  OUTCOME_DEFERRED,
	  VERDICT_FAIL,
	  false,
	  "Deferred" },
	{ "deferred by a delay notice",
	  { .delayed = true, .lost = true },
	  OUTCOME_DEFERRED,
	  VERDICT_FAIL,
	  false,
	  "the last word is a delay notice: 4.4.3. Expected delivered." },
	{ "deferred by a delay notice after a doubtful hand-over",
	  { .delayed = true, .lost = true, .state = SENDING_IN_DOUBT },
	  OUTCOME_DEFERRED,
	  VERDICT_FAIL,
	  false,
	  "delay notice" },
	{ "delay notice, seed unreadable",
	  { .delayed = true, .lost = true, .unread = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested" },
	{ "missing",
	  { .lost = true },
	  OUTCOME_MISSING,
	  VERDICT_FAIL,
	  false,
	  "Missing: every folder was read after the wait and it is in none; the service's server had accepted it: 250 "
	  "2.0.0 Ok: queued as 4F2. Expected delivered." },
	{ "missing, and a message came back",
	  { .lost = true, .returned = { true, RETURNED_MESSAGE, "Ana <ana@x.test>", "Who are\nyou?" } },
	  OUTCOME_MISSING,
	  VERDICT_FAIL,
	  false,
	  "4F2. What came back is a message that is not a delivery notification from Ana <ana@x.test>: \"Who are "
	  "you?\". "
	  "Read it in the bounce mailbox. Expected delivered." },
	{ "missing, and an automatic reply came back",
	  { .lost = true, .returned = { true, RETURNED_AUTO_REPLY, NULL, "Away" } },
	  OUTCOME_MISSING,
	  VERDICT_FAIL,
	  false,
	  "What came back is an automatic reply: \"Away\". Read it in the bounce mailbox." },
	{ "in no folder, but a bounce would not have been seen",
	  { .lost = true, .bounces_problem = "connect: timed out" },
	  OUTCOME_UNKNOWN,
	  VERDICT_UNKNOWN,
	  false,
	  "a bounce would not have been seen: connect: timed out." },
	{ "missing as expected",
	  { .expect = { { "outcome", "missing" } }, .lost = true },
	  OUTCOME_MISSING,
	  VERDICT_PASS,
	  false,
	  "Missing" },
	{ "not swept",
	  { .lost = true, .not_swept = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the message was not found, but not every folder was read after the wait." },
	{ "no spam folder is shown",
	  { .lost = true, .no_spam_folder = true },
	  OUTCOME_UNKNOWN,
	  VERDICT_UNKNOWN,
	  false,
	  "no spam folder is among them, so it may be there. Show the spam folder over IMAP in the settings of the "
	  "webmail, or "
	  "name it by spam in [provider alpha]." },
	{ "no spam folder is shown, and not every folder was read",
	  { .lost = true, .no_spam_folder = true, .not_swept = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "not every folder was read" },
	{ "no spam folder is shown, and the message is in the inbox",
	  { .no_spam_folder = true },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered" },
	{ "seed unreadable",
	  { .lost = true, .unread = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: login to imap.alpha.test as ana refused: AUTHENTICATIONFAILED. Mend: check the password of "
	  "[seed "
	  "ana@alpha.test]." },
	{ "seed unreadable is not missing, whatever is expected",
	  { .expect = { { "outcome", "any" } }, .lost = true, .unread = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested" },
	{ "seed unreadable, not sent",
	  { .lost = true, .unread = true, .not_composed = true, .not_over = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: login" },
	{ "seed never opened",
	  { .lost = true, .never_opened = true, .not_composed = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the seed was not opened." },
	{ "seed not opened yet",
	  { .lost = true, .never_opened = true, .not_composed = true, .not_over = true },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: not sent yet." },
	{ "not sent",
	  { .lost = true, .not_composed = true },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the message was not sent." },
	{ "composed, not sent",
	  { .lost = true, .state = SENDING_COMPOSED },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the message was not sent." },
	{ "could not be sent",
	  { .lost = true, .state = SENDING_FAILED },
	  OUTCOME_NOT_TESTED,
	  VERDICT_UNKNOWN,
	  false,
	  "Not tested: the message could not be sent, 1 attempt, the last one ended on connecting: connect to "
	  "192.0.2.1 "
	  "port 25: Connection refused." },
	{ "in doubt, not found",
	  { .lost = true, .state = SENDING_IN_DOUBT },
	  OUTCOME_UNKNOWN,
	  VERDICT_UNKNOWN,
	  false,
	  "Unknown: handed over, the reply of the service's server is not known" },
	{ "in doubt, not found, seed unreadable",
	  { .lost = true, .unread = true, .state = SENDING_IN_DOUBT },
	  OUTCOME_UNKNOWN,
	  VERDICT_UNKNOWN,
	  false,
	  "Mend: check the password" },
	{ "in doubt, found",
	  { .state = SENDING_IN_DOUBT },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox; how long it took is not known" },
	{ "in doubt, found late",
	  { .state = SENDING_IN_DOUBT, .latency_ms = 60 * MINUTE },
	  OUTCOME_DELIVERED,
	  VERDICT_PASS,
	  true,
	  "Delivered to the inbox" },
	{ "pending: not sent",
	  { .lost = true, .not_over = true, .not_composed = true },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: not sent yet." },
	{ "pending: failed attempt",
	  { .lost = true, .not_over = true, .state = SENDING_FAILED },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: not sent yet." },
	{ "pending: 4xx",
	  { .lost = true, .not_over = true, .state = SENDING_TEMPORARY },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: refused for a time at RCPT, to be sent again: 451 4.7.1 Greylisted" },
	{ "pending: accepted",
	  { .lost = true, .not_over = true },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: accepted by the service's server, not found yet." },
	{ "pending: accepted, delay notice",
	  { .lost = true, .not_over = true, .delayed = true },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: accepted" },
	{ "pending: accepted, seed lost",
	  { .lost = true, .not_over = true, .unread = true },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "At the moment the seed cannot be read: login" },
	{ "pending: in doubt",
	  { .lost = true, .not_over = true, .state = SENDING_IN_DOUBT },
	  OUTCOME_PENDING,
	  VERDICT_UNKNOWN,
	  false,
	  "Pending: handed over without a known reply" },
};

static void outcome_follows_from_the_evidence(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(outcome_rows); i++) {
		const struct outcome_row *row = &outcome_rows[i];
		_cleanup_(judgement_fini) struct probe_judgement j = judge(&row->change, row->label);
		const struct cell *cell = judgement_cell(&j, EXPECT_OUTCOME);
		if (j.outcome != row->outcome)
			fail_msg("%s: %s", row->label, outcome_name(j.outcome));
		if (!cell || cell->verdict != row->verdict || strcmp(cell->actual, outcome_name(j.outcome)) != 0)
			fail_msg("%s: cell %s", row->label, cell ? verdict_name(cell->verdict) : "absent");
		if (!strstr(cell->reason, row->reason))
			fail_msg("%s: %s", row->label, cell->reason);
		if (j.cell_count != (row->other_cells ? EXPECT_KEY_COUNT : 1))
			fail_msg("%s: %zu cells", row->label, j.cell_count);
		if ((j.placement != PLACEMENT_NONE) != row->other_cells)
			fail_msg("%s: placement %s", row->label, j.placement_text);
	}
}

/* One cell: change, key, verdict, actual, the whole reason. */
static const struct cell_row {
	const char *label;
	struct change change;
	enum expect_key key;
	enum verdict verdict;
	const char *actual, *reason;
} cell_rows[] = {
	{ "inbox", { .lost = false }, EXPECT_PLACEMENT, VERDICT_PASS, "inbox", "Placement: found in the inbox." },
	{ "spam",
	  { .places = in_spam, .place_count = 1 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "spam",
	  "Placement: found in the spam folder, expected inbox." },
	{ "spam is a warning",
	  { .expect = { { "placement", "inbox, spam(warn)" } }, .places = in_spam, .place_count = 1 },
	  EXPECT_PLACEMENT,
	  VERDICT_WARN,
	  "spam",
	  "Placement: found in the spam folder, expected inbox, or spam with a warning." },
	{ "category",
	  { .places = in_category, .place_count = 1 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "category:promotions",
	  "Placement: found in category promotions, expected inbox." },
	{ "folder",
	  { .places = in_folder, .place_count = 1, .expect = { { "placement", "other:*" } } },
	  EXPECT_PLACEMENT,
	  VERDICT_PASS,
	  "other:Archiv",
	  "Placement: found in folder Archiv." },
	{ "moved",
	  { .places = moved, .place_count = 2 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "spam",
	  "Placement: found in the spam folder, moved there from the inbox, expected inbox." },
	{ "in both: that of the worse",
	  { .places = copied, .place_count = 2 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "spam",
	  "Placement: found in the spam folder, also in the inbox, expected inbox." },
	{ "in both, after it has left a third",
	  { .places = moved_and_copied, .place_count = 3 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "spam",
	  "Placement: found in the spam folder, also in the inbox, expected inbox." },
	{ "twice in one folder",
	  { .places = twice, .place_count = 1 },
	  EXPECT_PLACEMENT,
	  VERDICT_PASS,
	  "inbox",
	  "Placement: found in the inbox 2 times." },
	{ "shown and not handed over: SPF",
	  { .not_handed_over = true, .silent = true },
	  EXPECT_SPF,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "SPF: the provider shows the message in the mailbox, but does not hand it over when it is asked for it, "
	  "expected pass." },
	{ "shown and not handed over: TLS",
	  { .not_handed_over = true, .tls_unknown = true },
	  EXPECT_TLS,
	  VERDICT_UNKNOWN,
	  "unknown",
	  "TLS: the provider shows the message in the mailbox, but does not hand it over when it is asked for it, "
	  "expected TLS 1.2 or later." },
	{ "gone",
	  { .gone = true },
	  EXPECT_PLACEMENT,
	  VERDICT_UNKNOWN,
	  "inbox",
	  "Placement: last seen in the inbox, where it is no longer, and it was not found elsewhere, expected inbox." },
	{ "gone, of no matter",
	  { .gone = true, .expect = { { "placement", "any" } } },
	  EXPECT_PLACEMENT,
	  VERDICT_PASS,
	  "inbox",
	  "Placement: last seen in the inbox, where it is no longer, and it was not found elsewhere." },
	{ "hostile folder",
	  { .places = in_hostile, .place_count = 1 },
	  EXPECT_PLACEMENT,
	  VERDICT_FAIL,
	  "other:a\\x1b[31m\\xff\\x0d\\x0a b",
	  "Placement: found in folder a\\x1b[31m\\xff b, expected inbox." },
	{ "spf pass",
	  { .lost = false },
	  EXPECT_SPF,
	  VERDICT_PASS,
	  "pass",
	  "SPF: the provider reports pass for example.gov.uk." },
	{ "dmarc fail",
	  { .theirs[METHOD_DMARC] = { AUTH_FAIL, "fail", "example.gov.uk", NULL, "policy reject" } },
	  EXPECT_DMARC,
	  VERDICT_FAIL,
	  "fail",
	  "DMARC: the provider reports fail for example.gov.uk (policy reject), expected pass." },
	{ "reason and comment",
	  { .theirs[METHOD_DKIM] = { AUTH_FAIL, "fail", "a.test", "bad signature", "2048-bit key" } },
	  EXPECT_DKIM,
	  VERDICT_FAIL,
	  "fail",
	  "DKIM: the provider reports fail for a.test (bad signature) (2048-bit key), expected pass." },
	{ "word of its own",
	  { .theirs[METHOD_SPF] = { AUTH_FAIL, "hardfail", NULL, NULL, NULL } },
	  EXPECT_SPF,
	  VERDICT_FAIL,
	  "fail",
	  "SPF: the provider reports fail (as `hardfail`), expected pass." },
	{ "unknown word",
	  { .theirs[METHOD_SPF] = { AUTH_NOT_REPORTED, "perhaps", NULL, NULL, NULL } },
	  EXPECT_SPF,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "SPF: the provider reports `perhaps`, which is no result, expected pass." },
	{ "not reported",
	  { .silent = true },
	  EXPECT_DKIM,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "DKIM: the provider reports no result, expected pass." },
	{ "not reported, as expected",
	  { .silent = true, .expect = { { "dkim", "not-reported" } } },
	  EXPECT_DKIM,
	  VERDICT_PASS,
	  "not-reported",
	  "DKIM: the provider reports no result." },
	{ "temporary error",
	  { .theirs[METHOD_SPF] = { AUTH_TEMPERROR, "temperror", NULL, NULL, "DNS timeout" } },
	  EXPECT_SPF,
	  VERDICT_UNKNOWN,
	  "temperror",
	  "SPF: the provider reports temperror (DNS timeout), which is temporary and says nothing of the message, "
	  "expected pass." },
	{ "softfail is a warning",
	  { .expect = { { "spf", "pass, softfail(warn)" } },
	    .theirs[METHOD_SPF] = { AUTH_SOFTFAIL, "softfail", NULL, NULL, NULL } },
	  EXPECT_SPF,
	  VERDICT_WARN,
	  "softfail",
	  "SPF: the provider reports softfail, expected pass, or softfail with a warning." },
	{ "any result",
	  { .silent = true, .expect = { { "spf", "any" } } },
	  EXPECT_SPF,
	  VERDICT_PASS,
	  "not-reported",
	  "SPF: the provider reports no result." },
	{ "what the provider says cannot be told",
	  { .silent = true, .trouble = "no hop is\nits own" },
	  EXPECT_DMARC,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "DMARC: unknown, because no hop is its own, expected pass." },
	{ "our own evaluation does not stand in for what cannot be told",
	  { .silent = true, .trouble = "no hop is its own", .ours[METHOD_DKIM] = { AUTH_PASS, "it verifies" } },
	  EXPECT_DKIM,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "DKIM: unknown, because no hop is its own, expected pass. Our own evaluation: pass, it verifies." },
	{ "nor for a word that is no result",
	  { .theirs[METHOD_DKIM] = { AUTH_NOT_REPORTED, "perhaps", NULL, NULL, NULL },
	    .ours[METHOD_DKIM] = { AUTH_PASS, "it verifies" } },
	  EXPECT_DKIM,
	  VERDICT_UNKNOWN,
	  "not-reported",
	  "DKIM: the provider reports `perhaps`, which is no result, expected pass. Our own evaluation: pass, it "
	  "verifies." },
	{ "any result, where it cannot be told",
	  { .silent = true, .trouble = "no hop is its own", .expect = { { "dkim", "any" } } },
	  EXPECT_DKIM,
	  VERDICT_PASS,
	  "not-reported",
	  "DKIM: unknown, because no hop is its own." },
	{ "what is reported outranks the trouble",
	  { .trouble = "no hop is its own" },
	  EXPECT_DKIM,
	  VERDICT_PASS,
	  "pass",
	  "DKIM: the provider reports pass for example.gov.uk." },
	{ "a result from a seal",
	  { .theirs[METHOD_SPF] = { .result = AUTH_FAIL,
				    .word = "fail",
				    .sealed_by = "alpha.test",
				    .sealed = AUTH_FAIL,
				    .from_seal = true } },
	  EXPECT_SPF,
	  VERDICT_FAIL,
	  "fail",
	  "SPF: the provider reports fail, sealed by alpha.test, expected pass." },
	{ "a seal says something else",
	  { .theirs[METHOD_SPF] = { .result = AUTH_PASS,
				    .word = "pass",
				    .sealed_by = "alpha.test",
				    .sealed = AUTH_FAIL } },
	  EXPECT_SPF,
	  VERDICT_PASS,
	  "pass",
	  "SPF: the provider reports pass; its ARC results, sealed by alpha.test, say fail." },
	{ "a seal says the same",
	  { .theirs[METHOD_SPF] = { .result = AUTH_PASS,
				    .word = "pass",
				    .sealed_by = "alpha.test",
				    .sealed = AUTH_PASS } },
	  EXPECT_SPF,
	  VERDICT_PASS,
	  "pass",
	  "SPF: the provider reports pass." },
	{ "the hop into the provider is not known",
	  { .tls_unknown = true, .trouble = "no hop is its own" },
	  EXPECT_TLS,
	  VERDICT_UNKNOWN,
	  "unknown",
	  "TLS: unknown, because no hop is its own, expected TLS 1.2 or later." },
	{ "tls",
	  { .lost = false },
	  EXPECT_TLS,
	  VERDICT_PASS,
	  "TLSv1.3",
	  "TLS: the last hop used TLSv1.3 with TLS_AES_256_GCM_SHA384." },
	{ "no tls",
	  { .tls = HOP_TLS_NONE },
	  EXPECT_TLS,
	  VERDICT_FAIL,
	  "none",
	  "TLS: the last hop was not encrypted, expected TLS 1.2 or later." },
	{ "tls not said",
	  { .tls_unknown = true },
	  EXPECT_TLS,
	  VERDICT_UNKNOWN,
	  "unknown",
	  "TLS: the provider's header does not say whether the last hop was encrypted, "
	  "expected "
	  "TLS 1.2 or later." },
	{ "within", { .lost = false }, EXPECT_WITHIN, VERDICT_PASS, "340 ms", "Time: found after 340 ms." },
	{ "late",
	  { .latency_ms = 7 * MINUTE },
	  EXPECT_WITHIN,
	  VERDICT_FAIL,
	  "7 min",
	  "Time: found after 7 min, expected within 5 min." },
	{ "late, and accepted as such",
	  { .latency_ms = 7 * MINUTE, .expect = { { "outcome", "delivered, delayed(warn)" } } },
	  EXPECT_WITHIN,
	  VERDICT_WARN,
	  "7 min",
	  "Time: found after 7 min, expected within 5 min." },
	{ "in time by the mailbox's clock",
	  { .latency_ms = 3500, .arrival = { T0 + 2501, T0 + 3500, T0 + 30 * MINUTE, true, true, false, 0 } },
	  EXPECT_WITHIN,
	  VERDICT_PASS,
	  "at most 3.5 s",
	  "Time: there at most 3.5 s after the service's server had accepted it, by the mailbox's clock (read at the "
	  "end)." },
	{ "perhaps late",
	  { .latency_ms = 30 * MINUTE,
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  EXPECT_WITHIN,
	  VERDICT_UNKNOWN,
	  "at most 30 min",
	  "Time: there at most 30 min after the service's server had accepted it (the mailbox was first read 30 min "
	  "after the "
	  "acceptance); whether it came in time is not known, expected within 5 min." },
	{ "perhaps late, since our clock was set",
	  { .latency_ms = 340, .arrival = { T0 + 0, T0 + 340 + 10 * MINUTE, T0 + 340, false, false, false, -600000 } },
	  EXPECT_WITHIN,
	  VERDICT_UNKNOWN,
	  "at most 10 min",
	  "Time: there at most 10 min after the service's server had accepted it (the mailbox was first read 340 ms "
	  "after the "
	  "acceptance); this machine's clock was set back by 10 min meanwhile; whether it came in time is not known, "
	  "expected "
	  "within 5 min." },
	{ "perhaps late, and accepted as such",
	  { .latency_ms = 30 * MINUTE,
	    .expect = { { "outcome", "delivered, delayed" } },
	    .arrival = { T0 + 0, T0 + 30 * MINUTE, T0 + 30 * MINUTE, false, false, false, 0 } },
	  EXPECT_WITHIN,
	  VERDICT_PASS,
	  "at most 30 min",
	  "Time: there at most 30 min after the service's server had accepted it (the mailbox was first read 30 min "
	  "after the "
	  "acceptance); whether it came in time is not known." },
	{ "no reply, soon enough in any case",
	  { .state = SENDING_IN_DOUBT },
	  EXPECT_WITHIN,
	  VERDICT_PASS,
	  "",
	  "Time: found at most 345 ms after the handing over, whose reply is not known." },
	{ "no reply, perhaps too late",
	  { .state = SENDING_IN_DOUBT, .latency_ms = 6 * MINUTE },
	  EXPECT_WITHIN,
	  VERDICT_UNKNOWN,
	  "",
	  "Time: found at most 6 min after the handing over, whose reply is not known, expected within 5 min." },
	{ "no reply, no limit",
	  { .state = SENDING_IN_DOUBT, .latency_ms = 6 * MINUTE, .expect = { { "within", "any" } } },
	  EXPECT_WITHIN,
	  VERDICT_PASS,
	  "",
	  "Time: found at most 6 min after the handing over, whose reply is not known." },
};

static void cells_say_what_is_and_what_was_expected(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cell_rows); i++) {
		const struct cell_row *row = &cell_rows[i];
		_cleanup_(judgement_fini) struct probe_judgement j = judge(&row->change, row->label);
		const struct cell *cell = judgement_cell(&j, row->key);
		if (!cell)
			fail_msg("%s: absent", row->label);
		if (cell->verdict != row->verdict)
			fail_msg("%s: %s", row->label, verdict_name(cell->verdict));
		if (strcmp(cell->actual, row->actual) != 0)
			fail_msg("%s: actual %s", row->label, cell->actual);
		if (strcmp(cell->reason, row->reason) != 0)
			fail_msg("%s: %s", row->label, cell->reason);
	}
}

static void all_pass_is_pass_and_says_what_happened(void **state)
{
	const struct change c = { 0 };
	_cleanup_(judgement_fini) struct probe_judgement j = judge(&c, "all pass");
	assert_int_equal(j.verdict, VERDICT_PASS);
	assert_int_equal(j.latency_ms, 340);
	assert_int_equal(j.placement, PLACEMENT_INBOX);
	assert_string_equal(j.placement_text, "inbox");
	assert_string_equal(j.reason,
			    "Delivered to the inbox, found 340 ms after the service's server had accepted it.");
	for (int key = 0; key < EXPECT_KEY_COUNT; key++) {
		assert_int_equal(j.cells[key].key, key);
		assert_string_equal(j.cells[key].expected, expect_key_default((enum expect_key)key));
	}
}

static void verdict_is_that_of_the_worst_cell_and_reasons_come_worst_first(void **state)
{
	const struct change c = {
		.expect = { { "placement", "inbox, spam(warn)" } },
		.places = in_spam,
		.place_count = 1,
		.theirs[METHOD_SPF] = { AUTH_TEMPERROR, "temperror", NULL, NULL, NULL },
		.theirs[METHOD_DMARC] = { AUTH_FAIL, "fail", NULL, NULL, NULL },
	};
	_cleanup_(judgement_fini) struct probe_judgement j = judge(&c, "worst");
	assert_int_equal(j.verdict, VERDICT_FAIL);
	assert_string_equal(j.reason, "DMARC: the provider reports fail, expected pass. SPF: the provider reports "
				      "temperror, which is temporary and says nothing of the message, expected pass. "
				      "Placement: found in the spam folder, expected inbox, or spam with a warning.");
}

static void unknown_beats_warn(void **state)
{
	const struct change c = {
		.expect = { { "placement", "inbox, spam(warn)" } },
		.places = in_spam,
		.place_count = 1,
		.silent = true,
	};
	_cleanup_(judgement_fini) struct probe_judgement j = judge(&c, "unknown");
	assert_int_equal(j.verdict, VERDICT_UNKNOWN);
}

static void found_before_the_reply_is_a_latency_of_nothing(void **state)
{
	const struct change c = { .latency_ms = -20 };
	_cleanup_(judgement_fini) struct probe_judgement j = judge(&c, "early");
	assert_int_equal(j.latency_ms, 0);
	assert_int_equal(j.outcome, OUTCOME_DELIVERED);
}

static void latency_is_absent_where_either_end_is(void **state)
{
	const struct change rows[] = {
		{ .lost = true },
		{ .state = SENDING_IN_DOUBT },
		{ .state = SENDING_REJECTED, .lost = true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(judgement_fini) struct probe_judgement j = judge(&rows[i], "latency");
		assert_int_equal(j.latency_ms, -1);
	}
}

static void cells_that_do_not_apply_are_absent(void **state)
{
	const struct change c = { .lost = true };
	_cleanup_(judgement_fini) struct probe_judgement j = judge(&c, "missing");
	for (int key = EXPECT_PLACEMENT; key < EXPECT_KEY_COUNT; key++)
		assert_null(judgement_cell(&j, (enum expect_key)key));
	assert_string_equal(j.placement_text, "");
}

static void endless_diagnostics_are_cut_and_stay_valid_text(void **state)
{
	enum { LEN = 100000 };
	char *text = malloc(LEN + 1);
	assert_non_null(text);
	for (size_t offset = 0; offset < 4; offset++) {
		/* Two-octet characters, so that the cut could fall within one. */
		for (size_t i = 0; i < LEN; i++)
			text[i] = i < offset ? 'x' : (i - offset) % 2 ? '\xbc' : '\xc3';
		text[LEN] = '\0';
		const struct change c = { .failed = true, .lost = true };
		struct probe_evidence e = evidence(&c);
		e.failed.diagnostic = text;
		struct expectations *expectations = NULL;
		struct error err = ERROR_INIT;
		struct probe_judgement j = { 0 };
		assert_int_equal(expectations_new(&expectations, &err), 0);
		struct expectation x = expectations_get(expectations, "alpha", "ordinary", AUTH_METHODS_ALL);
		assert_int_equal(judge_probe(&e, &x, &j, &err), 0);
		assert_true(utf8_valid(span_of(j.reason)));
		assert_true(strlen(j.reason) < 600);
		assert_non_null(strstr(j.reason, "\xc3\xbc..."));
		judgement_fini(&j);
		expectations_free(expectations);
	}
	free(text);
}

static const struct {
	const char *label;
	enum auth_method method;
	enum auth_result theirs, ours;
	enum agreement agreement;
} agreements[] = {
	{ "same word", METHOD_SPF, AUTH_SOFTFAIL, AUTH_SOFTFAIL, AGREEMENT_AGREE },
	{ "other word", METHOD_SPF, AUTH_SOFTFAIL, AUTH_FAIL, AGREEMENT_DISAGREE },
	{ "words for what does not verify", METHOD_DKIM, AUTH_PERMERROR, AUTH_FAIL, AGREEMENT_AGREE },
	{ "the same of SPF are not one", METHOD_SPF, AUTH_PERMERROR, AUTH_FAIL, AGREEMENT_DISAGREE },
	{ "unsigned is not unverified", METHOD_DKIM, AUTH_NONE, AUTH_FAIL, AGREEMENT_DISAGREE },
	{ "not reported", METHOD_DMARC, AUTH_NOT_REPORTED, AUTH_PASS, AGREEMENT_NOT_REPORTED },
	{ "neither", METHOD_DMARC, AUTH_NOT_REPORTED, AUTH_NOT_REPORTED, AGREEMENT_NOT_REPORTED },
	{ "not evaluated", METHOD_DMARC, AUTH_PASS, AUTH_NOT_REPORTED, AGREEMENT_UNKNOWN },
	{ "ours left open", METHOD_DMARC, AUTH_PASS, AUTH_UNKNOWN, AGREEMENT_UNKNOWN },
	{ "their temporary error", METHOD_SPF, AUTH_TEMPERROR, AUTH_PASS, AGREEMENT_UNKNOWN },
	{ "our temporary error", METHOD_SPF, AUTH_PASS, AUTH_TEMPERROR, AGREEMENT_UNKNOWN },
};

static void agreement_is_about_what_both_know(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(agreements); i++)
		if (judge_agreement(agreements[i].method, agreements[i].theirs, agreements[i].ours) !=
		    agreements[i].agreement)
			fail_msg("%s", agreements[i].label);
}

static void what_the_provider_does_not_report_is_judged_by_our_own(void **state)
{
	static const struct {
		const char *label;
		const char *expected; /* of spf; NULL: the default */
		struct ours_evidence ours;
		enum verdict verdict;
		const char *says;
	} rows[] = {
		{ "we pass it",
		  NULL,
		  { AUTH_PASS, "matches mx" },
		  VERDICT_PASS,
		  "Our own evaluation: pass, matches mx." },
		{ "we fail it",
		  NULL,
		  { AUTH_FAIL, "matches -all" },
		  VERDICT_FAIL,
		  "SPF: the provider reports no result, expected pass. Our own evaluation: fail, matches -all." },
		{ "we do not know",
		  NULL,
		  { AUTH_UNKNOWN, "no snapshot" },
		  VERDICT_UNKNOWN,
		  "Our own evaluation: unknown" },
		{ "our temporary error", NULL, { AUTH_TEMPERROR, "timed out" }, VERDICT_UNKNOWN, "temperror" },
		{ "nothing was evaluated",
		  NULL,
		  { AUTH_NOT_REPORTED, NULL },
		  VERDICT_UNKNOWN,
		  "no result, expected pass." },
		{ "silence is what was expected", "not-reported", { AUTH_FAIL, "matches -all" }, VERDICT_PASS, "fail" },
		{ "nothing is expected", "any", { AUTH_FAIL, "matches -all" }, VERDICT_PASS, "fail" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct change c = { .silent = true, .ours = { rows[i].ours, rows[i].ours, rows[i].ours } };
		if (rows[i].expected) {
			c.expect[0][0] = "spf";
			c.expect[0][1] = rows[i].expected;
		}
		struct probe_judgement j = judge(&c, rows[i].label);
		const struct cell *cell = judgement_cell(&j, EXPECT_SPF);
		assert_non_null(cell);
		if (cell->verdict != rows[i].verdict || !strstr(cell->reason, rows[i].says))
			fail_msg("%s: %s, %s", rows[i].label, verdict_name(cell->verdict), cell->reason);
		assert_int_equal(j.agreement[METHOD_SPF], AGREEMENT_NOT_REPORTED);
		judgement_fini(&j);
	}
}

static void what_the_provider_reports_outranks_our_own(void **state)
{
	struct change c = { .ours = { [METHOD_DKIM] = { AUTH_FAIL, "body hash differs" } } };
	struct probe_judgement j = judge(&c, "ours differs");
	assert_int_equal(judgement_cell(&j, EXPECT_DKIM)->verdict, VERDICT_PASS);
	assert_int_equal(j.agreement[METHOD_DKIM], AGREEMENT_DISAGREE);
	assert_non_null(
	    strstr(judgement_cell(&j, EXPECT_DKIM)->reason, "Our own evaluation: fail, body hash differs."));
	judgement_fini(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement_is_about_what_both_know),
		cmocka_unit_test(what_the_provider_does_not_report_is_judged_by_our_own),
		cmocka_unit_test(what_the_provider_reports_outranks_our_own),
		cmocka_unit_test(outcome_follows_from_the_evidence),
		cmocka_unit_test(cells_say_what_is_and_what_was_expected),
		cmocka_unit_test(all_pass_is_pass_and_says_what_happened),
		cmocka_unit_test(verdict_is_that_of_the_worst_cell_and_reasons_come_worst_first),
		cmocka_unit_test(unknown_beats_warn),
		cmocka_unit_test(found_before_the_reply_is_a_latency_of_nothing),
		cmocka_unit_test(latency_is_absent_where_either_end_is),
		cmocka_unit_test(cells_that_do_not_apply_are_absent),
		cmocka_unit_test(endless_diagnostics_are_cut_and_stay_valid_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
