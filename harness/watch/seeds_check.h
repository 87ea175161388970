/* Logs in to every seed and looks: folders, roles, capabilities, and what to mend where it fails. Sends nothing. */
#ifndef WATCH_SEEDS_CHECK_H
#define WATCH_SEEDS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/base/string_list.h"
#include "harness/config/config.h"
#include "providers/imap_mend.h"
#include "providers/imap_session.h"

/* What was found at one account. Owned. */
struct seed_check {
	const char *name;     /* the seed's address, or "[bounces]"; borrowed from the configuration */
	const char *provider; /* "" for the bounce mailbox */
	bool ok;
	struct error error;              /* when not ok */
	char mend[IMAP_MEND_MAX];        /* "" where nothing is known */
	char *capabilities;              /* NULL when not ok, as the next */
	char *tls;                       /* "TLSv1.3, CIPHER", or "none" */
	struct imap_folder_list folders; /* with their roles */
	struct string_list left_out;     /* folders that cannot be looked at, each with the reason */
};

/* Looks at the seeds for which chosen[i] is true, and at the bounce mailbox where there is one, side by side on the
 * worker pool. *ret is a heap array that the caller frees with seed_checks_free. cancel_fd ends it when readable.
 * Errors: ERROR_ENVIRONMENT; what is wrong with an account is no error. */
int seeds_check(const struct config *config, const bool *chosen, int cancel_fd, struct log *log,
		struct seed_check **ret, size_t *ret_count, struct error *err);
void seed_checks_free(struct seed_check *checks, size_t count);

#endif
