/* Waiting for the DNS from the command line: for `dns wait` and `run --after-dns`. */
#ifndef CMD_DNS_WAITING_H
#define CMD_DNS_WAITING_H

#include "harness/cmd/command.h"
#include "harness/cmd/progress_view.h"
#include "harness/model/visibility.h"

/* All borrowed for the call. */
struct dns_waiting {
	const struct command_context *context; /* with configuration and store */
	const struct command_args *args;       /* --until-visible, --resolver, --timeout where the command has them */
	enum progress_mode progress;
};

/* Waits, with progress on standard error. Opens the store, where there is one, and closes it before it waits. As
 * dns_wait; errors also ERROR_USAGE (options), ERROR_CONFIG (zone file, resolver), ERROR_STORE. */
int dns_waiting(const struct dns_waiting *waiting, struct visibility *ret, struct error *err);

#endif
