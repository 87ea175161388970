/* The check of this group: rows of harness/posture/checks.c. */
#ifndef CONTENT_CHECKS_H
#define CONTENT_CHECKS_H

#include "harness/posture/engine/check.h"

check_fn check_content;

#endif
