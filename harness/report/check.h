/* A look at the sending domain: findings with their results, what to mend, which rules demand it. The JSON is described
 * in doc/check.md. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/judge/posture.h"

enum { CHECK_SCHEMA = 1 };

struct check_report {
	const char *domain;
	int64_t at_ms;
	const char *zone; /* zone file that was laid over the DNS; NULL: none */
	const struct posture_judgement *judgement;
	size_t questions; /* to the DNS */
	size_t connections;
	int64_t took_ms;
};

/* Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part; memory. */
int report_check_text(const struct check_report *report, bool colour, struct buf *out, struct error *err);
int report_check_json(const struct check_report *report, struct buf *out, struct error *err);

/* The findings as they stand above the matrix of a run: a line with counts for each group; what to mend of all that
 * does not pass; waivers; counts. */
void check_add_summary(struct buf *out, const struct posture_judgement *judgement, bool colour);

#endif
