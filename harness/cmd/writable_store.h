/* The store for the commands that write. */
#ifndef CMD_WRITABLE_STORE_H
#define CMD_WRITABLE_STORE_H

#include "harness/cmd/command.h"
#include "store/store.h"

/* Opens the store for writing. The default place is made where it is missing; a folder that the user named must be
 * there. Warns where others can read it. Errors: as store_open. */
int writable_store_open(struct store **ret, const struct command_context *context, struct error *err);

#endif
