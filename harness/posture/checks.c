/* The list of checks. */
#include "harness/posture/checks.h"

#include "harness/base/compiler.h"
#include "harness/posture/content/checks.h"
#include "harness/posture/dkim/checks.h"
#include "harness/posture/dmarc/checks.h"
#include "harness/posture/mx/checks.h"
#include "harness/posture/records/checks.h"
#include "harness/posture/relay/checks.h"
#include "harness/posture/senders/checks.h"
#include "harness/posture/spf/checks.h"

const struct check_entry posture_checks[] = {
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

const size_t posture_check_count = ARRAY_LEN(posture_checks);

int posture_run(const struct posture_params *params, struct findings *ret, struct posture_cost *ret_cost,
		struct error *err)
{
	return check_run(posture_checks, posture_check_count, params, ret, ret_cost, err);
}
