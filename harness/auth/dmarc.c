/* DMARC: who the author is, which policy applies, whether an identifier is aligned; the whole once for each standard,
 * and what differs between them in words. */
#include "harness/auth/dmarc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc_author.h"
#include "harness/auth/dmarc_reading.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"

enum { WORDS_MAX = 4000 };

static int dmarc_settle(struct dmarc_reading *r, enum auth_result result, struct error *err, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* The result and its reason. */
static int dmarc_settle(struct dmarc_reading *r, enum auth_result result, struct error *err, const char *fmt, ...)
{
	char text[WORDS_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	r->result = result;
	return text_set(&r->reason, span_of(text), err);
}

static const char *section(enum dmarc_standard standard, const char *rfc9989, const char *rfc7489)
{
	return standard == DMARC_RFC9989 ? rfc9989 : rfc7489;
}

static int settle_missing(struct dmarc_reading *r, const char *what, const char *name, enum dns_state state,
			  const char *why, struct error *err)
{
	return dmarc_settle(r, state == DNS_MISSED ? AUTH_UNKNOWN : AUTH_TEMPERROR, err, "%s%s: %s", what, name,
			    why ? why : "no answer");
}

static int settle_without_record(const struct dmarc_context *c, const struct dmarc_policy_found *found,
				 struct dmarc_reading *r, struct error *err)
{
	if (found->failed)
		return settle_missing(r, "_dmarc.", found->failed->domain, found->failed->state, found->failed->failure,
				      err);
	if (found->several)
		return dmarc_settle(r, AUTH_NONE, err, "_dmarc.%s has %zu DMARC records, so that none counts",
				    found->several->domain, found->several->candidates);
	if (found->org_domain && strcmp(found->org_domain, c->author) != 0)
		return dmarc_settle(r, AUTH_NONE, err, "no DMARC record at %s or its organisational domain %s",
				    c->author, found->org_domain);
	return dmarc_settle(r, AUTH_NONE, err, "no DMARC record for %s", c->author);
}

static enum dmarc_policy one_below(enum dmarc_policy policy)
{
	return policy > DMARC_POLICY_NONE ? policy - 1 : policy;
}

/* Which of p, sp and np applies. *ret_state is not DNS_ANSWERED where that needs an answer that is missing. */
static int choose_policy(const struct dmarc_context *c, const struct dmarc_lookup *at, struct dmarc_reading *r,
			 enum dns_state *ret_state, struct error *err)
{
	const struct dmarc_record *record = &at->record;
	const struct dmarc_lookup *own = c->finder->lookups[0];
	r->policy = record->p;
	r->policy_tag = "p";
	*ret_state = DNS_ANSWERED;
	if (at == own)
		return 0;
	if (record->sp != DMARC_POLICY_ABSENT) {
		r->policy = record->sp;
		r->policy_tag = "sp";
	}
	if (record->np == DMARC_POLICY_ABSENT)
		return 0;
	int exists = dmarc_domain_exists(c->finder, own, ret_state, err);
	if (exists == 0) {
		r->policy = record->np;
		r->policy_tag = "np";
	}
	return exists < 0 ? -1 : 0;
}

static int take_policy(const struct dmarc_context *c, const struct dmarc_lookup *at, struct dmarc_reading *r,
		       enum dns_state *ret_state, struct error *err)
{
	if (choose_policy(c, at, r, ret_state, err) < 0)
		return -1;
	r->pct = at->record.pct;
	r->testing = at->record.testing;
	r->effective = r->testing ? one_below(r->policy) : r->policy;
	return 0;
}

/* One author's domain by the finder's standard. */
static int evaluate_author(const struct dmarc_context *c, struct dmarc_reading *r, struct error *err)
{
	enum dmarc_standard standard = c->finder->standard;
	struct dmarc_policy_found found = { 0 };
	enum dns_state existence = DNS_ANSWERED;
	r->section = section(standard, "RFC 9989 section 4.10.1", "RFC 7489 section 6.6.3");
	r->pct = 100;
	if (dmarc_discover(c->finder, c->author, &found, err) < 0 ||
	    (found.org_domain && text_set(&r->org_domain, span_of(found.org_domain), err) < 0))
		return -1;
	if (!found.at)
		return settle_without_record(c, &found, r, err);
	if (text_set(&r->record_domain, span_of(found.at->domain), err) < 0 ||
	    text_set(&r->record, span_of(found.at->text), err) < 0)
		return -1;
	if (!found.at->record.usable)
		return dmarc_settle(r, AUTH_NONE, err, "the record at _dmarc.%s has no valid policy and no rua",
				    found.at->domain);
	if (take_policy(c, found.at, r, &existence, err) < 0 || dmarc_reports_read(c->finder, found.at, r, err) < 0 ||
	    dmarc_align(c, &found.at->record, found.org_domain, found.failed, r, err) < 0)
		return -1;
	/* RFC 9989 section 5.3.6: the policy of a failure cannot be told. */
	if (existence != DNS_ANSWERED && r->result == AUTH_FAIL &&
	    settle_missing(r, "whether np applies to ", c->author, existence, NULL, err) < 0)
		return -1;
	if (r->result == AUTH_PASS || r->result == AUTH_FAIL)
		r->section = section(standard, "RFC 9989 section 5.3.5", "RFC 7489 section 6.6.2");
	return 0;
}

/* The higher, the more it is to be heeded where From has several domains: "the most strict policy selected among the
 * checks that fail" (RFC 7489 section 6.6.1), and a pass only where all pass. */
static int rank(const struct dmarc_reading *r)
{
	static const int ranks[AUTH_COUNT] = {
		[AUTH_FAIL] = 5, [AUTH_UNKNOWN] = 4, [AUTH_TEMPERROR] = 3, [AUTH_PERMERROR] = 2, [AUTH_NONE] = 1
	};
	return ranks[r->result] * 10 + (int)r->policy;
}

struct request {
	const struct dmarc_authors *authors;
	const struct spf_evaluation *spf;
	const struct dkim_evaluation *dkim;
	struct resolver *resolver;
};

static int evaluate_one(const struct request *q, enum dmarc_standard standard, size_t author, struct dmarc_reading *ret,
			struct error *err)
{
	_cleanup_(dmarc_reading_fini) struct dmarc_reading reading = { 0 };
	_cleanup_(dmarc_finder_fini) struct dmarc_finder finder = { .resolver = q->resolver,
								    .standard = standard,
								    .trail = &reading.trail };
	const struct dmarc_context c = { &finder, q->authors->domains[author], q->spf, q->dkim };
	if (evaluate_author(&c, &reading, err) < 0)
		return -1;
	*ret = reading;
	reading = (struct dmarc_reading){ 0 };
	return 0;
}

/* RFC 9989 section 5.3.1 ends where From has several domains; RFC 7489 section 6.6.1 evaluates each. */
static int evaluate_standard(const struct request *q, enum dmarc_standard standard, size_t *deciding,
			     struct dmarc_reading *ret, struct error *err)
{
	const struct dmarc_authors *authors = q->authors;
	bool several = authors->count > 1;
	*deciding = 0;
	ret->pct = 100;
	ret->section = section(standard, "RFC 9989 section 5.3.1", "RFC 7489 section 6.6.1");
	/* Several domains are too many for RFC 9989, however many there are. */
	bool open = authors->capped && !(several && standard == DMARC_RFC9989);
	if (authors->problem[0])
		return dmarc_settle(ret, open ? AUTH_UNKNOWN : AUTH_NONE, err, "%s", authors->problem);
	if (several && standard == DMARC_RFC9989)
		return dmarc_settle(ret, AUTH_NONE, err, "From has %zu domains, so that none of them can be validated",
				    authors->count);
	for (size_t i = 0; i < authors->count; i++) {
		_cleanup_(dmarc_reading_fini) struct dmarc_reading next = { 0 };
		if (evaluate_one(q, standard, i, &next, err) < 0)
			return -1;
		if (i > 0 && rank(&next) <= rank(ret))
			continue;
		dmarc_reading_fini(ret);
		*ret = next;
		next = (struct dmarc_reading){ 0 };
		*deciding = i;
	}
	if (!several)
		return 0;
	char *before = ret->reason;
	ret->reason = NULL;
	int rc = dmarc_settle(ret, ret->result, err, "From has %zu domains, %s decides: %s", authors->count,
			      authors->domains[*deciding], before);
	free(before);
	return rc;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void add_reading(struct buf *out, enum dmarc_standard standard, const struct dmarc_reading *r)
{
	buf_addf(out, "%s: %s, ", dmarc_standard_name(standard), auth_result_name(r->result));
	if (!r->record_domain)
		buf_add_str(out, "no record");
	else if (r->effective != r->policy)
		buf_addf(out, "%s=%s of %s, applied as %s", r->policy_tag, dmarc_policy_name(r->policy),
			 r->record_domain, dmarc_policy_name(r->effective));
	else
		buf_addf(out, "%s=%s of %s", r->policy_tag, dmarc_policy_name(r->policy), r->record_domain);
	if (r->pct != 100)
		buf_addf(out, " for %u %% of messages", r->pct);
	buf_addf(out, " (organisational domain %s)", r->org_domain ? r->org_domain : "none");
}

static int dmarc_compare(struct dmarc_evaluation *e, struct error *err)
{
	const struct dmarc_reading *a = &e->readings[DMARC_RFC9989], *b = &e->readings[DMARC_RFC7489];
	_cleanup_(buf_fini) struct buf text = BUF_INIT(WORDS_MAX * 2);
	if (a->result == b->result && a->effective == b->effective && a->pct == b->pct &&
	    same_text(a->record_domain, b->record_domain))
		return 0;
	add_reading(&text, DMARC_RFC9989, a);
	buf_add_str(&text, "; ");
	add_reading(&text, DMARC_RFC7489, b);
	e->difference = buf_take(&text);
	return e->difference ? 0 : error_memory(err);
}

int dmarc_evaluate(const struct header *header, const struct spf_evaluation *spf, const struct dkim_evaluation *dkim,
		   struct resolver *resolver, struct dmarc_evaluation *ret, struct error *err)
{
	_cleanup_(dmarc_evaluation_fini) struct dmarc_evaluation e = { 0 };
	_cleanup_(dmarc_authors_fini) struct dmarc_authors authors = { 0 };
	size_t deciding = 0;
	if (dmarc_authors_read(header, &authors, err) < 0)
		return -1;
	const struct request q = { &authors, spf, dkim, resolver };
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
		if (evaluate_standard(&q, (enum dmarc_standard)s, &deciding, &e.readings[s], err) < 0)
			return -1;
	e.from_count = (unsigned)authors.count;
	/* The last of the readings is that which evaluates several domains. */
	if (!authors.problem[0] && text_set(&e.from_domain, span_of(authors.domains[deciding]), err) < 0)
		return -1;
	if (authors.deviation[0] && text_set(&e.from_deviation, span_of(authors.deviation), err) < 0)
		return -1;
	if (dmarc_compare(&e, err) < 0)
		return -1;
	*ret = e;
	e = (struct dmarc_evaluation){ 0 };
	return 0;
}
