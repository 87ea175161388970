/* The matrix as CSV (RFC 4180): a header row, one row per probe, CR LF. The columns are described in doc/csv.md. */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/judge/matrix.h"
#include "harness/model/facts.h"

enum { CSV_SCHEMA = 1 };

/* Adds the header row and all rows. Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part. */
int report_csv(const struct run_summary *run, const struct matrix *matrix, struct buf *out, struct error *err);

/* The columns, in order. */
size_t csv_column_count(void);
const char *csv_column_name(size_t column);

/* Adds one cell: octets that are not UTF-8 and control characters are escaped (\xNN, \u{NNNN}); what a spreadsheet
 * would run as a formula (a first character = + - @, also in full width) gets an apostrophe in front; quoted where RFC
 * 4180 wants it. Returns as buf_add. */
int csv_add_cell(struct buf *out, struct span value);

#endif
