/* The proof that a person reads what comes to the service's own address: a code is sent there, and whoever reads it
 * says so. */
#ifndef RUN_POSTURE_REPLY_H
#define RUN_POSTURE_REPLY_H

#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/model/facts.h"
#include "harness/config/config.h"
#include "store/store.h"

/* Sends a new code by the configured server to the address that replies go to (the Reply-To of the messages, else
 * From), and stores it when the server has taken it. Free *ret with reply_fact_fini. Errors: ERROR_REFUSED and
 * ERROR_NETWORK and what else sending may end by, ERROR_STORE, ERROR_CONFIG, memory. */
int reply_start(const struct config *config, struct store *store, struct log *log, struct reply_fact *ret,
		struct error *err);

/* Stores that a person has read the code, written in any case and with or without its hyphen. `who` may be NULL. A code
 * that was confirmed before stays as it was. *ret is what is stored then. Errors: ERROR_USAGE for a code that was never
 * sent, ERROR_STORE, memory. */
int reply_confirm(const struct config *config, struct store *store, const char *code, const char *who, int64_t now_ms,
		  struct reply_fact *ret, struct error *err);

#endif
