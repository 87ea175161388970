/* What every check of the posture stands on. A check is one function, listed in checks.c; many run at the same time,
 * each on a thread, and may start further jobs of their own. Private to harness/posture. */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/posture/engine/posture.h"

struct check; /* a posture_run that is going on */

/* Says what was found through check_*(). */
typedef void check_fn(struct check *check, void *argument);

/* A row of checks.c. The group is the first word of its findings' ids. */
struct check_entry {
	const char *group;
	check_fn *run; /* argument: NULL */
};

/* posture_run with these checks alone. */
int check_run(const struct check_entry *entries, size_t count, const struct posture_params *params,
	      struct findings *ret, struct posture_cost *ret_cost, struct error *err);

const struct posture_params *check_params(const struct check *check);
struct deadline check_deadline(const struct check *check);

/* Runs fn(check, arguments[i]) for each of them side by side and returns when all have ended. Nothing here is lost
 * where threads are short: it only takes longer. Any thread, jobs included. */
void check_each(struct check *check, check_fn *fn, void *const *arguments, size_t count);

/* Asks the resolver as resolver_ask_many does, and counts. What could not end before the look does is not asked, but
 * DNS_FAILED at once. */
int check_ask_once(struct check *check, const struct dns_question *questions, size_t count,
		   struct dns_answer *ret_answers);

/* Counts a connection. */
void check_connected(struct check *check);

/* Report a finding; texts are copied. `mend` NULL: nothing to do. Of one id and subject the first counts. check_open
 * adds what was known before, and how old that is. Any thread. */
void check_good(struct check *check, const char *id, const char *subject, const char *fmt, ...) ATTR_PRINTF(4, 5);
void check_bad(struct check *check, const char *id, const char *subject, const char *mend, const char *fmt, ...)
    ATTR_PRINTF(5, 6);
void check_open(struct check *check, const char *id, const char *subject, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* check_open of what can be tested once the user has done something, which `mend` says. */
void check_open_until(struct check *check, const char *id, const char *subject, const char *mend, const char *fmt, ...)
    ATTR_PRINTF(5, 6);

/* Adds to a list in words, behind the separator where something is there already; what does not fit is cut off. */
void check_enumerate(struct buf *list, const char *separator, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* check_good or check_bad by a condition, with the same evidence. */
void check_that(struct check *check, bool good, const char *id, const char *subject, const char *mend, const char *fmt,
		...) ATTR_PRINTF(6, 7);

/* Notes with a finding that was reported what a later run compares (struct finding). Any thread. */
void check_seen(struct check *check, const char *id, const char *subject, const char *version, const char *sha256);

/* What was found of the same matter in an earlier run, where it was not open then; NULL. Borrowed. */
const struct finding *check_previous(const struct check *check, const char *id, const char *subject);

/* Remembers that memory is short: posture_run fails. */
void check_memory(struct check *check);

/* The same where memory ran out for the buffer. One that is full is no matter: texts for people are cut. */
void check_buf(struct check *check, const struct buf *b);

/* The text of a buffer that check_buf has looked at, for a finding. Borrowed. */
const char *check_text(struct check *check, const struct buf *text);

#endif
