/* Runs the conformance data of others and counts it. Skipped where SUITES does not name its folder. */
#include "harness/base/compiler.h"
#include "tests/unit/suites.h"

static const struct suite_row suites[] = {
	{ "ARC validation (ValiMail)", suite_arc },
	{ "Authentication-Results (dkim_verifier)", suite_authres },
	{ "DKIM messages (dkimpy, mail-auth, Mail::DKIM, mailauth)", suite_dkim },
	{ "DKIM signatures and keys (mox)", suite_dkim_grammar },
	{ "DMARC (mailauth, RFC 9989)", suite_dmarc },
	{ "DMARC records (mox)", suite_dmarc_record },
	{ "MTA-STS records and policies (mox)", suite_mta_sts },
	{ "public suffix list (publicsuffix.org)", suite_psl },
	{ "Received (SpamAssassin)", suite_received },
	{ "SPF (openspf)", suite_spf },
	{ "SPF records (mox)", suite_spf_record },
	{ "TLS reporting records (mox)", suite_tls_rpt },
};

int main(void)
{
	return suites_run("SUITES", suites, ARRAY_LEN(suites));
}
