/* What a DMARC record demands of receivers. */
#include "harness/posture/dmarc/check_dmarc.h"

#include <string.h>

#include "harness/posture/engine/publish.h"

enum { READING_MAX = 1100 /* octets: a name and some words */ };

#define EDIT(tag, value)                                                                                               \
	{                                                                                                              \
		SPAN_LIT(tag), value                                                                                   \
	}

/* --- syntax ----------------------------------------------------------------------------------------------------- */

static void add_problem(struct buf *list, const struct dmarc_problem *problem)
{
	buf_addf(list, "%soctet %zu, %.*s: %s (%s)", list->len ? "; " : "", problem->offset, SPAN_ARG(problem->tag),
		 problem->what, problem->section);
}

static void check_dmarc_policy_check_syntax(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(DMARC_WORDS_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	struct dmarc_edit edits[DMARC_STANDARD_COUNT * DMARC_PROBLEMS_MAX + 1];
	size_t count = 0;
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
		for (size_t i = 0; i < posture->records[s].problem_count; i++) {
			const struct dmarc_problem *problem = &posture->records[s].problems[i];
			add_problem(&list, problem);
			if (!span_is_nocase(problem->tag, "p"))
				edits[count++] = (struct dmarc_edit){ problem->tag, NULL };
		}
	/* A record without a valid p counts as p=none, at best. */
	if (posture->records[DMARC_RFC7489].p_assumed || !posture->records[DMARC_RFC7489].usable)
		edits[count++] = (struct dmarc_edit)EDIT("p", "none");
	dmarc_mend_edit(posture->found, "write what was meant, or leave it out", edits, count, &mend);
	if (list.len)
		check_bad(posture->check, "dmarc.syntax", posture->author, check_text(posture->check, &mend), "%s",
			  check_text(posture->check, &list));
	else
		check_good(posture->check, "dmarc.syntax", posture->author, "no fault by either standard");
}

/* --- both standards --------------------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *reading_words(const struct dmarc_reading *r, char out[READING_MAX])
{
	if (!r->record_domain)
		return "no record";
	snprintf(out, READING_MAX, "%s of %s", dmarc_policy_name(r->policy), r->record_domain);
	return out;
}

/* pct= and t=, which only one of them knows, are findings of their own. */
static void check_readings(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	const struct dmarc_reading *a = &posture->evaluation.readings[DMARC_RFC9989];
	const struct dmarc_reading *b = &posture->evaluation.readings[DMARC_RFC7489];
	char name[READING_MAX], words[DMARC_STANDARD_COUNT][READING_MAX];
	snprintf(name, sizeof(name), "_dmarc.%s", posture->author);
	buf_add_str(&mend, "publish a record where both standards look first: ");
	publish_txt(&mend, name, span_of(posture->found->record));
	if ((!a->record && a->result != AUTH_NONE) || (!b->record && b->result != AUTH_NONE))
		check_open(posture->check, "dmarc.readings", posture->author, "%s", a->record ? b->reason : a->reason);
	else
		check_that(posture->check, same(a->record_domain, b->record_domain) && a->policy == b->policy,
			   "dmarc.readings", posture->author, check_text(posture->check, &mend),
			   "RFC 9989: %s; RFC 7489: %s", reading_words(a, words[0]), reading_words(b, words[1]));
}

/* --- policy ----------------------------------------------------------------------------------------------------- */

/* The weaker of both readings, where both have a record. */
static enum dmarc_policy weakest(const struct dmarc_posture *posture)
{
	enum dmarc_policy policy = posture->found->effective;
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		const struct dmarc_reading *r = &posture->evaluation.readings[s];
		if (r->record && r->effective < policy)
			policy = r->effective;
	}
	return policy;
}

static void check_strength(const struct dmarc_posture *posture, const char *id, enum dmarc_policy wanted)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	const struct dmarc_reading *found = posture->found;
	const char *tag = found->policy_tag ? found->policy_tag : "p";
	enum dmarc_policy policy = weakest(posture);
	const struct dmarc_edit edits[] = { { span_of(tag), dmarc_policy_name(wanted) }, EDIT("t", NULL) };
	dmarc_mend_edit(posture->found, "when all mail of the domain passes, publish", edits, ARRAY_LEN(edits), &mend);
	if (policy == DMARC_POLICY_ABSENT)
		check_bad(posture->check, id, posture->author, check_text(posture->check, &mend), "no valid policy");
	else
		check_that(posture->check, policy >= wanted, id, posture->author, check_text(posture->check, &mend),
			   "%s=%s of %s%s", tag, dmarc_policy_name(found->policy), found->record_domain,
			   found->testing ? ", one step lower by t=y" : "");
}

static void check_policy(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	static const struct dmarc_edit none[] = { EDIT("p", "none"), EDIT("sp", NULL), EDIT("np", NULL) };
	bool valid = true;
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
		valid &= posture->records[s].usable && !posture->records[s].p_assumed;
	dmarc_mend_edit(posture->found, "say which policy is wanted", none, ARRAY_LEN(none), &mend);
	check_that(
	    posture->check, valid, "dmarc.policy", posture->author, check_text(posture->check, &mend), "%s%s",
	    valid ? "p=" : "no valid policy: ",
	    valid ? dmarc_policy_name(posture->records[DMARC_RFC9989].p)
		  : (posture->records[DMARC_RFC7489].usable ? "it counts as p=none" : "the record counts for nothing"));
}

/* What is absent is as what stands in front of it: sp as p, np as sp (RFC 9989 section 4.7). */
static void check_subdomains(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	static const struct dmarc_edit gone[] = { EDIT("sp", NULL), EDIT("np", NULL) };
	const struct dmarc_record *r = &posture->records[DMARC_RFC9989];
	enum dmarc_policy sp = r->sp == DMARC_POLICY_ABSENT ? r->p : r->sp;
	enum dmarc_policy np = r->np == DMARC_POLICY_ABSENT ? sp : r->np;
	dmarc_mend_edit(posture->found, "protect names below the domain as well", gone, ARRAY_LEN(gone), &mend);
	check_that(posture->check, sp >= r->p && np >= r->p, "dmarc.subdomains", posture->author,
		   check_text(posture->check, &mend), "p=%s, subdomains %s, those that do not exist %s",
		   dmarc_policy_name(r->p), dmarc_policy_name(sp), dmarc_policy_name(np));
}

static void check_lowered(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf pct = BUF_INIT(DMARC_WORDS_MAX), testing = BUF_INIT(DMARC_WORDS_MAX);
	static const struct dmarc_edit no_pct[] = { EDIT("pct", NULL) }, no_t[] = { EDIT("t", NULL) };
	dmarc_mend_edit(posture->found, "let the policy hold for all messages", no_pct, 1, &pct);
	dmarc_mend_edit(posture->found, "end the test", no_t, 1, &testing);
	check_that(posture->check, posture->records[DMARC_RFC7489].pct == 100, "dmarc.pct", posture->author,
		   check_text(posture->check, &pct), "the policy holds for %u %% of messages (pct)",
		   posture->records[DMARC_RFC7489].pct);
	check_that(posture->check, !posture->records[DMARC_RFC9989].testing, "dmarc.testing", posture->author,
		   check_text(posture->check, &testing), "%s",
		   posture->records[DMARC_RFC9989].testing ? "t=y" : "no t=y");
}

void dmarc_posture_policy(const struct dmarc_posture *posture)
{
	check_dmarc_policy_check_syntax(posture);
	check_readings(posture);
	check_policy(posture);
	check_strength(posture, "dmarc.enforced", DMARC_POLICY_QUARANTINE);
	check_strength(posture, "dmarc.reject", DMARC_POLICY_REJECT);
	check_subdomains(posture);
	check_lowered(posture);
}
