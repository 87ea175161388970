/* check_host: one record, its terms, and the records that it leads to (RFC 7208 sections 4.3 to 4.7, 5.1, 5.2, 6.1). */
#include "harness/auth/spf_check.h"

#include <string.h>

#include "harness/auth/spf_explain.h"
#include "harness/auth/spf_mechanism.h"
#include "harness/auth/spf_target.h"
#include "harness/base/escape.h"
#include "harness/dns/rdata.h"

enum {
	RECORD_MAX = 65535, /* octets: what the rdata of a TXT record can hold */
	TERMS_KEPT = 16,    /* of a record that has more, the others are read twice */
};

/* A valid record: the first of its terms, where the others begin, and its parsed. */
struct parsed {
	struct spf_term terms[TERMS_KEPT];
	size_t count;
	struct spf_reader rest;
	bool has_redirect, has_exp;
	struct spf_term redirect, exp;
};

/* " of example.net" behind a term, where it is not one of the domain's own record. */
static const char *of_domain(const struct spf_frame *f, char *out, size_t size)
{
	bool own = f->domain->name[0] == '\0' || strcmp(f->domain->name, f->check->out->domain) == 0;
	snprintf(out, size, "%s%s", own ? "" : " of ", own ? "" : f->domain->name);
	return out;
}

/* The SPF record among the TXT records (section 4.5). */
static int select_record(struct spf_frame *f, const struct dns_answer *answer, struct buf *ret, size_t *ret_count,
			 struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(RECORD_MAX);
	size_t count = 0;
	bool glued = false;
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&text);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0)
			return -1;
		if (!read)
			continue;
		if (!spf_record_is(buf_span(&text))) {
			glued = glued || span_starts_nocase(buf_span(&text), SPAN_LIT("v=spf1"));
			continue;
		}
		if (count++ == 0) {
			struct buf empty = *ret;
			*ret = text;
			text = empty;
		}
	}
	*ret_count = count;
	if (count == 0)
		spf_stop(f, AUTH_NONE, "RFC 7208 section 4.5", "%s has no SPF record%s", f->domain->name,
			 glued ? ": no space is behind `v=spf1` (strings of a TXT record are joined without one)" : "");
	else if (count > 1)
		spf_stop(f, AUTH_PERMERROR, "RFC 7208 section 4.5", "%s has %zu SPF records", f->domain->name, count);
	return 0;
}

/* Asks for the record at the step. *ret_count is 1 where there is one; else the verdict is filled. */
static int fetch_record(struct spf_frame *f, size_t step, struct buf *ret, size_t *ret_count, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { f->domain->name, DNS_TXT };
	*ret_count = 0;
	if (!strchr(f->domain->name, '.')) {
		spf_stop(f, AUTH_NONE, "RFC 7208 section 4.3", "%s",
			 f->domain->name[0] ? "a domain of one label has no SPF record"
					    : "the DNS cannot have a record at such a domain");
		return 0;
	}
	if (spf_ask(f->check, step, &question, &answer, err) < 0)
		return -1;
	struct trail_step *noted = spf_step(f->check, step);
	/* Of include and redirect: the first question is none of a term. That there is no record ends it anyway. */
	if (f->depth > 1 && answer.state == DNS_ANSWERED && answer.count == 0) {
		f->check->out->void_lookups++;
		if (noted)
			noted->void_lookup = true;
	}
	if (answer.state != DNS_ANSWERED)
		spf_stop_unanswered(f, "RFC 7208 section 4.4", &question, &answer);
	else if (answer.rcode == DNS_NXDOMAIN)
		spf_stop(f, AUTH_NONE, "RFC 7208 section 4.3", "no such name: %s", f->domain->name);
	else
		return select_record(f, &answer, ret, ret_count, err);
	return 0;
}

/* Section 4.6: a fault anywhere ends the evaluation before it begins. */
static bool spf_check_syntax(struct spf_frame *f, struct span record, struct parsed *ret)
{
	struct spf_reader reader = spf_reader_start(record);
	struct spf_term term;
	struct spf_fault fault;
	int found;
	ret->count = 0;
	ret->has_redirect = ret->has_exp = false;
	while ((found = spf_reader_next(&reader, &term, &fault)) > 0) {
		if (ret->count < TERMS_KEPT) {
			ret->terms[ret->count++] = term;
			ret->rest = reader;
		}
		if (term.kind == SPF_REDIRECT) {
			ret->has_redirect = true;
			ret->redirect = term;
		} else if (term.kind == SPF_EXP) {
			ret->has_exp = true;
			ret->exp = term;
		}
	}
	if (found == 0)
		return true;
	char shown[4 * SPF_SHOWN_MAX];
	escape_text(shown, sizeof(shown), span_sub(fault.term, 0, SPF_SHOWN_MAX));
	spf_stop(f, AUTH_PERMERROR, fault.section, "syntax error in the record of %s, %s at octet %zu: %s",
		 f->domain->name, shown, fault.offset, fault.what);
	return false;
}

static int match_include(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	struct spf_frame *f = c->frame;
	struct spf_target target ATTR_UNINIT;
	struct spf_verdict inner ATTR_UNINIT;
	if (spf_target_make(c, &target, ret, err) < 0)
		return -1;
	if (*ret == SPF_STOP)
		return 0;
	if (spf_check_host(f->check, &target, c->step, f->depth + 1, true, &inner, err) < 0)
		return -1;
	if (inner.result == AUTH_PASS) {
		*ret = SPF_MATCH;
		*f->verdict = inner;
		return trail_outcome(spf_step(f->check, c->step), err, "matches");
	}
	if (inner.result == AUTH_NONE) {
		*ret = spf_stop(f, AUTH_PERMERROR, "RFC 7208 section 5.2", "%.*s: %s",
				SPAN_ARG(span_sub(c->term->text, 0, SPF_SHOWN_MAX)), inner.reason);
	} else if (inner.result == AUTH_PERMERROR || inner.result == AUTH_TEMPERROR || inner.result == AUTH_UNKNOWN) {
		*ret = SPF_STOP;
		*f->verdict = inner;
	}
	return trail_outcome(spf_step(f->check, c->step), err, "%s%s",
			     *ret == SPF_STOP ? "" : "does not match: ", auth_result_name(inner.result));
}

static int match_network(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	const struct spf_term *t = c->term;
	unsigned bits = t->kind == SPF_IP6 ? t->bits6 : t->bits4;
	*ret = ip_in_prefix(&c->frame->check->out->client, &t->network, bits) ? SPF_MATCH : SPF_NO_MATCH;
	return trail_outcome(spf_step(c->frame->check, c->step), err, *ret == SPF_MATCH ? "matches" : "does not match");
}

static int match_all(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	*ret = SPF_MATCH;
	return trail_outcome(spf_step(c->frame->check, c->step), err, "matches");
}

static spf_match_fn *const matchers[] = {
	[SPF_ALL] = match_all,     [SPF_INCLUDE] = match_include,   [SPF_A] = spf_match_a,
	[SPF_MX] = spf_match_mx,   [SPF_PTR] = spf_match_ptr,       [SPF_IP4] = match_network,
	[SPF_IP6] = match_network, [SPF_EXISTS] = spf_match_exists,
};

/* Of an included record only a pass is seen, or what ends the evaluation (section 5.2): other results need no reason.
 */
static bool is_unseen(struct spf_frame *f, enum auth_result result)
{
	if (!f->included || result == AUTH_PASS)
		return false;
	f->verdict->result = result;
	f->verdict->section = NULL;
	f->verdict->reason[0] = '\0';
	return true;
}

/* The verdict of a mechanism that matches. That of an include names what matched in it already. */
static void conclude(struct spf_current *c)
{
	struct spf_frame *f = c->frame;
	char of[DNS_NAME_TEXT_MAX + 8] ATTR_UNINIT, ip[IP_TEXT_MAX];
	const struct spf_term *t = c->term;
	struct span shown = span_sub(t->text, 0, SPF_SHOWN_MAX);
	if (is_unseen(f, t->qualifier))
		return;
	of_domain(f, of, sizeof(of));
	if (t->kind == SPF_INCLUDE)
		f->verdict->result = t->qualifier;
	else if (t->kind != SPF_ALL)
		spf_stop(f, t->qualifier, "RFC 7208 section 4.6.2", "matches %.*s%s", SPAN_ARG(shown), of);
	else if (t->qualifier == AUTH_PASS)
		spf_stop(f, t->qualifier, "RFC 7208 section 5.1", "%.*s%s matches every address", SPAN_ARG(shown), of);
	else
		spf_stop(f, t->qualifier, "RFC 7208 section 5.1", "nothing before %.*s%s matches %s", SPAN_ARG(shown),
			 of, ip_format(&f->check->out->client, ip));
}

/* Adds the term to the trail and counts it. SPF_STOP where it is one lookup too many (section 4.6.4). */
static int start_term(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	struct spf_check *check = c->frame->check;
	char what[SPF_SHOWN_MAX + 1] ATTR_UNINIT, of[DNS_NAME_TEXT_MAX + 8] ATTR_UNINIT;
	span_copy(c->term->text, what, sizeof(what));
	*ret = SPF_NO_MATCH;
	if (spf_step_add(check, c->frame->depth, what, &c->step, err) < 0)
		return -1;
	if (!spf_term_costs_lookup(c->term->kind))
		return 0;
	struct trail_step *step = spf_step(check, c->step);
	check->out->lookups++;
	if (step)
		step->lookup = check->out->lookups;
	if (check->out->lookups <= SPF_LOOKUPS_MAX)
		return 0;
	*ret = spf_stop(c->frame, AUTH_PERMERROR, "RFC 7208 section 4.6.4", "11th DNS lookup at %s%s", what,
			of_domain(c->frame, of, sizeof(of)));
	return trail_outcome(step, err, "more than 10 lookups");
}

/* RFC 8616 section 4: with a local part beyond US-ASCII, terms that use it match nothing. */
static bool needs_other_local_part(const struct spf_current *c)
{
	return !span_is_ascii(c->frame->check->values.local_part) && spf_macro_uses(c->term->domain, "sl");
}

static int evaluate_term(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	if (start_term(c, ret, err) < 0)
		return -1;
	if (*ret == SPF_STOP)
		return 0;
	if (needs_other_local_part(c))
		return trail_outcome(spf_step(c->frame->check, c->step), err,
				     "does not match: the local part is not US-ASCII");
	if (matchers[c->term->kind](c, ret, err) < 0)
		return -1;
	if (*ret != SPF_MATCH)
		return 0;
	if (!c->frame->included) {
		c->frame->check->out->mechanism = span_dup(c->term->text);
		if (!c->frame->check->out->mechanism)
			return error_memory(err);
	}
	conclude(c);
	return 0;
}

/* Mechanisms in their order, until one of them decides. */
static int evaluate_mechanisms(struct spf_frame *f, struct parsed *record, enum spf_outcome *ret, struct error *err)
{
	struct spf_term term;
	struct spf_fault fault;
	*ret = SPF_NO_MATCH;
	for (size_t i = 0; *ret == SPF_NO_MATCH; i++) {
		if (i >= record->count &&
		    (record->count < TERMS_KEPT || spf_reader_next(&record->rest, &term, &fault) <= 0))
			return 0;
		struct spf_current current = { f, i < record->count ? &record->terms[i] : &term, 0 };
		if (current.term->kind < SPF_REDIRECT && evaluate_term(&current, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* Section 6.1. */
static int redirect(struct spf_frame *f, const struct spf_term *term, struct error *err)
{
	struct spf_current c = { f, term, 0 };
	struct spf_target target ATTR_UNINIT;
	enum spf_outcome outcome;
	if (start_term(&c, &outcome, err) < 0)
		return -1;
	if (outcome != SPF_STOP && spf_target_make(&c, &target, &outcome, err) < 0)
		return -1;
	if (outcome == SPF_STOP)
		return 0;
	if (needs_other_local_part(&c))
		target.name[0] = '\0';
	struct spf_verdict inner ATTR_UNINIT;
	if (spf_check_host(f->check, &target, c.step, f->depth + 1, f->included, &inner, err) < 0)
		return -1;
	if (trail_outcome(spf_step(f->check, c.step), err, "%s", auth_result_name(inner.result)) < 0)
		return -1;
	if (inner.result == AUTH_NONE)
		spf_stop(f, AUTH_PERMERROR, "RFC 7208 section 6.1", "%.*s: %s",
			 SPAN_ARG(span_sub(term->text, 0, SPF_SHOWN_MAX)), inner.reason);
	else
		*f->verdict = inner;
	return 0;
}

static int evaluate_record(struct spf_frame *f, struct span record, struct error *err)
{
	struct parsed parsed ATTR_UNINIT;
	enum spf_outcome outcome;
	char ip[IP_TEXT_MAX], of[DNS_NAME_TEXT_MAX + 8] ATTR_UNINIT;
	if (!spf_check_syntax(f, record, &parsed))
		return 0;
	if (evaluate_mechanisms(f, &parsed, &outcome, err) < 0)
		return -1;
	if (outcome == SPF_NO_MATCH && parsed.has_redirect)
		return redirect(f, &parsed.redirect, err);
	if (outcome == SPF_NO_MATCH && !is_unseen(f, AUTH_NEUTRAL))
		spf_stop(f, AUTH_NEUTRAL, "RFC 7208 section 4.7", "nothing%s matches %s", of_domain(f, of, sizeof(of)),
			 ip_format(&f->check->out->client, ip));
	if (f->verdict->result != AUTH_FAIL || outcome == SPF_STOP || f->included || !parsed.has_exp)
		return 0;
	struct spf_current c = { f, &parsed.exp, 0 };
	return spf_explain(&c, err);
}

int spf_check_host(struct spf_check *check, const struct spf_target *domain, size_t step, unsigned depth, bool included,
		   struct spf_verdict *ret, struct error *err)
{
	struct spf_frame frame = { check, domain, depth, included, ret };
	_cleanup_(buf_fini) struct buf record = BUF_INIT(RECORD_MAX);
	size_t count;
	if (fetch_record(&frame, step, &record, &count, err) < 0)
		return -1;
	if (depth == 1 && count == 1) {
		check->out->record = span_dup(buf_span(&record));
		if (!check->out->record)
			return error_memory(err);
	}
	return count == 1 ? evaluate_record(&frame, buf_span(&record), err) : 0;
}
