/* The matrix and its evidence as JSON. The members are described in doc/json.md. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/report/run_report.h"

enum { JSON_SCHEMA = 1 };

/* Where a report goes, piece by piece. */
struct report_sink {
	int (*write)(void *user, struct span octets, struct error *err); /* 0, or -1: that ends the report */
	void *user;
};

/* Writes one object and a line feed, a probe at a time, so that no more than one is held as JSON. Always valid UTF-8:
 * foreign octets that are not, and control characters, are escaped as everywhere (\xNN, \u{NNNN}). Errors: those of the
 * sink, which may then have got a part; memory. */
int report_json(const struct run_report *report, const struct report_sink *sink, struct error *err);

#endif
