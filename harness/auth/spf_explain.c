/* The explanation of a fail (RFC 7208 section 6.2): words of the sender's domain, for people only. */
#include "harness/auth/spf_explain.h"

#include "harness/auth/spf_target.h"
#include "harness/dns/rdata.h"

enum {
	TEXT_MAX = 65535,        /* octets: what the rdata of a TXT record can hold */
	EXPLANATION_MAX = 16384, /* octets, expanded */
};

static bool is_printable(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < 0x20 || text.p[i] > 0x7e)
			return false;
	return true;
}

static bool syntax_is_right(struct span text)
{
	struct spf_macro macro;
	const char *what;
	int found;
	while ((found = spf_macro_next(&text, SPF_MACRO_EXPLANATION, &macro, &what)) > 0)
		continue;
	return found == 0;
}

/* Whether the text became the explanation; where not, *ret_why says it in words. */
static int expand(struct spf_current *c, struct span text, const char **ret_why, struct error *err)
{
	_cleanup_(buf_fini) struct buf explanation = BUF_INIT(EXPLANATION_MAX);
	struct spf_check *check = c->frame->check;
	enum spf_outcome outcome;
	*ret_why = "no explanation: bad syntax";
	if (!syntax_is_right(text))
		return 0;
	if (spf_values_for(c, text, &outcome, err) < 0)
		return -1;
	*ret_why = "no explanation: the names of the client are not known, or too many are void";
	if (outcome == SPF_STOP)
		return 0;
	*ret_why = "no explanation: it is not US-ASCII, or too long";
	if (spf_macro_expand(text, SPF_MACRO_EXPLANATION, &check->values, &explanation) < 0 ||
	    !is_printable(buf_span(&explanation)))
		return buf_check_memory(&explanation, err);
	*ret_why = "1 record";
	check->out->explanation = buf_take(&explanation);
	return check->out->explanation ? 0 : error_memory(err);
}

static int spf_explain_fetch(struct spf_current *c, const struct spf_target *target, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	struct spf_check *check = c->frame->check;
	const struct dns_question question = { target->name, DNS_TXT };
	char words[ERROR_TEXT_MAX];
	if (spf_ask(check, c->step, &question, &answer, err) < 0)
		return -1;
	const char *outcome = dns_answer_words(&answer, words, sizeof(words));
	bool read = answer.state == DNS_ANSWERED && answer.count == 1 && rdata_txt(&answer.records[0], &text, NULL);
	if (buf_check_memory(&text, err) < 0 || (read && expand(c, buf_span(&text), &outcome, err) < 0))
		return -1;
	return trail_outcome(spf_step(check, c->step), err, "%s", outcome);
}

/* The names of the client may be asked for here. That costs the explanation at most: the verdict stands, and its count
 * of void lookups. */
int spf_explain(struct spf_current *c, struct error *err)
{
	struct spf_check *check = c->frame->check;
	struct spf_verdict ignored, *verdict = c->frame->verdict;
	struct spf_target target;
	enum spf_outcome outcome;
	char what[SPF_SHOWN_MAX + 1];
	unsigned void_lookups = check->out->void_lookups;
	span_copy(c->term->text, what, sizeof(what));
	if (spf_step_add(check, c->frame->depth, what, &c->step, err) < 0)
		return -1;
	c->frame->verdict = &ignored;
	check->out->void_lookups = 0;
	int rc = spf_target_make(c, &target, &outcome, err);
	if (rc == 0 && outcome == SPF_NO_MATCH && target.name[0])
		rc = spf_explain_fetch(c, &target, err);
	c->frame->verdict = verdict;
	check->out->void_lookups = void_lookups;
	for (size_t i = c->step; i < check->out->trail.count; i++)
		check->out->trail.steps[i].void_lookup = false;
	return rc;
}
