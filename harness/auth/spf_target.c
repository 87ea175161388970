/* What every term of an SPF evaluation needs: its target name, its question, its step in the trail, its ways to end
 * the evaluation. */
#include "harness/auth/spf_check.h"

#include <stdarg.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/dns/rdata.h"

enum spf_outcome spf_stop(struct spf_frame *f, enum auth_result result, const char *section, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX] ATTR_UNINIT;
	va_list args;
	f->verdict->result = result;
	f->verdict->section = section;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* Also where the text was cut within a character. */
	escape_text(f->verdict->reason, sizeof(f->verdict->reason), span_of(text));
	return SPF_STOP;
}

enum spf_outcome spf_stop_unanswered(struct spf_frame *f, const char *section, const struct dns_question *question,
				     const struct dns_answer *answer)
{
	char type[DNS_TYPE_TEXT_MAX], words[ERROR_TEXT_MAX];
	bool missed = answer->state == DNS_MISSED;
	return spf_stop(f, missed ? AUTH_UNKNOWN : AUTH_TEMPERROR, section, "%s for %s of %s: %s",
			missed ? "the answer is not known" : "no answer", dns_type_name(question->type, type),
			question->name, dns_answer_words(answer, words, sizeof(words)));
}

enum spf_outcome spf_stop_missed(struct spf_frame *f)
{
	return spf_stop(f, AUTH_UNKNOWN, "RFC 7208 section 5.5", "the answer is not known for the client's name at %s",
			f->check->validated.missed);
}

enum spf_outcome spf_count_void(struct spf_current *c, size_t step, const char *name)
{
	struct spf_check *check = c->frame->check;
	struct trail_step *s = spf_step(check, step);
	if (s)
		s->void_lookup = true;
	if (++check->out->void_lookups <= SPF_VOID_MAX)
		return SPF_NO_MATCH;
	return spf_stop(c->frame, AUTH_PERMERROR, "RFC 7208 section 4.6.4",
			"3rd void lookup at %.*s: nothing found at %s",
			SPAN_ARG(span_sub(c->term->text, 0, SPF_SHOWN_MAX)), name);
}

struct trail_step *spf_step(struct spf_check *check, size_t step)
{
	return step < check->out->trail.count ? &check->out->trail.steps[step] : NULL;
}

int spf_step_add(struct spf_check *check, unsigned depth, const char *what, size_t *ret, struct error *err)
{
	struct trail_step *step;
	if (trail_add(&check->out->trail, depth, what, NULL, NULL, &step, err) < 0)
		return -1;
	*ret = step ? check->out->trail.count - 1 : TRAIL_STEPS_MAX;
	return 0;
}

int spf_ask(struct spf_check *check, size_t step, const struct dns_question *question, struct dns_answer *ret,
	    struct error *err)
{
	struct dns_answer answer = { 0 };
	if (resolver_ask_many(check->resolver, question, 1, &answer, err) < 0)
		return -1;
	if (trail_asked(spf_step(check, step), question, &answer, err) < 0) {
		dns_answer_fini(&answer);
		return -1;
	}
	*ret = answer;
	return 0;
}

/* "2 addresses", "no such name", or why there is no answer. */
static const char *address_words(const struct dns_answer *answer, char *out, size_t size)
{
	if (answer->state != DNS_ANSWERED || answer->rcode != DNS_NOERROR)
		return dns_answer_words(answer, out, size);
	snprintf(out, size, "%zu address%s", answer->count, answer->count == 1 ? "" : "es");
	return out;
}

static int note_addresses(struct spf_check *check, const struct dns_question *questions,
			  const struct dns_answer *answers, size_t count, unsigned depth, size_t *ret_step,
			  struct error *err)
{
	char what[DNS_NAME_TEXT_MAX + 16], words[ERROR_TEXT_MAX];
	*ret_step = check->out->trail.cut ? TRAIL_STEPS_MAX : check->out->trail.count;
	for (size_t i = 0; i < count; i++) {
		struct trail_step *step;
		snprintf(what, sizeof(what), "address of %s", questions[i].name);
		if (trail_add(&check->out->trail, depth, what, &questions[i], &answers[i], &step, err) < 0 ||
		    trail_outcome(step, err, "%s", address_words(&answers[i], words, sizeof(words))) < 0)
			return -1;
	}
	return 0;
}

int spf_ask_addresses(struct spf_check *check, const char (*names)[DNS_NAME_TEXT_MAX], size_t count, unsigned depth,
		      struct dns_answer *ret_answers, size_t *ret_step, struct error *err)
{
	struct dns_question questions[SPF_NAMES_MAX];
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ names[i], check->address_type };
	if (count == 0)
		return 0;
	if (resolver_ask_many(check->resolver, questions, count, ret_answers, err) < 0)
		return -1;
	if (note_addresses(check, questions, ret_answers, count, depth, ret_step, err) == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&ret_answers[i]);
	return -1;
}

bool spf_addresses_match(const struct spf_check *check, const struct dns_answer *answer, unsigned bits, struct ip *ret)
{
	for (size_t i = 0; i < answer->count; i++) {
		struct ip ip;
		if (!rdata_address(&answer->records[i], &ip) || !ip_in_prefix(&check->out->client, &ip, bits))
			continue;
		*ret = ip;
		return true;
	}
	return false;
}

void spf_target_set(struct spf_target *target, struct span octets)
{
	if (octets.len > 0 && octets.p[octets.len - 1] == '.')
		octets.len--;
	target->len = octets.len <= SPF_DOMAIN_MAX ? octets.len : SPF_DOMAIN_MAX;
	span_copy(octets, target->text, sizeof(target->text));
	if (octets.len > SPF_DOMAIN_MAX || !dns_name_make(octets, target->name)) {
		target->name[0] = '\0';
		return;
	}
	/* RFC 8616 section 4: macros see A-labels too. Where the name is longer than a domain, it is none. */
	struct span name = span_of(target->name);
	if (!span_is_ascii(octets) && name.len <= SPF_DOMAIN_MAX) {
		target->len = name.len;
		span_copy(name, target->text, sizeof(target->text));
	}
}

/* Section 7.3: the domain itself, one below it, any, or "unknown". */
static struct span best_validated(const struct spf_validated *v, const char *domain)
{
	struct span best = { NULL, 0 };
	for (size_t i = 0; i < v->count; i++) {
		if (strcmp(v->names[i], domain) == 0)
			return span_of(v->names[i]);
		bool under = dns_name_under(v->names[i], domain);
		if (!best.p || (under && !dns_name_under(best.p, domain)))
			best = span_of(v->names[i]);
	}
	return best.p ? best : SPAN_LIT("unknown");
}

int spf_values_for(struct spf_current *c, struct span text, enum spf_outcome *ret_outcome, struct error *err)
{
	struct spf_check *check = c->frame->check;
	size_t step;
	*ret_outcome = SPF_NO_MATCH;
	check->values.domain = span_make(c->frame->domain->text, c->frame->domain->len);
	if (!spf_macro_uses(text, "p"))
		return 0;
	unsigned depth = c->frame->depth + 1;
	if (!check->validated.asked && spf_step_add(check, depth, "%{p}", &step, err) < 0)
		return -1;
	if (check->validated.asked)
		step = c->step;
	if (spf_validate(c, step, depth + 1, ret_outcome, err) < 0)
		return -1;
	if (check->validated.missed[0])
		*ret_outcome = spf_stop_missed(c->frame);
	check->values.validated = best_validated(&check->validated, c->frame->domain->name);
	return 0;
}

int spf_target_make(struct spf_current *c, struct spf_target *ret, enum spf_outcome *ret_outcome, struct error *err)
{
	struct spf_check *check = c->frame->check;
	struct span spec = c->term->domain;
	*ret_outcome = SPF_NO_MATCH;
	if (spec.len == 0) {
		*ret = *c->frame->domain;
		return 0;
	}
	if (spec.len <= SPF_DOMAIN_MAX && span_find_char(spec, '%', 0) < 0) {
		spf_target_set(ret, spec);
		return 0;
	}
	if (spf_values_for(c, spec, ret_outcome, err) < 0)
		return -1;
	if (*ret_outcome == SPF_STOP)
		return 0;
	if (spf_macro_expand_name(spec, &check->values, &check->expanded) < 0)
		return buf_check(&check->expanded, "an expanded domain", err);
	spf_target_set(ret, buf_span(&check->expanded));
	return 0;
}
