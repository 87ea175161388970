/* The check of this group: rows of harness/posture/checks.c. */
#ifndef DKIM_CHECKS_H
#define DKIM_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_dkim;

#endif
