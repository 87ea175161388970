/* The matrix and its evidence as JSON. The members are described in doc/json.md. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/report/run_report.h"

enum { JSON_SCHEMA = 1 };

/* Adds one object and a line feed. Always valid UTF-8: foreign octets that are not, and control characters, are escaped
 * as everywhere (\xNN, \u{NNNN}). Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part; memory. */
int report_json(const struct run_report *report, struct buf *out, struct error *err);

#endif
