/* The checks of this group: rows of harness/posture/checks.c. */
#ifndef SENDERS_CHECKS_H
#define SENDERS_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_blocklist, check_from, check_helo, check_no_reply, check_ptr, check_reply;

#endif
