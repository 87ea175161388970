/* What -v tells of a working run: one line of the log for each fact, when it is stored. */
#ifndef LEDGER_FACT_LOG_H
#define LEDGER_FACT_LOG_H

#include "harness/base/log.h"
#include "harness/model/facts.h"

/* Any thread. A NULL log logs nothing. */
void fact_log_send(struct log *log, const struct probe *probe, const struct send_event *event);
void fact_log_observation(struct log *log, const struct probe *probe, const struct observation *observation);
void fact_log_bounce(struct log *log, const struct probe *probe, const struct bounce *bounce);
void fact_log_seed(struct log *log, const struct seed_event *event);

#endif
