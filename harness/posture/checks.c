/* The list of checks. Data only. */
#include "harness/posture/checks.h"

#include "harness/base/compiler.h"

const struct check_entry check_entries[] = {
	{ "from", check_from },
	{ "from", check_no_reply },
	{ "reply", check_reply },
	{ "mx", check_mx },
	{ "mta-sts", check_mta_sts },
	{ "tls-rpt", check_tls_rpt },
	{ "spf", check_spf },
	{ "dkim", check_dkim },
	{ "dmarc", check_dmarc },
	{ "bimi", check_bimi },
	{ "ptr", check_ptr },
	{ "helo", check_helo },
	{ "blocklist", check_blocklist },
	{ "outbound", check_outbound },
	{ "content", check_content },
};

const size_t check_entry_count = ARRAY_LEN(check_entries);
