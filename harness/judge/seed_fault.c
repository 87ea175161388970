/* Whether a refusal is the seed's own fault. Pure. Must never excuse a sender. */
#include "harness/judge/seed_fault.h"

/* The meaning, where it is the seed's own fault. */
static const struct reply_meaning *seed_fault_of(const struct probe_evidence *e, const char *status, const char *text,
						 const char *server)
{
	const struct reply_meaning *m = reply_meaning_find(status, text, server);
	if (!m || m->about == REPLY_ABOUT_SENDER)
		return NULL;
	/* The address of a seed that can be signed in to exists, whatever a server says. */
	return m->about == REPLY_ABOUT_SEED_UNKNOWN && (e->seed_ready || !e->seed_problem) ? NULL : m;
}

static const struct reply_meaning *seed_fault_of_notice(const struct probe_evidence *e, const struct bounce_evidence *n)
{
	return n->seen && !n->other ? seed_fault_of(e, n->status, n->diagnostic, n->remote_mta) : NULL;
}

const struct reply_meaning *seed_fault_find(const struct probe_evidence *e)
{
	const struct sending_evidence *s = &e->sending;
	if (e->first_seen_ms != 0)
		return NULL;
	if (e->failed.seen)
		return seed_fault_of_notice(e, &e->failed);
	/* A refusal before RCPT is about the service's own account. */
	if (s->state == SENDING_REJECTED || s->state == SENDING_TEMPORARY)
		return s->stage >= STAGE_RCPT ? seed_fault_of(e, s->enhanced, s->text, NULL) : NULL;
	return seed_fault_of_notice(e, &e->delayed);
}
