/* What the commands share that look at a domain and print findings: `check` and `inbound`. */
#ifndef CMD_DOMAIN_CHECK_H
#define CMD_DOMAIN_CHECK_H

#include "harness/base/buf.h"
#include "harness/cmd/command.h"
#include "harness/posture/engine/posture.h"

struct domain_check {
	/* posture_run, or what looks at something else. */
	int (*run)(const struct posture_params *params, struct findings *ret, struct posture_cost *ret_cost,
		   struct error *err);
	/* Adds in words what run is going to do to servers. */
	int (*plan)(const struct posture_params *params, struct buf *out, struct error *err);
};

/* Says on standard error what it will do, does it, judges and prints. The command has the options --rules, --zone,
 * --resolver and --format, NEEDS_STORE, and may have a domain for its operand. Returns an exit code. */
int domain_check(const struct domain_check *kind, const struct command_context *context,
		 const struct command_args *args);

#endif
