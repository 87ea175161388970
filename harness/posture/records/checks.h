/* The checks of this group: rows of harness/posture/checks.c. */
#ifndef RECORDS_CHECKS_H
#define RECORDS_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_bimi, check_mta_sts, check_tls_rpt;

#endif
