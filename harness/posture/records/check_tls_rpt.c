/* TLS reporting (RFC 8460): whether senders can tell that TLS with the servers fails. */
#include <stdio.h>

#include "harness/dns/name.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/records/checks.h"
#include "harness/posture/engine/record_fields.h"
#include "harness/posture/records/tls_rpt.h"

enum { TEXT_MAX = 65535, MEND_MAX = 2500, NAME_MAX_TEXT = DNS_NAME_TEXT_MAX + 16 };

static void judge(struct check *check, const struct dns_answer *answer, const char *mend)
{
	const char *domain = check_params(check)->domain;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	struct tls_rpt_record record;
	size_t found = record_find(answer, TLS_RPT_VERSION, &text);
	check_buf(check, &text);
	if (found == 0)
		check_bad(check, "tls-rpt.record", domain, mend, "no record");
	else if (found > 1)
		check_bad(check, "tls-rpt.record", domain, mend, "%zu records, of which senders take none", found);
	else if (!tls_rpt_record_parse(buf_span(&text), &record))
		check_bad(check, "tls-rpt.record", domain, mend, "%s: %s", record.why, check_text(check, &text));
	else
		check_that(check, record.usable > 0, "tls-rpt.record", domain, mend, "%s%s",
			   record.usable ? "" : "neither mailto: nor https: in ", check_text(check, &text));
}

void check_tls_rpt(struct check *check, void *argument)
{
	const char *domain = check_params(check)->domain;
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	char name[NAME_MAX_TEXT], mend[MEND_MAX], why[200];
	snprintf(name, sizeof(name), "_smtp._tls.%s", domain);
	snprintf(mend, sizeof(mend), "publish: %s. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@%s\"", name,
		 domain);
	const struct dns_question question = { name, DNS_TXT };
	if (check_ask(check, &question, 1, &answer) < 0)
		return;
	if (answer.state == DNS_ANSWERED)
		judge(check, &answer, mend);
	else
		check_open(check, "tls-rpt.record", domain, "%s", dns_answer_words(&answer, why, sizeof(why)));
}
