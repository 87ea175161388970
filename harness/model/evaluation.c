/* Results of the evaluators: words, trail, the end of life. */
#include "harness/model/evaluation.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"

static void step_fini(struct trail_step *step)
{
	free(step->what);
	free(step->name);
	free(step->outcome);
}

int trail_add(struct trail *trail, unsigned depth, const char *what, const struct dns_question *question,
	      const struct dns_answer *answer, struct trail_step **ret, struct error *err)
{
	*ret = NULL;
	if (trail->count >= TRAIL_STEPS_MAX) {
		trail->cut = true;
		return 0;
	}
	if (vec_grow(&trail->steps, trail->count, &trail->cap, sizeof(*trail->steps), err) < 0)
		return -1;
	struct trail_step *step = &trail->steps[trail->count];
	*step = (struct trail_step){ .depth = depth };
	if (text_set(&step->what, span_of(what), err) < 0 ||
	    (question && trail_asked(step, question, answer, err) < 0)) {
		step_fini(step);
		return -1;
	}
	trail->count++;
	*ret = step;
	return 0;
}

int trail_asked(struct trail_step *step, const struct dns_question *question, const struct dns_answer *answer,
		struct error *err)
{
	if (!step)
		return 0;
	if (text_set(&step->name, span_of(question->name), err) < 0)
		return -1;
	step->type = question->type;
	if (answer) {
		step->state = answer->state;
		step->rcode = answer->rcode;
		step->records = answer->count;
		step->ttl = answer->ttl;
	}
	return 0;
}

int trail_outcome(struct trail_step *step, struct error *err, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX] ATTR_UNINIT, escaped[ERROR_TEXT_MAX] ATTR_UNINIT;
	va_list args;
	if (!step)
		return 0;
	/* Most outcomes are fixed words, and an evaluation has many. */
	if (!strchr(fmt, '%'))
		return text_set(&step->outcome, span_of(fmt), err);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text_set(&step->outcome, span_of(escape_text(escaped, sizeof(escaped), span_of(text))), err);
}

const char *dns_answer_words(const struct dns_answer *answer, char *out, size_t size)
{
	if (answer->state != DNS_ANSWERED)
		snprintf(out, size, "%s", answer->detail ? answer->detail : "no answer");
	else if (answer->rcode == DNS_NXDOMAIN)
		snprintf(out, size, "no such name");
	else
		snprintf(out, size, "%zu record%s", answer->count, answer->count == 1 ? "" : "s");
	return out;
}

void trail_fini(struct trail *trail)
{
	for (size_t i = 0; i < trail->count; i++)
		step_fini(&trail->steps[i]);
	free(trail->steps);
	*trail = (struct trail){ 0 };
}

const char *spf_identity_name(enum spf_identity v)
{
	return v == SPF_HELO ? "helo" : "mailfrom";
}

const char *sender_source_name(enum sender_source v)
{
	static const char *const names[] = { "given", "received", "received-spf", "authentication-results" };
	return names[v];
}

const char *dmarc_policy_name(enum dmarc_policy v)
{
	static const char *const names[] = { "", "none", "quarantine", "reject" };
	return names[v];
}

const char *dmarc_standard_name(enum dmarc_standard v)
{
	return v == DMARC_RFC7489 ? "RFC 7489" : "RFC 9989";
}

void spf_evaluation_fini(struct spf_evaluation *e)
{
	if (!e)
		return;
	free(e->reason);
	free(e->explanation);
	free(e->domain);
	free(e->mechanism);
	free(e->record);
	free(e->helo);
	free(e->mail_from);
	trail_fini(&e->trail);
	*e = (struct spf_evaluation){ 0 };
}

void dkim_signature_fini(struct dkim_signature *s)
{
	if (!s)
		return;
	free(s->domain);
	free(s->selector);
	free(s->identity);
	free(s->algorithm);
	free(s->reason);
	free(s->signed_fields);
	free(s->copied_fields);
	free(s->key_name);
	*s = (struct dkim_signature){ 0 };
}

void dkim_evaluation_fini(struct dkim_evaluation *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->count; i++)
		dkim_signature_fini(&e->signatures[i]);
	free(e->signatures);
	trail_fini(&e->trail);
	*e = (struct dkim_evaluation){ 0 };
}

void arc_evaluation_fini(struct arc_evaluation *e)
{
	if (!e)
		return;
	free(e->sealed_by);
	free(e->reason);
	trail_fini(&e->trail);
	*e = (struct arc_evaluation){ 0 };
}

void dmarc_reading_fini(struct dmarc_reading *r)
{
	if (!r)
		return;
	free(r->reason);
	free(r->record_domain);
	free(r->record);
	free(r->org_domain);
	free(r->aligned_domain);
	for (size_t i = 0; i < r->report_count; i++) {
		free(r->reports[i].uri);
		free(r->reports[i].domain);
	}
	free(r->reports);
	trail_fini(&r->trail);
	*r = (struct dmarc_reading){ 0 };
}

void dmarc_evaluation_fini(struct dmarc_evaluation *e)
{
	if (!e)
		return;
	for (int i = 0; i < DMARC_STANDARD_COUNT; i++)
		dmarc_reading_fini(&e->readings[i]);
	free(e->from_domain);
	free(e->from_deviation);
	free(e->difference);
	*e = (struct dmarc_evaluation){ 0 };
}

void evaluation_fini(struct evaluation *e)
{
	if (!e)
		return;
	spf_evaluation_fini(&e->spf);
	dkim_evaluation_fini(&e->dkim);
	arc_evaluation_fini(&e->arc);
	dmarc_evaluation_fini(&e->dmarc);
}
