/* Whom a DMARC record ties mail to, and where it sends reports. */
#include "harness/posture/dmarc/check_dmarc.h"

#include <string.h>

#include "harness/dns/name.h"
#include "harness/posture/engine/publish.h"

enum { NAME_MAX = 2100 };

/* --- alignment -------------------------------------------------------------------------------------------------- */

/* Of SPF: that of DKIM is seen in messages (dmarc.would-pass). */
static void check_alignment(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	static const struct dmarc_edit relaxed[] = { { SPAN_LIT("aspf"), NULL } };
	const struct dmarc_reading *readings = posture->evaluation.readings, *found = posture->found;
	const char *org = found->org_domain ? found->org_domain : posture->author;
	bool aligned = true, open = false;
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		aligned &= !readings[s].record || readings[s].aligned_spf;
		open |= readings[s].result == AUTH_TEMPERROR || readings[s].result == AUTH_UNKNOWN;
	}
	if (found->strict_spf && dns_name_under(posture->envelope, org))
		dmarc_mend_edit(posture->found, "let domains of one organisation align", relaxed, 1, &mend);
	else
		buf_addf(&mend, "use an envelope sender at %s", posture->author);
	if (open)
		check_open(posture->check, "dmarc.alignment", posture->author, "%s", found->reason);
	else
		check_that(posture->check, aligned, "dmarc.alignment", posture->author,
			   check_text(posture->check, &mend), "adkim=%s, aspf=%s: the envelope's domain %s is %s",
			   found->strict_dkim ? "s" : "r", found->strict_spf ? "s" : "r", posture->envelope,
			   aligned ? "aligned" : "not aligned");
}

/* --- reports ---------------------------------------------------------------------------------------------------- */

static void check_rua(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(DMARC_WORDS_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	char address[NAME_MAX];
	snprintf(address, sizeof(address), "mailto:dmarc-reports@%s", posture->author);
	const struct dmarc_edit edit = { SPAN_LIT("rua"), address };
	const struct dmarc_record *r = &posture->records[DMARC_RFC9989];
	for (size_t i = 0; i < r->uri_count; i++)
		if (!r->uris[i].failure && r->uris[i].domain.p)
			buf_addf(&list, "%s%.*s", list.len ? ", " : "", SPAN_ARG(r->uris[i].uri));
	dmarc_mend_edit(posture->found, "have reports sent to a mailbox that is read", &edit, 1, &mend);
	check_that(posture->check, list.len > 0, "dmarc.rua", posture->author, check_text(posture->check, &mend), "%s",
		   list.len > 0 ? check_text(posture->check, &list) : "no address for aggregate reports");
}

/* RFC 9990 section 4. */
static void check_authorised(const struct dmarc_posture *posture)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(DMARC_WORDS_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	const struct dmarc_reading *found = posture->found;
	size_t external = 0;
	bool refused = false, open = false;
	char name[NAME_MAX];
	for (size_t i = 0; i < found->report_count; i++) {
		const struct dmarc_report *report = &found->reports[i];
		external += report->external;
		if (report->authorised == AUTH_PASS)
			continue;
		snprintf(name, sizeof(name), "%s._report._dmarc.%s", found->record_domain, report->domain);
		buf_addf(&list, "%s%s: %s", list.len ? "; " : "", report->uri,
			 report->authorised == AUTH_FAIL ? "not accepted there" : "not known whether it is accepted");
		if (report->authorised == AUTH_FAIL && !refused) {
			buf_addf(&mend, "have %s publish ", report->domain);
			publish_txt(&mend, name, SPAN_LIT("v=DMARC1"));
		}
		refused |= report->authorised == AUTH_FAIL;
		open |= report->authorised != AUTH_FAIL;
	}
	if (open && !refused)
		check_open(posture->check, "dmarc.rua-authorised", posture->author, "%s",
			   check_text(posture->check, &list));
	else
		check_that(posture->check, !refused, "dmarc.rua-authorised", posture->author,
			   check_text(posture->check, &mend),
			   refused ? "%s" : "%saddresses of other organisations: %zu, all accepted there",
			   check_text(posture->check, &list), external);
}

void dmarc_posture_identifiers(const struct dmarc_posture *posture)
{
	check_alignment(posture);
	check_rua(posture);
	check_authorised(posture);
}
