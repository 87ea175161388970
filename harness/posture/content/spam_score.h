/* What a content filter thinks of a message. Private to harness/posture. */
#ifndef CONTENT_SPAM_SCORE_H
#define CONTENT_SPAM_SCORE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

enum { SPAM_RULES_MAX = 2000 };

struct spam_score {
	bool is_spam; /* the filter would do something about it */
	double score, threshold;
	char action[64];  /* what it would do: `add header`; "" where it does not say */
	struct buf rules; /* `MISSING_DATE 1.4, HTML_MESSAGE 0.0`: those that fired, cut; owned */
};

#endif
