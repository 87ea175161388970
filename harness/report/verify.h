/* The evaluation of a single message. The JSON is described in doc/json.md. */
#ifndef REPORT_VERIFY_H
#define REPORT_VERIFY_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/model/evaluation.h"
#include "harness/model/trace.h"

enum { VERIFY_SCHEMA = 1 };

struct verify_report {
	const char *file;                    /* as named by the user */
	int64_t at_ms;                       /* clock of the evaluation */
	const struct evaluation *evaluation; /* SPF may not be evaluated */
	const struct trace *trace;
};

/* Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part; memory. */
int report_verify_text(const struct verify_report *report, struct buf *out, struct error *err);
int report_verify_json(const struct verify_report *report, struct buf *out, struct error *err);

/* The same for an SPF evaluation alone. */
int report_spf_text(const struct spf_evaluation *spf, struct buf *out, struct error *err);
int report_spf_json(const struct spf_evaluation *spf, struct buf *out, struct error *err);

#endif
