/* The sending side of a run: a thread of its own that hands composed messages to the service's SMTP server and writes
 * every step into the ledger. */
#ifndef RUN_SENDING_H
#define RUN_SENDING_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/log.h"
#include "harness/base/span.h"
#include "harness/config/config.h"
#include "harness/ledger/ledger.h"

struct sending;

/* A message that may be sent. Strings and octets are borrowed until sending_free. */
struct sending_job {
	size_t probe; /* number in the ledger */
	const char *provider, *mail_from, *rcpt;
	struct span octets;
	bool smtputf8;
	int attempts; /* made by an earlier process */
};

/* Starts the thread. done_fd (of thread_wake_open) is woken when it has ended. Errors: ERROR_CONFIG, ERROR_ENVIRONMENT.
 */
int sending_start(struct sending **ret, const struct config *config, struct ledger *ledger, int done_fd,
		  struct log *log, struct error *err);

/* A further message, sent as soon as its turn comes. What cannot be queued is said by sending_join. Errors: memory. */
int sending_add(struct sending *sending, const struct sending_job *job, struct error *err);

/* No further message comes: the thread ends when every message is settled. */
void sending_close(struct sending *sending);

/* Asks it to stop in order: what is not handed over stays unsent, what is gets a short time for its reply. Any thread.
 */
void sending_stop(struct sending *sending);

/* Waits for the thread's end. 0 when every message was settled in its way or it was asked to stop; -1 with what ended
 * it before that (the server refuses or cannot be reached, the store cannot be written). */
int sending_join(struct sending *sending, struct error *err);

/* After sending_join, or when it never started. NULL is allowed. */
void sending_free(struct sending *sending);

#endif
