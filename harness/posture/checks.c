/* The list of checks. Data only. */
#include "harness/posture/checks.h"

#include "harness/base/compiler.h"

/* One a line, so that additions of several people merge. */
/* clang-format off */
const struct check_entry check_entries[] = {
	{ "content", check_content },
	{ "from", check_from },
	{ "from", check_no_reply },
	{ "mta-sts", check_mta_sts },
	{ "mx", check_mx },
	{ "tls-rpt", check_tls_rpt },
	{ "reply", check_reply },
	{ "spf", check_spf },
	{ "dkim", check_dkim },
	{ "dmarc", check_dmarc },
	{ "from", check_from }, { "spf", check_spf }, { "dkim", check_dkim }, { "dmarc", check_dmarc },
	{ "bimi", check_bimi }, { "ptr", check_ptr }, { "helo", check_helo }, { "blocklist", check_blocklist },
	{ "outbound", check_outbound },
};
/* clang-format on */

const size_t check_entry_count = ARRAY_LEN(check_entries);
