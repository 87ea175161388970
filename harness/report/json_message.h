/* What a message's header says and what we say of it, as JSON values that the reports share (doc/json.md). */
#ifndef REPORT_JSON_MESSAGE_H
#define REPORT_JSON_MESSAGE_H

#include "harness/model/evaluation.h"
#include "harness/model/trace.h"
#include "harness/report/json_writer.h"

/* Members `received` and `authentication_results`. */
void message_put_received(struct writer *w, json_t *to, const struct trace *trace);
void message_put_results(struct writer *w, json_t *to, const struct trace *trace);

/* The object `spf`; null where SPF was not evaluated. */
json_t *message_spf(struct writer *w, const struct spf_evaluation *e);

/* Members `spf`, `dkim`, `arc` and `dmarc`. */
void message_put_evaluation(struct writer *w, json_t *to, const struct evaluation *e);

#endif
