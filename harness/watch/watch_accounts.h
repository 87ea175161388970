/* The accounts of a watch, with their sessions: from the plan of the run and the configuration. Private to the watch.
 */
#ifndef WATCH_WATCH_ACCOUNTS_H
#define WATCH_WATCH_ACCOUNTS_H

#include "harness/watch/watch_session.h"

struct watched_accounts {
	struct watched_account *v;
	size_t count, session_count;
	size_t groups; /* providers, and one for the bounce mailbox; at least 1 */
};

/* Makes an account for each seed of the run, and one for the bounce mailbox where there is one. A seed that the
 * configuration no longer has gets no session. All pointers are borrowed. Errors: memory; free in any case. */
int watched_accounts_init(struct watched_accounts *ret, const struct connect_context *context,
			  const struct account_environment *environment, struct watch_workers *workers,
			  struct error *err);

/* Frees at once, without a word to the servers. No worker may have a session. */
void watched_accounts_fini(struct watched_accounts *accounts);

#endif
