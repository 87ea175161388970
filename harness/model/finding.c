/* Findings as data: words, copies, order. */
#include "harness/model/finding.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/base/vec.h"

static const char *const states[] = { "good", "bad", "open" };
static const char *const results[FINDING_RESULT_COUNT] = { "pass", "warn", "not-tested", "fail" };

/* Groups of findings in the order in which they are shown. */
static const char *const groups[] = { "from",  "reply", "mx",  "dane", "mta-sts",   "tls-rpt",  "spf",     "dkim",
				      "dmarc", "bimi",  "ptr", "helo", "blocklist", "outbound", "inbound", "content" };

const char *const finding_ids[] = {
	"from.abuse",
	"from.accepts",
	"from.domain",
	"from.not-no-reply",
	"from.postmaster",
	"from.reply-accepts",
	"from.takes-mail",
	"reply.confirmed",
	"mx.certificate",
	"mx.certificate-expiry",
	"mx.dnssec",
	"mx.ipv4",
	"mx.ipv6",
	"mx.no-cname",
	"mx.present",
	"mx.resolves",
	"mx.starttls",
	"mx.tls12",
	"dane.present",
	"dane.tlsa",
	"mta-sts.id",
	"mta-sts.max-age",
	"mta-sts.mode",
	"mta-sts.mx",
	"mta-sts.policy",
	"mta-sts.record",
	"mta-sts.syntax",
	"tls-rpt.record",
	"spf.all",
	"spf.all-plus",
	"spf.covers",
	"spf.includes",
	"spf.lookups",
	"spf.ptr",
	"spf.record",
	"spf.size",
	"spf.size-512",
	"spf.strings",
	"spf.syntax",
	"spf.void-lookups",
	"dkim.any",
	"dkim.key",
	"dkim.key-1024",
	"dkim.key-2048",
	"dkim.syntax",
	"dkim.testing",
	"dkim.ttl",
	"dkim.txt",
	"dkim.type",
	"dmarc.alignment",
	"dmarc.enforced",
	"dmarc.pct",
	"dmarc.policy",
	"dmarc.readings",
	"dmarc.record",
	"dmarc.reject",
	"dmarc.rua",
	"dmarc.rua-authorised",
	"dmarc.subdomains",
	"dmarc.syntax",
	"dmarc.testing",
	"dmarc.would-pass",
	"bimi.logo",
	"bimi.record",
	"ptr.confirmed",
	"ptr.present",
	"helo.name",
	"blocklist.address",
	"blocklist.domain",
	"blocklist.usable",
	"outbound.no-inbound",
	"outbound.open-relay",
	"outbound.refuses",
	"inbound.delivery",
	"inbound.dkim-broken",
	"inbound.eicar",
	"inbound.forged",
	"inbound.gtube",
	"inbound.open-relay",
	"inbound.spf-fail",
	"content.date",
	"content.from-single",
	"content.html-has-text",
	"content.images-have-text",
	"content.line-length",
	"content.links-answer",
	"content.links-gov-uk",
	"content.links-https",
	"content.links-in-full",
	"content.links-resolve",
	"content.links-shown",
	"content.message-id",
	"content.mime",
	"content.no-attachments",
	"content.no-shorteners",
	"content.no-tracking",
	"content.not-a-test",
	"content.not-image-only",
	"content.one-click",
	"content.one-click-signed",
	"content.placeholders",
	"content.rspamd",
	"content.size",
	"content.size-gmail",
	"content.spamassassin",
	"content.utf8",
	"content.visible-name",
};
const size_t finding_id_count = ARRAY_LEN(finding_ids);

const char *finding_state_name(enum finding_state v)
{
	return states[v];
}

const char *finding_result_name(enum finding_result v)
{
	return results[v];
}

bool finding_state_from(struct span word, enum finding_state *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (span_is_nocase(word, states[i])) {
			*ret = (enum finding_state)i;
			return true;
		}
	return false;
}

static char *escaped(const char *text)
{
	char out[FINDING_TEXT_MAX];
	return strdup(escape_text(out, sizeof(out), span_of(text)));
}

static void finding_fini(struct finding *f)
{
	free(f->id);
	free(f->subject);
	free(f->evidence);
	free(f->mend);
	free(f->seen_version);
	free(f->seen_sha256);
}

static bool copy_seen(struct finding *f, const struct finding *of)
{
	if (of->seen_version && !(f->seen_version = escaped(of->seen_version)))
		return false;
	return !of->seen_sha256 || (f->seen_sha256 = escaped(of->seen_sha256));
}

int findings_add(struct findings *findings, const struct finding *finding, struct error *err)
{
	if (vec_grow(&findings->v, findings->count, &findings->cap, sizeof(*findings->v), err) < 0)
		return -1;
	struct finding *f = &findings->v[findings->count];
	*f = (struct finding){ .id = escaped(finding->id),
			       .subject = escaped(finding->subject),
			       .state = finding->state,
			       .evidence = escaped(finding->evidence),
			       .mend = escaped(finding->mend),
			       .at_ms = finding->at_ms };
	if (!f->id || !f->subject || !f->evidence || !f->mend || !copy_seen(f, finding)) {
		finding_fini(f);
		return error_memory(err);
	}
	findings->count++;
	return 0;
}

static size_t finding_group_of(const char *id)
{
	struct span rest = span_of(id), group = { NULL, 0 };
	size_t i = 0;
	span_next(&rest, '.', &group);
	while (i < ARRAY_LEN(groups) && !span_is(group, groups[i]))
		i++;
	return i;
}

static int finding_compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	size_t gx = finding_group_of(x->id), gy = finding_group_of(y->id);
	if (gx != gy)
		return gx < gy ? -1 : 1;
	int order = strcmp(x->id, y->id);
	return order ? order : strcmp(x->subject, y->subject);
}

void findings_sort(struct findings *findings)
{
	if (findings->count)
		qsort(findings->v, findings->count, sizeof(*findings->v), finding_compare);
}

void findings_fini(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_fini(&findings->v[i]);
	free(findings->v);
	*findings = (struct findings){ 0 };
}
