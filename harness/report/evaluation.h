/* Our own evaluation of a message as text: results, reasons, and the trail of DNS questions as a tree. */
#ifndef REPORT_EVALUATION_H
#define REPORT_EVALUATION_H

#include "harness/base/buf.h"
#include "harness/model/evaluation.h"

/* Add whole lines, each indented by two spaces; foreign octets are escaped. */
void evaluation_add_spf(struct buf *out, const struct spf_evaluation *e);
void evaluation_add(struct buf *out, const struct evaluation *e);

#endif
