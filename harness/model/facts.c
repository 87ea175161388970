/* Names and clean-up of stored facts. No I/O. */
#include "harness/model/facts.h"

#include <stdlib.h>

#include "harness/base/compiler.h"

static const char *const run_events[] = {
	[RUN_STARTED] = "started",   [RUN_RESUMED] = "resumed", [RUN_INTERRUPTED] = "interrupted",
	[RUN_FINISHED] = "finished", [RUN_ABORTED] = "aborted", [RUN_CLOCK_SET] = "clock-set",
	[RUN_SLEPT] = "slept",
};
static const char *const send_events[] = {
	[SEND_INTENT] = "intent",
	[SEND_HANDING_OVER] = "handing-over",
	[SEND_REPLY] = "reply",
	[SEND_FAILED] = "failed",
};
static const char *const stages[] = {
	[STAGE_NONE] = "none", [STAGE_CONNECT] = "connect", [STAGE_TLS] = "tls",   [STAGE_AUTH] = "auth",
	[STAGE_MAIL] = "mail", [STAGE_RCPT] = "rcpt",       [STAGE_DATA] = "data", [STAGE_END_OF_DATA] = "end-of-data",
};
static const char *const seed_events[] = {
	[SEED_READY] = "ready",
	[SEED_FAILED] = "failed",
	[SEED_SWEPT] = "swept",
};

static int facts_value_of(const char *const *names, size_t count, struct span word)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, names[i]))
			return (int)i;
	return -1;
}

#define DEFINE_WORDS(prefix, type, table)                                                                              \
	const char *prefix##_name(type v)                                                                              \
	{                                                                                                              \
		return (size_t)v < ARRAY_LEN(table) ? table[v] : "unknown";                                            \
	}                                                                                                              \
	bool prefix##_from(struct span word, type *ret)                                                                \
	{                                                                                                              \
		int value = facts_value_of(table, ARRAY_LEN(table), word);                                             \
		if (value >= 0)                                                                                        \
			*ret = (type)value;                                                                            \
		return value >= 0;                                                                                     \
	}

DEFINE_WORDS(run_event, enum run_event_kind, run_events)
DEFINE_WORDS(send_event, enum send_event_kind, send_events)
DEFINE_WORDS(send_stage, enum send_stage, stages)
DEFINE_WORDS(seed_event, enum seed_event_kind, seed_events)

enum send_state send_state_of(const struct send_event *events, size_t count)
{
	enum send_state state = SENDING_NOT_COMPOSED;
	for (size_t i = 0; i < count; i++) {
		const struct send_event *e = &events[i];
		if (state == SENDING_ACCEPTED)
			break; /* whoever has said 2xx has the message: nothing that comes after takes it back */
		switch (e->kind) {
		case SEND_INTENT:
			state = SENDING_COMPOSED;
			break;
		case SEND_HANDING_OVER:
			state = SENDING_IN_DOUBT;
			break;
		case SEND_REPLY:
			state = e->reply_code >= 500   ? SENDING_REJECTED
				: e->reply_code >= 400 ? SENDING_TEMPORARY
						       : SENDING_ACCEPTED;
			break;
		case SEND_FAILED:
			/* After the handing over only a reply settles what became of it. */
			if (state != SENDING_IN_DOUBT)
				state = SENDING_FAILED;
			break;
		}
	}
	return state;
}

void send_event_fini(struct send_event *e)
{
	if (!e)
		return;
	free(e->enhanced);
	free(e->text);
	free(e->tls_version);
	free(e->tls_cipher);
	free(e->peer);
	*e = (struct send_event){ 0 };
}

void observation_fini(struct observation *o)
{
	if (!o)
		return;
	free(o->folder);
	free(o->header);
	free(o->body);
	free(o->found_by);
	*o = (struct observation){ 0 };
}

bool bounce_is_about(const struct bounce *bounce, const char *address)
{
	return !bounce->recipient || span_eq_nocase(span_of(bounce->recipient), span_of(address));
}

void bounce_fini(struct bounce *b)
{
	if (!b)
		return;
	free(b->action);
	free(b->status);
	free(b->diagnostic);
	free(b->remote_mta);
	free(b->reporting_mta);
	free(b->recipient);
	free(b->sender);
	free(b->subject);
	free(b->raw);
	*b = (struct bounce){ 0 };
}

void probe_fini(struct probe *p)
{
	if (!p)
		return;
	free(p->seed);
	free(p->provider);
	free(p->message);
	free(p->tag);
	free(p->message_id);
	free(p->mail_from);
	free(p->composed);
	for (size_t i = 0; i < p->send_count; i++)
		send_event_fini(&p->sends[i]);
	free(p->sends);
	for (size_t i = 0; i < p->observation_count; i++)
		observation_fini(&p->observations[i]);
	free(p->observations);
	for (size_t i = 0; i < p->bounce_count; i++)
		bounce_fini(&p->bounces[i]);
	free(p->bounces);
	*p = (struct probe){ 0 };
}

void run_summary_fini(struct run_summary *s)
{
	if (!s)
		return;
	free(s->label);
	*s = (struct run_summary){ 0 };
}

void run_facts_fini(struct run_facts *f)
{
	if (!f)
		return;
	run_summary_fini(&f->summary);
	for (size_t i = 0; i < f->setting_count; i++) {
		free(f->settings[i].section);
		free(f->settings[i].key);
		free(f->settings[i].value);
	}
	free(f->settings);
	for (size_t i = 0; i < f->message_count; i++) {
		free(f->messages[i].name);
		free(f->messages[i].sha256);
	}
	free(f->messages);
	free(f->program.version);
	for (size_t i = 0; i < f->pack_count; i++) {
		free(f->packs[i].name);
		free(f->packs[i].sha256);
	}
	free(f->packs);
	for (size_t i = 0; i < f->event_count; i++)
		free(f->events[i].detail);
	free(f->events);
	for (size_t i = 0; i < f->probe_count; i++)
		probe_fini(&f->probes[i]);
	free(f->probes);
	for (size_t i = 0; i < f->seed_event_count; i++) {
		free(f->seed_events[i].seed);
		free(f->seed_events[i].detail);
		free(f->seed_events[i].mend);
	}
	free(f->seed_events);
	for (size_t i = 0; i < f->baseline_count; i++) {
		free(f->baselines[i].seed);
		free(f->baselines[i].folder);
	}
	free(f->baselines);
	for (size_t i = 0; i < f->dns_count; i++)
		dns_fact_fini(&f->dns[i]);
	free(f->dns);
	findings_fini(&f->findings);
	*f = (struct run_facts){ 0 };
}

void reply_fact_fini(struct reply_fact *f)
{
	if (!f)
		return;
	free(f->code);
	free(f->address);
	free(f->who);
	*f = (struct reply_fact){ 0 };
}
