/* The check of this group: rows of harness/posture/checks.c. */
#ifndef SPF_CHECKS_H
#define SPF_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_spf;

#endif
