/* What every term of an SPF evaluation needs: its question, its step in the trail, its ways to end the evaluation. */
#include "harness/auth/spf_ask.h"

#include <stdarg.h>

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
