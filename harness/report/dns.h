/* Changes of the DNS, and who sees them. The JSON is described in doc/dns-diff.md and doc/dns-wait.md. */
#ifndef REPORT_DNS_H
#define REPORT_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/model/dns_change.h"
#include "harness/model/facts.h"
#include "harness/model/visibility.h"

enum { DNS_DIFF_SCHEMA = 1, DNS_WAIT_SCHEMA = 1 };

/* Of the two looks, a run, or NULL: the DNS at `now_ms`. */
struct dns_diff_report {
	const char *domain;
	const struct run_summary *older, *newer;
	int64_t now_ms;
	const struct dns_changes *changes;
};

/* Errors: ERROR_LIMIT when `out` cannot hold it, which may then hold a part; memory. */
int report_dns_diff_text(const struct dns_diff_report *report, struct buf *out, struct error *err);
int report_dns_diff_json(const struct dns_diff_report *report, struct buf *out, struct error *err);

/* A round of a wait. Errors: as above. */
int report_visibility_text(const struct visibility *visibility, struct buf *out, struct error *err);
int report_visibility_json(const struct visibility *visibility, struct buf *out, struct error *err);

/* Adds what is to be done now, one line without its end: that a rerun means something, or from when on. */
void report_visibility_sentence(const struct visibility *visibility, struct buf *out);

#endif
