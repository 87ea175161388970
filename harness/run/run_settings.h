/* The settings of [run]. */
#ifndef RUN_RUN_SETTINGS_H
#define RUN_RUN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/setting.h"

/* What becomes of the findings of a run: only shown (failures as warnings), counted for its exit status, or not asked
 * for. */
enum run_check { RUN_CHECK_WARN, RUN_CHECK_ENFORCE, RUN_CHECK_OFF };

struct run_settings {
	enum run_check check;
	int64_t wait_ms;            /* from the last hand-over until what was not found is swept for */
	int64_t settle_ms;          /* a found message is watched so long for being moved */
	bool sweep;                 /* read all folders once for what is still missing */
	uint64_t max_messages;      /* a plan with more is refused */
	int64_t login_timeout_ms;   /* connect, TLS and login of an IMAP session together */
	int64_t command_timeout_ms; /* of each IMAP command */
	uint64_t workers;           /* threads, 1 to POOL_THREADS_MAX */
};

extern const struct setting_table run_settings_table;

#endif
