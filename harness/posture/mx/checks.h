/* The check of this group: rows of harness/posture/checks.c. */
#ifndef MX_CHECKS_H
#define MX_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_mx;

#endif
