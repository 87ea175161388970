/* The matrix for a terminal or a plain text file. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/report/run_report.h"

/* Adds a heading, the findings of the look at the sending domain, the table (rows grouped by provider), the reasons of
 * every cell that is not pass, and one line with counts. UTF-8, control characters of foreign texts escaped; `colour`
 * adds SGR sequences for verdicts. Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part. */
int report_text(const struct run_report *report, bool colour, struct buf *out, struct error *err);

#endif
