/* The check of this group: rows of harness/posture/checks.c. */
#ifndef DMARC_CHECKS_H
#define DMARC_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_dmarc;

#endif
