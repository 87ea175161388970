/* The check of this group: rows of harness/posture/checks.c. */
#ifndef RELAY_CHECKS_H
#define RELAY_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_outbound;

#endif
