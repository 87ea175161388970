/* All evidence of one probe, as text. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/judge/matrix.h"
#include "harness/model/facts.h"

/* Adds the cells with their reasons, every attempt to send, where the message was seen, its way through the Received
 * fields with delays, every authentication result whether trusted or not, and bounces. Foreign octets are escaped.
 * Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part. */
int report_explain(const struct run_summary *run, const struct matrix_row *row, bool colour, struct buf *out,
		   struct error *err);

#endif
