/* The checks: each in a file of its own, check_NAME.c, and a row in checks.c. Private to harness/posture. */
#ifndef POSTURE_CHECKS_H
#define POSTURE_CHECKS_H

#include "harness/posture/check.h"

check_fn check_bimi, check_blocklist, check_content, check_dkim, check_dmarc, check_from, check_helo, check_mta_sts,
    check_mx, check_no_reply, check_outbound, check_ptr, check_reply, check_spf, check_tls_rpt;

#endif
