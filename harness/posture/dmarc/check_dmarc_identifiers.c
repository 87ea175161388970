/* Whom a DMARC record ties mail to, and where it sends reports. */
#include "harness/posture/dmarc/check_dmarc.h"

#include <string.h>

#include "harness/dns/name.h"
#include "harness/posture/engine/publish.h"

enum { NAME_MAX = 2100 };

/* --- alignment -------------------------------------------------------------------------------------------------- */

/* Of SPF: that of DKIM is seen in messages (dmarc.would-pass). */
static void check_alignment(const struct dmarc_look *look)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(DMARC_WORDS_MAX);
	static const struct dmarc_edit relaxed[] = { { SPAN_LIT("aspf"), NULL } };
	const struct dmarc_reading *readings = look->evaluation.readings, *found = look->found;
	const char *org = found->org_domain ? found->org_domain : look->author;
	bool aligned = true, open = false;
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		aligned &= !readings[s].record || readings[s].aligned_spf;
		open |= readings[s].result == AUTH_TEMPERROR || readings[s].result == AUTH_UNKNOWN;
	}
	if (found->strict_spf && dns_name_under(look->envelope, org))
		dmarc_mend_edit(look->found, "let domains of one organisation align", relaxed, 1, &mend);
	else
		buf_addf(&mend, "use an envelope sender at %s", look->author);
	if (open)
		check_open(look->check, "dmarc.alignment", look->author, "%s", found->reason);
	else
		check_that(look->check, aligned, "dmarc.alignment", look->author, check_text(look->check, &mend),
			   "adkim=%s, aspf=%s: the envelope's domain %s is %s", found->strict_dkim ? "s" : "r",
			   found->strict_spf ? "s" : "r", look->envelope, aligned ? "aligned" : "not aligned");
}

/* --- reports ---------------------------------------------------------------------------------------------------- */

static void check_rua(const struct dmarc_look *look)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(DMARC_WORDS_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	char address[NAME_MAX];
	snprintf(address, sizeof(address), "mailto:dmarc-reports@%s", look->author);
	const struct dmarc_edit edit = { SPAN_LIT("rua"), address };
	const struct dmarc_record *r = &look->records[DMARC_RFC9989];
	for (size_t i = 0; i < r->uri_count; i++)
		if (!r->uris[i].failure && r->uris[i].domain.p)
			buf_addf(&list, "%s%.*s", list.len ? ", " : "", SPAN_ARG(r->uris[i].uri));
	dmarc_mend_edit(look->found, "have reports sent to a mailbox that is read", &edit, 1, &mend);
	check_that(look->check, list.len > 0, "dmarc.rua", look->author, check_text(look->check, &mend), "%s",
		   list.len > 0 ? check_text(look->check, &list) : "no address for aggregate reports");
}

/* RFC 9990 section 4. */
static void check_authorised(const struct dmarc_look *look)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(DMARC_WORDS_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	const struct dmarc_reading *found = look->found;
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
		check_open(look->check, "dmarc.rua-authorised", look->author, "%s", check_text(look->check, &list));
	else
		check_that(look->check, !refused, "dmarc.rua-authorised", look->author, check_text(look->check, &mend),
			   refused ? "%s" : "%saddresses of other organisations: %zu, all accepted there",
			   check_text(look->check, &list), external);
}

void dmarc_look_identifiers(const struct dmarc_look *look)
{
	check_alignment(look);
	check_rua(look);
	check_authorised(look);
}
