/* The checks: each in a file of its own, check_NAME.c, and a row in checks.c. Private to harness/posture. */
#ifndef POSTURE_CHECKS_H
#define POSTURE_CHECKS_H

#include "harness/posture/check.h"

check_fn check_content;
check_fn check_from;
check_fn check_mta_sts;
check_fn check_mx;
check_fn check_no_reply;
check_fn check_tls_rpt;
check_fn check_reply;
check_fn check_bimi;
check_fn check_blocklist;
check_fn check_dkim;
check_fn check_dmarc;
check_fn check_helo;
check_fn check_ptr;
check_fn check_spf;
check_fn check_outbound;

#endif
