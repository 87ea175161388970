/* Identifier alignment: is one of the domains for which SPF or DKIM passes that of the author, or of its organisation?
 * A method that failed for the time being decides only where its domain would be aligned. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc_reading.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/dns/name.h"

enum { REASON_MAX = 2000, IDENTIFIERS_SHOWN_MAX = 5 };

/* How an identifier stands to the author's domain. */
enum alignment { NOT_ALIGNED, ALIGNED_STRICT, ALIGNED_RELAXED, ALIGNMENT_MISSING, ALIGNMENT_FAILED };

struct aligner {
	const struct dmarc_context *context;
	const char *org_domain;
	const struct dmarc_lookup *failed;
	struct dmarc_reading *reading;
	struct buf reason;        /* what was seen, for a reading that does not pass */
	size_t shown;             /* identifiers in it */
	enum auth_result pending; /* AUTH_NOT_REPORTED, or what keeps a fail from being one */
};

static enum alignment missing(const struct dmarc_lookup *failed)
{
	if (!failed)
		return NOT_ALIGNED;
	return failed->state == DNS_MISSED ? ALIGNMENT_MISSING : ALIGNMENT_FAILED;
}

static int align(const struct aligner *a, const char *domain, bool strict, enum alignment *ret, struct error *err)
{
	const struct dmarc_lookup *failed = NULL;
	const char *org = NULL;
	*ret = NOT_ALIGNED;
	if (strcmp(domain, a->context->author) == 0)
		*ret = ALIGNED_STRICT;
	else if (!strict && !a->org_domain)
		*ret = missing(a->failed);
	else if (!strict && dns_name_under(domain, a->org_domain)) {
		/* An organisational domain is a domain or above it: what does not lie under the author's has another.
		 */
		if (dmarc_org_domain(a->context->finder, domain, &org, &failed, err) < 0)
			return -1;
		*ret = !org ? missing(failed) : strcmp(org, a->org_domain) == 0 ? ALIGNED_RELAXED : NOT_ALIGNED;
	}
	return 0;
}

/* "DKIM for x.example passes, but is not aligned" */
static void show(struct aligner *a, const char *what, const char *domain, enum auth_result result, const char *words)
{
	if (a->shown++ < IDENTIFIERS_SHOWN_MAX)
		buf_addf(&a->reason, "%s%s for %s: %s%s", a->reason.len > 0 ? "; " : "", what, domain,
			 auth_result_name(result), words);
}

static void hold(struct aligner *a, enum auth_result result)
{
	if (a->pending != AUTH_UNKNOWN)
		a->pending = result;
}

/* Takes in one identifier. *ret_aligned is left alone unless it passes and is aligned. */
static int consider(struct aligner *a, const char *what, const char *domain, enum auth_result result, bool strict,
		    bool *ret_aligned, struct error *err)
{
	static const char *const words[] = { ", not aligned", ", aligned", ", aligned",
					     ", alignment unknown: the snapshot does not hold an answer",
					     ", alignment not known: an answer failed" };
	struct trail_step *step = NULL;
	char text[64];
	enum alignment alignment = NOT_ALIGNED;
	bool decides = result == AUTH_PASS || result == AUTH_TEMPERROR || result == AUTH_UNKNOWN;
	if (!decides) {
		show(a, what, domain, result, "");
		return 0;
	}
	if (align(a, domain, strict, &alignment, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "alignment of %s", what);
	if (trail_add(a->context->finder->trail, 0, text, NULL, NULL, &step, err) < 0 ||
	    trail_outcome(step, err, "%s: %s%s", domain, auth_result_name(result), words[alignment]) < 0)
		return -1;
	show(a, what, domain, result, words[alignment]);
	if (alignment == NOT_ALIGNED)
		return 0;
	if (alignment == ALIGNMENT_MISSING)
		hold(a, AUTH_UNKNOWN);
	else if (alignment == ALIGNMENT_FAILED)
		hold(a, result == AUTH_UNKNOWN ? AUTH_UNKNOWN : AUTH_TEMPERROR);
	else if (result != AUTH_PASS)
		hold(a, result);
	else {
		*ret_aligned = true;
		if (!a->reading->aligned_domain) {
			buf_clear(&a->reason);
			buf_addf(&a->reason, "%s for %s passes and is aligned (%s)", what, domain,
				 alignment == ALIGNED_STRICT ? "the author's domain" : "relaxed");
			a->reading->aligned_domain = strdup(domain);
			return a->reading->aligned_domain ? 0 : error_memory(err);
		}
	}
	return 0;
}

static int consider_dkim(struct aligner *a, struct error *err)
{
	const struct dkim_evaluation *dkim = a->context->dkim;
	if (dkim->unread) {
		buf_addf(&a->reason, "%s", dkim->unread);
		hold(a, AUTH_UNKNOWN);
	} else if (dkim->count == 0) {
		buf_add_str(&a->reason, "no DKIM signature");
	}
	for (size_t i = 0; i < dkim->count; i++) {
		const struct dkim_signature *s = &dkim->signatures[i];
		char domain[DNS_NAME_TEXT_MAX];
		if (s->domain && dns_name_make(span_of(s->domain), domain) &&
		    consider(a, "DKIM", domain, s->result, a->reading->strict_dkim, &a->reading->aligned_dkim, err) < 0)
			return -1;
	}
	return 0;
}

/* The HELO name stands in for an empty envelope sender (RFC 7208 section 2.4), in both standards. */
static int consider_spf(struct aligner *a, struct error *err)
{
	const struct spf_evaluation *spf = a->context->spf;
	struct dmarc_reading *reading = a->reading;
	if (spf->evaluated && spf->domain)
		return consider(a, "SPF", spf->domain, spf->result, reading->strict_spf, &reading->aligned_spf, err);
	if (!reading->aligned_domain)
		buf_addf(&a->reason, "; SPF: %s", spf->evaluated ? auth_result_name(spf->result) : "not evaluated");
	if (spf->result == AUTH_UNKNOWN)
		hold(a, AUTH_UNKNOWN);
	return 0;
}

int dmarc_align(const struct dmarc_context *context, const struct dmarc_record *record, const char *org_domain,
		const struct dmarc_lookup *failed, struct dmarc_reading *reading, struct error *err)
{
	_cleanup_(buf_fini) struct buf head = BUF_INIT(REASON_MAX * 2);
	struct aligner a = { .context = context, .org_domain = org_domain, .failed = failed, .reading = reading };
	buf_init(&a.reason, REASON_MAX);
	reading->strict_dkim = record->strict_dkim;
	reading->strict_spf = record->strict_spf;
	int rc = consider_dkim(&a, err);
	if (rc == 0)
		rc = consider_spf(&a, err);
	if (rc == 0)
		rc = buf_check_memory(&a.reason, err);
	if (rc == 0) {
		reading->result = reading->aligned_domain ? AUTH_PASS : a.pending ? a.pending : AUTH_FAIL;
		if (!reading->aligned_domain)
			buf_add_str(&head, a.pending ? "not decided: " : "nothing that passes is aligned: ");
		buf_add_span(&head, buf_span(&a.reason));
		reading->reason = buf_take(&head);
		rc = reading->reason ? 0 : error_memory(err);
	}
	buf_fini(&a.reason);
	return rc;
}
