/* Facts as lines of the log. Never says what a message holds. */
#include "harness/ledger/fact_log.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void fact_log_send(struct log *log, const struct probe *p, const struct send_event *e)
{
	switch (e->kind) {
	case SEND_INTENT:
		log_event(log, "smtp %s: %s is composed", p->seed, p->message);
		return;
	case SEND_HANDING_OVER:
		log_event(log, "smtp %s: %s, attempt %d: handing over", p->seed, p->message, e->attempt);
		return;
	case SEND_REPLY:
		log_event(log, "smtp %s: %s, attempt %d: %s at %s: %d %s%s%s (%s)", p->seed, p->message, e->attempt,
			  or_empty(e->peer), send_stage_name(e->stage), e->reply_code, or_empty(e->enhanced),
			  e->enhanced ? " " : "", or_empty(e->text), e->tls_version ? e->tls_version : "no TLS");
		return;
	case SEND_FAILED:
		log_event(log, "smtp %s: %s, attempt %d: no reply at %s: %s", p->seed, p->message, e->attempt,
			  send_stage_name(e->stage), or_empty(e->text));
		return;
	}
}

void fact_log_observation(struct log *log, const struct probe *p, const struct observation *o)
{
	if (o->gone)
		log_event(log, "imap %s: %s is gone from %s, UID %u", p->seed, p->message, o->folder, o->uid);
	else
		log_event(log, "imap %s: %s is in %s (%s), UID %u, %lld octets; found by %s", p->seed, p->message,
			  o->folder, folder_role_name(o->role), o->uid, (long long)o->size, o->found_by);
}

void fact_log_bounce(struct log *log, const struct probe *p, const struct bounce *b)
{
	log_event(log, "bounces: %s to %s: %s %s from %s: %s; sent by %s: %s", p->message, p->seed, b->action,
		  or_empty(b->status), b->remote_mta ? b->remote_mta : or_empty(b->reporting_mta),
		  or_empty(b->diagnostic), or_empty(b->sender), or_empty(b->subject));
}

void fact_log_seed(struct log *log, const struct seed_event *e)
{
	const char *who = e->seed[0] ? e->seed : "bounces";
	switch (e->kind) {
	case SEED_READY:
		log_event(log, "imap %s: ready", who);
		return;
	case SEED_SWEPT:
		log_event(log, "imap %s: every folder was read", who);
		return;
	case SEED_FAILED:
		log_event(log, "imap %s: cannot be read: %s%s%s", who, or_empty(e->detail), e->mend ? ". " : "",
			  or_empty(e->mend));
		return;
	}
}
